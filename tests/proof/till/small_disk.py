"""A small disk of its own that a test fills and frees: a real file system where it may mount one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MIB = 1 << 20
_BLOCK = 64 * 1024


@contextmanager
def mounted(folder: Path, kind: str, size_mib: int) -> Iterator[Path]:
    """A file system of ``kind`` (tmpfs, ext4) and that size; only root may."""
    place = folder / f"disk-{kind}"
    place.mkdir(parents=True)
    if kind == "tmpfs":
        command = ["mount", "-t", "tmpfs", "-o", f"size={size_mib}m", "tmpfs", str(place)]
    else:
        image = folder / "disk.img"
        with image.open("wb") as file:
            file.truncate(size_mib * MIB)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], check=True)
        command = ["mount", "-o", "loop", str(image), str(place)]
    subprocess.run(command, check=True, capture_output=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def kinds(folder: Path) -> tuple[str, ...]:
    """What this machine lets this user mount: none in most containers; SQLite's own limit then stands alone."""
    found = []
    for kind in ("tmpfs", "ext4") if os.geteuid() == 0 else ():
        with suppress(OSError, subprocess.CalledProcessError), mounted(folder / f"try-{kind}", kind, 8):
            found.append(kind)
    return tuple(found)


class Filler:
    """A file that takes the room away, and gives it back."""

    def __init__(self, place: Path) -> None:
        self._path = place / "filler"

    def fill(self) -> None:
        """Until nothing more goes in."""
        with self._path.open("ab", buffering=0) as file:
            for size in (_BLOCK, 512):
                while _grows(file.fileno(), size):
                    pass

    def leave(self, free_bytes: int) -> None:
        """Take so much that about ``free_bytes`` are left."""
        self.free()
        found = os.statvfs(self._path.parent)
        with self._path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, found.f_bavail * found.f_frsize - free_bytes)

    def free(self) -> None:
        self._path.unlink(missing_ok=True)


def _grows(file: int, size: int) -> bool:
    try:
        return os.write(file, bytes(size)) == size
    except OSError:
        return False
