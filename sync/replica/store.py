"""A replica's own rows: schema, cursors, what the cloud confirmed of the journal, and small facts by key.

Every function takes a raw pysqlite3 connection and works inside the caller's transaction. The cloud's shadow
tills use the same schema and cursors without the till's search tables and secondary indices.
"""

from typing import Any

from sync.feed import Cursor
from sync.replica.tables import SCHEMA, TABLES, create_statements
from sync.upload import Confirmed

Connection = Any
"""A pysqlite3 connection; the package ships no types."""

SYNC_TABLES = """
CREATE TABLE IF NOT EXISTS sync_bucket (
    bucket TEXT PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL, page_from INTEGER NOT NULL, hash TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sync_ack (
    inc INTEGER PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL, durable INTEGER NOT NULL, epoch_up TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS sync_state (key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
"""
INDICES = {
    "item_sku": "item (sku)",
    "item_pinyin": "item (pinyin)",
    "item_department": "item (department_id)",
    "barcode_item": "barcode (item_id)",
}


def create_schema(conn: Connection) -> None:
    """All replicated tables and the rows of sync, where they are missing; no secondary index."""
    for spec in TABLES.values():
        conn.execute(create_statements(spec))
    for statement in SYNC_TABLES.split(";"):
        conn.execute(statement)
    conn.execute(f"PRAGMA user_version = {SCHEMA}")


def create_indices(conn: Connection) -> None:
    """What the till's searches need beside the keys."""
    while create_next_index(conn):
        pass


def create_next_index(conn: Connection) -> int:
    """Makes one index that is missing, after a bulk install; 0 where none is. A till sells by the keys alone."""
    there = {name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    missing = [f"CREATE INDEX {name} ON {of}" for name, of in INDICES.items() if name not in there]
    for statement in missing[:1]:
        conn.execute(statement)
    return len(missing[:1])


def read_cursor(conn: Connection, bucket: str) -> Cursor | None:
    """Where this file stands in a bucket, None where it has never held it."""
    row = conn.execute("SELECT epoch, seq, hash, page_from FROM sync_bucket WHERE bucket = ?", (bucket,)).fetchone()
    return Cursor(*row) if row else None


def read_cursors(conn: Connection) -> dict[str, Cursor]:
    """All cursors by bucket."""
    rows = conn.execute("SELECT bucket, epoch, seq, hash, page_from FROM sync_bucket ORDER BY bucket").fetchall()
    return {bucket: Cursor(*rest) for bucket, *rest in rows}


def write_cursor(conn: Connection, bucket: str, *, cursor: Cursor) -> None:
    """Sets a cursor; belongs into the transaction that applies the rows it stands for."""
    conn.execute(
        "INSERT OR REPLACE INTO sync_bucket (bucket, epoch, seq, hash, page_from) VALUES (?, ?, ?, ?, ?)",
        (bucket, cursor.epoch, cursor.seq, cursor.hash, cursor.page_from),
    )


def read_ack(conn: Connection, inc: int) -> Confirmed | None:
    """What is known to be confirmed of an incarnation."""
    row = conn.execute("SELECT inc, seq, hash, durable, epoch_up FROM sync_ack WHERE inc = ?", (inc,)).fetchone()
    return Confirmed(*row) if row else None


def read_acks(conn: Connection) -> list[Confirmed]:
    """What is known to be confirmed of every incarnation."""
    rows = conn.execute("SELECT inc, seq, hash, durable, epoch_up FROM sync_ack ORDER BY inc").fetchall()
    return [Confirmed(*row) for row in rows]


def write_ack(conn: Connection, ack: Confirmed) -> None:
    """Stores what the cloud confirmed; it may be lower than before after the cloud was restored."""
    conn.execute(
        "INSERT OR REPLACE INTO sync_ack (inc, seq, hash, durable, epoch_up) VALUES (?, ?, ?, ?, ?)",
        (ack.inc, ack.seq, ack.hash, ack.durable, ack.epoch_up),
    )


def read_state(conn: Connection, key: str) -> Any:
    """A small fact by key (text or integer), None where it is not known."""
    row = conn.execute("SELECT value FROM sync_state WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None


def read_states(conn: Connection) -> dict[str, Any]:
    """All small facts."""
    return dict(conn.execute("SELECT key, value FROM sync_state").fetchall())


def write_state(conn: Connection, **facts: str | int) -> None:
    """Sets small facts by key."""
    conn.executemany("INSERT OR REPLACE INTO sync_state (key, value) VALUES (?, ?)", list(facts.items()))
