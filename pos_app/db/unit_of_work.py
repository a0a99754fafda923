"""One transaction on till.db: it rolls back unless committed, and tells storage faults by code."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from pos_app.db.attempts import Attempts
from pos_app.db.carts import Carts
from pos_app.db.devices import Devices
from pos_app.db.engine import Connections, Held, make_engine
from pos_app.db.faults import storage_error, storage_faults
from pos_app.db.meta import Meta
from pos_app.db.sales import Sales

_POOR_CONNECTION = ("till.disk_failed", "till.database_damaged")


class UnitOfWork:
    """``with database.write() as uow: …; uow.commit()``; the repositories are its attributes."""

    _held: Held
    raw: Any
    """The pysqlite3 connection underneath, for the journal and hot statements."""

    def __init__(self, connections: Connections, *, writes: bool) -> None:
        self._connections = connections
        self._writes = writes
        self._after: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        with storage_faults():
            self._held = self._connections.take()
            self.raw = self._held.raw
            try:
                self.raw.execute("BEGIN IMMEDIATE" if self._writes else "BEGIN")
            except BaseException:
                self._held.close()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        fault = storage_error(error) if error else None
        if fault and fault.code in _POOR_CONNECTION:
            self._held.close()
        else:
            self._connections.give_back(self._held)
        if fault:
            raise fault from error

    @property
    def connection(self) -> sa.Connection:
        """SQLAlchemy's view of the same transaction."""
        return self._held.connection

    @property
    def meta(self) -> Meta:
        """Small facts by key."""
        return Meta(self)

    @property
    def carts(self) -> Carts:
        """Open and suspended carts."""
        return Carts(self)

    @property
    def sales(self) -> Sales:
        """The list of sales."""
        return Sales(self)

    @property
    def attempts(self) -> Attempts:
        """Failed PINs."""
        return Attempts(self)

    @property
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
        self._connections = Connections(make_engine(path))

    def write(self) -> UnitOfWork:
        """A transaction that may write; waits for another writer up to five seconds."""
        return UnitOfWork(self._connections, writes=True)

    def read(self) -> UnitOfWork:
        """A transaction that sees one state and changes nothing."""
        return UnitOfWork(self._connections, writes=False)

    def close(self) -> None:
        """Close every connection; the last one takes the write-ahead log into the file."""
        self._connections.close()
