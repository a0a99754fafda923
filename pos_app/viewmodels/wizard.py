"""The rest of the first run, once there is a till: catalogue, printer, scanner, drawer, a sale to practise on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from domain.errors import DomainError
from pos_app.services.catalog import Catalog
from pos_app.services.settings import Settings
from pos_app.settings import DeviceSettings, PrinterKind
from pos_app.tasks import Tasks
from pos_app.viewmodels.device_test import DeviceTest
from pos_app.viewmodels.notice import of_error
from pos_app.viewmodels.practice import Practice
from pos_app.viewmodels.scanner_learning import Learnt, Verdict
from sync.identity import Identity

STEPS = ("store", "printer", "scanner", "drawer", "practice", "done")
BEFORE = ("language", "connect")
"""What ``FirstRun`` asked before there was a till; counted in "step 3 of 8"."""
TESTS = ("printer", "scanner", "drawer")
PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
DOWNLOAD_STEPS = ("download", "check", "install", "index")


@dataclass(frozen=True, slots=True)
class WizardServices:
    """What the first run works on."""

    settings: Settings
    catalog: Catalog
    identity: Identity


@dataclass(frozen=True, slots=True)
class WizardState:
    """Everything the pages show."""

    settings: DeviceSettings
    step: str = "store"
    is_ready: bool = False
    """Whether the catalogue is here."""
    progress: tuple[str, int, int] = ("", 0, 0)
    """Download step, done, total."""
    agent: str = "connecting"
    agent_error: str = ""
    was_tested: frozenset[str] = field(default_factory=frozenset)
    """Devices whose test ran on this page: now a person says how it went."""

    @property
    def number(self) -> int:
        """Which step of ``count``, from 1."""
        return len(BEFORE) + STEPS.index(self.step) + 1

    @property
    def count(self) -> int:
        """How many steps there are, those before the till included."""
        return len(BEFORE) + len(STEPS)

    @property
    def result(self) -> str:
        """How the test of this step went: passed, failed, skipped or empty."""
        return str(getattr(self.settings.wizard, self.step, "")) if self.step in TESTS else ""

    @property
    def may_go_on(self) -> bool:
        """Whether Enter leads to the next step."""
        if self.step == "store":
            return self.is_ready
        return self.step not in TESTS or self.result in (PASSED, SKIPPED)


class WizardViewModel(QObject):
    """Every step is kept, so that a restart goes on there. ``finished`` ends the first run."""

    changed = Signal()
    told = Signal(object)
    finished = Signal()
    screen_changed = Signal(object)
    scanner_changed = Signal(object)

    def __init__(self, services: WizardServices, *, tasks: Tasks, test: DeviceTest) -> None:
        super().__init__()
        self._services, self._tasks, self.test = services, tasks, test
        self.practice = Practice(services.catalog)
        self.state = self._kept()
        test.changed.connect(self._test_changed)

    @property
    def identity(self) -> Identity:
        """Who this till is."""
        return self._services.identity

    def begin(self, language: str = "") -> None:
        """Go on where it stopped; at the very first time in the language that was chosen before."""
        if not self.state.settings.wizard.step and language:
            self.screen_changed.emit({"language": language})
        self.look()

    def look(self) -> None:
        """See whether the catalogue has come."""
        self._show(replace(self.state, is_ready=self._services.catalog.is_ready))

    def take_progress(self, event: Mapping[str, Any]) -> None:
        """The agent's word on the first download."""
        step, done, total = str(event.get("step") or ""), int(event.get("done") or 0), int(event.get("total") or 0)
        self._show(replace(self.state, progress=(step, done, total)))
        self.look()

    def take_status(self, event: Mapping[str, Any]) -> None:
        """The agent's state: online, offline, revoked."""
        agent, error = str(event.get("state") or self.state.agent), str(event.get("error") or "")
        self._show(replace(self.state, agent=agent, agent_error=error))
        self.look()

    def next(self) -> None:
        """To the next step; where a test is still open, begin it instead."""
        if not self.state.may_go_on:
            self.run_test()
        elif self.state.step == STEPS[-1]:
            self._finish()
        else:
            self._go(STEPS[STEPS.index(self.state.step) + 1])

    def back(self) -> None:
        """One step back."""
        at = STEPS.index(self.state.step)
        if at > 0:
            self._go(STEPS[at - 1])

    def run_test(self) -> None:
        """Begin the test of this step."""
        if self.state.step == "printer" and self.state.settings.printer.kind is not PrinterKind.NONE:
            self.test.print_page()
        elif self.state.step == "drawer" and self.state.settings.printer.kind is not PrinterKind.NONE:
            self.test.kick_drawer()

    def judge(self, result: str) -> None:
        """A person says how it went: passed and skipped lead on, failed stays with advice."""
        assert result in (PASSED, FAILED, SKIPPED)
        if self.state.step not in TESTS:
            return
        step = self.state.step
        then = self.next if result != FAILED else None
        wizard = replace(self.state.settings.wizard, **{step: result})
        self._save(replace(self.state.settings, wizard=wizard), then=then)

    def skip(self) -> None:
        """Go on without this test, or without the sale to practise on."""
        if self.state.step == "practice":
            self.next()
        else:
            self.judge(SKIPPED)

    def change_printer(self, **changes: Any) -> None:
        """Another printer has to be tested anew."""
        settings = self.state.settings
        printer = replace(settings.printer, **changes)
        self.test.reset()
        self._show(replace(self.state, was_tested=self.state.was_tested - {"printer", "drawer"}))
        self._save(replace(settings, printer=printer, wizard=replace(settings.wizard, printer="", drawer="")))

    def take_scanner(self, found: Learnt) -> None:
        """What was learnt of the scanner; a good one has passed."""
        if found.verdict is Verdict.DIFFERENT:
            return
        settings = self.state.settings
        result = PASSED if found.verdict is Verdict.GOOD else FAILED
        wizard = replace(settings.wizard, scanner=result)
        scanner = found.scanner
        self._save(replace(settings, scanner=scanner, wizard=wizard), then=lambda: self.scanner_changed.emit(scanner))

    def practise(self, text: str = "") -> None:
        """Add something to the practice sale."""
        if text:
            self.practice.scan(text)
        else:
            self.practice.sample()
        self.changed.emit()

    def pay_practice(self) -> None:
        """Pay the practice sale, in play."""
        self.practice.pay()
        self.changed.emit()

    def close(self) -> None:
        """Stop watching a test."""
        self.test.close()

    def _kept(self) -> WizardState:
        settings = self._services.settings.current
        step = settings.wizard.step if settings.wizard.step in STEPS else STEPS[0]
        return WizardState(settings, step, self._services.catalog.is_ready)

    def _go(self, step: str) -> None:
        self.test.reset()
        if step == "practice":
            self.practice.reset()
        settings = self.state.settings
        self._show(replace(self.state, step=step, was_tested=frozenset()))
        self._save(replace(settings, wizard=replace(settings.wizard, step=step)))

    def _finish(self) -> None:
        self._save(replace(self.state.settings, wizard_done=True), then=self.finished.emit)

    def _test_changed(self) -> None:
        test = self.test.state
        if test.what and not test.is_running and test.error is None:
            step = "printer" if test.what == "print" else "drawer"
            self._show(replace(self.state, was_tested=self.state.was_tested | {step}))
        self.changed.emit()

    def _save(self, wanted: DeviceSettings, then: Callable[[], object] | None = None) -> None:
        if wanted == self.state.settings:
            if then:
                then()
            return
        self._show(replace(self.state, settings=wanted))
        self._tasks.write(
            lambda: self._services.settings.save(self._with_screen(wanted)),
            lambda _: _do(then),
            on_error=self._failed,
        )

    def _with_screen(self, wanted: DeviceSettings) -> DeviceSettings:
        """The screen's settings have their own door, which may have been used meanwhile."""
        return replace(wanted, screen=self._services.settings.current.screen)

    def _failed(self, error: Exception) -> None:
        self._show(replace(self.state, settings=self._services.settings.current))
        if not isinstance(error, DomainError):
            raise error
        self.told.emit(of_error(error))

    def _show(self, state: WizardState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit()


def _do(then: Callable[[], object] | None) -> None:
    if then is not None:
        then()
