"""Facts for the health page and for support, and the export that anybody can verify."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pysqlite3.dbapi2 as sqlite

from pos_app import __version__
from pos_app.clock import TillClock
from pos_app.db import print_jobs
from pos_app.db.check import Watch
from pos_app.db.engine import connect_to_read
from pos_app.db.faults import storage_faults
from pos_app.db.print_jobs import JobState
from pos_app.db.replica import CatalogReads
from pos_app.db.unit_of_work import TillDatabase
from pos_app.services.housekeeping import LAST_BACKUP, Housekeeping
from sync import journal_store
from sync.export import write_export
from sync.identity import Identity
from sync.journal import Entry, Tip
from sync.timekeeping import WRONG_AFTER_MS

STALE_PRICES_MS = 24 * 60 * 60 * 1000
LAST_RESTORE = "last_restore_ms"


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
    last_restore_ms: int | None
    integrity: str
    """``ok``, ``unchecked`` or what the check found."""
    chain: str
    """``ok``, ``unchecked`` or the first entry that does not fit."""
    warnings: tuple[str, ...] = ()
    """Codes to show as banners: ``till.disk_low``, ``till.clock_off`` …, texts under ``error.<code>``."""


@dataclass(frozen=True, slots=True)
class HeldEntry:
    """A journal entry that waits for HQ; ``receipt_no`` is empty where it is no sale, ``at_ms`` 0 where it is gone."""

    seq: int
    code: str
    kind: str = ""
    at_ms: int = 0
    receipt_no: str = ""


class Health:
    """Reads only; any thread, a few milliseconds but ``check`` and ``export_journal``."""

    def __init__(
        self,
        database: TillDatabase,
        reads: CatalogReads,
        *,
        housekeeping: Housekeeping,
        clock: TillClock,
        identity: Identity,
    ) -> None:
        self._database = database
        self._identity = identity
        self._reads = reads
        self._housekeeping = housekeeping
        self._clock = clock

    def facts(self) -> HealthFacts:
        """How the till is now; integrity and chain are those of the last ``check``."""
        with self._database.read() as uow:
            tip, terminal = journal_store.tip(uow.raw), journal_store.terminal_of(uow.raw)
            waiting = print_jobs.count(uow.connection, JobState.PENDING)
            last_backup_ms, last_restore_ms = uow.meta.get_int(LAST_BACKUP), uow.meta.get_int(LAST_RESTORE)
        acked = self._reads.acked(tip.incarnation)[0]
        heard_ms = self._reads.state("last_contact_ms")
        checked = self._housekeeping.last_check
        return HealthFacts(
            app_version=__version__,
            sqlite_version=sqlite.sqlite_version,
            python_version=platform.python_version(),
            terminal_id=terminal,
            incarnation=tip.incarnation,
            journal_seq=tip.seq,
            journal_hash=tip.hash,
            unsent=max(0, tip.seq - acked),
            acked_seq=acked,
            last_contact_ms=heard_ms,
            price_age_ms=None if heard_ms is None else max(0, self._clock.now_ms() - int(heard_ms)),
            clock_offset_ms=-self._clock.wrong_by_ms() if self._reads.offset() else None,
            till_db_bytes=_size(self._database.path) + _size(self._database.path.with_name("till.db-wal")),
            replica_bytes=_size(self._reads.path),
            disk_free_bytes=self._housekeeping.disk().free_bytes,
            waiting_prints=waiting,
            last_backup_ms=last_backup_ms,
            last_restore_ms=last_restore_ms,
            integrity=checked.integrity,
            chain=checked.chain,
            warnings=self.warnings(),
        )

    def warnings(self) -> tuple[str, ...]:
        """What the cashier should be told now, most urgent first."""
        level = self._housekeeping.disk().level
        checked = self._housekeeping.last_check
        heard_ms = self._reads.state("last_contact_ms")
        is_open = self._reads.is_open
        found = {
            "till.disk_full": level == "full",
            "till.database_damaged": not checked.is_ok and checked.integrity != "unchecked",
            "till.disk_low": level == "low",
            self._reads.missing: not is_open,
            "till.clock_off": abs(self._clock.wrong_by_ms()) > WRONG_AFTER_MS,
            "till.prices_old": heard_ms is not None and self._clock.now_ms() - int(heard_ms) > STALE_PRICES_MS,
        }
        return tuple(code for code, is_so in found.items() if is_so)

    def unsent(self) -> int:
        """How many journal entries the cloud has not confirmed."""
        with self._database.read() as uow:
            tip: Tip = journal_store.tip(uow.raw)
        return max(0, tip.seq - self._reads.acked(tip.incarnation)[0])

    def held(self, waiting: Sequence[tuple[int, str]]) -> tuple[HeldEntry, ...]:
        """What the entries are of which the cloud says by seq and code that they wait for HQ."""
        with self._database.read() as uow:
            inc = journal_store.incarnation(uow.raw)
            found = [next(journal_store.iterate(uow.raw, inc, after_seq=seq - 1, limit=1), None) for seq, _ in waiting]
        return tuple(_held(seq, code, entry) for (seq, code), entry in zip(waiting, found, strict=True))

    def check(self, watch: Watch | None = None) -> HealthFacts:
        """Check file and journal chain from end to end, then tell; seconds on a large file: not on the UI thread.

        ``watch`` is told how many entries of how many were checked, and stops it by False.
        """
        self._housekeeping.check(watch)
        return self.facts()

    def export_journal(self, path: Path) -> int:
        """Write the journal, signed by this till's key, for ``evertill-verify``; gives the number of entries."""
        who = self._identity
        with storage_faults():
            connection = connect_to_read(self._database.path)
            try:
                with path.open("wb") as out:
                    at_ms = self._clock.now_ms()
                    return write_export(connection, out, sign=who.sign, public_key=who.public_key, at_ms=at_ms)
            finally:
                connection.close()


def _held(seq: int, code: str, entry: Entry | None) -> HeldEntry:
    if entry is None or entry.seq != seq:
        return HeldEntry(seq, code)
    sale = msgspec.json.decode(entry.fact.body).get("sale", {})
    return HeldEntry(seq, code, entry.fact.kind, entry.fact.stamp.at_ms, str(sale.get("receipt_no", "")))


def _size(path: Path | None) -> int:
    try:
        return path.stat().st_size if path else 0
    except OSError:
        return 0
