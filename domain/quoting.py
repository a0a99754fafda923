"""Pricing what somebody else sends: cart, circumstances and rule book out of JSON data, with all bounds checked."""

from collections.abc import Iterator
from typing import Any

from domain.cart import MAX_LINES, Cart, CartLine
from domain.errors import DomainError
from domain.money import CURRENCY_DIGITS, MAX_MINOR
from domain.pricing_context import PLAIN_CONTEXT, PricingContext
from domain.pricing_json import cart_from_data, context_from_data, rule_book_from_data
from domain.promotions.checks import check_rule_book
from domain.quantity import checked
from domain.rulebook import RuleBook

LATEST_MS = 253_370_764_800_000
"""The first of January 9999 (UTC): behind it there are no dates to reckon with."""
MAX_OFFSET_MIN = 24 * 60


def cart_asked(data: Any) -> Cart:
    """A cart that may be priced; raises ``document.…``, ``cart.…``, ``quantity.…`` or ``money.…``."""
    cart = cart_from_data(data)
    if cart.currency not in CURRENCY_DIGITS:
        raise DomainError("money.currency_unknown", currency=cart.currency)
    if len(cart.lines) > MAX_LINES:
        raise DomainError("cart.too_many_lines", most=MAX_LINES)
    if len({line.line_id for line in cart.lines}) < len(cart.lines):
        raise DomainError("document.member_twice", where="$.lines")
    for line in cart.lines:
        checked(line.quantity_thousandths)
        for amount in _amounts(line):
            if amount < 0:
                raise DomainError("cart.price_negative")
            if amount > MAX_MINOR:
                raise DomainError("money.too_large")
    return cart


def context_asked(data: Any) -> PricingContext:
    """Circumstances whose moment has a date; None for the plain ones."""
    if data is None:
        return PLAIN_CONTEXT
    context = context_from_data(data)
    if not 0 <= context.at_ms < LATEST_MS:
        raise DomainError("document.wrong_type", where="$.at_ms")
    if abs(context.utc_offset_min) > MAX_OFFSET_MIN:
        raise DomainError("document.wrong_type", where="$.utc_offset_min")
    return context


def rule_book_asked(data: Any) -> RuleBook:
    """A rule book that could be published as far as that can be told without the catalogue."""
    book = rule_book_from_data(data)
    check_rule_book(book)
    return book


def _amounts(line: CartLine) -> Iterator[int]:
    yield line.item.min_price_minor
    if line.price:
        yield from (line.price.list_price_minor, line.price.price_minor)
    if line.label_amount_minor is not None:
        yield line.label_amount_minor
    if line.override:
        yield line.override.price_minor
