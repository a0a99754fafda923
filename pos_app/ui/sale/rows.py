"""Priced lines as the rows of the cart's table."""

from domain.cart import CartLine
from domain.item_price import PricedLine
from domain.price_modifier import Cause
from domain.pricing import PricedCart
from pos_app.ui.widgets.cart_table import CartRow
from pos_app.ui.words import Words
from pos_app.viewmodels.figures import plain, quantity


class RowMaker:
    """Makes rows; a line that is as it was keeps its row, so that a scan into a long cart costs one line."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._language = words.language
        self._made: dict[str, tuple[PricedLine, CartRow]] = {}

    def rows(self, priced: PricedCart) -> list[CartRow]:
        """Every line in the language in force."""
        known = self._made if self._language == self._words.language else {}
        self._language, self._made = self._words.language, {}
        for line in priced.lines:
            old = known.get(line.line.line_id)
            is_known = old is not None and (old[0] is line or _is_same(old[0], line))
            row = old[1] if old and is_known else _row(line, priced.cart.currency, self._words)
            self._made[line.line.line_id] = (line, row)
        return [row for _, row in self._made.values()]


def _is_same(old: PricedLine, new: PricedLine) -> bool:
    """Carts share the lines that an act did not touch; only what the whole cart decides can differ."""
    return old.line is new.line and old.amount_minor == new.amount_minor and old.modifiers == new.modifiers


def _row(priced: PricedLine, currency: str, words: Words) -> CartRow:
    line = priced.line
    changed = priced.amount_minor != priced.list_minor
    saving, note = _causes(priced, currency, words)
    return CartRow(
        line_id=line.line_id,
        name=_name(line, words.language),
        unit_price=plain(priced.unit_price_minor, currency),
        quantity=quantity(line.quantity_thousandths),
        amount=plain(priced.amount_minor, currency),
        note=note or _weight(priced, currency, words),
        saving=saving,
        list_amount=plain(priced.list_minor, currency) if changed else "",
    )


def _name(line: CartLine, language: str) -> str:
    name = line.item.name(language)
    return f"{name} {line.item.spec}" if line.item.spec and line.item.spec not in name else name


def _weight(priced: PricedLine, currency: str, words: Words) -> str:
    if not priced.line.item.weighed:
        return ""
    return words(
        "sale.each_kg",
        quantity=quantity(priced.line.quantity_thousandths),
        unit=priced.line.item.unit,
        price=plain(priced.unit_price_minor, currency),
    )


def _causes(priced: PricedLine, currency: str, words: Words) -> tuple[str, str]:
    """What made the line cheaper (good news), and what made it dearer or was set by its label."""
    good: list[str] = []
    other: list[str] = []
    for step in priced.modifiers:
        said = words(f"sale.cause.{step.cause.value}")
        told = f"{said} {plain(step.amount_minor, currency)}" if step.amount_minor else said
        is_good = step.amount_minor < 0 and step.cause is not Cause.LABEL_AMOUNT
        (good if is_good else other).append(told)
    return "  ".join(good), "  ".join(other)
