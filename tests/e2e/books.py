"""The checker: both books side by side, sale by sale and fen by fen; what it finds is what is wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pos_app.db.check import OK, check_all
from pos_app.db.engine import connect_to_read

Row = dict[str, Any]
_LINE = ("item_id", "sku", "quantity_thousandths", "unit_price_minor", "list_minor", "amount_minor", "tax_minor")
_SALE = ("sale_id", "receipt_no", "terminal_id", "store_id", "operator_id", "business_date", "occurred_at_ms")
_MONEY = ("due_minor", "rounding_minor", "paid_minor", "change_minor")


@dataclass(frozen=True)
class Books:
    """What one side says: sales by event id, and the raw journal entries by place."""

    sales: dict[str, Row]
    entries: dict[tuple[int, int], Row]

    def total_minor(self) -> int:
        """What all sales together came to."""
        return sum(sale["due_minor"] - sale["rounding_minor"] for sale in self.sales.values())


def read_till(till_db: Path) -> Books:
    """The till's own book, from its journal; an act that a fork sealed again counts once."""
    connection = connect_to_read(till_db)
    try:
        sql = "SELECT inc, seq, event_id, kind, prev, hash, body FROM journal ORDER BY inc, seq"
        names = ("inc", "seq", "event_id", "kind", "prev", "hash", "body")
        rows = [dict(zip(names, row, strict=True)) for row in connection.execute(sql).fetchall()]
    finally:
        connection.close()
    sales = {row["event_id"]: _told(json.loads(row["body"])["sale"]) for row in rows if row["kind"] == "sale"}
    return Books(sales, {(row["inc"], row["seq"]): row for row in rows})


def read_cloud(engine: sa.Engine, terminal: str) -> Books:
    """The cloud's book of one till: the sales that took effect, and the raw entries."""
    with engine.connect() as connection:

        def rows(sql: str) -> list[Row]:
            found = connection.execute(sa.text(sql), {"terminal": terminal}).mappings()
            return [dict(row) for row in found]

        sales = {row["event_id"]: row for row in rows("SELECT * FROM sale WHERE terminal_id = :terminal")}
        of_till = "event_id IN (SELECT event_id FROM sale WHERE terminal_id = :terminal)"
        lines = rows(f"SELECT * FROM sale_line WHERE {of_till} ORDER BY event_id, line")
        tenders = rows(f"SELECT * FROM sale_tender WHERE {of_till} ORDER BY event_id, line")
        raw = rows(
            "SELECT inc, seq, event_id, kind, prev_hash AS prev, hash, body FROM event_raw "
            "WHERE terminal_id = :terminal ORDER BY inc, seq"
        )
    for sale in sales.values():
        sale["lines"] = [line for line in lines if line["event_id"] == sale["event_id"]]
        sale["tenders"] = [tender for tender in tenders if tender["event_id"] == sale["event_id"]]
    told = {event_id: _told(sale) for event_id, sale in sales.items()}
    return Books(told, {(row["inc"], row["seq"]): row | {"body": bytes(row["body"])} for row in raw})


def _told(sale: Row) -> Row:
    """What both sides must say alike of a sale."""
    facts = {name: sale[name] for name in (*_SALE, *_MONEY)}
    lines = [{name: line[name] for name in _LINE} for line in sale["lines"]]
    tenders = [(tender["kind"], tender["amount_minor"]) for tender in sale["tenders"]]
    return facts | {"lines": lines, "tenders": tenders}


def compare(
    tills: Sequence[Path], engine: sa.Engine, terminal: str, *, confirmed: Iterable[tuple[str, int]] = ()
) -> list[str]:
    """Everything that is wrong; ``confirmed`` are (receipt number, payable) of what the cashier was told is done.

    ``tills`` are the databases that one terminal's name has lived in: one, or several after a disk was cloned.
    """
    return list(_findings(tills, engine, terminal, confirmed=list(confirmed)))


def _findings(
    tills: Sequence[Path], engine: sa.Engine, terminal: str, *, confirmed: list[tuple[str, int]]
) -> Iterator[str]:
    cloud = read_cloud(engine, terminal)
    at_tills: dict[str, Row] = {}
    for path in tills:
        book = read_till(path)
        at_tills |= book.sales
        yield from _of_file(path)
        yield from _raw(book, cloud, alone=len(tills) == 1)
    yield from _streams(cloud)
    yield from _confirmed(confirmed, "till", at_tills)
    yield from _confirmed(confirmed, "cloud", cloud.sales)
    yield from _alike(at_tills, cloud.sales)
    for side, sales in (("till", at_tills), ("cloud", cloud.sales)):
        yield from _once(side, sales)
        yield from _numbers(side, sales)
        yield from _sums(side, sales)
    till_minor, cloud_minor = Books(at_tills, {}).total_minor(), cloud.total_minor()
    if till_minor != cloud_minor:
        yield f"the till sold {till_minor}, the cloud knows {cloud_minor}"
    yield from _waiting(engine, terminal)


def _of_file(path: Path) -> Iterator[str]:
    connection = connect_to_read(path)
    try:
        for found in check_all(connection):
            if found != OK:
                yield f"{path.parent.name}/{path.name}: {found}"
    finally:
        connection.close()


def _raw(book: Books, cloud: Books, *, alone: bool) -> Iterator[str]:
    """Byte for byte: what the cloud stored under a place is what the till wrote there."""
    for place in book.entries.keys() & cloud.entries.keys():
        mine, theirs = book.entries[place], cloud.entries[place]
        differs = [name for name in ("event_id", "hash", "prev", "body") if mine[name] != theirs[name]]
        if differs and alone:
            yield f"entry {place} differs in {', '.join(differs)}"
    present = max((inc for inc, _ in book.entries), default=0)
    known = {row["event_id"] for row in cloud.entries.values()}
    for place, row in book.entries.items():
        if row["event_id"] not in known:
            yield f"entry {place} ({row['kind']}) is not in the cloud"
        elif alone and place[0] == present and place not in cloud.entries:
            yield f"entry {place} is not in the cloud under its number"


def _streams(cloud: Books) -> Iterator[str]:
    """Each stream of the cloud is numbered from 1 and linked by its hashes."""
    before: Row | None = None
    for (inc, seq), row in sorted(cloud.entries.items()):
        first = before is None or before["inc"] != inc
        wanted = (1, "0" * 64) if first or before is None else (before["seq"] + 1, before["hash"])
        if (seq, row["prev"]) != wanted:
            yield f"entry {inc}/{seq} of the cloud does not follow the one before"
        before = row


def _confirmed(confirmed: list[tuple[str, int]], side: str, sales: dict[str, Row]) -> Iterator[str]:
    """Every sale that was confirmed is there, with the sum that was confirmed."""
    for receipt_no, count in Counter(number for number, _ in confirmed).items():
        if count > 1:
            yield f"{receipt_no} was confirmed {count} times"
    by_number = {sale["receipt_no"]: sale["due_minor"] - sale["rounding_minor"] for sale in sales.values()}
    for receipt_no, payable_minor in confirmed:
        if receipt_no not in by_number:
            yield f"{receipt_no} was confirmed and is not at the {side}"
        elif by_number[receipt_no] != payable_minor:
            yield f"{receipt_no} was confirmed with {payable_minor}, the {side} says {by_number[receipt_no]}"


def _alike(till: dict[str, Row], cloud: dict[str, Row]) -> Iterator[str]:
    for event_id in till.keys() - cloud.keys():
        yield f"{till[event_id]['receipt_no']} is not among the cloud's sales"
    for event_id in cloud.keys() - till.keys():
        yield f"{cloud[event_id]['receipt_no']} is in the cloud and at no till"
    for event_id in till.keys() & cloud.keys():
        mine, theirs = till[event_id], cloud[event_id]
        differs = [name for name in mine if mine[name] != theirs[name]]
        if differs:
            yield f"{mine['receipt_no']} differs in {', '.join(differs)}"


def _once(side: str, sales: dict[str, Row]) -> Iterator[str]:
    for name in ("sale_id", "receipt_no"):
        for value, count in Counter(sale[name] for sale in sales.values()).items():
            if count > 1:
                yield f"{name} {value} is there {count} times at the {side}"


def _numbers(side: str, sales: dict[str, Row]) -> Iterator[str]:
    """Receipt numbers of one incarnation run from 1 without a gap."""
    found: dict[str, list[int]] = {}
    for sale in sales.values():
        stem, _, number = sale["receipt_no"].rpartition("-")
        found.setdefault(stem, []).append(int(number))
    for stem, numbers in found.items():
        missing = sorted(set(range(1, max(numbers) + 1)) - set(numbers))
        if missing:
            yield f"receipt numbers {stem}-… have gaps at the {side}: {missing[:5]}"


def _sums(side: str, sales: dict[str, Row]) -> Iterator[str]:
    for sale in sales.values():
        lines = sum(line["amount_minor"] for line in sale["lines"])
        tenders = sum(amount for _, amount in sale["tenders"])
        given = sale["paid_minor"] - sale["change_minor"]
        right = lines == sale["due_minor"] and tenders == sale["paid_minor"]
        if not right or given != sale["due_minor"] - sale["rounding_minor"]:
            yield f"{sale['receipt_no']} does not add up at the {side}"


def _waiting(engine: sa.Engine, terminal: str) -> Iterator[str]:
    sql = "SELECT state, reason, count(*) FROM event WHERE terminal_id = :terminal AND state <> 'applied' GROUP BY 1, 2"
    with engine.connect() as connection:
        for state, reason, count in connection.execute(sa.text(sql), {"terminal": terminal}):
            yield f"{count} entries are {state} {reason}"
