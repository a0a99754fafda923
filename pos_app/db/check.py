"""Whether a till.db can be trusted: SQLite's own check of the file, and the journal's chain of hashes."""

from collections.abc import Callable, Iterator
from typing import Any

import pysqlite3.dbapi2 as sqlite

from pos_app.db.seals import is_whole
from sync.journal import is_sealed
from sync.journal_store import base_of, hash_at, incarnation, incarnations, iterate, terminal_of, tip_of

OK = "ok"
LOOSE_TABLES = ("cart", "print_job", "sign_on_attempt", "device", "meta")
_SEALED_COLUMNS = {"cart": (2, 0, 1, 3, 4, 5, 6), "device": (1, 0), "print_job": (3, 1, 2, 7)}
"""Where in a row of these tables the document stands that carries its seal, and what else that covers."""
WATCHED_ENTRIES = 200
"""After so many entries whoever watches is told how far it is."""

Watch = Callable[[int, int], bool]
"""Told how many entries of how many were checked; False stops."""


class CheckStopped(Exception):
    """Whoever watched a check stopped it: nothing is known."""


def check_file(connection: Any, *, thorough: bool = True) -> str:
    """``ok``, or what SQLite's ``integrity_check`` (or quicker ``quick_check``) found first."""
    try:
        found = connection.execute(f"PRAGMA {'integrity' if thorough else 'quick'}_check(1)").fetchall()
    except (sqlite.DatabaseError, ValueError) as error:
        return str(error)
    return str(found[0][0]) if found else OK


def check_chain(connection: Any, last: int | None = None, *, watch: Watch | None = None) -> str:
    """``ok``, or the first entry that does not fit what stands before it; ``last`` = only so many of the newest."""
    try:
        return next(_chain_faults(connection, last, watch=watch), OK)
    except (sqlite.DatabaseError, TypeError, ValueError) as error:  # changed bytes may be of another type
        return str(error)


def _chain_faults(connection: Any, last: int | None, *, watch: Watch | None = None) -> Iterator[str]:
    if not incarnation(connection):
        return
    terminal = terminal_of(connection)
    done, total = 0, _entries(connection) if watch else 0
    for inc in incarnations(connection):
        base = base_of(connection, inc)
        start = base.seq if last is None else max(base.seq, tip_of(connection, inc).seq - last)
        seq, digest = start, hash_at(connection, inc, seq=start)
        for entry in iterate(connection, inc, after_seq=start):
            place = f"{inc}/{entry.seq}"
            if entry.seq != seq + 1:
                yield f"{place}: gap after {seq}"
            if entry.prev_hash != digest:
                yield f"{place}: does not link"
            if not is_sealed(entry, terminal):
                yield f"{place}: hash differs"
            seq, digest = entry.seq, entry.hash
            done += 1
            if watch and done % WATCHED_ENTRIES == 0 and not watch(done, max(done, total)):
                raise CheckStopped


def _entries(connection: Any) -> int:
    return sum(tip_of(connection, inc).seq - base_of(connection, inc).seq for inc in incarnations(connection))


_SALES_ASTRAY = """
WITH told AS (
    SELECT sale.*, journal.event_id AS entry_event_id, journal.hash AS entry_hash,
           json_extract(CAST(journal.body AS TEXT), '$.sale') AS body
    FROM sale LEFT JOIN journal ON journal.inc = sale.journal_inc AND journal.seq = sale.seq
)
SELECT journal_inc, seq FROM told
WHERE body IS NULL OR entry_event_id <> event_id OR (inc = journal_inc AND entry_hash <> hash)
   OR body ->> 'sale_id' <> sale_id OR body ->> 'receipt_no' <> receipt_no
   OR receipt_no NOT LIKE '%-' || printf('%06d', number)
   OR body ->> 'business_date' <> business_date OR body ->> 'occurred_at_ms' <> occurred_at_ms
   OR body ->> 'operator_id' <> operator_id OR body ->> 'currency' <> currency
   OR json_array_length(body, '$.lines') <> lines OR body ->> 'due_minor' <> due_minor
   OR (body ->> 'due_minor') - (body ->> 'rounding_minor') <> payable_minor
LIMIT 1
"""
_COUNTERS_ASTRAY = """
SELECT inc, max(number) FROM sale GROUP BY inc
HAVING max(number) > coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'receipt_number:' || inc), 0)
"""
_ENTRIES_WITHOUT_SALE = """
SELECT journal.inc, journal.seq FROM journal
WHERE kind = 'sale' AND inc = (SELECT inc FROM journal_state)
  AND NOT EXISTS (SELECT 1 FROM sale WHERE journal_inc = journal.inc AND sale.seq = journal.seq)
LIMIT 1
"""


def check_all(connection: Any, *, watch: Watch | None = None) -> tuple[str, str]:
    """File and journal, from end to end: what ``check_file`` says, and the first that the other checks find."""
    found = check_chain(connection, watch=watch)
    for check in (check_sales, check_seals):
        found = check(connection) if found == OK else found
    return check_file(connection), found


def check_sales(connection: Any) -> str:
    """``ok``, or the first sale that the list and the journal tell differently, or a counter that fell behind."""
    try:
        astray = connection.execute(_SALES_ASTRAY).fetchall()
        missing = connection.execute(_ENTRIES_WITHOUT_SALE).fetchall()
        counters = connection.execute(_COUNTERS_ASTRAY).fetchall()
    except (sqlite.DatabaseError, ValueError) as error:
        return str(error)
    if astray:
        return f"the sale of entry {astray[0][0]}/{astray[0][1]} differs from its entry"
    if counters:
        return f"receipt numbers of {counters[0][0]} go up to {counters[0][1]}, their counter does not"
    return f"entry {missing[0][0]}/{missing[0][1]} has no sale" if missing else OK


def check_seals(connection: Any) -> str:
    """``ok``, or the first table beside journal and sales that cannot be read or has a row not as it was written."""
    try:
        for table in LOOSE_TABLES:
            if not all(is_whole_row(table, row) for row in connection.execute(f"SELECT * FROM {table}")):  # noqa: S608
                return f"a row of {table} is not as it was written"
    except (sqlite.DatabaseError, ValueError) as error:
        return str(error)
    return OK


def is_whole_row(table: str, row: tuple[Any, ...]) -> bool:
    """Whether a row of one of the sealed tables is as it was written; rows of others always are."""
    if table not in _SEALED_COLUMNS:
        return True
    document, *others = (row[place] for place in _SEALED_COLUMNS[table])
    document = document.encode() if isinstance(document, str) else document
    return isinstance(document, bytes) and is_whole(document, *others)
