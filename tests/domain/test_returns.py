"""Returns: every partition and order of them sums to what was paid, in money, tax and points."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clock import BusinessDate
from domain.errors import DomainError
from domain.ids import OperatorId, SaleId
from domain.members import Shopper
from domain.points import PointsRules
from domain.pricing import PricedCart, price_cart
from domain.pricing_context import Coupon, PricingContext
from domain.promotions.benefits import AmountOff, Gift
from domain.promotions.rule import Rule, RuleStage
from domain.promotions.scope import ALL_GOODS
from domain.returns import judged_again_minor, refund
from domain.rulebook import RuleBook
from domain.sale import Sale, SaleContext, complete, sale_from_body
from domain.tender import Tender, TenderKind, settle
from sync.journal import canonical
from tests.builders import NOW_MS, STORE, TERMINAL, cart, line
from tests.domain.rule_books import Case, cases

CONTEXT = SaleContext(
    SaleId("sale-1"), "0102-2A-000001", STORE, TERMINAL, OperatorId("1007"), BusinessDate("2026-11-03"), NOW_MS, "m-1"
)


def sold(priced: PricedCart) -> Sale:
    tenders = (Tender(TenderKind.CASH, priced.due_minor),)
    return complete(priced, tenders, settlement=settle(priced.due_minor, tenders, 10), context=CONTEXT)


def pieces_of(sale: Sale, random: Random) -> list[tuple[int, int]]:
    """All goods of a sale, cut up and shuffled."""
    found = []
    for at, one in enumerate(sale.lines):
        left = one.quantity_thousandths
        while left:
            some = random.randint(1, left)
            found.append((at, some))
            left -= some
    random.shuffle(found)
    return found


@settings(max_examples=150)
@given(cases(), st.randoms(use_true_random=False))
def test_all_returns_together_are_what_was_paid(one: Case, random: Random) -> None:
    sale = sold(price_cart(one.cart, one.book, context=one.context))
    before: dict[int, int] = {}
    money = tax = restored = reversed_ = 0
    for at, quantity in pieces_of(sale, random):
        found = refund(sale, before, {at: quantity})
        assert found.amount_minor >= 0
        assert sum(part.amount_minor for part in found.lines) == found.amount_minor + found.rounding_minor
        before[at] = before.get(at, 0) + quantity
        money += found.amount_minor
        tax += sum(part.tax_minor for part in found.lines)
        restored += found.points_restored
        reversed_ += found.points_reversed
    assert (money, tax) == (sale.payable_minor, sale.tax_minor)
    assert (restored, reversed_) == (sale.points_used, sale.points_earned if sale.due_minor else 0)
    at_once = refund(sale, {}, {at: one.quantity_thousandths for at, one in enumerate(sale.lines)})
    assert at_once.amount_minor == sale.payable_minor


@settings(max_examples=60)
@given(cases())
def test_a_sale_with_rules_survives_the_journal(one: Case) -> None:
    sale = sold(price_cart(one.cart, one.book, context=one.context))
    assert sale_from_body(json.loads(canonical(sale))) == sale


BOOK = RuleBook(
    2,
    rules=(
        Rule("10-off", 1, RuleStage.ORDER, AmountOff(300), "减3元", "3 off"),
        Rule("bag", 1, RuleStage.ORDER, Gift(ALL_GOODS)),
        Rule("coupon", 4, RuleStage.COUPON, AmountOff(101), "1元券", "1 off"),
    ),
    points=PointsRules(100, 100, earn_minor_per_point=100),
)


def a_sale() -> Sale:
    basket = cart(line(1, 1_000, quantity=2_000), line(2, 500), line(9, 80, gift_of="bag"))
    context = PricingContext(shopper=Shopper("m-1", points=500), coupons=(Coupon("g-7", "coupon"),), points_wanted=300)
    return sold(price_cart(basket, BOOK, context=context))


def test_a_part_gives_back_its_share_of_everything() -> None:
    sale = a_sale()
    assert (sale.due_minor, sale.rounding_minor, sale.points_used, sale.points_earned) == (1_799, 9, 300, 17)
    assert [one.amount_minor for one in sale.lines] == [1_439, 360, 0]
    assert [(rule.rule_id, rule.coupon_id) for rule in sale.rules] == [("10-off", ""), ("bag", ""), ("coupon", "g-7")]
    first = refund(sale, {}, {0: 1_000})
    assert (first.amount_minor, first.rounding_minor) == (717, 3)
    assert (first.points_restored, first.points_reversed, first.coupons_restored) == (120, 6, ())
    assert first.gifts_asked_back == ("bag",)
    assert [(part.amount_minor, part.tax_minor) for part in first.lines] == [(720, 83)]
    last = refund(sale, {0: 1_000}, {0: 1_000, 1: 1_000, 2: 1_000})
    assert last.amount_minor == sale.payable_minor - 717
    assert (last.coupons_restored, last.gifts_asked_back) == (("g-7",), ())
    assert (last.points_restored, last.points_reversed) == (180, 11)


@pytest.mark.parametrize("now", [{0: 2_001}, {3: 1}, {-1: 1}, {0: -1}])
def test_no_more_comes_back_than_was_bought(now: dict[int, int]) -> None:
    with pytest.raises(DomainError, match=r"returns\.more_than_bought"):
        refund(a_sale(), {}, now)


def test_nothing_comes_back_for_nothing() -> None:
    found = refund(a_sale(), {}, {})
    assert (found.amount_minor, found.lines, found.gifts_asked_back) == (0, (), ())
    free = sold(price_cart(cart(line(1, 0)), RuleBook()))
    assert refund(free, {}, {0: 1_000}).amount_minor == 0


def test_judged_again_the_kept_goods_cost_what_they_would_have() -> None:
    sale = a_sale()
    assert judged_again_minor(sale, 1_500, refunded_minor=0) == sale.payable_minor - 1_500
    assert judged_again_minor(sale, 9_000, refunded_minor=0) == 0
    assert judged_again_minor(sale, 0, refunded_minor=290) == sale.payable_minor - 290


def test_an_old_sale_without_rules_is_read() -> None:
    sale = sold(price_cart(cart(line(1)), RuleBook()))
    body = json.loads(canonical(replace(sale, member_id="")))
    for name in ("rules", "member_id", "points_used", "points_used_minor", "points_earned"):
        del body[name]
    for step in ("rule_id", "rule_version", "coupon_id"):
        assert all(step not in modifier for one in body["lines"] for modifier in one["modifiers"])
    assert sale_from_body(body) == replace(sale, member_id="")
