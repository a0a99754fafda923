"""What keeps the till well: backups that are checked, retention, a watch on disk space and damage."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DiskState:
    """Free space and what it means: ``ok``, ``low`` (warn, sell on) or ``full`` (stop selling)."""

    free_bytes: int
    level: str


class Housekeeping:
    """Run ``daily`` once a day and after start, ``disk`` each few seconds; not on the UI thread."""

    def daily(self) -> None:
        """Backup, prune, full check, tidy up old files."""
        raise NotImplementedError

    def backup(self) -> Path:
        """A verified copy of till.db under ``backup/``; the last seven are kept."""
        raise NotImplementedError

    def prune(self) -> int:
        """Drop journal entries that the cloud has for good and that are old; gives how many."""
        raise NotImplementedError

    def disk(self) -> DiskState:
        """How much room is left."""
        raise NotImplementedError
