"""Every sale that promotions had a part in is priced again by the rule book it names: a difference is a case."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from cloud_api.db.bulk import among
from cloud_api.db.master_tables import ITEM, STORE
from cloud_api.db.rule_tables import RULE_BOOK
from cloud_api.services.intake.cases import Case
from cloud_api.services.intake.effects import StoredEvent
from cloud_api.services.intake.price_audit import GRACE_MS
from cloud_api.services.intake.sold_cart import contexts, fitting_book, sold_cart
from cloud_api.services.rule_books import PLAIN_VERSION, read_book
from domain.catalog import Item
from domain.errors import DomainError
from domain.ids import ItemId
from domain.pricing import PricedCart, price_cart
from domain.rulebook import RuleBook
from domain.sale import Sale, sale_from_body

_LOG = logging.getLogger(__name__)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_A_SALE = (AssertionError, TypeError, KeyError, ValueError)
"""Sums that do not agree and fields of a newer till: the case of that is another one, or none."""
_NOT_PRICED = (DomainError, AssertionError, TypeError, ValueError, ArithmeticError, LookupError)

_FLAGS = ("weighed", "discount_allowed")
Books = Mapping[tuple[str, int], RuleBook]


def repriced_cases(connection: sa.Connection, sold: Sequence[StoredEvent]) -> list[Case]:
    """A case for each sale that came to another amount than the cloud's, or names a book that there never was."""
    if not sold:
        return []
    sales = [(event, sale) for event in sold if (sale := _sale(event))]
    books = _books(connection, {(event.price_zone, sale.rule_book_version) for event, sale in sales})
    wanted = sorted({line.item_id for _, sale in sales for line in sale.lines})
    items = _items(connection, wanted, before_ms=min(event.estimated_at_ms for event in sold))
    zones = _timezones(connection, {event.store_id for event in sold})
    found = []
    for event, sale in sales:
        book = books.get((event.price_zone, sale.rule_book_version))
        if book is None:
            if sale.rules or _has_books(connection, event.price_zone):
                found.append(_unknown(event, sale))
        elif all(line.item_id in items for line in sale.lines):
            found += _differs(event, sale, book, items=items, timezone=zones.get(event.store_id, "UTC"))
    return found


def _sale(event: StoredEvent) -> Sale | None:
    try:
        return sale_from_body(json.loads(event.body)["sale"])
    except _NOT_A_SALE as error:
        _LOG.info("sale %s is not priced again: %s", event.event_id, type(error).__name__)
        return None


def _differs(
    event: StoredEvent, sale: Sale, book: RuleBook, *, items: Mapping[ItemId, Item], timezone: str
) -> Iterator[Case]:
    offset_min = _offset_min(timezone, sale.occurred_at_ms)
    try:
        cart, fitting = sold_cart(sale, items), fitting_book(sale, book)
        first: PricedCart | None = None
        for context in contexts(sale, fitting, utc_offset_min=offset_min, grace_ms=GRACE_MS):
            priced = price_cart(cart, fitting, context=context)
            if _agree(sale, priced):
                return
            first = first or priced
    except _NOT_PRICED as error:
        _LOG.warning("sale %s cannot be priced again: %s", event.event_id, type(error).__name__)
        yield _case(event, sale, cloud_due_minor=None, items=[])
        return
    assert first is not None
    pairs = zip(sale.lines, first.lines, strict=True)
    wrong = [line.item_id for line, again in pairs if line.amount_minor != again.amount_minor]
    yield _case(event, sale, cloud_due_minor=first.due_minor, items=wrong)


def _agree(sale: Sale, priced: PricedCart) -> bool:
    return all(line.amount_minor == again.amount_minor for line, again in zip(sale.lines, priced.lines, strict=True))


def _case(event: StoredEvent, sale: Sale, *, cloud_due_minor: int | None, items: Sequence[int]) -> Case:
    return event.case(
        "sale_priced_otherwise",
        amount_minor=0 if cloud_due_minor is None else sale.due_minor - cloud_due_minor,
        sale_id=sale.sale_id,
        receipt_no=sale.receipt_no,
        rule_book_version=sale.rule_book_version,
        cloud_due_minor=cloud_due_minor,
        items=list(items[:20]),
    )


def _unknown(event: StoredEvent, sale: Sale) -> Case:
    return event.case(
        "rule_book_unknown",
        sale_id=sale.sale_id,
        receipt_no=sale.receipt_no,
        rule_book_version=sale.rule_book_version,
    )


def _books(connection: sa.Connection, wanted: set[tuple[str, int]]) -> Books:
    found: dict[tuple[str, int], RuleBook] = {}
    for zone in {zone for zone, _ in wanted}:
        versions = sorted(version for one, version in wanted if one == zone)
        query = sa.select(RULE_BOOK.c.version, RULE_BOOK.c.document).where(
            RULE_BOOK.c.zone == zone, among(connection, RULE_BOOK.c.version, versions)
        )
        found |= {(zone, version): read_book(document) for version, document in connection.execute(query)}
        found.setdefault((zone, PLAIN_VERSION), RuleBook(PLAIN_VERSION))
    return found


def _has_books(connection: sa.Connection, zone: str) -> bool:
    """A store may have been given a version's number before there were rule books."""
    return (
        connection.execute(sa.select(RULE_BOOK.c.version).where(RULE_BOOK.c.zone == zone).limit(1)).first() is not None
    )


def _items(connection: sa.Connection, item_ids: Sequence[int], *, before_ms: int) -> dict[ItemId, Item]:
    """The articles; one that was changed since then no longer tells what the till knew of it."""
    names = ("item_id", "sku", "name_zh", "name_en", "unit", "department_id", "tax_code", "min_price_minor")
    columns = (*(ITEM.c[name] for name in names), ITEM.c.weighed, ITEM.c.discount_allowed)
    query = sa.select(*columns).where(among(connection, ITEM.c.item_id, item_ids), ITEM.c.changed_at_ms <= before_ms)
    found = (dict(row) for row in connection.execute(query).mappings())
    return {row["item_id"]: Item(**{**row, **{name: bool(row[name]) for name in _FLAGS}}) for row in found}


def _timezones(connection: sa.Connection, stores: set[str]) -> dict[str, str]:
    query = sa.select(STORE.c.store_id, STORE.c.timezone).where(STORE.c.store_id.in_(sorted(stores)))
    return {row.store_id: row.timezone for row in connection.execute(query)}


def _offset_min(timezone: str, at_ms: int) -> int:
    try:
        offset = (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(_zone(timezone)).utcoffset()
    except (OverflowError, ValueError):
        return 0
    return int(offset.total_seconds()) // 60 if offset else 0


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
