"""The agent's eyes on till.db: read-only, and aware that the app may put another file in its place."""

import os
from pathlib import Path

import pysqlite3.dbapi2 as sqlite3

from sync import journal_store
from sync.journal import Entry, Tip
from sync.journal_store import Connection


class JournalReader:
    """Reads one till.db; belongs to one thread. A file that is not there yet, or is just being made, is no journal."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._conn: Connection | None = None
        self._file: tuple[int, int] | None = None

    def close(self) -> None:
        """Lets go of the file."""
        if self._conn is not None:
            self._conn.close()
        self._conn, self._file = None, None

    def tip(self) -> Tip | None:
        """The journal's end; None before there is one."""
        conn = self._open()
        if conn is None:
            return None
        try:
            end = journal_store.tip(conn)
        except sqlite3.OperationalError:  # locked for the moment of a swap, or its tables are still to come
            self.close()
            return None
        return end if end.incarnation else None

    def after(self, tip: Tip, *, seq: int, limit: int, max_bytes: int) -> list[Entry]:
        """The next entries behind ``seq``, never beyond the tip."""
        conn = self._open()
        if conn is None:
            return []
        return journal_store.entries_after(conn, tip, seq=seq, limit=limit, max_bytes=max_bytes)

    def hash_at(self, inc: int, *, seq: int) -> str | None:
        """The journal's own hash at a place; None where it does not reach."""
        conn = self._open()
        return None if conn is None else journal_store.hash_at(conn, inc, seq=seq)

    def _open(self) -> Connection | None:
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            self.close()
            return None
        if self._file != (found.st_dev, found.st_ino):
            self.close()
            uri = f"{self._path.resolve().as_uri()}?mode=ro"
            self._conn = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=5, check_same_thread=False)
            self._file = (found.st_dev, found.st_ino)
        return self._conn
