"""What a basket costs: the properties that always hold, and each stage on its own."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cart import Cart, DiscountKind, ManualDiscount, PriceOverride, add_line
from domain.catalog import CurrentPrice
from domain.errors import DomainError
from domain.ids import OperatorId
from domain.money import line_amount_minor
from domain.price_modifier import Cause, Stage
from domain.pricing import PricedCart, price_cart
from domain.rulebook import RuleBook
from domain.tax import split_inclusive
from tests.builders import cart, item, line
from tests.strategies import carts, lines

BY = OperatorId("1007")
RULES = RuleBook()
TENTH = ManualDiscount(DiscountKind.PERCENT, 1000, "临期", BY, OperatorId("1001"))
FIVE = ManualDiscount(DiscountKind.AMOUNT, 500, "", BY)


def priced(basket: Cart) -> PricedCart:
    return price_cart(basket, RULES)


@given(carts())
def test_parts_sum_and_nothing_falls_below_zero(basket: Cart) -> None:
    found = priced(basket)
    assert found.due_minor == sum(one.amount_minor for one in found.lines)
    assert found.list_total_minor - found.saved_minor == found.due_minor
    assert found.tax_minor == sum(one.taxed.tax_minor for one in found.lines)
    for one in found.lines:
        assert one.list_minor + sum(step.amount_minor for step in one.modifiers) == one.amount_minor >= 0
        assert one.taxed == split_inclusive(one.amount_minor, one.line.tax_rate_bp)


@given(carts())
def test_rounding_never_favours_the_shop(basket: Cart) -> None:
    """F2: what is due is at most the rounded lines less every discount at its full value."""
    found = priced(basket)
    before = 0
    for one in basket.lines:
        unit = one.override.price_minor if one.override else one.price.price_minor if one.price else 0
        amount = one.label_amount_minor if one.label_amount_minor is not None and not one.override else None
        amount = line_amount_minor(unit, one.quantity_thousandths) if amount is None else amount
        before += amount - reduction(one.discount, amount)
    scope = sum(o.amount_minor for o in priced(replace(basket, discount=None)).lines if o.line.item.discount_allowed)
    assert found.due_minor <= before - reduction(basket.discount, scope)


def reduction(discount: ManualDiscount | None, base: int) -> int:
    """The discount at its full value, rounded down: the shop may give more, never less."""
    if discount is None:
        return 0
    return min(discount.value, base) if discount.kind is DiscountKind.AMOUNT else base * discount.value // 10_000


@given(carts(), st.integers())
def test_the_order_of_the_lines_does_not_change_the_due(basket: Cart, seed: int) -> None:
    shuffled = list(basket.lines)
    Random(seed).shuffle(shuffled)
    assert priced(replace(basket, lines=tuple(shuffled))).due_minor == priced(basket).due_minor


@given(carts())
def test_pricing_twice_or_elsewhere_gives_the_same(basket: Cart) -> None:
    once = priced(basket)
    assert priced(once.cart) == once
    assert priced(msgspec.json.decode(msgspec.json.encode(basket), type=Cart)) == once


@given(carts(), lines(99))
def test_what_is_known_changes_nothing_but_the_work(basket: Cart, another: object) -> None:
    known = priced(basket)
    try:
        longer = add_line(basket, another)  # type: ignore[arg-type]
    except DomainError:
        return
    assert price_cart(longer, RULES, known=known) == priced(longer)
    undiscounted = replace(basket, discount=None)
    assert price_cart(undiscounted, RULES, known=known) == priced(undiscounted)
    again = price_cart(undiscounted, RULES, known=priced(undiscounted))
    assert again == priced(undiscounted)


def test_known_lines_are_taken_as_they_are() -> None:
    before = priced(cart(line(1), line(2)))
    after = price_cart(add_line(before.cart, line(3)), RULES, known=before)
    assert all(one is other for one, other in zip(before.lines, after.lines, strict=False))


def test_a_line_at_list_price_needs_no_explanation() -> None:
    one = priced(cart(line(1, 996, item=item(1, weighed=True), quantity=835))).lines[0]
    assert (one.unit_price_minor, one.list_minor, one.amount_minor, one.modifiers) == (996, 832, 832, ())


def test_a_special_price_is_told_with_what_it_saves() -> None:
    one = priced(cart(line(1, price=CurrentPrice(200, 150, 0), quantity=2000))).lines[0]
    assert [(step.stage, step.cause, step.amount_minor) for step in one.modifiers] == [
        (Stage.ITEM_PRICE, Cause.SPECIAL_PRICE, -100)
    ]
    assert (one.list_minor, one.amount_minor) == (400, 300)


def test_a_labels_amount_is_the_amount() -> None:
    one = priced(cart(line(1, 1000, item=item(1, weighed=True), quantity=835, label_amount_minor=820))).lines[0]
    assert (one.list_minor, one.amount_minor, one.modifiers[0].cause) == (835, 820, Cause.LABEL_AMOUNT)


def test_an_override_names_who_why_and_what_it_replaced() -> None:
    by_hand = PriceOverride(500, 790, "价签错", BY, OperatorId("1001"))
    one = priced(cart(line(1, 790, override=by_hand))).lines[0]
    step = one.modifiers[0]
    assert (one.amount_minor, step.amount_minor, step.base_minor) == (500, -290, 790)
    assert (step.cause, step.reason, step.operator_id, step.approved_by) == (
        Cause.PRICE_OVERRIDE,
        "价签错",
        BY,
        OperatorId("1001"),
    )


def test_an_override_to_the_same_price_is_told_all_the_same() -> None:
    one = priced(cart(line(1, 790, override=PriceOverride(790, 790, "核价", BY)))).lines[0]
    assert [step.amount_minor for step in one.modifiers] == [0]


def test_an_item_without_a_price_is_not_sold_unless_somebody_gives_one() -> None:
    with pytest.raises(DomainError) as caught:
        priced(cart(line(1, price=None)))
    assert (caught.value.code, caught.value.params) == ("cart.price_missing", line(1).item.names)
    one = priced(cart(line(1, price=None, override=PriceOverride(300, None, "新品", BY)))).lines[0]
    assert (one.list_minor, one.amount_minor) == (300, 300)


def test_discounts_work_on_the_running_amount() -> None:
    found = priced(replace(cart(line(1, 1000, discount=TENTH)), discount=TENTH))
    assert [step.amount_minor for step in found.lines[0].modifiers] == [-100, -90]
    assert found.lines[0].modifiers[1].base_minor == 900
    assert found.due_minor == 810


def test_a_carts_discount_is_spread_and_spares_what_may_not_be_discounted() -> None:
    bag = line(3, 30, item=item(3, discount_allowed=False))
    found = priced(replace(cart(line(1, 1000), line(2, 500), bag), discount=FIVE))
    assert [one.amount_minor for one in found.lines] == [667, 333, 30]
    assert [len(one.modifiers) for one in found.lines] == [1, 1, 0]
    assert priced(replace(cart(bag), discount=FIVE)).due_minor == 30


def test_a_discount_beyond_the_amount_gives_it_away_and_no_more() -> None:
    assert priced(cart(line(1, 300, discount=FIVE))).due_minor == 0
    assert priced(replace(cart(line(1, 300)), discount=FIVE)).due_minor == 0


def test_a_share_of_nothing_leaves_no_trace() -> None:
    one_fen = ManualDiscount(DiscountKind.AMOUNT, 1, "", BY)
    found = priced(replace(cart(line(1, 1000), line(2, 1)), discount=one_fen))
    assert [len(one.modifiers) for one in found.lines] == [1, 0]
