"""What is seen of running processes from outside: memory, open files and write-ahead logs, sample by sample."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

MB = 1024 * 1024


@dataclass
class Seen:
    """One process over time."""

    times_s: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    """Its own: resident pages without those of files, which the system shares, drops and reads again as it likes."""
    cpu_s: list[float] = field(default_factory=list)
    """Processor time since its start."""
    fds: list[int] = field(default_factory=list)

    def after(self, moment_s: float) -> Seen:
        """The same without the samples before that moment."""
        begin = next((n for n, at in enumerate(self.times_s) if at >= moment_s), len(self.times_s))
        return Seen(self.times_s[begin:], self.memory_mb[begin:], self.cpu_s[begin:], self.fds[begin:])


class Watch:
    """Samples processes, by name, and the logs under some folders, until the ``with`` ends."""

    def __init__(self, pids: Mapping[str, Callable[[], int]], folders: Sequence[Path], *, every_s: float) -> None:
        self._pids, self._folders, self._every_s = pids, folders, every_s
        self.seen = {name: Seen() for name in pids}
        self.wal_mb = 0.0
        self.changed: list[str] = []
        """Who ended and came back meanwhile: its figures are those of two processes."""
        self._known = {name: psutil.Process(pid()) for name, pid in pids.items()}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            for name, process in self._known.items():
                if self._pids[name]() != process.pid or not process.is_running():
                    self.changed.append(name)
                    return
                self._sample(self.seen[name], process)
            logs = [path for folder in self._folders for path in folder.rglob("*-wal")]
            self.wal_mb = max([self.wal_mb, *map(_size_mb, logs)])

    def _sample(self, seen: Seen, process: psutil.Process) -> None:
        with process.oneshot():
            memory, used = process.memory_info(), process.cpu_times()
            seen.memory_mb.append((memory.rss - getattr(memory, "shared", 0)) / MB)
            seen.cpu_s.append(used.user + used.system)
            seen.fds.append(process.num_fds())
        seen.times_s.append(time.monotonic())


def _size_mb(path: Path) -> float:
    try:
        return path.stat().st_size / MB
    except FileNotFoundError:
        return 0.0
