"""Opening till.db: one engine on pysqlite3 for all threads, and what a commit means there."""

import logging
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

_LOG = logging.getLogger(__name__)
OLDEST_SAFE_SQLITE = (3, 51, 3)
"""Before it, two connections that commit and checkpoint at one moment can corrupt a WAL file."""
BUSY_TIMEOUT_S = 5
CONNECTIONS_KEPT = 5
WAL_KEPT_BYTES = 16 * 1024 * 1024


def connect(path: Path | str, *, uri: bool = False) -> Any:
    """A raw pysqlite3 connection in autocommit mode; transactions are begun by hand."""
    assert sqlite.sqlite_version_info >= OLDEST_SAFE_SQLITE, sqlite.sqlite_version
    return sqlite.connect(str(path), timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, uri=uri)


def connect_to_read(path: Path) -> Any:
    """A raw connection that cannot write, whatever it is asked."""
    return _to_read(f"{path.resolve().as_uri()}?mode=ro")


def connect_to_read_frozen(path: Path) -> Any:
    """As ``connect_to_read`` where not even readers may put a file beside it; what is written later stays unseen."""
    return _to_read(f"{path.resolve().as_uri()}?mode=ro&immutable=1")


def _to_read(address: str) -> Any:
    connection = connect(address, uri=True)
    connection.execute("PRAGMA query_only = ON")
    return connection


def make_engine(path: Path) -> sa.Engine:
    """The engine of one till.db, for all threads; each connection it makes is new."""
    engine = sa.create_engine("sqlite://", module=sqlite, creator=lambda: _connect_durable(path), poolclass=NullPool)
    sa.event.listen(engine, "begin", _begin)
    return engine


class Held:
    """A connection held open from one unit of work to the next: as the driver has it, and as SQLAlchemy sees it."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.raw: Any = connection.connection.driver_connection

    def roll_back(self) -> None:
        """End the transaction; after a commit, or where SQLite ended it by itself (disk full), there is none."""
        if self.connection.in_transaction():
            self.connection.rollback()
        elif self.raw.in_transaction:
            self.raw.rollback()

    def close(self) -> None:
        """Close the file, in whatever state; SQLite rolls back."""
        self.connection.invalidate()
        self.connection.close()


class Connections:
    """The open connections of one till.db, for all threads: the one used last is given out first, its cache is warm.

    Every sale takes one: SQLAlchemy's pool costs as much as writing the sale's row. Nobody ever waits for one.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._idle: list[Held] = []
        self._kept = CONNECTIONS_KEPT

    def take(self) -> Held:
        """A connection outside of a transaction."""
        try:
            return self._idle.pop()
        except IndexError:
            return Held(self._engine.connect())

    def give_back(self, held: Held) -> None:
        """Roll back what was not committed, and keep it for the next unit of work; a few at most."""
        try:
            held.roll_back()
        except (DBAPIError, sqlite.Error):
            _LOG.exception("a connection that cannot roll back is closed")
            held.close()
            return
        if len(self._idle) < self._kept:
            self._idle.append(held)
        else:
            held.close()

    def close(self) -> None:
        """Close those that nobody uses; the others are closed as they are given back."""
        self._kept = 0
        while self._idle:
            self._idle.pop().close()


def _connect_durable(path: Path) -> Any:
    """FULL: a commit that returned is on the disk. Every pragma is of the connection, but for WAL."""
    connection = connect(path)
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "cell_size_check = ON",
        "trusted_schema = OFF",
        f"journal_size_limit = {WAL_KEPT_BYTES}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _begin(connection: sa.Connection) -> None:
    """A unit of work has begun by itself, at the driver; SQLAlchemy joins in."""
    raw = connection.connection.driver_connection
    if raw is not None and not raw.in_transaction:
        raw.execute("BEGIN")
