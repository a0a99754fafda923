"""Puts the till together: arguments, services, agent and window, with Qt imported after everything else."""

import argparse
import gc
import logging
import signal
from dataclasses import replace
from pathlib import Path

from domain.errors import DomainError
from pos_app.db.faults import storage_faults
from pos_app.instance import InstanceLock
from pos_app.paths import TillPaths, default_directory
from pos_app.print_wiring import print_queue
from pos_app.services.enrolment import Enrolment
from pos_app.settings import ScreenSettings
from pos_app.wiring import TillApp, open_till
from resources.texts import LANGUAGES

# isort: split
# start-up: Qt last, it makes every import after it slower.
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from pos_app.crash import UNEXPECTED, CrashHook, LogFiles, guarded
from pos_app.sync_process import SyncProcess, agent_command
from pos_app.tasks import Tasks
from pos_app.ui.face import Face
from pos_app.ui.first_run import open_first_run
from pos_app.ui.look import Look
from pos_app.ui.office_screens import add_office_screens
from pos_app.ui.shell import Shell
from pos_app.ui.shortcuts import KeyMap
from pos_app.ui.theme import Theme
from pos_app.ui.trouble import show_trouble
from pos_app.ui.words import Words

WINDOW = (1366, 768)
FIRST_HOUSEKEEPING_MS = 10 * 60_000
HOUSEKEEPING_EACH_MS = 24 * 3_600_000
PULSE_MS = 300
CATCH_UP_EACH_MS = 5_000
LIGHT, DARK = "light", "dark"

_LOG = logging.getLogger(__name__)


def run(arguments: list[str]) -> int:
    """The whole life of the app; gives its exit code."""
    options = _options(arguments)
    directory: Path = options.data or default_directory()
    logs = LogFiles(TillPaths(directory).logs)
    logs.start()
    try:
        return _run(options, directory)
    finally:
        logs.close()


def _run(options: argparse.Namespace, directory: Path) -> int:
    app = QApplication([])
    app.setApplicationName("Evertill")
    app.setStyle("Fusion")
    end = EndOnSignal(app)
    end.install()
    look = _look(options)
    look.theme.apply()
    gc.freeze()
    gc.enable()
    alarm = Alarm(app)
    hook = CrashHook(alarm.ring)
    hook.install()
    try:
        return guarded(
            lambda: _first_run_and_sell(app, directory, look, options=options), lambda error: show_trouble(look, error)
        )
    finally:
        hook.remove()


def _first_run_and_sell(app: QApplication, directory: Path, look: Look, *, options: argparse.Namespace) -> int:
    if not Enrolment(directory).is_enrolled and not _enrol_alone(directory, look, options=options):
        return 0
    return _sell(app, directory, look, options=options)


def _enrol_alone(directory: Path, look: Look, *, options: argparse.Namespace) -> bool:
    """The first run, one per directory: the same lock that the open till holds afterwards."""
    with storage_faults():
        paths = TillPaths(directory)
        paths.create()
        lock = InstanceLock(paths.lock)
    try:
        return open_first_run(directory, look, size=options.window)
    finally:
        lock.release()


class Alarm(QObject):
    """Tells of a crash in the window that is open; may be rung from any thread."""

    _rung = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._rung.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def ring(self, _error: BaseException) -> None:
        """Something nobody expected has happened."""
        self._rung.emit()

    def _tell(self) -> None:
        for window in QApplication.topLevelWidgets():
            if isinstance(window, Shell) and window.isVisible():
                window.tell_error(DomainError(UNEXPECTED))


class EndOnSignal(QObject):
    """Ends the app in order when the system asks, whatever window is open."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app, self._is_asked = app, False
        self._pulse = QTimer(self, interval=PULSE_MS)
        self._pulse.timeout.connect(self._look)

    def install(self) -> None:
        """Begin to listen; Python hears signals only when it gets a turn, which the pulse gives it."""
        for asked_to_end in (signal.SIGTERM, signal.SIGINT):
            signal.signal(asked_to_end, self._asked)
        self._pulse.start()

    def _asked(self, _number: int, _frame: object) -> None:
        self._is_asked = True

    def _look(self) -> None:
        if self._is_asked:
            self._app.exit(0)  # quit() does nothing in the first run, whose loop is its own


class Running(QObject):
    """An open till with its agent, and how the two talk."""

    def __init__(self, till: TillApp, look: Look, *, tasks: Tasks) -> None:
        super().__init__(QApplication.instance())
        self.till, self.tasks = till, tasks
        self.face = Face(till, look, tasks=tasks, printing=print_queue(till))
        self.agent = SyncProcess(*agent_command(till.directory))
        self._is_closing = False
        self._housekeeping = QTimer(self, interval=FIRST_HOUSEKEEPING_MS)
        self._housekeeping.timeout.connect(self._keep_house)
        self._housekeeping.start()
        self._catching_up = QTimer(self, interval=CATCH_UP_EACH_MS)
        self._catching_up.timeout.connect(self._catch_up)
        self._catching_up.start()
        self._connect()

    def begin_beside(self) -> None:
        """Once the window is painted: the agent, and the screens that nobody waits for."""
        _LOG.info("the till is open")
        self.agent.start()
        self.face.shell.build_rest()

    def close(self) -> None:
        """In order: no more keys, the agent, what is queued, the files."""
        self._is_closing = True
        self._housekeeping.stop()
        self._catching_up.stop()
        self.face.close()
        self.agent.stop()
        self.tasks.close()
        self.till.close()

    def _connect(self) -> None:
        agent, face = self.agent, self.face
        agent.status.connect(face.status.take)
        agent.changed.connect(face.changes.take)
        agent.replica_flipped.connect(lambda _file: face.replica_flipped())
        agent.ended.connect(face.status.agent_stopped)
        agent.forked.connect(self._adopt_fork)
        face.pay.finished.connect(lambda _completed: agent.wake())

    def _keep_house(self) -> None:
        """Check, back up and prune: some while after the start, then daily, beside the selling."""
        self._housekeeping.setInterval(HOUSEKEEPING_EACH_MS)
        self.tasks.network(lambda: self.till.housekeeping.daily(lambda _done, _total: not self._is_closing))

    def _catch_up(self) -> None:
        """What a full disk refused is written once there is room again, also while nobody touches the till."""
        if self.till.keeper.is_behind:
            self.tasks.write(self.till.keeper.flush, on_error=_still_refused)

    def _adopt_fork(self, message: dict[str, int]) -> None:
        self.tasks.write(
            lambda: self.till.adopt_fork(message["new_inc"], message["common_seq"]), lambda _moved: self.agent.wake()
        )


def _still_refused(error: Exception) -> None:
    _LOG.info("the cart is not on the disk yet: %s", error)


def _sell(app: QApplication, directory: Path, look: Look, *, options: argparse.Namespace) -> int:
    tasks = Tasks()
    till = open_till(directory, persist=tasks.persist)
    running = Running(till, look, tasks=tasks)
    face = running.face
    face.take_screen(_screen_settings(till.settings.current.screen, options))
    add_office_screens(face, running.agent)
    face.shell.resize(*options.window)
    if options.fullscreen:
        face.shell.showFullScreen()
    else:
        face.shell.show()
    face.begin()
    face.watchdog.install()
    QTimer.singleShot(0, running.begin_beside)
    try:
        return app.exec()
    finally:
        running.close()


def _look(options: argparse.Namespace) -> Look:
    theme = Theme(dark=options.theme == DARK)
    return Look.of(theme, Words(options.language or LANGUAGES[0]), keys=KeyMap())


def _screen_settings(kept: ScreenSettings, options: argparse.Namespace) -> ScreenSettings:
    """What was kept, but for what the command line asks."""
    return replace(kept, language=options.language or kept.language, theme=options.theme or kept.theme)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="evertill", description="恒收 Evertill: the till / 收银机")
    parser.add_argument("--data", type=Path, help="data directory / 数据目录")
    parser.add_argument("--language", choices=LANGUAGES)
    parser.add_argument("--theme", choices=(LIGHT, DARK))
    parser.add_argument("--fullscreen", action="store_true")
    parser.add_argument("--window", type=_size, default=WINDOW, metavar="WxH")
    return parser.parse_args(arguments)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)
