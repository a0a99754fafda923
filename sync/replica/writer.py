"""The one writer of the replica: each news in one transaction, whatever thread of the agent brings it."""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import pysqlite3.dbapi2 as sqlite3

from sync.feed import Cursor, News
from sync.messages import TableAudit
from sync.replica import search
from sync.replica.apply import Applied, apply_groups
from sync.replica.audit import audit_bucket
from sync.replica.files import ReplicaFiles
from sync.replica.install import assemble, carry_over, connect, flush
from sync.replica.layout import is_own_file
from sync.replica.store import (
    Connection,
    create_next_index,
    read_ack,
    read_cursors,
    read_state,
    read_states,
    write_ack,
    write_cursor,
    write_state,
)
from sync.upload import Confirmed

log = logging.getLogger("sync")

INDEX_ROWS = 500
"""Items indexed in one transaction: about 10 ms, so that a price change need not wait longer."""


class Replica:
    """The live replica file, or one to be made live by the first install.

    A file that cannot be opened, fails its check or is another release's is left as it is, so that the till goes on
    with it as far as it can, until a freshly installed one takes its place.
    """

    def __init__(self, files: ReplicaFiles, path: Path, conn: Connection) -> None:
        self._files, self._conn = files, conn
        self._lock = threading.RLock()
        self.path = path

    @classmethod
    def open(cls, data_directory: Path) -> Self:
        """Opens the live file; begins an empty one, not yet live, where there is none to go on with."""
        files = ReplicaFiles(data_directory)
        current = files.current()
        conn = _opened(current) if current is not None else None
        if current is None or conn is None:
            current = files.next_path()
            assemble(current, {})
            conn = _opened(current)
            assert conn is not None
        return cls(files, current, conn)

    def close(self) -> None:
        """Ends the connection; nothing is lost, every change was committed."""
        with self._lock:
            self._conn.close()

    @property
    def is_awaited(self) -> bool:
        """Whether the till has no file to sell from until this one is live."""
        return self._files.current() is None

    @property
    def is_live(self) -> bool:
        """Whether the till reads this file."""
        return self._files.current() == self.path

    def apply(self, bucket: str, news: News) -> Applied:
        """Rows, word index and cursor in one transaction; BadPage rolls all of it back."""
        with self._transaction() as conn:
            applied = apply_groups(conn, bucket, groups=news.groups)
            if items := applied.tables.get("item"):
                search.refresh(conn, items)
            write_cursor(conn, bucket, cursor=news.cursor)
            return applied

    def index_some(self) -> int:
        """The next step of what an install leaves for later: an index, or words of some items; 0 when all is done."""
        with self._transaction() as conn:
            return create_next_index(conn) or search.index_some(conn, INDEX_ROWS)

    def cursors(self) -> dict[str, Cursor]:
        """Where the replica stands, by bucket."""
        with self._lock:
            return read_cursors(self._conn)

    def ack(self, inc: int) -> Confirmed | None:
        """What the cloud confirmed of an incarnation of the journal."""
        with self._lock:
            return read_ack(self._conn, inc)

    def save_ack(self, ack: Confirmed) -> None:
        """Keeps what the cloud confirmed."""
        with self._transaction() as conn:
            write_ack(conn, ack)

    def state(self, key: str) -> Any:
        """A small fact by key, None where unknown."""
        with self._lock:
            return read_state(self._conn, key)

    def states(self) -> dict[str, Any]:
        """All small facts."""
        with self._lock:
            return read_states(self._conn)

    def save_state(self, facts: Mapping[str, str | int]) -> None:
        """Keeps small facts that the till may read."""
        with self._transaction() as conn:
            write_state(conn, **facts)

    def audit(self, bucket: str) -> tuple[Cursor | None, dict[str, TableAudit]]:
        """The audit figures of a bucket and the cursor they are true for."""
        with self._transaction() as conn:
            return read_cursors(conn).get(bucket), audit_bucket(conn, bucket)

    def begin_install(self) -> Path:
        """A name for the next replica file."""
        return self._files.next_path()

    def go_live(self, path: Path) -> None:
        """Makes an assembled file the live one, with all that was confirmed up to this moment."""
        with self._lock:
            fresh = _writable(path)
            fresh.execute("PRAGMA synchronous = OFF")  # what is carried over can be asked for again
            fresh.execute("BEGIN IMMEDIATE")
            carry_over(self._conn, fresh)
            fresh.execute("COMMIT")
            _set_mode(fresh)
            flush(path)
            self._files.flip(path)
            self._conn.execute("PRAGMA synchronous = OFF")  # nobody will need the old file after a power cut
            self._conn.close()
            self._conn, self.path = fresh, path

    def clean_up(self, now_s: float) -> list[Path]:
        """Removes older files that nobody uses any more."""
        return self._files.clean_up(keep=self.path, now_s=now_s)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._lock:
            self._conn.execute("BEGIN IMMEDIATE")
            try:
                yield self._conn
                self._conn.execute("COMMIT")
            finally:
                if self._conn.in_transaction:
                    self._conn.execute("ROLLBACK")


def _writable(path: Path) -> Connection:
    """A connection for writing into a file that was checked before."""
    conn = connect(path)
    _set_mode(conn)
    return conn


def _set_mode(conn: Connection) -> None:
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = NORMAL")


def _opened(path: Path) -> Connection | None:
    """A connection for writing, or None where the file is damaged or not of this release."""
    try:
        if not is_own_file(path):
            log.warning("%s is not as this release writes it: another is installed", path.name)
            return None
    except sqlite3.DatabaseError:
        return None
    conn = connect(path)
    try:
        _set_mode(conn)
        sound = conn.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
        sound = sound and read_cursors(conn) is not None
    except sqlite3.DatabaseError:
        sound = False
    if sound:
        return conn
    conn.close()
    return None
