"""The documents of pricing: rule book, cart and context as versioned JSON data, and what comes out of them."""

from typing import Any, TypeVar

from domain.cart import Cart
from domain.errors import DomainError
from domain.pricing_context import PricingContext
from domain.rulebook import RuleBook
from domain.strict_json import from_data, to_data

FORMAT_VERSION = 1
"""Rises when an older reader could misread a document."""
RULE_BOOK_FORMAT = "evertill.rule-book"
CART_FORMAT = "evertill.cart"
CONTEXT_FORMAT = "evertill.context"

T = TypeVar("T")


def rule_book_to_data(book: RuleBook) -> dict[str, Any]:
    """A rule book as JSON data."""
    return _document(RULE_BOOK_FORMAT, book)


def rule_book_from_data(data: Any) -> RuleBook:
    """A rule book from JSON data; raises ``document.…`` or ``rules.…`` with ``where`` it is wrong."""
    return _read(RuleBook, data, RULE_BOOK_FORMAT)


def cart_to_data(cart: Cart) -> dict[str, Any]:
    """An open cart as JSON data."""
    return _document(CART_FORMAT, cart)


def cart_from_data(data: Any) -> Cart:
    """A cart from JSON data."""
    return _read(Cart, data, CART_FORMAT)


def context_to_data(context: PricingContext) -> dict[str, Any]:
    """The circumstances of pricing as JSON data."""
    return _document(CONTEXT_FORMAT, context)


def context_from_data(data: Any) -> PricingContext:
    """The circumstances of pricing from JSON data."""
    return _read(PricingContext, data, CONTEXT_FORMAT)


def _document(form: str, value: Any) -> dict[str, Any]:
    return {"format": form, "format_version": FORMAT_VERSION, **to_data(value)}


def _read(kind: type[T], data: Any, form: str) -> T:
    if type(data) is not dict or data.get("format") != form:
        raise DomainError("document.other_format", where="$", wanted=form)
    found = data.get("format_version")
    if type(found) is not int or found < 1:
        raise DomainError("document.wrong_type", where="$.format_version")
    if found > FORMAT_VERSION:
        raise DomainError("document.newer_version", found=found, known=FORMAT_VERSION)
    rest = {key: value for key, value in data.items() if key not in ("format", "format_version")}
    return from_data(kind, rest)
