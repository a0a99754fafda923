"""A priced cart as JSON data: what it costs and why, for the web shop, headquarters and the command line."""

from collections.abc import Iterable
from typing import Any, Protocol

from domain.explanation import Said, explain, explain_line
from domain.item_price import PricedLine
from domain.pricing import PricedCart
from domain.pricing_json import FORMAT_VERSION
from domain.quantity import format_quantity
from domain.strict_json import to_data

PRICED_FORMAT = "evertill.priced-cart"
LANGUAGES = ("zh", "en")


class Words(Protocol):
    """The words of a text key in a language: ``resources.texts.text``."""

    def __call__(self, key: str, language: str, **params: object) -> str:
        """The text."""
        ...


def priced_to_data(priced: PricedCart, words: Words) -> dict[str, Any]:
    """Totals, lines with their steps, rules, coupons, gifts, points and hints; sentences in both languages.

    Steps, rules, gifts and hints leave out fields that have their default, as all documents of pricing do.
    """
    points = priced.points
    return {
        "format": PRICED_FORMAT,
        "format_version": FORMAT_VERSION,
        "rule_book_version": priced.rule_book_version,
        "currency": priced.cart.currency,
        "list_total_minor": priced.list_total_minor,
        "saved_minor": priced.saved_minor,
        "due_minor": priced.due_minor,
        "tax_minor": priced.tax_minor,
        "lines": [_line(line, priced.cart.currency, words) for line in priced.lines],
        "applied": _many(priced.applied),
        "coupons_refused": _many(priced.coupons_refused),
        "gifts": _many(priced.gifts),
        "hints": _many(priced.hints),
        "points": to_data(points) if points else None,
        "points_earned": priced.points_earned,
        "explanation": _said(explain(priced), words),
    }


def _line(line: PricedLine, currency: str, words: Words) -> dict[str, Any]:
    item = line.line.item
    return {
        "line_id": line.line.line_id,
        "item_id": item.item_id,
        "sku": item.sku,
        "name_zh": item.name("zh"),
        "name_en": item.name("en"),
        "quantity": format_quantity(line.line.quantity_thousandths),
        "unit_price_minor": line.unit_price_minor,
        "list_minor": line.list_minor,
        "amount_minor": line.amount_minor,
        "net_minor": line.taxed.net_minor,
        "tax_minor": line.taxed.tax_minor,
        "modifiers": _many(line.modifiers),
        "explanation": _said(explain_line(line, currency), words),
    }


def _many(values: Iterable[Any]) -> list[dict[str, Any]]:
    return [to_data(value) for value in values]


def _said(sentences: Iterable[Said], words: Words) -> list[dict[str, str]]:
    """Each sentence by its key and as text in both languages."""
    return [
        {"key": one.key} | {f"text_{language}": words(one.key, language, **one.params) for language in LANGUAGES}
        for one in sentences
    ]
