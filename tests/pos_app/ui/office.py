"""A counter with every screen around selling, and a printer that is a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtTest import QTest

from pos_app.settings import PrinterKind, PrinterSettings, WizardProgress
from pos_app.sync_process import SyncProcess
from pos_app.ui.office_screens import OfficeScreens, add_office_screens
from tests.pos_app.ui.conftest import Counter, close_counter, open_counter
from tests.pos_app.ui.shop import PINS, Shop

STEP_MS = 10


@dataclass
class Office:
    """A till with its face, all screens, and a person in front of it."""

    counter: Counter
    screens: OfficeScreens
    agent: SyncProcess
    directory: Path

    @property
    def printed(self) -> Path:
        return self.directory / "printed.bin"

    def screen(self, name: str):  # type: ignore[no-untyped-def]  # tests reach into screens of every kind
        return self.counter.face.shell.screen_named(name)

    def sign_on(self, operator_id: str = "1001") -> None:
        """By the screen, as a person does."""
        self.screens.sign_on.choose(operator_id)  # type: ignore[arg-type]
        self.counter.hands.type(PINS[operator_id])
        self.counter.hands.keys("Enter")
        self.counter.settle()

    def sell(self, code: str = "6901285991219") -> None:
        """One item, exact cash."""
        self.counter.hands.scan(code)
        self.counter.settle()
        self.counter.hands.keys("+", "+")
        self.counter.settle()

    def wait(self, ms: int) -> None:
        """Let real time pass until nothing is under way any more, at most so long."""
        for _ in range(0, ms, STEP_MS):
            QTest.qWait(STEP_MS)
            self.counter.settle()
            if not self._is_busy:
                break
        QTest.qWait(STEP_MS)
        self.counter.settle()

    def pause(self, ms: int) -> None:
        """Let real time pass, for timers of the screen."""
        QTest.qWait(ms)
        self.counter.settle()

    @property
    def _is_busy(self) -> bool:
        screens = self.screens
        tests = screens.test.state.is_running or screens.wizard.test.state.is_running
        return tests or screens.health.state.is_checking or not self.counter.tasks.is_idle


def open_office(
    directory: Path, *, language: str = "zh", wizard_done: bool = True, printer: PrinterKind = PrinterKind.FILE
) -> Office:
    """A till of that directory with all its screens."""
    counter = open_counter(Shop(directory, items=40).write(), language=language)
    settings = counter.till.settings
    to = PrinterSettings(printer, str(directory / "printed.bin") if printer is PrinterKind.FILE else "")
    screen = replace(settings.current.screen, language=language)
    settings.save(replace(settings.current, screen=screen, printer=to, wizard=WizardProgress()))
    settings.save(replace(settings.current, wizard_done=wizard_done))
    agent = SyncProcess("no-agent-in-this-test", [])
    screens = add_office_screens(counter.face, agent)
    counter.face.shell.resize(1366, 768)
    counter.face.shell.show()
    counter.settle()
    return Office(counter, screens, agent, directory)


def close_office(office: Office) -> None:
    """Take everything down in order."""
    office.counter.settle()
    office.screens.close()
    close_counter(office.counter)
