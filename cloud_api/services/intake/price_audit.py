"""The comparison of sold prices with the cloud's own: a difference is a case, never a correction."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from cloud_api.db.bulk import among
from cloud_api.db.master_tables import PRICE
from cloud_api.services.intake.cases import Case
from cloud_api.services.intake.effects import Effects, PricedLine, StoredEvent
from domain.catalog import TILL_CHANNEL, Price, PriceKind, price_at
from domain.ids import ItemId
from domain.money import line_amount_minor

GRACE_MS = 60_000
"""How long after a change the price before it is still no wonder: a line may have been open."""
_KINDS = frozenset(PriceKind)


class PriceRow(NamedTuple):
    """A price of the cloud: when it begins, when it was last touched, and what it says where that is known.

    ``price`` is None where the row was taken away or is of a kind that only a newer release understands.
    """

    valid_from_ms: int
    changed_at_ms: int
    price: Price | None
    is_understood: bool


class ItemPrices:
    """The rows of one item, and what they come to at any moment."""

    def __init__(self, rows: Sequence[PriceRow]) -> None:
        self.rows = rows
        self.is_understood = all(row.is_understood for row in rows)
        self._prices = [row.price for row in rows if row.price is not None]
        self._turns = sorted({at_ms for p in self._prices for at_ms in (p.valid_from_ms, p.valid_until_ms)})
        self._known: dict[int, int | None] = {}

    def at(self, at_ms: int) -> int | None:
        """The price in force, None where there is none; it is the same between two turns."""
        span = bisect_right(self._turns, at_ms)
        if span not in self._known:
            current = price_at(self._prices, TILL_CHANNEL, at_ms)
            self._known[span] = current.price_minor if current else None
        return self._known[span]


_NOTHING = ItemPrices([])
Prices = dict[int, ItemPrices]


def price_cases(connection: sa.Connection, sold: Sequence[tuple[StoredEvent, Effects]]) -> list[Case]:
    """A case for each sale that charged another price than the cloud's at that time."""
    by_zone: dict[str, set[int]] = {}
    for event, effects in sold:
        by_zone.setdefault(event.price_zone, set()).update(line.item_id for line in effects.priced_lines)
    prices = {zone: _prices(connection, zone, items=sorted(items)) for zone, items in by_zone.items()}
    found = (_case(event, effects, prices=prices[event.price_zone]) for event, effects in sold)
    return [case for case in found if case is not None]


def _prices(connection: sa.Connection, zone: str, *, items: Sequence[int]) -> Prices:
    rows: dict[int, list[PriceRow]] = {}
    query = _QUERY.where(PRICE.c.zone == zone, among(connection, PRICE.c.item_id, items))
    for item_id, kind, *rest in connection.execute(query):
        rows.setdefault(item_id, []).append(_price_row(item_id, kind, *rest))
    return {item_id: ItemPrices(of_item) for item_id, of_item in rows.items()}


_QUERY = sa.select(
    PRICE.c.item_id,
    PRICE.c.kind,
    PRICE.c.changed_at_ms,
    PRICE.c.deleted,
    PRICE.c.channel,
    PRICE.c.valid_from_ms,
    PRICE.c.valid_until_ms,
    PRICE.c.price_minor,
)


def _price_row(item_id: int, kind: str, changed_at_ms: int, *rest: Any) -> PriceRow:
    deleted, channel, valid_from_ms, valid_until_ms, price_minor = rest
    price = None
    if kind in _KINDS and not deleted:
        price = Price(ItemId(item_id), PriceKind(kind), channel, valid_from_ms, valid_until_ms, price_minor)
    return PriceRow(valid_from_ms, changed_at_ms, price, kind in _KINDS or bool(deleted))


def _case(event: StoredEvent, effects: Effects, *, prices: Prices) -> Case | None:
    difference, items = 0, []
    for line in effects.priced_lines:
        wrong = _difference(line, prices.get(line.item_id, _NOTHING), at_ms=event.estimated_at_ms)
        if wrong:
            difference += wrong
            items.append(line.item_id)
    if not items:
        return None
    return event.case("price_out_of_date", amount_minor=difference, sale_id=effects.sale_id, items=items[:20])


def _difference(line: PricedLine, prices: ItemPrices, *, at_ms: int) -> int:
    """How much more (or, negative, less) the line cost than by the cloud's price; 0 where that cannot be told.

    A row that counted then but was touched after it no longer tells what it said then, and one of a kind that this
    release does not know may say anything.
    """
    now_minor = prices.at(at_ms)
    if line.unit_price_minor == now_minor or not prices.is_understood:
        return 0
    if any(row.changed_at_ms > at_ms - GRACE_MS and row.valid_from_ms <= at_ms for row in prices.rows):
        return 0
    if line.unit_price_minor == prices.at(at_ms - GRACE_MS):
        return 0
    wanted = 0 if now_minor is None else line_amount_minor(now_minor, line.quantity_thousandths)
    return line_amount_minor(line.unit_price_minor, line.quantity_thousandths) - wanted
