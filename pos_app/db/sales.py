"""The list of this till's sales: what lists and receipts need; the whole sale is in its journal entry."""

from dataclasses import dataclass
from typing import Any

import pysqlite3.dbapi2 as sqlite
import sqlalchemy as sa

from domain.clock import BusinessDate
from domain.ids import CartId, OperatorId, SaleId
from domain.sale import Sale
from pos_app.db.tables import SALE
from pos_app.db.work import Work
from sync.journal import Entry

_BY_CART = sa.select(SALE).where(SALE.c.cart_id == sa.bindparam("of"))
_BY_ID = sa.select(SALE).where(SALE.c.sale_id == sa.bindparam("of"))
_NEWEST_FIRST = sa.select(SALE).order_by(SALE.c.journal_inc.desc(), SALE.c.seq.desc())
_BODY = sa.text("SELECT body FROM journal WHERE inc = :inc AND seq = :seq")
_MOVE = sa.text(
    "UPDATE sale SET (journal_inc, seq) = (SELECT inc, seq FROM journal WHERE inc = :inc AND event_id = sale.event_id)"
    " WHERE EXISTS (SELECT 1 FROM journal WHERE inc = :inc AND event_id = sale.event_id)"
)
_PRUNE = sa.delete(SALE).where(SALE.c.journal_inc == sa.bindparam("of_inc"), SALE.c.seq <= sa.bindparam("up_to"))


@dataclass(frozen=True, slots=True)
class SaleRow:
    """A sale in the list; ``(journal_inc, seq)`` is its entry now, ``hash`` the entry's as printed."""

    sale_id: SaleId
    cart_id: CartId
    receipt_no: str
    inc: int
    number: int
    journal_inc: int
    seq: int
    event_id: str
    business_date: BusinessDate
    occurred_at_ms: int
    operator_id: OperatorId
    currency: str
    due_minor: int
    payable_minor: int
    lines: int
    hash: str


# A sale is written between the customer's money and the drawer: without the layers above the driver.
_ADD = f"INSERT INTO sale ({', '.join(SaleRow.__slots__)}) VALUES ({', '.join('?' * len(SaleRow.__slots__))})"  # noqa: S608


class SaleExists(Exception):
    """The cart has become a sale already."""


class Sales:
    """The sales of till.db."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, sale: Sale, cart_id: CartId, *, entry: Entry) -> None:
        """Put a sale and its journal entry on the list; SaleExists for a second one of the same cart."""
        try:
            self._work.raw.execute(_ADD, _values_of(sale, cart_id, entry=entry))
        except sqlite.IntegrityError as error:
            raise SaleExists(cart_id) from error

    def of_cart(self, cart_id: CartId) -> SaleRow | None:
        """The sale that a cart became, or None."""
        return self._first(_BY_CART, cart_id)

    def get(self, sale_id: SaleId) -> SaleRow | None:
        """A sale by its id, or None."""
        return self._first(_BY_ID, sale_id)

    def newest(self, business_date: BusinessDate | None = None, query: str = "") -> sa.Select[Any]:
        """The statement for the newest sales, of one date and by a part of the receipt number or an amount."""
        found = _NEWEST_FIRST
        if business_date is not None:
            found = found.where(SALE.c.business_date == business_date)
        if query:
            found = found.where(_matches(query))
        return found

    def rows(self, statement: sa.Select[Any], limit: int, *, offset: int = 0) -> list[SaleRow]:
        """A page of a list."""
        return [_row_of(row) for row in self._work.connection.execute(statement.limit(limit).offset(offset)).mappings()]

    def body(self, row: SaleRow) -> bytes | None:
        """The journal body of a sale, None once it was pruned."""
        return self._work.connection.execute(_BODY, {"inc": row.journal_inc, "seq": row.seq}).scalars().first()

    def move(self, new_inc: int) -> None:
        """Point to the entries of a new incarnation that carry the same events."""
        self._work.connection.execute(_MOVE, {"inc": new_inc})

    def prune(self, inc: int, up_to_seq: int) -> None:
        """Drop the sales whose entries were pruned."""
        self._work.connection.execute(_PRUNE, {"of_inc": inc, "up_to": up_to_seq})

    def _first(self, statement: sa.Select[Any], value: str) -> SaleRow | None:
        row = self._work.connection.execute(statement, {"of": value}).mappings().first()
        return _row_of(row) if row else None


def _values_of(sale: Sale, cart_id: CartId, *, entry: Entry) -> tuple[object, ...]:
    """In the order of SaleRow's fields."""
    return (
        sale.sale_id,
        cart_id,
        sale.receipt_no,
        entry.incarnation,
        int(sale.receipt_no.rpartition("-")[2]),
        entry.incarnation,
        entry.seq,
        entry.fact.event_id,
        sale.business_date,
        sale.occurred_at_ms,
        sale.operator_id,
        sale.currency,
        sale.due_minor,
        sale.payable_minor,
        len(sale.lines),
        entry.hash,
    )


def _row_of(row: Any) -> SaleRow:
    return SaleRow(**row)


def _matches(query: str) -> sa.ColumnElement[bool]:
    """``183`` is a receipt's number or an amount, ``000183`` a number, ``21.5`` an amount, ``2A-0001`` a part."""
    digits = query.replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit()):
        return SALE.c.receipt_no.contains(query, autoescape=True)
    number = SALE.c.number == int(digits)
    if "." not in query and query.startswith("0"):
        return number
    whole, _, fraction = query.partition(".")
    wanted = {int(digits), int(whole or "0") * 100 + int(fraction.ljust(2, "0")[:2])}
    paid = SALE.c.payable_minor.in_(sorted(wanted))
    return paid if "." in query else paid | number
