"""The journal's tables in till.db: appending in the caller's transaction, and the reads of upload and export.

Every function takes a raw pysqlite3 connection. Entries of an incarnation are numbered without gaps behind its
``journal_base``, the end of what has been pruned.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from domain.ids import TerminalId
from sync.journal import GENESIS, Entry, Fact, Stamp, Tip, seal

Connection = Any
"""A pysqlite3 connection; the package ships no types."""

SCHEMA_SQL = """
CREATE TABLE IF NOT EXISTS journal (
    inc INTEGER NOT NULL, seq INTEGER NOT NULL, event_id TEXT NOT NULL,
    kind TEXT NOT NULL, version INTEGER NOT NULL,
    at_ms INTEGER NOT NULL, est_ms INTEGER NOT NULL, off_ms INTEGER NOT NULL,
    boot TEXT NOT NULL, mono_ms INTEGER NOT NULL,
    prev TEXT NOT NULL, hash TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (inc, seq), UNIQUE (inc, event_id)
);
CREATE TABLE IF NOT EXISTS journal_base (inc INTEGER PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS journal_state (
    one INTEGER PRIMARY KEY CHECK (one = 1), terminal TEXT NOT NULL, inc INTEGER NOT NULL
);
"""
_COLUMNS = "inc, seq, event_id, kind, version, at_ms, est_ms, off_ms, boot, mono_ms, prev, hash, body"
_INSERT = f"INSERT INTO journal ({_COLUMNS}) VALUES ({', '.join('?' * 13)})"  # noqa: S608 own names
_END = (
    "SELECT s.terminal, s.inc, j.seq, j.hash FROM journal_state AS s"
    " LEFT JOIN journal AS j ON j.inc = s.inc AND j.seq = (SELECT max(seq) FROM journal WHERE inc = s.inc)"
)
_OVERHEAD_BYTES = 420
"""What an entry weighs on the wire beside its body: header, hashes, names."""


def begin_journal(conn: Connection, terminal: TerminalId, *, inc: int) -> None:
    """Names the journal's till and incarnation, once, at enrolment; a second call changes nothing."""
    conn.execute("INSERT OR IGNORE INTO journal_state (one, terminal, inc) VALUES (1, ?, ?)", (terminal, inc))


def incarnation(conn: Connection) -> int:
    """The incarnation that new entries go to; 0 before ``begin_journal``."""
    row = conn.execute("SELECT inc FROM journal_state").fetchone()
    return row[0] if row else 0


def tip(conn: Connection) -> Tip:
    """The end of the present incarnation."""
    return tip_of(conn, incarnation(conn))


def tip_of(conn: Connection, inc: int) -> Tip:
    """The end of an incarnation, also where all of it has been pruned."""
    row = conn.execute("SELECT seq, hash FROM journal WHERE inc = ? ORDER BY seq DESC LIMIT 1", (inc,)).fetchone()
    return Tip(inc, *row) if row else base_of(conn, inc)


def base_of(conn: Connection, inc: int) -> Tip:
    """The last pruned entry of an incarnation; seq 0 where nothing has been pruned."""
    row = conn.execute("SELECT seq, hash FROM journal_base WHERE inc = ?", (inc,)).fetchone()
    return Tip(inc, *row) if row else Tip(inc, 0, GENESIS)


class End(NamedTuple):
    """Whose journal it is and where it ends."""

    terminal: TerminalId
    tip: Tip


def end_of(conn: Connection) -> End:
    """The end by one statement: every sale asks. A journal that was not begun is a bug of the caller."""
    row = conn.execute(_END).fetchone()
    assert row, "begin_journal comes first"
    terminal, inc, seq, digest = row
    return End(terminal, base_of(conn, inc) if seq is None else Tip(inc, seq, digest))


def append(conn: Connection, fact: Fact, *, end: End | None = None) -> Entry:
    """Puts a fact behind the tip, inside the transaction of what it tells about; ``end`` as read in it just now."""
    terminal, last = end or end_of(conn)
    entry = seal(last, fact, terminal=terminal)
    _insert(conn, entry)
    return entry


def terminal_of(conn: Connection) -> TerminalId:
    """Whose journal this is; a journal that was not begun is a bug of the caller."""
    return end_of(conn).terminal


def _insert(conn: Connection, entry: Entry) -> None:
    conn.execute(_INSERT, _row_of(entry))


def entries_after(conn: Connection, upto: Tip, *, seq: int, limit: int, max_bytes: int) -> list[Entry]:
    """The next entries behind ``seq`` up to a tip: at most ``limit``, at most ``max_bytes`` on the wire, but at least
    one where there is one. What the app appended after the tip was read is left for the next batch: a cloud that
    answers with more than the tip would look like another history."""
    found: list[Entry] = []
    total_bytes = 0
    for entry in iterate(conn, upto.incarnation, after_seq=seq, limit=max(0, min(limit, upto.seq - seq))):
        total_bytes += len(entry.fact.body) + _OVERHEAD_BYTES
        if found and total_bytes > max_bytes:
            break
        found.append(entry)
    return found


def iterate(conn: Connection, inc: int, *, after_seq: int = 0, limit: int = -1) -> Iterator[Entry]:
    """Entries of an incarnation in order, lazily."""
    sql = f"SELECT {_COLUMNS} FROM journal WHERE inc = ? AND seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 own names
    return map(_entry_of, conn.execute(sql, (inc, after_seq, limit)))


def hash_at(conn: Connection, inc: int, *, seq: int) -> str | None:
    """The hash of an entry or of the base (the empty beginning is one); None where this journal does not reach."""
    row = conn.execute("SELECT hash FROM journal WHERE inc = ? AND seq = ?", (inc, seq)).fetchone()
    if row:
        return str(row[0])
    base = base_of(conn, inc)
    return base.hash if base.seq == seq else None


def incarnations(conn: Connection) -> list[int]:
    """Every incarnation that has left a trace here, oldest first."""
    sql = "SELECT inc FROM journal UNION SELECT inc FROM journal_base UNION SELECT inc FROM journal_state ORDER BY 1"
    return [row[0] for row in conn.execute(sql)]


def adopt_fork(conn: Connection, new_inc: int, *, common_seq: int) -> int:
    """Goes on under ``new_inc``: what came after ``common_seq`` is sealed again there, with the same event ids.

    The old history stays. Returns how many entries were carried over; a second call for the same ``new_inc``
    (the answer was lost) does nothing and returns 0. ``common_seq`` must not lie above what the cloud holds
    durably: what is sent once too often is known there by its event id, what is not sent is lost.
    """
    old_inc = incarnation(conn)
    if new_inc <= old_inc:
        return 0
    conn.execute("UPDATE journal_state SET inc = ?", (new_inc,))
    facts = [entry.fact for entry in iterate(conn, old_inc, after_seq=common_seq)]
    terminal, end = terminal_of(conn), Tip(new_inc, 0, GENESIS)
    for fact in facts:
        entry = seal(end, fact, terminal=terminal)
        _insert(conn, entry)
        end = Tip(new_inc, entry.seq, entry.hash)
    return len(facts)


def prune(conn: Connection, inc: int, *, up_to_seq: int) -> int:
    """Deletes entries up to a seq and keeps the hash the rest links to; returns how many went."""
    digest = hash_at(conn, inc, seq=up_to_seq)
    if digest is None or up_to_seq <= base_of(conn, inc).seq:
        return 0
    conn.execute("INSERT OR REPLACE INTO journal_base (inc, seq, hash) VALUES (?, ?, ?)", (inc, up_to_seq, digest))
    deleted: int = conn.execute("DELETE FROM journal WHERE inc = ? AND seq <= ?", (inc, up_to_seq)).rowcount
    return deleted


def _row_of(entry: Entry) -> tuple[object, ...]:
    fact, stamp = entry.fact, entry.fact.stamp
    times = (stamp.at_ms, stamp.estimate_ms, stamp.offset_age_ms, stamp.boot_id, stamp.mono_ms)
    header = (entry.incarnation, entry.seq, fact.event_id, fact.kind, fact.version)
    return (*header, *times, entry.prev_hash, entry.hash, fact.body)


def _entry_of(row: tuple[Any, ...]) -> Entry:
    inc, seq, event_id, kind, version, *times, prev, digest, body = row
    return Entry(inc, seq, Fact(event_id, kind, version, Stamp(*times), body), prev, digest)
