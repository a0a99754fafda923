"""Facts for the health page and for support, and the export that anybody can verify."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class HealthFacts:
    """How the till is; sizes in bytes, None = not known."""

    app_version: str
    sqlite_version: str
    python_version: str
    terminal_id: str
    incarnation: int
    journal_seq: int
    journal_hash: str
    unsent: int
    acked_seq: int
    last_contact_ms: int | None
    price_age_ms: int | None
    clock_offset_ms: int | None
    till_db_bytes: int
    replica_bytes: int
    disk_free_bytes: int
    waiting_prints: int
    last_backup_ms: int | None
    integrity: str
    """``ok``, ``unchecked`` or what the check found."""
    chain: str
    """``ok``, ``unchecked`` or the first entry that does not fit."""
    warnings: tuple[str, ...] = ()
    """Codes to show as banners: ``till.disk_low``, ``till.clock_off`` …, texts under ``error.<code>``."""


class Health:
    """Reads only; any thread, a few milliseconds but ``check`` and ``export_journal``."""

    def facts(self) -> HealthFacts:
        """How the till is now; integrity and chain are those of the last ``check``."""
        raise NotImplementedError

    def check(self) -> HealthFacts:
        """Check file and journal chain from end to end, then tell; seconds on a large file: not on the UI thread."""
        raise NotImplementedError

    def export_journal(self, path: Path) -> int:
        """Write the journal for ``evertill-verify``; gives the number of entries."""
        raise NotImplementedError
