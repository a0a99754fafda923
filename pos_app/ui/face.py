"""The till's face put together: look, shell, view-models and screens over an open till."""

import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer

from domain.errors import DomainError
from domain.permissions import Operator
from pos_app.services.checkout import CompletedSale
from pos_app.services.printing import JobResult, PrintQueue
from pos_app.settings import ScannerSettings, ScreenSettings
from pos_app.tasks import Tasks
from pos_app.ui.approval_panel import ApprovalPanel
from pos_app.ui.bulk_changes import BulkChanges
from pos_app.ui.burst import ScannerProfile
from pos_app.ui.done.screen import DoneScreen
from pos_app.ui.header_binding import HeaderBinding
from pos_app.ui.key_router import KeyRouter
from pos_app.ui.look import Look
from pos_app.ui.pay.screen import PayScreen
from pos_app.ui.sale.sale_panels import SalePanels
from pos_app.ui.sale.screen import SaleModels, SaleScreen
from pos_app.ui.scan_bus import ScanBus
from pos_app.ui.shell import Shell
from pos_app.ui.sounds import Sounds
from pos_app.ui.watchdog import Watchdog
from pos_app.viewmodels.approval import ApprovalRequest, Approver
from pos_app.viewmodels.back_office import BackOffice
from pos_app.viewmodels.goods import GoodsViewModel
from pos_app.viewmodels.notice import Level, Notice, of_error
from pos_app.viewmodels.pay import PayViewModel
from pos_app.viewmodels.sale import SaleViewModel
from pos_app.viewmodels.status import StatusViewModel
from pos_app.wiring import TillApp

DISK_WATCH_MS = 5_000
PRINT_RETRY_MS = 1_000

_LOG = logging.getLogger(__name__)


class Face(QObject):
    """Owns everything that is on screen; ``screens`` of other places are added to ``shell`` by their own parts."""

    def __init__(self, till: TillApp, look: Look, *, tasks: Tasks, printing: PrintQueue) -> None:
        super().__init__()
        self.till, self.look, self.tasks, self.printing = till, look, tasks, printing
        self.watchdog = Watchdog(time.monotonic_ns)
        self.shell = Shell(look)
        self.router = KeyRouter(look.keys, self.shell, doing=self.watchdog.doing)
        self.bus = ScanBus(till.clock.monotonic_ms, self.router, is_busy=lambda: self.shell.is_busy)
        self.approver = Approver(till.operators, tasks)
        self.office = BackOffice(till.catalog, till.receipts, drawer=till.drawer, approver=self.approver, tasks=tasks)
        self.sale = SaleViewModel(till.catalog, till.selling, approver=self.approver)
        self.goods = GoodsViewModel(till.catalog)
        self.pay = PayViewModel(till.checkout, till.operators, tasks=tasks)
        self.status = StatusViewModel(till.clock, wrong_by_ms=till.clock.wrong_by_ms)
        self.sounds = Sounds(till.settings.current.screen.sound_percent)
        self.changes = BulkChanges()
        self.header = HeaderBinding(self.shell.header, look, status=self.status, till=till)
        self._add_screens()
        self._wire()
        self._disk_watch = QTimer(self, interval=DISK_WATCH_MS)
        self._disk_watch.timeout.connect(self._look_at_disk)
        self._print_again = QTimer(self, singleShot=True)
        self._print_again.timeout.connect(self.print_jobs)

    # Life ----------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Watch keys, disk and printer; the window is up to the caller."""
        self.take_scanner(self.till.settings.current.scanner)
        self.shell.winId()  # from now on there is a window for the bus to watch, shown or not
        self.bus.install()
        self.goods.load()
        self._disk_watch.start()
        self._look_at_disk()
        self.print_jobs()
        if self.till.was_restored:
            self.shell.tell(Notice(Level.WARN, "shell.restored", lasting=True))
        if not self.look.theme.family:
            self.shell.tell(Notice(Level.WARN, "font.missing", lasting=True))

    def close(self) -> None:
        """Stop watching; the interpreter must not end with the event filter in place."""
        self.bus.remove()
        self.changes.close()
        self.status.close()
        self.sounds.close()
        self._disk_watch.stop()
        self._print_again.stop()

    def signed_on(self, operator: Operator | None) -> None:
        """Somebody signed on (to the sale screen) or nobody is."""
        self.header.show_operator(operator)
        if operator is not None:
            self.sale.refresh()
            self.shell.go("sale")

    # The agent's word ----------------------------------------------------------------------------------

    def take_changes(self, tables: Mapping[str, Any]) -> None:
        """HQ changed something: tiles and open lines follow."""
        if not tables:
            return
        prices = _ids(tables, "price", "item")
        if {"department", "quick_key", "store", "tax", "barcode"} & set(tables):
            self.goods.load()
        elif prices is None or prices:
            self.goods.reload(prices)
        if {"price", "item", "store"} & set(tables):
            self.sale.follow_prices(None if "store" in tables else prices)
        if {"store", "operator"} & set(tables):
            self.header.show()

    def replica_flipped(self) -> None:
        """Another replica file is in force: everything is read anew."""
        self.till.catalog.reopen()
        self.goods.load()
        self.sale.follow_prices(None)
        self.header.show()

    # Settings ------------------------------------------------------------------------------------------

    def take_screen(self, settings: ScreenSettings) -> None:
        """Language, theme, zoom, keys and hand as set."""
        self.look.words.set_language(settings.language)
        self.look.theme.set_dark(settings.theme == "dark")
        self.look.theme.set_zoom(settings.zoom_percent)
        self.look.theme.set_mirrored(settings.left_handed)
        self.look.keys.set_profile(settings.key_profile)
        self.sounds.set_percent(settings.sound_percent)

    def take_scanner(self, settings: ScannerSettings) -> None:
        """What was learnt of the scanner."""
        self.bus.set_profile(
            ScannerProfile(prefix=settings.prefix, suffix=settings.suffix, max_median_gap_ms=settings.gap_ms)
        )

    def change_screen(self, **changes: object) -> None:
        """Change and keep screen settings; anybody may."""
        before = self.till.settings.current
        screen = replace(before.screen, **changes)  # type: ignore[arg-type]
        self.take_screen(screen)
        self.tasks.write(lambda: self.till.settings.save(replace(before, screen=screen)), on_error=self._failed)

    # Printing ------------------------------------------------------------------------------------------

    def print_jobs(self) -> None:
        """Work off the print queue where it may wait: in the pool."""
        self.tasks.network(self._print_one, self._printed, on_error=self._failed)

    def _print_one(self) -> tuple[JobResult | None, int | None]:
        return self.printing.run_once(), self.printing.delay_ms()

    def _printed(self, outcome: tuple[JobResult | None, int | None]) -> None:
        result, delay_ms = outcome
        if result is not None:
            self._show_print(result)
        if delay_ms is not None:
            self._print_again.start(
                delay_ms if result is not None and not result.error else max(delay_ms, PRINT_RETRY_MS)
            )

    def _show_print(self, result: JobResult) -> None:
        done = self.shell.screen_named("done")
        assert isinstance(done, DoneScreen)
        if result.sale_id is not None and str(result.kind) == "receipt":
            done.show_print(result.sale_id, "failed" if result.error else str(result.state))
        if result.error:
            self.shell.tell(of_error(DomainError(result.error), act="reprint_last", act_key="done.reprint"))

    # Inside --------------------------------------------------------------------------------------------

    def _add_screens(self) -> None:
        look, shell, now_ms = self.look, self.shell, self.till.clock.monotonic_ms
        models = SaleModels(self.sale, self.goods, self.pay, self.office)
        panels = SalePanels(look, shell, sale=self.sale, catalog=self.till.catalog)
        shell.add(SaleScreen(look, shell, models=models, panels=panels))
        shell.add(PayScreen(look, shell, pay=self.pay, on_scan=self.sale.take_scan, now_ms=now_ms))
        done = DoneScreen(look, shell, on_scan=self.sale.take_scan, now_ms=now_ms)
        done.offer(self.office.reprint_last, lambda: panels.drawer(self.office.open_drawer))
        shell.add(done)

    def _wire(self) -> None:
        self.changes.due.connect(self.take_changes)
        self.bus.scanned.connect(self.shell.take_scan)
        self.sale.sounded.connect(self.sounds.play)
        self.shell.scan_refused.connect(lambda _: self.sounds.play("refused"))
        self.bus.refused.connect(lambda _: self.sounds.play("refused"))
        self.bus.refused.connect(lambda code: self.shell.tell_error(DomainError(code)))
        self.approver.asked.connect(self._ask_approval)
        self.approver.refused.connect(self.shell.tell_error)
        self.office.told.connect(self.shell.tell)
        self.office.printing.connect(self._job_queued)
        self.pay.finished.connect(self._sold)
        self.tasks.failed.connect(self._failed)
        self.shell.add_act("toggle_language", self._toggle_language)
        self.shell.add_act("toggle_theme", self._toggle_theme)

    def _ask_approval(self, request: ApprovalRequest) -> None:
        self.shell.open_panel(ApprovalPanel(self.look, self.shell, approver=self.approver, request=request))

    def _sold(self, completed: CompletedSale) -> None:
        done = self.shell.screen_named("done")
        assert isinstance(done, DoneScreen)
        done.show_sale(completed)
        self.status.sold()
        self.sale.refresh()
        self.shell.clear_notice()
        self.shell.go("done")
        self._job_queued()

    def _job_queued(self) -> None:
        self.printing.wake()
        self.print_jobs()

    def _look_at_disk(self) -> None:
        self.tasks.network(self.till.housekeeping.disk, self._show_disk, on_error=self._failed)

    def _show_disk(self, disk: Any) -> None:
        self.status.warn(frozenset() if disk.level == "ok" else frozenset({f"till.disk_{disk.level}"}))

    def _failed(self, error: Exception) -> None:
        """What a job met: people's and the world's errors are shown, ours go up to the crash hook."""
        if not isinstance(error, DomainError):
            raise error
        self.shell.tell_error(error)

    def _toggle_language(self) -> None:
        self.change_screen(language="en" if self.look.words.language == "zh" else "zh")

    def _toggle_theme(self) -> None:
        self.change_screen(theme="light" if self.look.theme.is_dark else "dark")


def _ids(tables: Mapping[str, Any], *names: str) -> frozenset[Any] | None:
    """The keys that changed in these tables; None where one says "many"."""
    found: set[Any] = set()
    for name in names:
        if name in tables:
            if tables[name] is None:
                return None
            found |= set(tables[name])
    return frozenset(found)
