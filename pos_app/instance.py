"""One app per data directory: a lock that the system takes back when the process ends, however it ends."""

import os
import sys
from pathlib import Path
from typing import IO

from domain.errors import DomainError

if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[str]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(file: IO[str]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


class InstanceLock:
    """Holds the directory until ``release``; DomainError ``till.already_open`` where another app has it."""

    def __init__(self, path: Path) -> None:
        self._file: IO[str] | None = path.open("a+", encoding="ascii")
        try:
            _try_lock(self._file)
        except OSError:
            self._file.close()
            raise DomainError("till.already_open") from None
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def release(self) -> None:
        """Give the directory free; a second call does nothing."""
        if self._file is not None:
            self._file.close()
            self._file = None
