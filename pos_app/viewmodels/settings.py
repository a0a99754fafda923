"""What is set on this till: everybody may set the screen, the rest needs a manager or one's approval."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from domain.errors import DomainError
from domain.permissions import Act, Authority
from pos_app.services.drawer import Drawer
from pos_app.services.operators import Operators
from pos_app.services.settings import Settings
from pos_app.settings import DeviceSettings, ScannerSettings
from pos_app.tasks import Tasks
from pos_app.viewmodels.approval import ApprovalRequest, Approver
from pos_app.viewmodels.device_test import DeviceTest
from pos_app.viewmodels.notice import Level, Notice, of_error

SECTIONS = ("screen", "printer", "drawer", "scanner", "security")
TEST_REASON = "test"


@dataclass(frozen=True, slots=True)
class SettingsState:
    """Everything the screen shows."""

    settings: DeviceSettings
    section: str = SECTIONS[0]
    authority: Authority | None = None
    """Who may change the guarded sections while the page is open."""
    is_saving: bool = False

    @property
    def is_locked(self) -> bool:
        """Whether the section in front may only be looked at."""
        return self.section != "screen" and self.authority is None


class SettingsViewModel(QObject):
    """A change is kept at once. ``screen_changed`` gives screen settings, ``scanner_changed`` the scanner's."""

    changed = Signal()
    told = Signal(object)
    screen_changed = Signal(object)
    scanner_changed = Signal(object)

    def __init__(
        self, settings: Settings, operators: Operators, *, approver: Approver, drawer: Drawer, test: DeviceTest
    ) -> None:
        super().__init__()
        self._settings, self._operators = settings, operators
        self._approver, self._drawer = approver, drawer
        self.test = test
        self._tasks: Tasks = test.tasks
        self.state = SettingsState(settings.current)
        test.changed.connect(self.changed)

    def open(self) -> None:
        """Show what is set; a manager needs no approval."""
        self.test.reset()
        try:
            own: Authority | None = self._operators.authority()
        except DomainError:
            own = None
        allowed = own is not None and own.operator.may(Act.CHANGE_SETTINGS)
        self._show(SettingsState(self._settings.current, authority=own if allowed else None))

    def close(self) -> None:
        """Give an approval back."""
        self._show(replace(self.state, authority=None))

    def choose(self, section: str) -> None:
        """Bring a section to the front."""
        assert section in SECTIONS
        self.test.reset()
        self._show(replace(self.state, section=section))

    def step(self, steps: int) -> None:
        """The next section."""
        self.choose(SECTIONS[(SECTIONS.index(self.state.section) + steps) % len(SECTIONS)])

    def unlock(self) -> None:
        """Ask for a manager's approval; it holds until the page is left."""
        self._approver.ask(ApprovalRequest(Act.CHANGE_SETTINGS, "settings.approve", self._unlocked))

    def change_screen(self, **changes: Any) -> None:
        """Anybody may change how the till looks and speaks."""
        before = self.state.settings
        self._show(replace(self.state, settings=replace(before, screen=replace(before.screen, **changes))))
        self.screen_changed.emit(changes)

    def change(self, part: str, **changes: Any) -> None:
        """Change fields of a part (printer, drawer, scanner) and keep them."""
        before = self.state.settings
        self._save(replace(before, **{part: replace(getattr(before, part), **changes)}))

    def set_auto_lock(self, seconds: int | None) -> None:
        """When the till locks by itself; None = as the store has it."""
        self._save(replace(self.state.settings, auto_lock_s=seconds))

    def take_scanner(self, scanner: ScannerSettings) -> None:
        """Keep what was learnt."""
        self._save(replace(self.state.settings, scanner=scanner), then=lambda: self.scanner_changed.emit(scanner))

    def test_print(self) -> None:
        """Print the test page with what is set."""
        if not self.state.is_locked:
            self.test.print_page()

    def test_drawer(self) -> None:
        """Open the drawer, journaled as at any other time."""
        who = self.state.authority
        if who is not None:
            self.test.begin("drawer", lambda: self._drawer.open(TEST_REASON, who))

    def _unlocked(self, authority: Authority) -> None:
        self._show(replace(self.state, authority=authority))

    def _save(self, wanted: DeviceSettings, then: Callable[[], object] | None = None) -> None:
        if self.state.is_locked or wanted == self.state.settings:
            return
        who = self.state.authority
        self._show(replace(self.state, settings=wanted, is_saving=True))

        def saved(settings: DeviceSettings) -> None:
            self._show(replace(self.state, settings=settings, is_saving=False))
            self.told.emit(Notice(Level.OK, "settings.notice.saved"))
            if then:
                then()

        self._tasks.write(lambda: self._settings.save(wanted, who), saved, on_error=self._failed)

    def _failed(self, error: Exception) -> None:
        self._show(replace(self.state, settings=self._settings.current, is_saving=False))
        if not isinstance(error, DomainError):
            raise error
        self.told.emit(of_error(error))

    def _show(self, state: SettingsState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit()
