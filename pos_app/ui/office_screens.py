"""The screens around selling, put together over a face: sign-on, search, today, health, settings, help, first run."""

from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths

from domain.errors import DomainError
from domain.permissions import Operator
from pos_app.sync_process import SyncProcess
from pos_app.ui.face import Face
from pos_app.ui.help.panel import HelpPanel
from pos_app.ui.screen import Screen
from pos_app.ui.sign_on.idle_lock import IdleLock
from pos_app.ui.sign_on.screen import SignOnScreen
from pos_app.viewmodels.device_test import DeviceTest
from pos_app.viewmodels.figures import local_time, zone
from pos_app.viewmodels.health import HealthViewModel
from pos_app.viewmodels.notice import Level, Notice
from pos_app.viewmodels.receipts import ReceiptsViewModel
from pos_app.viewmodels.search import SearchViewModel
from pos_app.viewmodels.settings import SettingsViewModel
from pos_app.viewmodels.sign_on import SignOnViewModel
from pos_app.viewmodels.wizard import WizardServices, WizardViewModel

HOME_ZONE = "Asia/Shanghai"
EXPORT_FOLDER = "Evertill"
_UNLOCKED_PLACES = frozenset({"sign_on", "wizard"})


def export_folder() -> Path:
    """Where files go that people take away."""
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(documents or Path.home()) / EXPORT_FOLDER


class OfficeScreens(QObject):
    """Owns the view-models of these screens; its parent is the face."""

    def __init__(self, face: Face, agent: SyncProcess) -> None:
        super().__init__(face)
        self.face, self.agent = face, agent
        till, tasks = face.till, face.tasks
        self.sign_on = SignOnViewModel(till.operators, tasks, clock=till.clock)
        self.search = SearchViewModel(till.catalog)
        self.receipts = ReceiptsViewModel(till.receipts, face.printing.layout, approver=face.approver, tasks=tasks)
        self.health = HealthViewModel(till.health, face.printing, status=face.status, tasks=tasks)
        self.test = DeviceTest(face.printing, tasks=tasks)
        self.settings = SettingsViewModel(
            till.settings, till.operators, approver=face.approver, drawer=till.drawer, test=self.test
        )
        services = WizardServices(till.settings, till.catalog, till.identity)
        self.wizard = WizardViewModel(services, tasks=tasks, test=DeviceTest(face.printing, tasks=tasks))
        self.idle = IdleLock(till.clock.monotonic_ms, after_s=self._lock_after_s)
        self._add_screens()
        self._wire()

    def begin(self) -> None:
        """Show the first screen, and watch for an idle till."""
        self.idle.install()
        self.face.shell.close_asked.connect(self.close)
        self.face.shell.go("sign_on" if self.face.till.settings.current.wizard_done else "wizard")

    def close(self) -> None:
        """Stop watching; nothing may be asked of the services afterwards."""
        self.idle.remove()
        for part in (self.sign_on, self.health, self.test, self.wizard):
            part.close()

    def lock(self, by: str = "key") -> bool:
        """Lock the till; the cart stays. False where nobody is signed on."""
        face = self.face
        operator = face.till.operators.current
        if operator is None or face.shell.is_busy:
            return False
        face.tasks.write(lambda: face.till.operators.lock(by), lambda _: self._locked(operator))
        return True

    def help(self) -> None:
        """Every key of the place in front."""
        front = self.face.shell.front
        if front is not None and front.place != "help":
            shell = self.face.shell
            shell.open_panel(HelpPanel(self.face.look, shell, of_place=front.place))

    def when(self, at_ms: int) -> str:
        """A moment on the store's clock: the time alone for today."""
        tz = zone(self._zone_name())
        at, now = local_time(at_ms, tz), local_time(self.face.till.clock.now_ms(), tz)
        return at.strftime("%H:%M" if at.date() == now.date() else "%Y-%m-%d %H:%M")

    def _add_screens(self) -> None:
        """Whoever opens the shop waits for the first screen alone: the others are built after it."""
        shell = self.face.shell
        shell.add(SignOnScreen(self.face.look, shell, viewmodel=self.sign_on))
        shell.add_later("search", self._make_search)
        shell.add_later("today", self._make_today)
        shell.add_later("health", self._make_health)
        shell.add_later("settings", self._make_settings)
        shell.add_later("wizard", self._make_wizard)

    def _make_search(self) -> Screen:
        # start-up: so for each of these screens, 10 to 60 ms each
        from pos_app.ui.search.screen import SearchScreen

        face = self.face
        made = SearchScreen(
            face.look, face.shell, viewmodel=self.search, sell=face.sale.add_item, on_scan=face.sale.take_scan
        )
        made.currency = lambda: face.sale.state.priced.cart.currency
        return made

    def _make_today(self) -> Screen:
        # start-up: see _make_search
        from pos_app.ui.receipts.screen import ReceiptsScreen

        face = self.face
        made = ReceiptsScreen(face.look, face.shell, viewmodel=self.receipts, on_scan=face.sale.take_scan)
        made.tz = lambda: zone(self._zone_name())
        made.columns = lambda: face.till.settings.current.printer.columns
        made.folder, made.name_of = export_folder, self._name_of
        return made

    def _make_health(self) -> Screen:
        # start-up: see _make_search
        from pos_app.ui.health.screen import HealthScreen

        face = self.face
        made = HealthScreen(face.look, face.shell, viewmodel=self.health, status=face.status, when=self.when)
        made.folder, made.on_scan = export_folder, face.sale.take_scan
        made.sync_asked.connect(self._sync_now)
        return made

    def _make_settings(self) -> Screen:
        # start-up: see _make_search
        from pos_app.ui.settings.screen import SettingsScreen

        face = self.face
        return SettingsScreen(face.look, face.shell, viewmodel=self.settings, now_ms=face.till.clock.monotonic_ms)

    def _make_wizard(self) -> Screen:
        # start-up: see _make_search
        from pos_app.ui.wizard.screen import WizardScreen

        face = self.face
        made = WizardScreen(face.look, face.shell, viewmodel=self.wizard, now_ms=face.till.clock.monotonic_ms)
        made.directory = face.till.directory
        return made

    def _wire(self) -> None:
        face, shell = self.face, self.face.shell
        shell.add_act("lock", self.lock)
        shell.add_act("help", self.help)
        shell.add_act("status", self._show_health)
        self.sign_on.signed_on.connect(self._signed_on)
        self.idle.idle.connect(lambda: self.lock("idle"))
        face.bus.used.connect(self.idle.touch)
        for part in (self.receipts, self.health, self.test, self.wizard.test):
            part.printing.connect(self._job_queued)
        self.settings.screen_changed.connect(lambda changes: face.change_screen(**changes))
        self.settings.scanner_changed.connect(face.take_scanner)
        self.wizard.screen_changed.connect(lambda changes: face.change_screen(**changes))
        self.wizard.scanner_changed.connect(face.take_scanner)
        self.wizard.told.connect(shell.tell)
        self.wizard.finished.connect(lambda: shell.go("sign_on"))
        self.agent.progress.connect(self.wizard.take_progress)
        self.agent.status.connect(self.wizard.take_status)
        self.agent.replica_flipped.connect(lambda _file: self._replica_flipped())
        self.agent.changed.connect(self._changed)

    def _signed_on(self, operator: Operator) -> None:
        self.idle.touch()
        self.face.signed_on(operator)

    def _locked(self, operator: Operator) -> None:
        self.face.signed_on(None)
        self.sign_on.locked(operator)
        self.face.shell.go("sign_on")

    def _show_health(self) -> bool:
        shell = self.face.shell
        if self.face.till.operators.current is None or shell.current is None or shell.current.name == "pay":
            return False
        shell.go("health")
        return True

    def _sync_now(self) -> None:
        self.agent.sync_now()
        self.face.shell.tell(Notice(Level.INFO, "health.notice.syncing"))

    def _replica_flipped(self) -> None:
        self.wizard.look()
        self._front_again()

    def _changed(self, tables: dict[str, object]) -> None:
        if tables:
            self._front_again()

    def _front_again(self) -> None:
        """Goods, prices or staff changed below the screen in front."""
        current = self.face.shell.current
        if current is None:
            return
        if current.name == "search":
            self.search.again()
        elif current.name == "sign_on" and not self.sign_on.state.checking:
            self.sign_on.load()
        elif current.name == "today":
            self.receipts.again()

    def _job_queued(self) -> None:
        self.face.printing.wake()
        self.face.print_jobs()

    def _lock_after_s(self) -> int:
        current = self.face.shell.current
        if self.face.till.operators.current is None or current is None or current.name in _UNLOCKED_PLACES:
            return 0
        own = self.face.till.settings.current.auto_lock_s
        if own is not None:
            return own
        try:
            return self.face.till.catalog.store().auto_lock_s
        except DomainError:
            return 0

    def _zone_name(self) -> str:
        try:
            return self.face.till.catalog.store().timezone
        except DomainError:
            return HOME_ZONE

    def _name_of(self, operator_id: str) -> str:
        try:
            known = {str(one.operator_id): one.name for one in self.face.till.operators.list()}
        except DomainError:
            return operator_id
        return known.get(operator_id, operator_id)


def add_office_screens(face: Face, agent: SyncProcess) -> OfficeScreens:
    """Add every screen around selling to a face and show the first one."""
    office = OfficeScreens(face, agent)
    office.begin()
    return office
