"""One transaction on till.db: it rolls back unless committed, and tells storage faults by code."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from pos_app.db.attempts import Attempts
from pos_app.db.carts import Carts
from pos_app.db.devices import Devices
from pos_app.db.engine import IMMEDIATE, make_engine
from pos_app.db.faults import storage_error, storage_faults
from pos_app.db.meta import Meta
from pos_app.db.sales import Sales

_POOR_CONNECTION = ("till.disk_failed", "till.database_damaged")


class UnitOfWork:
    """``with database.write() as uow: …; uow.commit()``; the repositories are its attributes."""

    connection: sa.Connection
    raw: Any
    """The pysqlite3 connection underneath, for the journal and hot statements."""

    def __init__(self, engine: sa.Engine, *, writes: bool) -> None:
        self._engine = engine
        self._writes = writes
        self._after: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        with storage_faults():
            self.connection = self._engine.connect()
            try:
                self.connection.execution_options(**{IMMEDIATE: self._writes}).begin()
            except BaseException:
                self.connection.close()
                raise
        self.raw = self.connection.connection.driver_connection
        self.meta = Meta(self.connection, self.raw)
        self.carts = Carts(self.connection, self.raw)
        self.sales = Sales(self.connection, self.raw)
        self.attempts = Attempts(self.connection)
        self.devices = Devices(self.connection)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        fault = storage_error(error) if error else None
        if fault and fault.code in _POOR_CONNECTION:
            self.connection.invalidate()
        # Closing rolls back. Where SQLite has done so by itself (disk full) the driver knows and does nothing.
        self.connection.close()
        if fault:
            raise fault from error

    def commit(self) -> None:
        """Make it durable; StorageError where the disk refused, and then nothing has happened."""
        assert self._writes, "a unit that only reads has nothing to commit"
        self.connection.commit()
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
