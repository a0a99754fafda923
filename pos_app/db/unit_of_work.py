"""One transaction on till.db: it rolls back unless committed, and tells storage faults by code."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from pos_app.db.attempts import Attempts
from pos_app.db.carts import Carts
from pos_app.db.devices import Devices
from pos_app.db.engine import make_engine
from pos_app.db.faults import storage_error, storage_faults
from pos_app.db.meta import Meta
from pos_app.db.sales import Sales

_POOR_CONNECTION = ("till.disk_failed", "till.database_damaged")


class UnitOfWork:
    """``with database.write() as uow: …; uow.commit()``; the repositories are its attributes."""

    raw: Any
    """The pysqlite3 connection underneath, for the journal and hot statements."""

    def __init__(self, engine: sa.Engine, *, writes: bool) -> None:
        self._engine = engine
        self._writes = writes
        self._after: list[Callable[[], None]] = []
        self._connection: sa.Connection | None = None

    def __enter__(self) -> Self:
        with storage_faults():
            self._pooled = self._engine.raw_connection()
            self.raw = self._pooled.driver_connection
            try:
                self.raw.execute("BEGIN IMMEDIATE" if self._writes else "BEGIN")
            except BaseException:
                self._pooled.close()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        fault = storage_error(error) if error else None
        if fault and fault.code in _POOR_CONNECTION:
            self._pooled.invalidate()
        # Closing rolls back. Where SQLite has done so by itself (disk full) the driver knows and does nothing.
        (self._connection or self._pooled).close()
        if fault:
            raise fault from error

    @property
    def connection(self) -> sa.Connection:
        """SQLAlchemy's view of the same transaction, made when it is first asked for."""
        if self._connection is None:
            self._connection = sa.Connection(self._engine, self._pooled)
        return self._connection

    @cached_property
    def meta(self) -> Meta:
        """Small facts by key."""
        return Meta(self)

    @cached_property
    def carts(self) -> Carts:
        """Open and suspended carts."""
        return Carts(self)

    @cached_property
    def sales(self) -> Sales:
        """The list of sales."""
        return Sales(self)

    @cached_property
    def attempts(self) -> Attempts:
        """Failed PINs."""
        return Attempts(self)

    @cached_property
    def devices(self) -> Devices:
        """Device settings."""
        return Devices(self)

    def commit(self) -> None:
        """Make it durable; an error of the disk means that nothing has happened."""
        assert self._writes, "a unit that only reads has nothing to commit"
        self.raw.commit()
        for act in self._after:
            act()

    def after_commit(self, act: Callable[[], None]) -> None:
        """Do this only if and when the unit is durable."""
        self._after.append(act)


class TillDatabase:
    """till.db, open; ``write`` and ``read`` begin a unit of work."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine = make_engine(path)

    def write(self) -> UnitOfWork:
        """A transaction that may write; waits for another writer up to five seconds."""
        return UnitOfWork(self.engine, writes=True)

    def read(self) -> UnitOfWork:
        """A transaction that sees one state and changes nothing."""
        return UnitOfWork(self.engine, writes=False)

    def close(self) -> None:
        """Close every connection; the last one takes the write-ahead log into the file."""
        self.engine.dispose()
