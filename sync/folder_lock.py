"""A lock file that one process holds: released by the system however that process ends."""

import os
import sys
from pathlib import Path
from typing import Self

from domain.errors import DomainError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class FolderLock:
    """Taken at once or refused; two agents must not write one replica."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path, *, refusal: str) -> Self:
        """The lock, or DomainError(``refusal``) where another process has it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if sys.platform == "win32":
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise DomainError(refusal) from None
        return cls(descriptor)

    def release(self) -> None:
        """Lets others in; the file stays."""
        os.close(self._descriptor)
