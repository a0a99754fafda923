"""The cart: each act on its own, and that an act changes nothing but what it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cart import (
    MAX_LINES,
    Cart,
    CartLine,
    DiscountKind,
    ManualDiscount,
    PriceOverride,
    add_line,
    discount_cart,
    discount_line,
    override_price,
    reprice_line,
    set_quantity,
    void_line,
)
from domain.catalog import CurrentPrice
from domain.errors import DomainError, NotFound
from domain.ids import OperatorId
from domain.quantity import ONE
from tests.builders import cart, item, line
from tests.strategies import carts

BY = OperatorId("1007")
TENTH = ManualDiscount(DiscountKind.PERCENT, 1000, "临期", BY)


def raises_code(code: str) -> pytest.RaisesExc[DomainError]:
    return pytest.raises(DomainError, match=rf"^{code.replace('.', chr(92) + '.')}$")


def test_one_more_piece_joins_the_line_of_the_same_price() -> None:
    full = cart(line(1), line(2), line(1, quantity=2 * ONE))
    assert [(one.line_id, one.quantity_thousandths) for one in full.lines] == [("L1", 3000), ("L2", 1000)]


@pytest.mark.parametrize(
    "other",
    [
        line(1, 190),
        line(1, item=item(1, weighed=True), quantity=835),
        line(1, label_amount_minor=150),
        line(1, override=PriceOverride(100, 200, "价签错", BY)),
        line(1, discount=TENTH),
    ],
)
def test_what_differs_gets_a_line_of_its_own(other: CartLine) -> None:
    assert len(cart(line(1), other).lines) == 2
    assert len(cart(other, line(1)).lines) == 2


def test_pieces_stay_whole_and_lines_stay_within_reason() -> None:
    with raises_code("quantity.whole_pieces"):
        cart(line(1, quantity=1500))
    with raises_code("quantity.whole_pieces"):
        set_quantity(cart(line(1)), "L1", 1500)
    with raises_code("quantity.out_of_range"):
        cart(line(1, quantity=9_999_000), line(1))
    weighed = cart(line(1, item=item(1, weighed=True), quantity=835))
    assert set_quantity(weighed, "L1", 1500).lines[0].quantity_thousandths == 1500


def test_a_cart_has_room_for_so_many_lines() -> None:
    full = cart(*(line(number) for number in range(MAX_LINES)))
    with raises_code("cart.too_many_lines"):
        add_line(full, line(MAX_LINES))
    assert add_line(full, line(7)).lines[7].quantity_thousandths == 2 * ONE


def test_a_labels_amount_is_not_multiplied() -> None:
    with raises_code("cart.label_quantity_fixed"):
        set_quantity(cart(line(1, label_amount_minor=150)), "L1", 2000)


def test_a_voided_line_leaves_and_stays_on_record() -> None:
    rest = void_line(cart(line(1), line(2)), "L1", operator_id=BY, at_ms=5)
    assert [one.line_id for one in rest.lines] == ["L2"]
    assert [(one.line.line_id, one.operator_id, one.at_ms) for one in rest.voided] == [("L1", BY, 5)]
    assert void_line(rest, "L2", operator_id=BY, at_ms=6).is_empty


def test_a_line_that_is_not_there() -> None:
    with pytest.raises(NotFound):
        void_line(cart(line(1)), "L9", operator_id=BY, at_ms=0)


def test_a_price_set_by_hand_replaces_the_label_and_keeps_to_the_rules() -> None:
    by_label = cart(line(1, label_amount_minor=150))
    changed = override_price(by_label, "L1", PriceOverride(120, 200, "价签错", BY)).lines[0]
    assert (changed.label_amount_minor, changed.override and changed.override.price_minor) == (None, 120)
    fixed = cart(line(1, item=item(1, override_allowed=False)))
    with raises_code("cart.override_forbidden"):
        override_price(fixed, "L1", PriceOverride(120, 200, "", BY))
    with raises_code("cart.below_floor"):
        override_price(cart(line(1, item=item(1, min_price_minor=150))), "L1", PriceOverride(149, 200, "", BY))
    with raises_code("cart.price_negative"):
        PriceOverride(-1, 200, "", BY)


def test_an_item_without_a_price_may_always_be_given_one() -> None:
    unpriced = cart(line(1, item=item(1, override_allowed=False), price=None))
    assert override_price(unpriced, "L1", PriceOverride(120, None, "", BY)).lines[0].override is not None


def test_discounts_come_and_go_where_they_are_allowed() -> None:
    one = discount_line(cart(line(1)), "L1", TENTH)
    assert one.lines[0].discount == TENTH
    assert discount_line(one, "L1", None) == cart(line(1))
    assert discount_cart(discount_cart(one, TENTH), None) == one
    with raises_code("cart.discount_forbidden"):
        discount_line(cart(line(1, item=item(1, discount_allowed=False))), "L1", TENTH)


@pytest.mark.parametrize(("kind", "value"), [("percent", 0), ("percent", 10_001), ("amount", 0), ("amount", -5)])
def test_a_discount_within_reason(kind: str, value: int) -> None:
    with raises_code("cart.discount_out_of_range"):
        ManualDiscount(DiscountKind(kind), value, "", BY)


def test_repricing_follows_and_leaves_what_was_set_by_hand() -> None:
    new = CurrentPrice(180, 180, 1)
    by_hand = override_price(cart(line(1)), "L1", PriceOverride(120, 200, "", BY))
    assert reprice_line(by_hand, "L1", new).lines[0].override == by_hand.lines[0].override
    assert reprice_line(cart(line(1)), "L1", new).lines[0].price == new


@given(carts(least=1), st.data())
def test_an_act_on_one_line_leaves_the_others_the_same_objects(before: Cart, data: st.DataObject) -> None:
    target = data.draw(st.sampled_from(before.lines)).line_id
    after = reprice_line(before, target, CurrentPrice(1, 1, 0))
    others = [pair for pair in zip(before.lines, after.lines, strict=True) if pair[0].line_id != target]
    assert all(one is other for one, other in others)
    assert after.voided is before.voided
