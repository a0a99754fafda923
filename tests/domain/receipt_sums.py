"""Real receipts priced without rules give their own sums: ``python -m tests.domain.receipt_sums FOLDER``.

The folder has files baskets*.csv or .csv.gz with columns basket_id, item, qty, unit_price_cents and currency. A return
has negative quantities and is priced as the mirror of a sale. Own sums are worked out with decimals, each line half up.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from pathlib import Path

from domain.cart import MAX_LINES, Cart, CartLine
from domain.catalog import CurrentPrice, Item
from domain.ids import CartId, ItemId
from domain.pricing import price_cart
from domain.quantity import MAX_THOUSANDTHS
from domain.rulebook import RuleBook

NO_RULES = RuleBook()


@dataclass(frozen=True)
class Row:
    """One line of a receipt."""

    receipt: str
    item: str
    quantity: Decimal
    price_minor: int
    currency: str

    @property
    def amount_minor(self) -> int:
        """Quantity × price, half up; negative for a return."""
        return int((self.quantity * self.price_minor).quantize(Decimal(1), ROUND_HALF_UP))


@dataclass
class Proof:
    """What was compared; ``left_out`` are lines with a price below zero, which are bookings and not goods."""

    receipts: int = 0
    lines: int = 0
    carts: int = 0
    own_minor: int = 0
    priced_minor: int = 0
    unrounded_minor: Decimal = Decimal(0)
    left_out: list[Row] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


def prove(path: Path, book: RuleBook = NO_RULES) -> Proof:
    """Price every receipt of a file and compare it with its own sum."""
    proof = Proof()
    for receipt, rows in _receipts(path):
        goods = [row for row in rows if row.price_minor >= 0]
        proof.left_out += [row for row in rows if row.price_minor < 0]
        own, priced = sum(row.amount_minor for row in goods), 0
        for sign in (1, -1):
            for cart in _carts([row for row in goods if row.quantity * sign > 0], sign):
                priced += sign * price_cart(cart, book).due_minor
                proof.carts += 1
        proof.receipts += 1
        proof.lines += len(goods)
        proof.own_minor += own
        proof.priced_minor += priced
        proof.unrounded_minor += sum(row.quantity * row.price_minor for row in goods)
        if priced != own:
            proof.differences.append(f"{receipt}: {own} by its lines, {priced} priced")
    return proof


def _receipts(path: Path) -> Iterator[tuple[str, list[Row]]]:
    """The receipts of a file; lines without a number are receipts of their own."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    lines = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    found = [_row(number, line) for number, line in enumerate(lines)]
    found.sort(key=lambda row: row.receipt)
    for receipt, rows in groupby(found, key=lambda row: row.receipt):
        yield receipt, list(rows)


def _row(number: int, line: dict[str, str]) -> Row:
    receipt = line["basket_id"] or f"line {number}"
    return Row(receipt, line["item"], Decimal(line["qty"]), int(line["unit_price_cents"]), line["currency"])


def _carts(rows: list[Row], sign: int) -> Iterator[Cart]:
    """As many carts as the limits of a till ask for: so many lines, so many pieces on each."""
    lines: list[CartLine] = []
    for row in rows:
        left = int(row.quantity * sign * 1000)
        is_weighed = left % 1000 > 0
        item = Item(ItemId(len(lines) + 1), row.item, row.item, row.item, "", "", "", weighed=is_weighed)
        while left:
            part = min(left, MAX_THOUSANDTHS)
            lines.append(CartLine("", item, part, CurrentPrice(row.price_minor, row.price_minor, 0)))
            left -= part
    for start in range(0, len(lines), MAX_LINES):
        yield Cart(CartId("c"), rows[0].currency, 0, tuple(lines[start : start + MAX_LINES]))


def main(folder: str) -> int:
    """Prove every file of a folder, tell the figures; 1 where a receipt differs or there is none."""
    proofs = {path.name: prove(path) for path in sorted(Path(folder).glob("baskets*.csv*"))}
    for name, proof in proofs.items():
        print(f"{name}: {proof.lines} lines, {proof.receipts} receipts, {proof.carts} carts")
        print(f"  priced {proof.priced_minor}, by their lines {proof.own_minor}, unrounded {proof.unrounded_minor}")
        print(f"  differences: {len(proof.differences)}", *proof.differences[:20], sep="\n  ")
        print(f"  left out: {len(proof.left_out)}", *proof.left_out[:20], sep="\n  ")
    return 0 if proofs and not any(proof.differences for proof in proofs.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
