"""What a cashier does, as one call each, and what must hold of a till's files after anything."""

from __future__ import annotations

from pathlib import Path

import msgspec

from domain.permissions import Operator
from domain.sale import Sale, sale_from_body
from domain.scan import Scan, parse_scan
from domain.tender import TenderKind
from pos_app.db.check import OK, check_all
from pos_app.db.engine import connect_to_read
from pos_app.services.checkout import CompletedSale
from pos_app.services.selling import CartChange
from pos_app.wiring import TillApp
from sync.journal_store import incarnation, iterate
from tests.builders import CASHIER


def read(till: TillApp, code: str) -> Scan:
    """A scan by the store's formats."""
    return parse_scan(code, formats=till.catalog.store().scale_formats)


def scan(till: TillApp, code: str, quantity_thousandths: int | None = None) -> CartChange:
    """Scan a code."""
    return till.selling.scan(read(till, code), quantity_thousandths)


def pay(till: TillApp, amount_minor: int | None = None, operator: Operator = CASHIER) -> CompletedSale:
    """Pay the open cart in cash, exactly unless told otherwise."""
    payment = till.checkout.start(till.selling.cart)
    till.checkout.add_tender(TenderKind.CASH, payment.cash_due_minor if amount_minor is None else amount_minor)
    return till.checkout.complete(operator)


def sell(till: TillApp, *codes: str) -> CompletedSale:
    """A whole sale."""
    for code in codes:
        scan(till, code)
    return pay(till)


def journaled_sales(path: Path) -> list[Sale]:
    """Every sale of the present incarnation, from the journal."""
    connection = connect_to_read(path)
    try:
        entries = list(iterate(connection, incarnation(connection)))
    finally:
        connection.close()
    return [sale_from_body(msgspec.json.decode(e.fact.body)["sale"]) for e in entries if e.fact.kind == "sale"]


def assert_sound(path: Path) -> None:
    """The file, its chain, its sales, their numbers and sums: whatever happened before (INV)."""
    connection = connect_to_read(path)
    try:
        assert check_all(connection) == (OK, OK)
        rows = connection.execute("SELECT receipt_no, number, inc FROM sale ORDER BY inc, number").fetchall()
        carts = connection.execute("SELECT count(*) FROM cart JOIN sale USING (cart_id)").fetchall()
    finally:
        connection.close()
    assert carts == [(0,)], "a cart that became a sale is gone"
    by_inc: dict[int, list[int]] = {}
    for _, number, inc in rows:
        by_inc.setdefault(inc, []).append(number)
    for numbers in by_inc.values():
        assert numbers == list(range(1, len(numbers) + 1)), "receipt numbers have no gaps"
    for sale in journaled_sales(path):
        assert sum(line.amount_minor for line in sale.lines) == sale.due_minor
        assert sum(tender.amount_minor for tender in sale.tenders) == sale.paid_minor
        assert sale.paid_minor - sale.change_minor == sale.due_minor - sale.rounding_minor
