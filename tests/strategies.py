"""Hypothesis strategies: carts, tenders and the acts of a cashier, near the edges where sums go wrong."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from domain.cart import Cart, CartLine, DiscountKind, ManualDiscount, PriceOverride, add_line
from domain.catalog import CurrentPrice
from domain.errors import DomainError
from domain.ids import CartId, OperatorId
from domain.money import CURRENCY_DIGITS
from domain.quantity import MAX_THOUSANDTHS, ONE
from tests.builders import item

currencies = st.sampled_from(sorted(CURRENCY_DIGITS))
amounts_minor = st.one_of(st.integers(0, 200), st.integers(0, 10**7))
rates_bp = st.sampled_from([0, 100, 300, 600, 900, 1300, 10_000])
pieces = st.integers(1, 40).map(lambda count: count * ONE)
weights = st.integers(1, 60_000)
reasons = st.sampled_from(["", "临期", "damaged"])
OPERATOR = OperatorId("1007")


@st.composite
def discounts(draw: st.DrawFn) -> ManualDiscount:
    """A manual discount of either kind, up to all of it and beyond."""
    kind = draw(st.sampled_from(DiscountKind))
    most = 10_000 if kind is DiscountKind.PERCENT else 10**6
    return ManualDiscount(kind, draw(st.integers(1, most)), draw(reasons), OPERATOR)


@st.composite
def prices(draw: st.DrawFn) -> CurrentPrice:
    """A list price, and at times a special below it."""
    listed = draw(amounts_minor)
    return CurrentPrice(listed, draw(st.one_of(st.just(listed), st.integers(0, listed))), 0)


@st.composite
def lines(draw: st.DrawFn, number: int = 0) -> CartLine:
    """A line of pieces, weight or a label's amount, with override and discount at times."""
    weighed = draw(st.booleans())
    by_label = weighed and draw(st.booleans())
    made = CartLine(
        line_id=f"L{number}",
        item=item(draw(st.integers(1, 12)), weighed=weighed, discount_allowed=draw(st.booleans())),
        quantity_thousandths=min(draw(weights if weighed else pieces), MAX_THOUSANDTHS),
        price=draw(prices()),
        label_amount_minor=draw(amounts_minor) if by_label else None,
        tax_rate_bp=draw(rates_bp),
    )
    if draw(st.integers(0, 4)) == 0:
        made = replace(
            made, override=PriceOverride(draw(amounts_minor), None, "价签错", OPERATOR), label_amount_minor=None
        )
    if made.item.discount_allowed and draw(st.integers(0, 3)) == 0:
        made = replace(made, discount=draw(discounts()))
    return made


@st.composite
def carts(draw: st.DrawFn, least: int = 0, most: int = 8) -> Cart:
    """A cart of some lines, at times with a discount of the whole."""
    made = Cart(CartId("cart"), draw(currencies), 0)
    for number in range(draw(st.integers(least, most))):
        try:
            made = add_line(made, draw(lines(number)))
        except DomainError:  # joined beyond what a line holds
            continue
    return replace(made, discount=draw(st.one_of(st.none(), discounts()))) if made.lines else made
