"""Prices of a zone: list prices and specials, from a moment on, perhaps until another."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from cloud_api.db import master_rows
from cloud_api.db.master_rows import Row, Written
from cloud_api.db.master_tables import PRICE
from cloud_api.problems import ApiProblem
from cloud_api.services import items, stores
from cloud_api.services.act import Act
from cloud_api.services.paging import LIMIT_MAX

BULK_MAX = 2000
"""As many changes as one group of a feed holds: a bulk call shows at the tills in one piece."""

KEY = ("zone", "item_id", "channel", "kind", "valid_from_ms")


def list_prices(
    connection: sa.Connection, zone: str, *, filters: Mapping[str, Any], after: int | None, limit: int
) -> tuple[list[Row], int | None]:
    """Prices of a zone by item; a page ends with a whole item. ``at_ms`` leaves out what is over by then."""
    currency = stores.zone_currency(connection, zone)
    query = sa.select(PRICE).where(PRICE.c.zone == zone, PRICE.c.deleted == 0)
    if filters.get("item_id") is not None:
        query = query.where(PRICE.c.item_id == filters["item_id"])
    if filters.get("at_ms") is not None:
        query = query.where(sa.or_(PRICE.c.valid_until_ms == 0, PRICE.c.valid_until_ms > filters["at_ms"]))
    behind = query.where(PRICE.c.item_id > (after or 0))
    ids = sa.select(behind.subquery().c.item_id).distinct().order_by("item_id").limit(limit + 1)
    wanted = list(connection.execute(ids).scalars())
    shown = wanted[:limit]
    rows = connection.execute(query.where(PRICE.c.item_id.in_(shown)).order_by(*(PRICE.c[name] for name in KEY)))
    prices = [dict(row) | {"currency": currency} for row in rows.mappings()]
    return prices, shown[-1] if len(wanted) > limit else None


def set_prices(act: Act, zone: str, prices: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Set prices in one transaction and one group of the feed; a missing ``valid_from_ms`` means now.

    A price that begins now takes the place of a list price only from now on: what was sold before keeps its
    price in the books.
    """
    assert len(prices) <= BULK_MAX
    currency = stores.zone_currency(act.connection, zone)
    items.require_items(act.connection, [price["item_id"] for price in prices])
    rows = [_row(act, zone, price) for price in prices]
    if len({tuple(row[name] for name in KEY) for row in rows}) != len(rows):
        raise ApiProblem(422, "cloud.price_twice")
    written = write_prices(act, rows)
    return [result.after | {"currency": currency} for result in written]


def write_prices(act: Act, rows: Sequence[Row]) -> list[Written]:
    """Write whole price rows, and the audit log of those that changed."""
    stamp = {"changed_at_ms": act.now_ms, "changed_by": act.who}
    written = master_rows.write_rows(act.uow, master_rows.PRICE, rows, stamp=stamp)
    changes = [(_name(result.after), result.before, result.after) for result in written if result.changed]
    act.note_all("set", "price", changes)
    return written


def withdraw_price(act: Act, key: Mapping[str, Any]) -> Row:
    """Take back one price row, such as a special that was planned; 404 where there is none."""
    before = master_rows.delete_row(act.uow, master_rows.PRICE, key)
    if before is None:
        raise ApiProblem(404, "cloud.not_found", what="价格 price", key=_name(key))
    act.note("withdraw", "price", key=_name(key), before=before)
    return before | {"currency": stores.zone_currency(act.connection, before["zone"])}


def _row(act: Act, zone: str, price: Mapping[str, Any]) -> Row:
    row = {"zone": zone, **price}
    if row.get("valid_from_ms") is None:
        row["valid_from_ms"] = act.now_ms
    if row["valid_until_ms"] and row["valid_until_ms"] <= row["valid_from_ms"]:
        raise ApiProblem(422, "cloud.price_ends_first")
    return row


def _name(key: Mapping[str, Any]) -> str:
    return "/".join(str(key[name]) for name in KEY)


assert LIMIT_MAX <= BULK_MAX
