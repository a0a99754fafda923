"""The shadow till of one bucket: a replica file that follows the feed as a till would."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import sqlalchemy as sa

from cloud_api.db.engine import reading
from cloud_api.services.feeds.buckets import Bucket
from cloud_api.services.feeds.pages import StoredGroup, Stretch, decompress, groups_of, read_groups, read_sealed
from sync.feed import Cursor, chain, read_page, start
from sync.messages import Page, TableAudit
from sync.replica.apply import apply_groups
from sync.replica.audit import audit_bucket
from sync.replica.install import connect, write_snapshot
from sync.replica.store import Connection, create_schema, read_cursor, write_cursor

_page_decoder = msgspec.json.Decoder(Page)


class BaseLost(Exception):
    """The pages that the shadow needs are gone and there is no snapshot to begin with."""


class Shadow:
    """Follows ``bucket`` of one epoch in the file at ``path``; ``base`` puts the newest snapshot there, if any."""

    def __init__(self, engine: sa.Engine, path: Path, *, row: Bucket, base: Callable[[Path], bool]) -> None:
        self._engine = engine
        self._path = path
        self._row = row
        self._base = base

    @contextmanager
    def opened(self) -> Iterator["OpenShadow"]:
        """The file, ready to follow; begun anew where it is missing, of another epoch or too far behind."""
        if not self._is_usable():
            self._begin()
        conn = _connect(self._path)
        try:
            yield OpenShadow(self._engine, conn, row=self._row)
        finally:
            conn.close()

    def _is_usable(self) -> bool:
        cursor = self._cursor()
        if cursor is None or cursor.epoch != self._row.epoch:
            return False
        return self._row.low_seq <= cursor.seq + 1 and cursor.seq <= self._row.head_seq

    def _cursor(self) -> Cursor | None:
        if not self._path.exists():
            return None
        conn = _connect(self._path)
        try:
            create_schema(conn)
            return read_cursor(conn, self._row.bucket)
        finally:
            conn.close()

    def _begin(self) -> None:
        discard(self._path)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._base(self._path) and self._is_usable():
            return
        discard(self._path)
        if self._row.low_seq > 1:
            raise BaseLost(self._row.bucket)
        conn = _connect(self._path)
        try:
            create_schema(conn)
            write_cursor(conn, self._row.bucket, cursor=start(self._row.bucket, self._row.epoch))
        finally:
            conn.close()


class OpenShadow:
    """An open shadow file."""

    def __init__(self, engine: sa.Engine, conn: Connection, *, row: Bucket) -> None:
        self._engine = engine
        self._conn = conn
        self._row = row

    @property
    def cursor(self) -> Cursor:
        """Where it stands."""
        cursor = read_cursor(self._conn, self._row.bucket)
        assert cursor is not None
        return cursor

    def advance(self, to_seq: int) -> Cursor:
        """Apply the groups up to ``to_seq``, page by page; the cursor moves with the rows."""
        while (cursor := self.cursor).seq < to_seq:
            self._apply(self._next(cursor, to_seq))
        return cursor

    def audit(self) -> dict[str, TableAudit]:
        """The figures of the bucket where the shadow stands."""
        return audit_bucket(self._conn, self._row.bucket)

    def write(self, path: Path) -> Cursor:
        """A compact copy at ``path``, which must not exist."""
        return write_snapshot(self._conn, self._row.bucket, path=path)

    def _next(self, cursor: Cursor, to_seq: int) -> Stretch:
        """The groups behind the cursor, at most one page and not beyond ``to_seq``."""
        row, first = self._row, cursor.seq + 1
        with reading(self._engine) as connection:
            sealed = read_sealed(connection, row.bucket, epoch=row.epoch, seq=first)
            if sealed is None:
                bodies = [group.body for group in read_groups(connection, row.bucket, epoch=row.epoch, first=first)]
            else:
                bodies = groups_of(decompress(sealed.body))[first - sealed.first :]
        groups = _chained(cursor, bodies[: to_seq - cursor.seq])
        assert groups, f"{row.bucket}: nothing behind {cursor.seq} though the head is beyond"
        return Stretch(row.bucket, row.epoch, first, cursor.hash, groups)

    def _apply(self, stretch: Stretch) -> None:
        self._conn.execute("BEGIN IMMEDIATE")
        try:
            cursor = self.cursor
            news = read_page(_page_decoder.decode(stretch.page()), cursor, bucket=self._row.bucket)
            apply_groups(self._conn, self._row.bucket, groups=news.groups)
            at = Cursor(news.cursor.epoch, news.cursor.seq, news.cursor.hash, self._page_from(stretch))
            write_cursor(self._conn, self._row.bucket, cursor=at)
        except BaseException:
            self._conn.execute("ROLLBACK")
            raise
        self._conn.execute("COMMIT")

    def _page_from(self, stretch: Stretch) -> int:
        """Where the page that holds the next group begins."""
        with reading(self._engine) as connection:
            sealed = read_sealed(connection, self._row.bucket, epoch=self._row.epoch, seq=stretch.last + 1)
        return sealed.first if sealed else max(self._row.tail_from, 1)


def _chained(cursor: Cursor, bodies: Sequence[bytes]) -> list[StoredGroup]:
    groups, digest = [], cursor.hash
    for seq, body in enumerate(bodies, cursor.seq + 1):
        digest = chain(digest, body)
        groups.append(StoredGroup(seq, digest, body))
    return groups


def _connect(path: Path) -> Connection:
    conn = connect(path)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = NORMAL")
    return conn


def discard(path: Path) -> None:
    """Remove a SQLite file and what lies beside it."""
    for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        name.unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Bring a file to the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
