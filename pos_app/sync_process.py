"""The sync agent as a child process: started, watched, restarted; its messages become signals."""

import json
import logging
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

BACK_OFF_MS = (500, 1_000, 2_000, 5_000, 10_000, 30_000)
STEADY_MS = 60_000
"""An agent that ran this long did not die of its start."""
LINE_MAX_BYTES = 1 << 20
QUIT_MS = 3_000
EXIT_REFUSED = 3
ENDING = "sync.agent_running"
"""The refusal that passes by itself: an agent whose app was killed is still finishing what it was at."""

_LOG = logging.getLogger(__name__)


def agent_command(directory: Path) -> tuple[str, list[str]]:
    """Program and arguments of the agent; in a frozen build the app itself, told to be the agent."""
    if getattr(sys, "frozen", False):
        return sys.executable, ["--agent", "--data", str(directory)]
    return sys.executable, ["-m", "sync", "--data", str(directory)]


class SyncProcess(QObject):
    """A dead agent never hurts selling: it is started again with a growing pause.

    ``status`` gives the agent's status message, ``changed`` its table of changed keys, ``replica_flipped`` the name
    of the new replica file, ``progress`` a step of the first download, ``forked`` the fork message; ``ended``
    is emitted when the process went away.
    """

    status = Signal(object)
    changed = Signal(object)
    replica_flipped = Signal(str)
    progress = Signal(object)
    forked = Signal(object)
    ended = Signal()

    def __init__(self, program: str, arguments: list[str]) -> None:
        super().__init__()
        self._program, self._arguments = program, arguments
        self._failures = 0
        self._is_wanted = False
        self._unread = b""
        self._error: object = None
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._failed)
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self._launch)
        self._steady = QTimer(self, singleShot=True, interval=STEADY_MS)
        self._steady.timeout.connect(self._forgive)

    @property
    def is_running(self) -> bool:
        """Whether the process is there now."""
        return self._process.state() is QProcess.ProcessState.Running

    @property
    def process_id(self) -> int:
        """The process's id, 0 while there is none."""
        return self._process.processId()

    def start(self) -> None:
        """Start the agent and keep it running."""
        self._is_wanted = True
        self._launch()

    def wake(self) -> None:
        """There are new journal entries."""
        self._send("wake")

    def sync_now(self) -> None:
        """The cashier asked to synchronise at once."""
        self._failures = 0
        if self._is_wanted and not self.is_running:
            self._again.start(0)
        self._send("sync_now")

    def stop(self) -> None:
        """Let it finish what it is at, then end it; a slow one is ended by closing its input, then killed."""
        self._is_wanted = False
        self._again.stop()
        self._steady.stop()
        if self._process.state() is QProcess.ProcessState.NotRunning:
            return
        self._send("quit")
        self._process.closeWriteChannel()
        if not self._process.waitForFinished(QUIT_MS):
            self._process.kill()
            self._process.waitForFinished(QUIT_MS)

    def _launch(self) -> None:
        if self._is_wanted and self._process.state() is QProcess.ProcessState.NotRunning:
            self._unread, self._error = b"", None
            self._process.start(self._program, self._arguments)
            self._steady.start()

    def _send(self, command: str) -> None:
        if self.is_running:
            self._process.write(json.dumps({"cmd": command}).encode() + b"\n")

    def _read(self) -> None:
        self._unread += self._process.readAllStandardOutput().data()
        *lines, self._unread = self._unread.split(b"\n")
        if len(self._unread) > LINE_MAX_BYTES:
            _LOG.error("the agent wrote a line without an end; it is dropped")
            self._unread = b""
        for line in lines:
            self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            message: dict[str, Any] = json.loads(line)
            kind = message.pop("ev")
        except (ValueError, KeyError, TypeError, AttributeError):
            _LOG.warning("the agent said something that is no message")
            return
        match kind:
            case "status":
                self._error = message.get("error")
                self.status.emit(message)
            case "changed":
                self.changed.emit(message.get("tables") or {})
            case "replica":
                self.replica_flipped.emit(str(message.get("file", "")))
            case "progress":
                self.progress.emit(message)
            case "fork":
                self.forked.emit(message)

    def _finished(self, exit_code: int) -> None:
        self._steady.stop()
        self.ended.emit()
        if self._is_wanted:
            last = exit_code == EXIT_REFUSED and self._error != ENDING
            pause = BACK_OFF_MS[-1] if last else BACK_OFF_MS[min(self._failures, len(BACK_OFF_MS) - 1)]
            _LOG.warning("the sync agent ended with %s; starting it again in %s ms", exit_code, pause)
            self._failures += 1
            self._again.start(pause)

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            _LOG.error("the sync agent cannot be started: %s", self._process.errorString())
            self._finished(-1)

    def _forgive(self) -> None:
        self._failures = 0
