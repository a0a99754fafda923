"""The database engine on SQLite and PostgreSQL, and the two kinds of transaction: reading and writing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import pysqlite3.dbapi2 as sqlite
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry

from cloud_api.db.turnstile import Turnstile

OLDEST_SQLITE = (3, 51, 3)
"""Before it a WAL database can be corrupted when two connections commit and checkpoint at one moment."""
POOL_SIZE = 20
POOL_OVERFLOW = 30
POOL_TIMEOUT_S = 10
SQLITE_BUSY_TIMEOUT_MS = 10_000

_WRITES, _TURN = "evertill_writes", "evertill_turn"
_TURNSTILES: WeakKeyDictionary[sa.Engine, Turnstile] = WeakKeyDictionary()


def make_engine(url: str) -> sa.Engine:
    """An engine for ``sqlite:///file`` or ``postgresql://…``; nothing is opened until the first use."""
    pool: dict[str, Any] = {
        "pool_size": POOL_SIZE,
        "max_overflow": POOL_OVERFLOW,
        "pool_timeout": POOL_TIMEOUT_S,
    }
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        assert sqlite.sqlite_version_info >= OLDEST_SQLITE, sqlite.sqlite_version
        engine = sa.create_engine(parsed, module=sqlite, **pool)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "checkin", _leave_turnstile)
        _TURNSTILES[engine] = Turnstile()
        return engine
    if parsed.get_backend_name() != "postgresql":
        raise ValueError(f"sqlite | postgresql, not {parsed.get_backend_name()}")
    return sa.create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, **pool)


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that only reads; on SQLite it sees one state and blocks nobody."""
    with engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that writes: committed at the end, rolled back where anything was raised."""
    connection = begin_writing(engine)
    try:
        yield connection
        connection.commit()
    finally:
        connection.close()


def begin_writing(engine: sa.Engine) -> sa.Connection:
    """A connection inside a write transaction; its ``close()`` rolls back what ``commit()`` did not keep.

    On SQLite the write lock is taken at the start, so that two writers wait for each other instead of failing;
    writers of this process wait in line.
    """
    connection = engine.connect()
    try:
        _enter_turnstile(connection)
        connection.execution_options(**{_WRITES: True}).begin()
    except BaseException:
        connection.close()
        raise
    return connection


def is_postgres(connection: sa.Connection) -> bool:
    """Whether the connection leads to PostgreSQL."""
    return connection.dialect.name == "postgresql"


def _enter_turnstile(connection: sa.Connection) -> None:
    turnstile = _TURNSTILES.get(connection.engine)
    if turnstile is None:
        return
    if not turnstile.enter(SQLITE_BUSY_TIMEOUT_MS / 1000):
        raise sa.exc.TimeoutError("the line of writers did not move")
    link = connection.connection
    assert link.record_info is not None
    link.record_info[_TURN] = turnstile


def _leave_turnstile(_link: object, record: ConnectionPoolEntry) -> None:
    turnstile = record.record_info.pop(_TURN, None) if record.record_info else None
    if turnstile is not None:
        turnstile.leave()


def _prepare_sqlite(link: Any, _record: object) -> None:
    link.isolation_level = None  # the driver must not begin transactions by itself
    link.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_TIMEOUT_MS}")
    link.execute("PRAGMA journal_mode = WAL")
    link.execute("PRAGMA synchronous = FULL")
    link.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
