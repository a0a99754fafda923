"""What a cart would cost: priced by a rule book that comes with it, or by the live one of a zone."""

from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa

from cloud_api.db.master_rows import Row
from cloud_api.db.master_tables import STORE
from cloud_api.problems import ApiProblem, unfit
from cloud_api.services import rule_books
from domain.cart import Cart
from domain.errors import DomainError
from domain.priced_json import priced_to_data
from domain.pricing import price_cart
from domain.pricing_context import PricingContext
from domain.pricing_json import rule_book_from_data
from domain.quoting import cart_asked, context_asked, rule_book_asked
from domain.rulebook import RuleBook
from resources.texts import text

T = TypeVar("T")


def asked_cart(data: Any) -> Cart:
    """A cart out of a request; 422 where it is none."""
    return _asked(cart_asked, data)


def asked_context(data: Any) -> PricingContext:
    """Circumstances out of a request; 422 where they are none."""
    return _asked(context_asked, data)


def asked_book(data: Any) -> RuleBook:
    """A rule book out of a request; 422 where it is none that could be published."""
    return _asked(rule_book_asked, data)


def asked_frame(data: Any) -> RuleBook:
    """A rule book without rules out of a request; 422 where it has some."""
    frame = _asked(rule_book_from_data, data)
    if frame.rules:
        raise ApiProblem(422, "document.unknown_field", where="$.rules")
    return frame


def live_book(connection: sa.Connection, *, zone: str | None, store_id: str) -> RuleBook:
    """The published book of a zone, by its name or by a store in it; 422 where neither is named."""
    if zone is None:
        zone = connection.execute(sa.select(STORE.c.price_zone).where(STORE.c.store_id == store_id)).scalar()
    if zone is None:
        raise ApiProblem(422, "pricing.zone_missing")
    return rule_books.live_book(connection, zone)


def quote(cart: Cart, book: RuleBook, context: PricingContext) -> Row:
    """The priced cart as JSON data; 422 where a line has no price."""
    try:
        return priced_to_data(price_cart(cart, book, context=context), text)
    except DomainError as error:
        raise unfit(error) from error


def _asked(read: Callable[[Any], T], data: Any) -> T:
    try:
        return read(data)
    except DomainError as error:
        raise unfit(error) from error
