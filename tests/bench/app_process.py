"""The app and its agent as processes of their own, as a shop starts them, and what is seen of them from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.harness import NS_PER_MS

OPEN = "the till is open"
"""What the app logs from its event loop, once its window has been painted and it takes keys."""
_WITHIN_S = 60
_LOOK_EACH_S = 0.002
_BARE = """
import sys
import pysqlite3.dbapi2 as sqlite
for path in sys.argv[1:]:
    sqlite.connect(path).execute("SELECT count(*) FROM sqlite_schema").fetchall()
from PySide6.QtWidgets import QApplication, QLabel
from PySide6.QtCore import QTimer
app = QApplication([])
label = QLabel("0.00")
label.resize(1366, 768)
label.show()
QTimer.singleShot(0, lambda: (print("open", flush=True), app.quit()))
app.exec()
"""


class App:
    """A running app; ``started_ms`` is how long it took from the start of the process until it took keys."""

    def __init__(self, directory: Path) -> None:
        log = directory / "logs" / "till.log"
        log.unlink(missing_ok=True)
        start = time.perf_counter_ns()
        self.process = _start("-m", "pos_app", "--data", str(directory))
        end_s = time.monotonic() + _WITHIN_S
        while not (log.exists() and OPEN in log.read_text("utf-8")):
            assert self.process.poll() is None and time.monotonic() < end_s, log.exists() and log.read_text("utf-8")
            time.sleep(_LOOK_EACH_S)
        self.started_ms = (time.perf_counter_ns() - start) / NS_PER_MS

    @property
    def agent_pid(self) -> int:
        """The agent's process, 0 before it was started."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("ascii").split()
        return int(children[0]) if children else 0

    def end(self) -> None:
        """As the system ends an app; it must end in order."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(_WITHIN_S) == 0


@contextmanager
def running_app(directory: Path) -> Iterator[App]:
    """The app on that data directory."""
    app = App(directory)
    try:
        yield app
        app.end()
    finally:
        if app.process.poll() is None:
            app.process.kill()
            app.process.wait()


def bare_start_ms(*databases: Path) -> float:
    """The least an app with a window costs: Python, SQLite and Qt loaded, the files opened, a label painted."""
    start = time.perf_counter_ns()
    process = _start("-c", _BARE, *map(str, databases), out=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == b"open"
    spent_ms = (time.perf_counter_ns() - start) / NS_PER_MS
    process.wait(_WITHIN_S)
    process.stdout.close()
    return spent_ms


def memory_mb(pid: int) -> float:
    """A process's proportional share of memory: pages that several processes map are counted once between them."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    (pss_kb,) = (int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return pss_kb / 1024


def _start(*arguments: str, out: int | None = None) -> subprocess.Popen[bytes]:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "EVERTILL_KEY_STORE": "file"}
    return subprocess.Popen([sys.executable, *arguments], env=environment, stdout=out)
