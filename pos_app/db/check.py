"""Whether a till.db can be trusted: SQLite's own check of the file, and the journal's chain of hashes."""

from collections.abc import Callable, Iterator
from typing import Any

import pysqlite3.dbapi2 as sqlite

from sync.journal import is_sealed
from sync.journal_store import base_of, hash_at, incarnation, incarnations, iterate, terminal_of, tip_of

OK = "ok"
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
    except sqlite.DatabaseError as error:
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
SELECT sale_id FROM sale
LEFT JOIN journal ON journal.inc = sale.journal_inc AND journal.seq = sale.seq
WHERE journal.seq IS NULL OR journal.event_id <> sale.event_id
   OR json_extract(CAST(body AS TEXT), '$.sale.sale_id') <> sale_id
   OR json_extract(CAST(body AS TEXT), '$.sale.receipt_no') <> receipt_no
   OR json_extract(CAST(body AS TEXT), '$.sale.due_minor') <> due_minor
   OR json_extract(CAST(body AS TEXT), '$.sale.due_minor')
      - json_extract(CAST(body AS TEXT), '$.sale.rounding_minor') <> payable_minor
LIMIT 1
"""
_ENTRIES_WITHOUT_SALE = """
SELECT journal.inc, journal.seq FROM journal
WHERE kind = 'sale' AND inc = (SELECT inc FROM journal_state)
  AND NOT EXISTS (SELECT 1 FROM sale WHERE journal_inc = journal.inc AND sale.seq = journal.seq)
LIMIT 1
"""


def check_all(connection: Any, *, watch: Watch | None = None) -> tuple[str, str]:
    """File and journal, from end to end: what ``check_file`` says, and ``check_chain`` or else ``check_sales``."""
    chain = check_chain(connection, watch=watch)
    return check_file(connection), check_sales(connection) if chain == OK else chain


def check_sales(connection: Any) -> str:
    """``ok``, or the first sale that the list and the journal tell differently."""
    try:
        astray = connection.execute(_SALES_ASTRAY).fetchall()
        missing = connection.execute(_ENTRIES_WITHOUT_SALE).fetchall()
    except sqlite.DatabaseError as error:
        return str(error)
    if astray:
        return f"sale {astray[0][0]} differs from its entry"
    return f"entry {missing[0][0]}/{missing[0][1]} has no sale" if missing else OK
