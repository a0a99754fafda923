"""The replica's files: numbered databases and the small file ``current`` that names the live one."""

from pathlib import Path

from sync.atomic_file import write_atomically

FOLDER = "replica"
_POINTER = "current"
_SETTLED_S = 3600
"""A file that was live within the last hour may still be open in the app: it stays."""


class ReplicaFiles:
    """Names, flips and clears away the files of ``<data directory>/replica``."""

    def __init__(self, data_directory: Path) -> None:
        self.folder = data_directory / FOLDER
        self.folder.mkdir(parents=True, exist_ok=True)

    def current(self) -> Path | None:
        """The live file; None before the first install or when what the pointer names is gone."""
        return current_replica(self.folder.parent)

    def next_path(self) -> Path:
        """A file name that was never used while any of the others still exists."""
        numbers = [_number(path) for path in self.folder.glob("replica-*")]
        return self.folder / f"replica-{max(numbers, default=0) + 1}.db"

    def flip(self, path: Path) -> None:
        """Makes a finished file the live one."""
        write_atomically(self.folder / _POINTER, path.name.encode())

    def clean_up(self, *, keep: Path, now_s: float) -> list[Path]:
        """Removes files that nobody uses any more; what the system will not give up yet goes another time."""
        keep_names = {path.name for path in (keep, self.current()) if path is not None}
        removed = []
        for path in self.folder.glob("replica-*"):
            stem = path.name.removesuffix("-wal").removesuffix("-shm").removesuffix("-journal").removesuffix(".tmp")
            if stem in keep_names or now_s - path.stat().st_mtime < _SETTLED_S:
                continue
            try:
                path.unlink()
            except OSError:
                continue
            removed.append(path)
        return removed


def current_replica(data_directory: Path) -> Path | None:
    """The live replica of a till's data directory, as any reader finds it."""
    folder = data_directory / FOLDER
    try:
        name = (folder / _POINTER).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    path = folder / Path(name).name
    return path if path.is_file() else None


def _number(path: Path) -> int:
    digits = path.name.removeprefix("replica-").partition(".")[0]
    return int(digits) if digits.isdecimal() else 0
