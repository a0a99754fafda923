"""The comparison of sold prices with the cloud's own: a difference is a case, never a correction."""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from cloud_api.db.master_tables import PRICE
from cloud_api.services.intake.cases import Case
from cloud_api.services.intake.effects import Effects, PricedLine, StoredEvent
from domain.catalog import TILL_CHANNEL, Price, PriceKind, price_at
from domain.ids import ItemId
from domain.money import line_amount_minor

GRACE_MS = 60_000
"""How long after a change the price before it is still no wonder: a line may have been open."""
_ITEMS_AT_ONCE = 500


class PriceRow(NamedTuple):
    """A price of the cloud, when it was last touched and whether it was taken away by that."""

    price: Price
    changed_at_ms: int
    deleted: int


Rows = dict[int, list[PriceRow]]


def price_cases(connection: sa.Connection, sold: Sequence[tuple[StoredEvent, Effects]]) -> list[Case]:
    """A case for each sale that charged another price than the cloud's at that time."""
    by_zone: dict[str, set[int]] = {}
    for event, effects in sold:
        by_zone.setdefault(event.price_zone, set()).update(line.item_id for line in effects.priced_lines)
    prices = {zone: _prices(connection, zone, items=sorted(items)) for zone, items in by_zone.items()}
    found = (_case(event, effects, prices=prices[event.price_zone]) for event, effects in sold)
    return [case for case in found if case is not None]


def _prices(connection: sa.Connection, zone: str, *, items: Sequence[int]) -> Rows:
    rows: Rows = {}
    for start in range(0, len(items), _ITEMS_AT_ONCE):
        query = _QUERY.where(PRICE.c.zone == zone, PRICE.c.item_id.in_(items[start : start + _ITEMS_AT_ONCE]))
        for kind, item_id, changed_at_ms, deleted, *rest in connection.execute(query):
            price = Price(ItemId(item_id), PriceKind(kind), *rest)
            rows.setdefault(item_id, []).append(PriceRow(price, changed_at_ms, deleted))
    return rows


_QUERY = sa.select(
    PRICE.c.kind,
    PRICE.c.item_id,
    PRICE.c.changed_at_ms,
    PRICE.c.deleted,
    PRICE.c.channel,
    PRICE.c.valid_from_ms,
    PRICE.c.valid_until_ms,
    PRICE.c.price_minor,
)


def _case(event: StoredEvent, effects: Effects, *, prices: Rows) -> Case | None:
    difference, items = 0, []
    for line in effects.priced_lines:
        wrong = _difference(line, prices.get(line.item_id, []), at_ms=event.estimated_at_ms)
        if wrong:
            difference += wrong
            items.append(line.item_id)
    if not items:
        return None
    return event.case("price_out_of_date", amount_minor=difference, sale_id=effects.sale_id, items=items[:20])


def _difference(line: PricedLine, rows: Sequence[PriceRow], *, at_ms: int) -> int:
    """How much more (or, negative, less) the line cost than by the cloud's price; 0 where that cannot be told.

    A row that counted then but was touched after it no longer tells what it said then.
    """
    prices = [row.price for row in rows if not row.deleted]
    now = price_at(prices, TILL_CHANNEL, at_ms)
    if now is not None and now.price_minor == line.unit_price_minor:
        return 0
    if any(row.changed_at_ms > at_ms - GRACE_MS and row.price.valid_from_ms <= at_ms for row in rows):
        return 0
    before = price_at(prices, TILL_CHANNEL, at_ms - GRACE_MS)
    if before is not None and before.price_minor == line.unit_price_minor:
        return 0
    wanted = line_amount_minor(now.price_minor, line.quantity_thousandths) if now else 0
    return line_amount_minor(line.unit_price_minor, line.quantity_thousandths) - wanted
