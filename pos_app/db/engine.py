"""Opening till.db: one engine on pysqlite3 for all threads, and what a commit means there."""

from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

OLDEST_SAFE_SQLITE = (3, 51, 3)
"""Before it, two connections that commit and checkpoint at one moment can corrupt a WAL file."""
BUSY_TIMEOUT_S = 5
POOL_CONNECTIONS = 5
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
    """The engine of one till.db, for all threads."""
    engine = sa.create_engine(
        "sqlite://",
        module=sqlite,
        creator=lambda: _connect_durable(path),
        poolclass=QueuePool,
        pool_size=POOL_CONNECTIONS,
        max_overflow=0,
    )
    sa.event.listen(engine, "begin", _begin)
    return engine


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
