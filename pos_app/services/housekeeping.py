"""What keeps the till well: backups that are checked, retention, a watch on disk space and damage."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import DomainError
from pos_app.clock import TillClock
from pos_app.db import print_jobs
from pos_app.db.check import OK, CheckStopped, Watch, check_all
from pos_app.db.engine import connect_to_read
from pos_app.db.faults import StorageError, storage_faults
from pos_app.db.migrate import copy_database, remove_database, replace_database
from pos_app.db.replica import CatalogReads
from pos_app.db.unit_of_work import TillDatabase
from pos_app.paths import TillPaths
from sync import journal_store

BACKUPS_KEPT = 7
LAST_BACKUP = "last_backup_ms"
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class DiskLimits:
    """Free bytes below which the till warns, and below which it opens no new cart."""

    warn_bytes: int = 200 * 1024 * 1024
    stop_bytes: int = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what the cloud has for good stays on the till as well."""

    journal_days: int = 90
    jobs_days: int = 14


@dataclass(frozen=True, slots=True)
class DiskState:
    """Free space and what it means: ``ok``, ``low`` (warn, sell on) or ``full`` (open no new cart)."""

    free_bytes: int
    level: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What the last full check of file and journal found; ``unchecked`` before the first."""

    integrity: str = "unchecked"
    chain: str = "unchecked"

    @property
    def is_ok(self) -> bool:
        """Whether both were checked and are sound."""
        return self.integrity == self.chain == OK


class Housekeeping:
    """Run ``daily`` once a day and after start, ``disk`` each few seconds; not on the UI thread."""

    def __init__(
        self,
        paths: TillPaths,
        database: TillDatabase,
        *,
        reads: CatalogReads,
        clock: TillClock,
        disk_limits: DiskLimits | None = None,
    ) -> None:
        self._paths = paths
        self._database = database
        self._reads = reads
        self._clock = clock
        self._limits = disk_limits or DiskLimits()
        self.retention = Retention()
        self.last_check = CheckResult()

    def daily(self, watch: Watch | None = None) -> None:
        """Full check, backup of what proved sound, retention; ``watch`` may stop the check and with it the rest."""
        if self.check(watch).is_ok:
            self.backup()
            self.prune()

    def check(self, watch: Watch | None = None) -> CheckResult:
        """File, chain and sales from end to end: seconds on a large file. Where ``watch`` stops it nothing is known."""
        with storage_faults():
            connection = connect_to_read(self._database.path)
        try:
            self.last_check = CheckResult(*check_all(connection, watch=watch))
        except CheckStopped:
            self.last_check = CheckResult()
        finally:
            connection.close()
        if not self.last_check.is_ok and self.last_check.integrity != "unchecked":
            with storage_faults():
                self._paths.suspect.touch()
        return self.last_check

    def backup(self) -> Path:
        """A verified copy of till.db under ``backup/``; the last seven are kept. StorageError where it fails."""
        now_ms = self._clock.now_ms()
        target = self._paths.backup / f"till-{now_ms:015d}.db"
        making = target.with_suffix(".making")
        remove_database(making)
        with storage_faults():
            copy_database(self._database.path, making)
            _require_sound(making)
        replace_database(making, target)
        with self._database.write() as uow:
            uow.meta.put(LAST_BACKUP, now_ms)
            uow.commit()
        for old in backups(self._paths.backup)[BACKUPS_KEPT:]:
            old.unlink(missing_ok=True)
        return target

    def prune(self) -> int:
        """Drop journal entries that the cloud has for good and that are old; gives how many."""
        before_ms = self._clock.now_ms() - self.retention.journal_days * _DAY_MS
        pruned = 0
        with self._database.write() as uow:
            for inc in journal_store.incarnations(uow.raw):
                seq = _last_older(uow.raw, inc, before_ms=before_ms, durable=min(self._reads.acked(inc)))
                if seq:
                    pruned += journal_store.prune(uow.raw, inc, up_to_seq=seq)
                    uow.sales.prune(inc, seq)
            jobs_before_ms = self._clock.now_ms() - self.retention.jobs_days * _DAY_MS
            print_jobs.forget(uow.connection, before_ms=jobs_before_ms)
            uow.commit()
        return pruned

    def disk(self) -> DiskState:
        """How much room is left."""
        free = shutil.disk_usage(self._paths.directory).free
        level = "full" if free < self._limits.stop_bytes else "low" if free < self._limits.warn_bytes else "ok"
        return DiskState(free, level)

    def check_room(self) -> None:
        """``till.disk_full`` where there is too little room to begin a sale; what has begun may be finished."""
        if self.disk().level == "full":
            raise StorageError("till.disk_full")


def backups(folder: Path) -> list[Path]:
    """The backups in a folder, newest first."""
    return sorted(folder.glob("till-*.db"), reverse=True)


def _require_sound(path: Path) -> None:
    connection = connect_to_read(path)
    try:
        found = check_all(connection)
    finally:
        connection.close()
    if set(found) != {OK}:
        raise DomainError("till.backup_failed")


def _last_older(raw: Any, inc: int, *, before_ms: int, durable: int) -> int:
    """The last entry up to ``durable`` before which all are older; by number, since clocks may have jumped."""
    sql = "SELECT min(seq) FROM journal WHERE inc = ? AND at_ms >= ?"
    first_young = raw.execute(sql, (inc, before_ms)).fetchall()[0][0]
    return durable if first_young is None else min(durable, first_young - 1)
