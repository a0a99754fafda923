"""Making replica files: a snapshot out of a shadow till, and a till's new file out of snapshots and its old file."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pysqlite3.dbapi2 as sqlite3

from sync.feed import Cursor, start
from sync.replica.apply import default_of
from sync.replica.layout import may_become_own
from sync.replica.search import create_search
from sync.replica.store import (
    Connection,
    create_schema,
    read_acks,
    read_cursor,
    read_states,
    write_ack,
    write_cursor,
    write_state,
)
from sync.replica.tables import TableSpec, tables_of

_OWN_STATE_PREFIX = "search_"
"""Facts about one file's own index; they are not carried into the next file."""


class BadSnapshot(Exception):
    """A downloaded file is damaged or is not what it was announced to be."""


def write_snapshot(conn: Connection, bucket: str, *, path: Path) -> Cursor:
    """Writes a compact copy of a shadow till that holds ``bucket`` alone; returns the cursor inside it.

    The copy is checked page by page here, once for all the tills: with its SHA-256 they know that theirs is the same.
    """
    cursor = read_cursor(conn, bucket)
    assert cursor is not None, "a shadow till without a cursor has nothing to copy"
    conn.execute("VACUUM INTO ?", (str(path),))
    copy = connect(path)
    try:
        if copy.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise BadSnapshot
    finally:
        copy.close()
    return cursor


def check_snapshot(path: Path, bucket: str, *, stands_at: Cursor) -> None:
    """BadSnapshot unless the file is whole and stands, in this bucket, exactly at ``stands_at``."""
    try:
        conn = connect(path)
        try:
            whole = _size_bytes(conn) == path.stat().st_size
            inside = read_cursor(conn, bucket) if whole else None
        finally:
            conn.close()
    except sqlite3.DatabaseError as error:
        raise BadSnapshot from error
    wanted = (stands_at.epoch, stands_at.seq, stands_at.hash)
    if inside is None or (inside.epoch, inside.seq, inside.hash) != wanted:
        raise BadSnapshot


def _size_bytes(conn: Connection) -> int:
    pages, page_bytes = (conn.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return int(pages * page_bytes)


def place_cursor(path: Path, bucket: str, *, cursor: Cursor) -> None:
    """Sets the cursor of a checked snapshot to the announced one, whose page start is the newer word."""
    conn = connect(path)
    try:
        write_cursor(conn, bucket, cursor=cursor)
    finally:
        conn.close()


def connect(path: Path) -> Connection:
    """A connection in autocommit mode: transactions are begun and ended by name."""
    return sqlite3.connect(str(path), isolation_level=None, check_same_thread=False, timeout=10)


def assemble(
    target: Path,
    snapshots: Mapping[str, Path],
    *,
    old: Path | None = None,
    keep: Sequence[str] = (),
    empty: Sequence[tuple[str, str]] = (),
) -> None:
    """Builds ``target``: buckets from checked snapshot files, from the ``old`` replica, or begun empty.

    The largest snapshot becomes the file itself; a snapshot is used up by that. Nothing is flipped here, and a
    ``target`` left half done by a kill is simply never named by the pointer; before it is, it has to be flushed.
    """
    rest = _take_base(target, snapshots)
    conn = connect(target)
    try:
        conn.execute("PRAGMA journal_mode = OFF")
        conn.execute("PRAGMA synchronous = OFF")
        create_schema(conn)
        for bucket, path in rest.items():
            _copy_buckets(conn, path, buckets=[bucket])
        if old is not None:
            _copy_buckets(conn, old, buckets=keep)
        for bucket, epoch in empty:
            write_cursor(conn, bucket, cursor=start(bucket, epoch))
        create_search(conn)
        conn.execute("PRAGMA journal_mode = WAL")
    finally:
        conn.close()


def carry_over(source: Connection, target: Connection) -> None:
    """Takes what the cloud confirmed, and the small facts of sync, into a new file before it goes live."""
    for ack in read_acks(source):
        write_ack(target, ack)
    facts = {key: value for key, value in read_states(source).items() if not key.startswith(_OWN_STATE_PREFIX)}
    write_state(target, **facts)


def _take_base(target: Path, snapshots: Mapping[str, Path]) -> dict[str, Path]:
    by_size = sorted(snapshots, key=lambda bucket: snapshots[bucket].stat().st_size, reverse=True)
    for bucket in by_size[:1]:
        if _is_fit(snapshots[bucket]):
            snapshots[bucket].replace(target)
            return {other: snapshots[other] for other in by_size[1:]}
    return {bucket: snapshots[bucket] for bucket in by_size}


def _is_fit(path: Path) -> bool:
    conn = connect(path)
    try:
        return may_become_own(conn)
    finally:
        conn.close()


def _own(spec: TableSpec) -> list[str]:
    return [*spec.column_names, "ver", "extra"]


def _copy_buckets(conn: Connection, path: Path, *, buckets: Sequence[str]) -> None:
    conn.execute("ATTACH ? AS source", (str(path),))
    try:
        for bucket in buckets:
            for spec in tables_of(bucket):
                _copy_table(conn, spec)
            conn.execute(
                "INSERT OR REPLACE INTO sync_bucket SELECT * FROM source.sync_bucket WHERE bucket = ?", (bucket,)
            )
    finally:
        conn.execute("DETACH source")


def _copy_table(conn: Connection, spec: TableSpec) -> None:
    """Copies by column names: a column that the source lacks gets its default, one unknown here goes to extra."""
    there = [row[1] for row in conn.execute(f"PRAGMA source.table_info({spec.name})")]
    if not there:
        return
    own = _own(spec)
    if there == own:
        # Without naming columns SQLite copies whole records, three times as fast.
        conn.execute(f"INSERT OR IGNORE INTO {spec.name} SELECT * FROM source.{spec.name}")  # noqa: S608 own names
        return
    values = [name if name in there else _default_sql(spec, name) for name in own[:-1]]
    unknown = [name for name in there if name not in own]
    pairs = ", ".join(_quoted(name, "'") + ", " + _quoted(name, '"') for name in unknown)
    extra = f"json_patch(coalesce(extra, '{{}}'), json_object({pairs}))" if unknown else "extra"
    conn.execute(
        f"INSERT OR IGNORE INTO {spec.name} ({', '.join(own)}) "  # noqa: S608 own names; unknown ones are quoted
        f"SELECT {', '.join(values)}, {extra} FROM source.{spec.name}"
    )


def _quoted(name: str, mark: str) -> str:
    return mark + name.replace(mark, mark * 2) + mark


def _default_sql(spec: TableSpec, name: str) -> str:
    return repr(default_of(dict(spec.key + spec.columns)[name]))


def flush(path: Path) -> None:
    """Brings an assembled file to the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
