"""The rule books of a zone: each published once, kept for ever, the newest few at the tills."""

import json
from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from cloud_api.db import master_rows
from cloud_api.db.bulk import among
from cloud_api.db.master_rows import Row
from cloud_api.db.master_tables import ITEM, STORE
from cloud_api.db.rule_tables import RULE_BOOK
from cloud_api.problems import ApiProblem, unfit
from cloud_api.services import stores
from cloud_api.services.act import Act
from cloud_api.services.paging import page
from domain.errors import DomainError
from domain.ids import ItemId
from domain.pricing_json import rule_book_from_data, rule_book_to_data
from domain.promotions.checks import rule_book_problems, scopes_of
from domain.rulebook import RuleBook
from domain.strict_json import parse_json

PLAIN_VERSION = 1
"""The book without rules that every till begins with; the first that is published is the next."""
KEPT_AT_TILLS = 3
"""So many of the newest books are at the tills: one that cannot read the newest goes on with the last it can."""
BOOK_BYTES_MAX = 4_000_000
ENDED_KEPT_MS = 24 * 3_600_000
"""A rule that ended longer ago is left out of the next book."""


def live_book(connection: sa.Connection, zone: str) -> RuleBook:
    """The newest published book, the plain one where there is none; 404 where no store has the zone."""
    stores.zone_currency(connection, zone)
    document = connection.execute(_newest(zone)).scalar()
    return RuleBook(PLAIN_VERSION) if document is None else read_book(document)


def book_of_version(connection: sa.Connection, zone: str, version: int) -> RuleBook | None:
    """The book that a sale names; None where the zone never had it."""
    query = sa.select(RULE_BOOK.c.document).where(RULE_BOOK.c.zone == zone, RULE_BOOK.c.version == version)
    document = connection.execute(query).scalar()
    if document is not None:
        return read_book(document)
    return RuleBook(PLAIN_VERSION) if version == PLAIN_VERSION else None


def list_books(connection: sa.Connection, zone: str, *, after: int | None, limit: int) -> tuple[list[Row], int | None]:
    """Who published what when, newest first; ``after`` goes on behind a version."""
    stores.zone_currency(connection, zone)
    columns = [column for column in RULE_BOOK.columns if column.name != "document"]
    query = sa.select(*columns).where(RULE_BOOK.c.zone == zone).order_by(RULE_BOOK.c.version.desc())
    if after is not None:
        query = query.where(RULE_BOOK.c.version < after)
    return page(connection, query, key=RULE_BOOK.c.version, limit=limit)


def get_book(connection: sa.Connection, zone: str, version: int) -> Row:
    """A published book with its document; 404 where there is none."""
    query = sa.select(RULE_BOOK).where(RULE_BOOK.c.zone == zone, RULE_BOOK.c.version == version)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise ApiProblem(404, "cloud.not_found", what="规则书 rule book", key=f"{zone}/{version}")
    return dict(row) | {"document": json.loads(row["document"])}


def locked_book(act: Act, zone: str) -> RuleBook:
    """The newest book to make the next one of; nobody else makes one until the act is over."""
    act.connection.execute(_newest(zone).with_for_update())
    return live_book(act.connection, zone)


def publish(act: Act, zone: str, changed: RuleBook, *, what: str) -> Row:
    """Give the next version to a book made of ``locked_book`` and send it to the tills; refused where it is unsound."""
    newest = act.connection.execute(_newest(zone).with_only_columns(RULE_BOOK.c.version)).scalar()
    version = max(newest or 0, PLAIN_VERSION) + 1
    book = replace(_without_ended(changed, act.now_ms), version=version)
    for problem in problems_of(act.connection, zone, book):
        raise unfit(problem)
    document = json.dumps(rule_book_to_data(book), ensure_ascii=False, separators=(",", ":"))
    if len(document.encode()) > BOOK_BYTES_MAX:
        raise ApiProblem(422, "rules.book_too_large")
    row = {"zone": zone, "version": version, "document": document, "rules": len(book.rules), "what": what}
    row |= {"published_at_ms": act.now_ms, "published_by": act.who}
    written = master_rows.write_row(act.uow, master_rows.RULE_BOOK, row)
    master_rows.delete_row(act.uow, master_rows.RULE_BOOK, {"zone": zone, "version": version - KEPT_AT_TILLS})
    told = {name: value for name, value in written.after.items() if name != "document"}
    act.note("publish", "rule_book", key=f"{zone}/{version}", after=told)
    return told


def problems_of(connection: sa.Connection, zone: str, book: RuleBook) -> list[DomainError]:
    """Everything that forbids publishing the book in the zone."""
    return rule_book_problems(book, _known_items(connection, zone, book))


@lru_cache(maxsize=16)
def read_book(document: str) -> RuleBook:
    """A published book; reading one of 500 rules takes longer than pricing a cart by it, so the last are kept."""
    return rule_book_from_data(parse_json(document))


def _newest(zone: str) -> sa.Select[Any]:
    of_zone = sa.select(RULE_BOOK.c.document).where(RULE_BOOK.c.zone == zone)
    return of_zone.order_by(RULE_BOOK.c.version.desc()).limit(1)


def _known_items(connection: sa.Connection, zone: str, book: RuleBook) -> Collection[ItemId]:
    """Which of the items that the book names are in the catalogues of the zone's stores."""
    named = {item for rule in book.rules for scope in scopes_of(rule) for item in scope.items | scope.not_items}
    named |= {price.item_id for price in book.member_prices} | book.delivery_items
    if not named:
        return frozenset()
    divisions = sa.select(STORE.c.division).where(STORE.c.price_zone == zone)
    query = sa.select(ITEM.c.item_id).where(among(connection, ITEM.c.item_id, sorted(named)))
    return frozenset(connection.execute(query.where(ITEM.c.division.in_(divisions))).scalars())


def _without_ended(book: RuleBook, now_ms: int) -> RuleBook:
    """Without rules that are over for good, nor coupon groups whose last rule went with them."""
    over_ms = now_ms - ENDED_KEPT_MS
    kept = tuple(rule for rule in book.rules if not 0 < rule.valid_until_ms <= over_ms)
    return with_only(book, keep={rule.rule_id for rule in kept})


def with_only(book: RuleBook, *, keep: Collection[str]) -> RuleBook:
    """The book with only these of its rules; pairs of coupon groups that nothing is in any more go with the others."""
    rules = tuple(rule for rule in book.rules if rule.rule_id in keep)
    gone = {rule.coupon_group for rule in book.rules} - {rule.coupon_group for rule in rules}
    pairs = tuple(pair for pair in book.choices.coupons_combine if not {pair.one, pair.other} & gone)
    return replace(book, rules=rules, choices=replace(book.choices, coupons_combine=pairs))
