"""Bringing back a damaged till.db: the newest sound backup, and every fact that the damaged file still tells."""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pysqlite3.dbapi2 as sqlite

from domain.ids import TerminalId
from domain.sale import Sale, sale_from_body
from pos_app.db.check import LOOSE_TABLES, OK, check_chain, check_file, is_whole_row
from pos_app.db.engine import connect
from pos_app.db.meta import receipt_counter
from pos_app.db.migrate import COMPANIONS, copy_database, migrate, remove_database, replace_database
from pos_app.db.salvage import readable
from sync import journal_store
from sync.journal import Entry, Fact, Stamp, Tip, is_sealed

_LOG = logging.getLogger(__name__)
_MISSES_MAX = 2000
"""So many numbers in a row without a readable entry, and the journal ends there."""
_HASH = re.compile("[0-9a-f]{64}")
Row = tuple[Any, ...]
_ENTRY = "SELECT * FROM journal WHERE inc = ? AND seq = ?"


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What came back: entries of the backup, entries saved from the damaged file, entries whose bytes were changed."""

    backup: str
    from_backup: int
    saved: int
    unreadable: int


def restore(
    path: Path, *, backups: Sequence[Path], damaged: Path, identity: Tip, terminal: TerminalId
) -> RestoreReport:
    """Replace a damaged file; it is moved into the folder ``damaged``, never deleted.

    ``identity`` names the incarnation to begin with where there is no backup, and its ``seq`` the last entry
    that the cloud is known to have: receipt numbers go on above it.
    """
    broken = _set_aside(path, damaged)
    making = path.with_name(path.name + ".restoring")
    remove_database(making)
    backup = next((one for one in backups if _is_sound(one)), None)
    if backup:
        copy_database(backup, making)
    migrate(making)
    repaired = readable(broken, sample=making)
    source, target = connect(repaired), connect(making)
    source.text_factory = _readable_text
    try:
        target.execute("BEGIN IMMEDIATE")
        journal_store.begin_journal(target, terminal, inc=identity.incarnation)
        before = _count(target)
        saved, unreadable = _save_entries(source, target, terminal=terminal)
        _copy_tables(source, target)
        if _is_behind(target, identity):
            target.execute("DELETE FROM cart")  # one of them may be a sale that only the cloud has now
        _rebuild_sales(source, target)
        _raise_counters(target, identity)
        target.execute("COMMIT")
    finally:
        target.close()
        source.close()
    if repaired != broken:
        remove_database(repaired)
    replace_database(making, path)
    report = RestoreReport(backup.name if backup else "", before, saved, unreadable)
    _LOG.warning("database restored: %s", report)
    return report


def _readable_text(data: bytes) -> str:
    """Changed bytes need not be text any more: the row fails its hash or seal, those beside it are read."""
    return data.decode("utf-8", "replace")


def _set_aside(path: Path, damaged: Path) -> Path:
    """Move the file away; where a kill came between that and the end, it is the newest that was moved before."""
    damaged.mkdir(parents=True, exist_ok=True)
    before = sorted(damaged.glob("till-*.db"))
    if before and not path.exists():
        return before[-1]
    target = damaged / f"till-{len(before) + 1:03d}.db"
    for suffix in reversed(COMPANIONS):
        one = path.with_name(path.name + suffix)
        if one.exists():
            one.rename(target.with_name(target.name + suffix))
    return target


def _is_sound(path: Path) -> bool:
    connection = connect(path)
    try:
        return check_file(connection) == OK and check_chain(connection) == OK
    finally:
        connection.close()


def _count(connection: Any) -> int:
    return int(connection.execute("SELECT count(*) FROM journal").fetchall()[0][0])


def _save_entries(source: Any, target: Any, *, terminal: TerminalId) -> tuple[int, int]:
    """Entries behind the target's ends: in place while they link; behind a gap their facts are appended anew.

    A fact keeps its event id, so that the cloud, which may have it already, knows it again.
    """
    saved = unreadable = 0
    for inc in sorted({*_incarnations(source), *journal_store.incarnations(target)}):
        if inc > journal_store.incarnation(target):
            target.execute("UPDATE journal_state SET inc = ?", (inc,))
        end = _begin_at_base(source, target, inc=inc)
        for row in _rows(source, inc, after_seq=end.seq):
            entry = _entry(row)
            if entry is None or not is_sealed(entry, terminal):
                unreadable += 1
                continue
            end = _put(target, row, entry=entry, end=end)
            saved += 1
    return saved, unreadable


def _begin_at_base(source: Any, target: Any, *, inc: int) -> Tip:
    """The target's end; where the damaged file had pruned beyond it (so the cloud has that), its base."""
    end = journal_store.tip_of(target, inc)
    rows = _all_rows(source, "journal_base")
    base = next((Tip(*row) for row in rows if row[0] == inc and _is_place(*row) and row[1] > end.seq), None)
    if base is None:
        return end
    target.execute("DELETE FROM journal WHERE inc = ? AND seq <= ?", (inc, base.seq))
    target.execute("INSERT OR REPLACE INTO journal_base VALUES (?, ?, ?)", (inc, base.seq, base.hash))
    return base


def _is_place(_inc: object, seq: object, digest: object) -> bool:
    return type(seq) is int and type(digest) is str and _HASH.fullmatch(digest) is not None


def _put(target: Any, row: Row, *, entry: Entry, end: Tip) -> Tip:
    if entry.seq == end.seq + 1 and entry.prev_hash == end.hash:
        target.execute(f"INSERT INTO journal VALUES ({_marks(row)})", row)  # noqa: S608 marks only
        return Tip(entry.incarnation, entry.seq, entry.hash)
    if entry.incarnation == journal_store.incarnation(target):
        again = journal_store.append(target, entry.fact)
        return Tip(again.incarnation, again.seq, again.hash)
    return end


def _incarnations(source: Any) -> list[int]:
    try:
        return [inc for inc in journal_store.incarnations(source) if type(inc) is int and inc > 0]
    except sqlite.DatabaseError:
        return []


def _rows(source: Any, inc: int, *, after_seq: int) -> Iterator[Row]:
    """Entries by number, each looked up for itself: a damaged page hides its own and no others."""
    seq, misses = after_seq, 0
    while misses <= _MISSES_MAX:
        seq += 1
        try:
            found = source.execute(_ENTRY, (inc, seq)).fetchall()
        except (sqlite.DatabaseError, UnicodeDecodeError):
            found = []
        misses = 0 if found else misses + 1
        yield from found


def _entry(row: Row) -> Entry | None:
    """The entry in a row, None where its bytes are not even of the right kind."""
    inc, seq, event_id, kind, version, *times, prev, digest, body = row
    whole = all(type(number) is int for number in (version, *times[:3], times[4]))
    texts = all(type(text) is str for text in (event_id, kind, times[3], prev, digest))
    if not (whole and texts and type(body) is bytes and _HASH.fullmatch(prev)):
        return None
    return Entry(inc, seq, Fact(event_id, kind, version, Stamp(*times), body), prev, digest)


def _copy_tables(source: Any, target: Any) -> None:
    """What is no fact: as the damaged file has it, else as the backup had it; carts never from the backup.

    A backup's open cart may have become a sale since.
    """
    target.execute("DELETE FROM cart")
    for table in LOOSE_TABLES:
        rows = [row for row in _all_rows(source, table) if is_whole_row(table, row)]
        if rows:
            target.execute(f"DELETE FROM {table}")  # noqa: S608 own names
        for row in rows:
            with suppress(sqlite.DatabaseError):  # a row whose bytes were changed
                target.execute(f"INSERT OR REPLACE INTO {table} VALUES ({_marks(row)})", row)  # noqa: S608


def _all_rows(source: Any, table: str) -> list[Row]:
    try:
        return list(source.execute(f"SELECT * FROM {table}").fetchall())  # noqa: S608 own names
    except (sqlite.DatabaseError, UnicodeDecodeError):
        return []


def _marks(row: Row) -> str:
    return ", ".join("?" * len(row))


def _rebuild_sales(source: Any, target: Any) -> None:
    """Every sale entry has its row, made from the entry itself; one carried over by a fork keeps its printed hash."""
    carts = {row[0]: row[1] for row in _all_rows(source, "sale")}
    printed: dict[str, Entry] = {}
    target.execute("DELETE FROM sale")
    for inc in journal_store.incarnations(target):
        for entry in list(journal_store.iterate(target, inc)):
            if entry.fact.kind == "sale":
                sale = sale_from_body(msgspec.json.decode(entry.fact.body)["sale"])
                cart_id = carts.get(sale.sale_id, sale.sale_id)
                target.execute("DELETE FROM cart WHERE cart_id = ?", (cart_id,))
                first = printed.setdefault(sale.sale_id, entry)
                row = _sale_row(sale, cart_id, entry=entry, first=first)
                target.execute(f"INSERT OR REPLACE INTO sale VALUES ({_marks(row)})", row)  # noqa: S608


def _sale_row(sale: Sale, cart_id: str, *, entry: Entry, first: Entry) -> Row:
    number = int(sale.receipt_no.rpartition("-")[2])
    return (
        *(sale.sale_id, cart_id, sale.receipt_no, first.incarnation, number, entry.incarnation, entry.seq),
        *(entry.fact.event_id, sale.business_date, sale.occurred_at_ms, sale.operator_id, sale.currency),
        *(sale.due_minor, sale.payable_minor, len(sale.lines), first.hash),
    )


def _is_behind(target: Any, identity: Tip) -> bool:
    """Whether the cloud has entries that could not be brought back."""
    end = journal_store.tip(target)
    return end.incarnation == identity.incarnation and end.seq < identity.seq


def _raise_counters(target: Any, identity: Tip) -> None:
    """A receipt number is never given twice: go on above every number seen, and above what the cloud has.

    Each sale is one entry, so no number is higher than the entry's; a gap here is told by the restore itself.
    """
    inc = journal_store.incarnation(target)
    key = receipt_counter(inc)
    rows = target.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchall()
    sold = target.execute("SELECT max(number) FROM sale WHERE inc = ?", (inc,)).fetchall()[0][0] or 0
    known = int(rows[0][0]) if rows and str(rows[0][0]).isdigit() else 0
    acked = identity.seq if _is_behind(target, identity) else 0
    highest = max(known, sold, acked)
    if highest:
        target.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, str(highest)))
