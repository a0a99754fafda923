"""The window of the first run, before there is a till: it ends when this device is enrolled, or is closed."""

import logging
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer

from pos_app.services.enrolment import Enrolment
from pos_app.tasks import Tasks
from pos_app.ui.help.panel import HelpPanel
from pos_app.ui.key_router import KeyRouter
from pos_app.ui.look import Look
from pos_app.ui.scan_bus import ScanBus
from pos_app.ui.shell import Shell
from pos_app.ui.wizard.first_run_screen import FirstRunScreen
from pos_app.viewmodels.first_run import FirstRunViewModel
from sync.system_clock import SystemClock

_LOG = logging.getLogger(__name__)


class FirstRun:
    """Window, screen and view-model; ``close`` takes them down in order."""

    def __init__(self, directory: Path, look: Look) -> None:
        self.look, self.tasks = look, Tasks()
        self.model = FirstRunViewModel(Enrolment(directory), directory=directory, tasks=self.tasks)
        if self.model.state.draft.language:
            look.words.set_language(self.model.state.draft.language)
        self.shell = Shell(look)
        self.screen = FirstRunScreen(look, self.shell, viewmodel=self.model)
        self.bus = ScanBus(
            SystemClock().monotonic_ms, KeyRouter(look.keys, self.shell), is_busy=lambda: self.shell.is_busy
        )
        self.bus.scanned.connect(self.shell.take_scan)
        self.shell.add(self.screen)
        self.shell.add_act("help", self._help)
        self.shell.header.set_operator("")
        self.shell.header.pill.hide()
        self._say_name()
        look.words.changed.connect(self._say_name)

    def begin(self) -> None:
        """Show the first page."""
        self.bus.install()
        self.shell.go(self.screen.name)
        _LOG.info("the first run is open")

    def close(self) -> None:
        """Take everything down; the interpreter must not end with the event filter in place."""
        self.bus.remove()
        self.look.words.changed.disconnect(self._say_name)
        self.shell.close()
        self.tasks.close()
        self.shell.deleteLater()

    def _say_name(self) -> None:
        self.shell.header.till.setText(self.look.words("shell.title"))

    def _help(self) -> None:
        if self.shell.panel is None:
            self.shell.open_panel(HelpPanel(self.look, self.shell, of_place=self.screen.place))


def open_first_run(directory: Path, look: Look, *, size: tuple[int, int]) -> bool:
    """Ask for language, cloud and code; True once this device is enrolled, False where the window was closed."""
    run, loop = FirstRun(directory, look), QEventLoop()
    enrolled: list[object] = []
    run.model.enrolled.connect(enrolled.append)
    run.model.enrolled.connect(lambda _till: QTimer.singleShot(0, loop.quit))
    run.shell.close_asked.connect(loop.quit)
    run.shell.resize(*size)
    run.shell.show()
    run.begin()
    loop.exec()
    run.close()
    return bool(enrolled)
