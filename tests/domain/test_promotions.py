"""Each benefit, condition and limit on its own, with figures that can be checked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from domain.cart import Cart, CartLine, DiscountKind, ManualDiscount, discount_cart
from domain.catalog import CurrentPrice
from domain.choices import Choices, CouponPair, TaxPer
from domain.ids import CartId, ItemId, OperatorId
from domain.members import MemberPrice, MemberTier, Shopper
from domain.points import PointsRules
from domain.price_modifier import Cause, Stage
from domain.pricing import PricedCart, price_cart
from domain.pricing_context import Coupon, PricingContext
from domain.promotions import benefits as b
from domain.promotions import conditions as c
from domain.promotions.groups import GroupMode, RuleGroup
from domain.promotions.rule import Limits, PercentBase, Rule, RuleStage, UnitPick
from domain.promotions.scope import Scope
from domain.quantity import ONE
from domain.rulebook import RuleBook
from tests.domain.rule_books import item_of

ITEM, ORDER, COUPON = RuleStage.ITEM, RuleStage.ORDER, RuleStage.COUPON
FIRST, SECOND, THIRD = (Scope(items=frozenset({ItemId(number)})) for number in (1, 2, 3))


def line(number: int, price: int, pieces: int = 1, **changes: Any) -> CartLine:
    item = item_of(number, **{name: changes.pop(name) for name in ("weighed", "min_price_minor") if name in changes})
    quantity = changes.pop("quantity", pieces * ONE)
    return CartLine(f"L{number}", item, quantity, CurrentPrice(price, changes.pop("special", price), 0), **changes)


def cart(*lines: CartLine) -> Cart:
    return Cart(CartId("c"), "CNY", 0, lines)


def rule(benefit: b.Benefit, stage: RuleStage = ITEM, **changes: Any) -> Rule:
    return Rule(changes.pop("rule_id", "r"), 1, stage, benefit, "规则", "Rule", **changes)


def book(*rules: Rule, **changes: Any) -> RuleBook:
    return RuleBook(choices=changes.pop("choices", Choices(max_hints=0)), rules=rules, **changes)


def priced(rules: Rule | RuleBook, *lines: CartLine, **context: Any) -> PricedCart:
    found = rules if isinstance(rules, RuleBook) else book(rules)
    return price_cart(cart(*lines), found, context=PricingContext(**context))


def amounts(found: PricedCart) -> list[int]:
    return [one.amount_minor for one in found.lines]


A, B = line(1, 1_000, 3), line(2, 600, 2)
"""3 × 10.00 and 2 × 6.00."""


@pytest.mark.parametrize(
    ("wanted", "benefit", "changes"),
    [
        ([2_700, 1_080], b.PercentOff(1_000), {}),
        ([2_850, 1_140], b.PercentOff(1_000, cap_minor=210), {}),
        ([3_000, 1_080], b.PercentOff(1_000), {"limits": Limits(max_units=2)}),
        ([2_800, 1_200], b.PercentOff(1_000), {"limits": Limits(max_units=2), "unit_pick": UnitPick.DEAREST}),
        ([2_900, 1_100], b.AmountOff(100, b.Per.LINE), {}),
        ([2_700, 1_000], b.AmountOff(100, b.Per.UNIT), {}),
        ([2_900, 1_000], b.AmountOff(100, b.Per.UNIT), {"limits": Limits(max_units=3)}),
        ([2_786, 1_114], b.AmountOff(300), {}),
        ([2_400, 1_200], b.UnitPrice(800), {}),
        ([1_429, 571], b.ScopePrice(2_000), {}),
        ([3_000, 1_200], b.ScopePrice(5_000), {}),
        ([1_500, 1_200], b.NForPrice(3, 1_500), {}),
        ([2_000, 1_000], b.NForPrice(2, 1_200), {}),
        ([2_667, 1_133], b.NAmountOff(2, 200), {"limits": Limits(max_times=2)}),
        ([1_500, 1_200], b.NPercentOff(3, 5_000), {}),
        ([2_500, 900], b.NthPercentOff(2, 5_000), {}),
        ([3_000, 600], b.NthPercentOff(2, 5_000, b.GroupPick.BASKET_CHEAPEST), {}),
        ([2_000, 1_200], b.NthPercentOff(2, 5_000, b.GroupPick.DEAREST), {}),
        ([2_500, 1_200], b.NthPercentOff(2, 5_000), {"limits": Limits(max_times=1)}),
        ([2_000, 1_200], b.BuyGet(2, 1), {}),
        ([3_000, 600], b.BuyGet(2, 1, goods=SECOND), {"scope": FIRST}),
        ([3_000, 300], b.BuyGet(1, 1, 7_500, goods=SECOND), {"scope": FIRST}),
        ([3_000, 600], b.CheapestFree(5), {}),
        ([2_000, 1_200], b.CheapestFree(2, dearest=True), {}),
        ([3_000, 1_200], b.CheapestFree(6), {}),
        ([2_375, 825], b.Bundle((b.BundlePart(FIRST), b.BundlePart(SECOND)), 1_100), {}),
        ([2_687, 1_013], b.Bundle((b.BundlePart(FIRST), b.BundlePart(SECOND)), 1_100), {"limits": Limits(max_times=1)}),
        ([3_000, 700], b.AddOn(SECOND, 100), {}),
        ([3_000, 200], b.AddOn(SECOND, 100, 2), {}),
        ([3_000, 1_200], b.AddOn(SECOND, 700), {}),
        ([2_100, 1_200], b.AddOn(FIRST, 100), {}),
        ([3_000, 700], b.AddOn(Scope(), 100), {}),
        ([2_100, 1_200], b.AddOn(Scope(), 100), {"unit_pick": UnitPick.DEAREST}),
        ([2_667, 1_133], b.NAmountOff(2, 200), {}),
        ([3_000, 0], b.BuyGet(1, 2, goods=SECOND), {"scope": FIRST, "limits": Limits(max_times=1)}),
        ([2_700, 1_080], b.Tiers(b.By.PIECES, (b.Step(3, percent_bp=500), b.Step(5, percent_bp=1_000))), {}),
        ([2_643, 1_057], b.Tiers(b.By.SPEND, (b.Step(4_200, 500), b.Step(4_201, 999))), {}),
        ([2_857, 1_143], b.Tiers(b.By.SPEND, (b.Step(4_000, 500),), cap_minor=200), {}),
        ([3_000, 1_200], b.Tiers(b.By.SPEND, (b.Step(4_201, 500),)), {}),
        ([2_714, 1_086], b.Every(b.By.SPEND, 1_000, 100), {}),
        ([2_857, 1_143], b.Every(b.By.SPEND, 1_000, 100, 2), {}),
        ([2_857, 1_143], b.Every(b.By.PIECES, 2, 100), {}),
        ([2_929, 1_171], b.Every(b.By.PIECES, 2, 100), {"limits": Limits(max_times=1)}),
    ],
)  # fmt: skip
def test_a_benefit(wanted: list[int], benefit: b.Benefit, changes: dict[str, Any]) -> None:
    found = priced(rule(benefit, **changes), A, B)
    assert amounts(found) == wanted
    assert [one.saved_minor for one in found.applied] == ([4_200 - sum(wanted)] if sum(wanted) < 4_200 else [])


def test_an_order_percentage_is_computed_once_and_spread() -> None:
    three = [line(number, 105) for number in (1, 2, 3)]
    assert amounts(priced(rule(b.PercentOff(1_000)), *three)) == [94, 94, 94]
    assert amounts(priced(rule(b.PercentOff(1_000), ORDER), *three)) == [94, 94, 95]
    assert priced(rule(b.PercentOff(1_000, 20), ORDER), *three).due_minor == 295
    assert priced(rule(b.PercentOff(1_000, 40), ORDER), *three).due_minor == 283


def test_percentages_work_on_what_is_left_or_on_list() -> None:
    twice = (rule(b.PercentOff(1_000), rule_id="a"), rule(b.PercentOff(1_000), ORDER, rule_id="b"))
    assert priced(book(*twice), line(1, 1_000)).due_minor == 810
    on_list = Choices(percent_base=PercentBase.LIST, max_hints=0)
    assert priced(book(*twice, choices=on_list), line(1, 1_000)).due_minor == 800


def test_goods_by_weight_count_by_weight_and_are_one_piece() -> None:
    apples = line(8, 1_000, weighed=True, quantity=835)
    assert amounts(priced(rule(b.AmountOff(200, b.Per.UNIT)), apples)) == [668]
    assert amounts(priced(rule(b.UnitPrice(900)), apples)) == [752]
    assert amounts(priced(rule(b.CheapestFree(2)), apples)) == [835]
    assert amounts(priced(rule(b.PercentOff(1_000), conditions=(c.Quantity(836),)), apples)) == [835]
    assert amounts(priced(rule(b.PercentOff(1_000), conditions=(c.Quantity(835, on_one_line=True),)), apples)) == [751]


def test_floors_send_the_rest_to_lines_with_room_and_drop_what_finds_none() -> None:
    floored = line(1, 1_000, min_price_minor=900)
    found = priced(rule(b.AmountOff(600)), floored, line(2, 1_000))
    assert amounts(found) == [900, 500]
    assert found.applied[0].dropped_minor == 0
    tight = priced(rule(b.AmountOff(300)), floored)
    assert (amounts(tight), tight.applied[0].dropped_minor) == ([900], 200)
    by_rule = priced(rule(b.PercentOff(5_000), limits=Limits(floor_price_minor=700)), A)
    assert (amounts(by_rule), by_rule.applied[0].dropped_minor) == ([2_100], 600)


def test_units_count_once_for_rules_of_groups() -> None:
    rules = (rule(b.NForPrice(2, 1_500), priority=1, rule_id="a"), rule(b.NthPercentOff(2, 5_000), rule_id="b"))
    four = line(1, 1_000, 4)
    assert priced(book(*rules), line(1, 1_000, 3)).due_minor == 2_500
    assert priced(book(*rules), four).due_minor == 3_000
    again = Choices(units_count_once=False, max_hints=0)
    assert priced(book(*rules, choices=again), four).due_minor < 3_000


def test_unused_units_cost_what_reductions_since_have_left() -> None:
    """Two of three are used and cost 15.00; the third costs 9.00 after 10 % off, and half of that comes off."""
    rules = (
        rule(b.NthPercentOff(2, 5_000), rule_id="a", priority=3),
        rule(b.PercentOff(1_000), rule_id="b", priority=2),
        rule(b.NPercentOff(1, 5_000), rule_id="c", priority=1, limits=Limits(max_times=1)),
    )
    found = priced(book(*rules), line(1, 1_000, 3))
    assert [(one.rule_id, one.saved_minor, one.times) for one in found.applied] == [
        ("a", 500, 1), ("b", 250, 1), ("c", 450, 1),
    ]  # fmt: skip


def test_an_order_rule_sees_what_used_units_cost_now() -> None:
    rules = (
        rule(b.NthPercentOff(2, 5_000), rule_id="a"),
        rule(b.Tiers(b.By.SPEND, (b.Step(1_500, 100),)), ORDER, rule_id="b"),
    )
    assert priced(book(*rules), line(1, 1_000, 2)).due_minor == 1_400


@pytest.mark.parametrize(("base", "due"), [("stage", 2_800), ("running", 2_900), ("list", 2_800)])
def test_the_base_of_a_threshold(base: str, due: int) -> None:
    rules = (
        rule(b.AmountOff(100), ORDER, rule_id="a", priority=1),
        rule(b.AmountOff(100), ORDER, rule_id="b", conditions=(c.Spend(3_000),)),
    )
    chosen = Choices(threshold_base=c.ThresholdBase(base), max_hints=0)
    assert priced(book(*rules, choices=chosen), A).due_minor == due


def test_a_threshold_means_at_least_unless_it_is_above() -> None:
    at_least, above = (rule(b.AmountOff(1), ORDER, conditions=(c.Spend(3_000, above=over),)) for over in (False, True))
    assert (priced(at_least, A).due_minor, priced(above, A).due_minor) == (2_999, 3_000)
    most = rule(b.AmountOff(1), ORDER, conditions=(c.Spend(0, 2_999),))
    assert priced(most, A).due_minor == 3_000


def test_a_threshold_may_look_at_other_goods() -> None:
    other = rule(b.AmountOff(100), scope=FIRST, conditions=(c.Spend(1_200, scope=SECOND),))
    assert (priced(other, A, B).due_minor, priced(other, A, line(2, 1_199)).due_minor) == (4_100, 4_199)


def test_the_cheapest_units_are_those_of_the_lowest_price_each() -> None:
    found = priced(rule(b.PercentOff(5_000), limits=Limits(max_units=2)), A, line(2, 600, 10))
    assert amounts(found) == [3_000, 5_400]


def test_partner_goods_and_goods_on_one_line() -> None:
    partner = rule(b.PercentOff(1_000), scope=FIRST, conditions=(c.Pieces(2, scope=SECOND),))
    assert amounts(priced(partner, A, B)) == [2_700, 1_200]
    assert amounts(priced(partner, A, line(2, 600))) == [3_000, 600]
    one_line = rule(b.PercentOff(1_000), conditions=(c.Pieces(3, 3, on_one_line=True),))
    assert amounts(priced(one_line, A, B)) == [2_700, 1_080]


def test_goods_already_cheaper_are_left_out_where_the_scope_says_so() -> None:
    coupon = rule(b.PercentOff(1_000), COUPON, scope=Scope(reduced=False))
    found = priced(coupon, line(1, 1_000, special=800), line(2, 1_000), coupons=(Coupon("g", "r"),))
    assert amounts(found) == [800, 900]


SHOPPER = Shopper("m", "gold", frozenset({"vip"}), "11-05", 4, 500)


def test_of_a_group_the_best_counts_and_inner_groups_add_up() -> None:
    groups = (RuleGroup("one"), RuleGroup("many", GroupMode.ALL, "one"))
    alone = rule(b.AmountOff(500), rule_id="alone", group_id="one")
    some = [rule(b.AmountOff(amount), rule_id=f"part-{amount}", group_id="many") for amount in (200, 280)]
    assert priced(book(alone, *some, groups=groups), A).due_minor == 2_500
    more = rule(b.AmountOff(21), rule_id="part-21", group_id="many")
    assert priced(book(alone, *some, more, groups=groups), A).due_minor == 2_499


def test_equal_rules_are_told_apart_by_priority_and_id() -> None:
    same = [
        rule(b.AmountOff(500), rule_id=rule_id, group_id="g", priority=priority)
        for rule_id, priority in (("z", 0), ("b", 1), ("a", 1))
    ]
    assert [one.rule_id for one in priced(book(*same, groups=(RuleGroup("g"),)), A).applied] == ["a"]


def test_an_exclusive_rule_wins_by_its_worth_or_by_duty() -> None:
    small, large = rule(b.AmountOff(100), rule_id="x"), rule(b.AmountOff(500), rule_id="y")
    alone = rule(b.AmountOff(550), rule_id="alone", exclusive=True)
    assert priced(book(small, large, alone), A).due_minor == 2_400
    duty = rule(b.AmountOff(50), rule_id="alone", exclusive=True, mandatory=True)
    assert priced(book(small, large, duty), A).due_minor == 2_950


def test_coupons_combine_as_the_matrix_says_and_the_others_are_told() -> None:
    rules = [
        rule(b.AmountOff(amount), COUPON, rule_id=name, coupon_group=name) for name, amount in (("x", 100), ("y", 200))
    ]
    coupons = (Coupon("g1", "x"), Coupon("g2", "y"), Coupon("g3", "none"), Coupon("g4", "x", 5, 6))
    single = priced(book(*rules), A, coupons=coupons)
    assert single.due_minor == 2_800
    assert {one.coupon_id: one.reason for one in single.coupons_refused} == {
        "g1": "not_together", "g3": "unknown", "g4": "not_in_time",
    }  # fmt: skip
    both = Choices(coupons_combine=(CouponPair("x", "y"),), max_hints=0)
    found = priced(book(*rules, choices=both), A, coupons=coupons)
    assert found.due_minor == 2_700
    assert {(s.cause, s.coupon_id) for s in found.lines[0].modifiers} == {(Cause.COUPON, "g1"), (Cause.COUPON, "g2")}


def test_a_coupons_surplus_is_lost_and_its_minimum_is_judged_when_it_is_used() -> None:
    assert priced(rule(b.AmountOff(9_999), COUPON), A, coupons=(Coupon("g", "r"),)).due_minor == 0
    two = [rule(b.AmountOff(500), COUPON, rule_id=name, conditions=(c.Spend(2_800),)) for name in "xy"]
    both = Choices(coupons_combine=(CouponPair("", ""),), max_hints=0)
    found = priced(book(*two, choices=both), A, coupons=(Coupon("g1", "x"), Coupon("g2", "y")))
    assert (found.due_minor, len(found.coupons_refused)) == (2_500, 1)


def test_a_coupon_by_code_needs_no_card() -> None:
    by_code = rule(b.AmountOff(500), COUPON, conditions=(c.HasCode(frozenset({"AUTUMN"})),))
    assert priced(by_code, A, codes=frozenset({"autumn"})).due_minor == 2_500
    assert priced(by_code, A).due_minor == 3_000


def test_gifts_cost_nothing_while_their_rule_holds() -> None:
    gift = rule(b.Gift(SECOND, 1), ORDER, conditions=(c.Spend(3_000),), scope=FIRST)
    found = priced(gift, A, line(2, 600, 2, gift_of="r"), line(3, 50))
    assert amounts(found) == [3_000, 600, 50]
    assert [(one.cause, one.amount_minor) for one in found.lines[1].modifiers] == [(Cause.GIFT, -600)]
    assert [(one.pieces, one.claimed) for one in found.gifts] == [(1, 1)]
    assert [(one.pieces, one.claimed) for one in priced(gift, A).gifts] == [(1, 0)]
    assert amounts(priced(gift, line(1, 1_000), line(2, 600, gift_of="r"))) == [1_000, 600]
    assert amounts(priced(gift, A, line(3, 50, gift_of="r"))) == [3_000, 50]


def test_delivery_is_free_and_counts_for_nothing_else() -> None:
    charge, delivery = line(9, 1_200), frozenset({ItemId(9)})
    free = book(rule(b.FreeDelivery(1_000), ORDER, conditions=(c.Spend(3_000),)), delivery_items=delivery)
    assert amounts(priced(free, A, charge)) == [3_000, 200]
    assert amounts(priced(free, line(1, 2_999), charge)) == [2_999, 1_200]
    dear = book(rule(b.FreeDelivery(), ORDER, scope=Scope(price_from_minor=2_000)), delivery_items=delivery)
    assert amounts(priced(dear, A, charge)) == [3_000, 1_200]
    percent = book(rule(b.PercentOff(1_000), ORDER), delivery_items=delivery)
    assert amounts(priced(percent, A, charge)) == [2_700, 1_200]


def test_the_lowest_item_price_counts() -> None:
    prices = book(
        rule(b.UnitPrice(850), RuleStage.ITEM_PRICE, scope=FIRST, valid_until_ms=100),
        member_prices=(MemberPrice(ItemId(1), 870), MemberPrice(ItemId(1), 840, frozenset({"blue"}))),
        tiers=(MemberTier("gold", off_bp=1_200), MemberTier("blue", off_bp=1_000, on_special_prices=True)),
    )
    one = line(1, 1_000, special=900)
    assert priced(prices, one, at_ms=100).due_minor == 900
    assert priced(prices, one).lines[0].modifiers[0].rule_id == "r"
    assert [priced(prices, one, at_ms=at, shopper=SHOPPER).due_minor for at in (0, 100)] == [850, 870]
    gold = priced(book(tiers=prices.tiers), one, shopper=SHOPPER).lines[0]
    assert (gold.amount_minor, gold.unit_price_minor, gold.modifiers[0].cause) == (880, 880, Cause.MEMBER_RATE)
    blue = priced(prices, one, at_ms=100, shopper=Shopper("m", "blue")).lines[0]
    assert [(step.cause, step.amount_minor) for step in blue.modifiers] == [
        (Cause.MEMBER_PRICE, -160), (Cause.MEMBER_RATE, -84),
    ]  # fmt: skip
    floored = line(1, 1_000, min_price_minor=950)
    assert priced(prices, floored, at_ms=100, shopper=Shopper("m", "blue")).due_minor == 950


def test_points_go_by_steps_below_the_cap() -> None:
    points = PointsRules(100, 100, 5_000, 800, 1_000, earn_minor_per_point=100)
    found = priced(book(points=points), line(1, 1_999), shopper=Shopper("m", points=2_000), points_wanted=1_950)
    assert found.points is not None
    assert (found.points.wanted, found.points.used, found.due_minor, found.points_earned) == (1_950, 800, 1_199, 11)
    assert found.lines[0].modifiers[-1].stage is Stage.POINTS
    half = priced(book(points=points), line(1, 1_000), shopper=Shopper("m", points=2_000), points_wanted=1_950)
    assert half.due_minor == 500
    for context in ({"shopper": Shopper("m", points=99)}, {"shopper": None}):
        assert priced(book(points=points), A, points_wanted=500, **context).due_minor == 3_000
    assert (
        priced(book(points=points), line(1, 999), shopper=Shopper("m", points=2_000), points_wanted=900).due_minor
        == 999
    )


def test_points_leave_the_lowest_price() -> None:
    points, rich = PointsRules(1, 1), Shopper("m", points=9_999)
    goods = (line(1, 1_000, min_price_minor=900), line(2, 50, min_price_minor=50))
    assert amounts(priced(book(points=points), *goods, shopper=rich, points_wanted=9_999)) == [900, 50]


def test_points_and_coupons_together_or_the_better_of_the_two() -> None:
    points = PointsRules(100, 100)
    apart = Choices(points_with_coupons=False, max_hints=0)
    coupon = rule(b.AmountOff(300), COUPON)
    context: dict[str, Any] = {"coupons": (Coupon("g", "r"),), "points_wanted": 500}
    rich, poor = Shopper("m", points=500), Shopper("m", points=200)
    assert priced(book(coupon, points=points), A, shopper=rich, **context).due_minor == 2_200
    assert priced(book(coupon, points=points, choices=apart), A, shopper=rich, **context).due_minor == 2_500
    assert priced(book(coupon, points=points, choices=apart), A, shopper=poor, **context).due_minor == 2_700


def test_points_are_earned_on_what_was_paid() -> None:
    times = rule(b.PointsTimes(2_000), ORDER, scope=FIRST)
    points = PointsRules(earn_minor_per_point=100, earn_scope=Scope(not_items=frozenset({ItemId(3)})))
    tiers = (MemberTier("gold", points_times_thousandths=1_500),)
    shop = book(times, points=points, tiers=tiers)
    assert priced(shop, A, B, line(3, 9_900), shopper=SHOPPER).points_earned == (3_000 * 2 + 1_200) * 3 // 200
    assert priced(shop, A, shopper=Shopper("m"), paid_by_earned_minor=1_500).points_earned == 30
    assert priced(shop, A, shopper=None).points_earned == 0
    assert priced(shop, line(1, 0), shopper=SHOPPER).points_earned == 0


def test_tax_per_rate_group_is_split_once() -> None:
    small = [line(number, price, tax_rate_bp=1_300) for number, price in ((1, 10), (2, 10), (3, 4))]
    by_group = priced(book(choices=Choices(tax_per=TaxPer.RATE_GROUP)), *small)
    assert (priced(book(), *small).tax_minor, by_group.tax_minor) == (2, 3)
    assert all(one.taxed.net_minor + one.taxed.tax_minor == one.amount_minor for one in by_group.lines)


def test_a_manual_discount_of_the_cart_comes_before_coupons_and_once() -> None:
    half = ManualDiscount(DiscountKind.PERCENT, 5_000, "", OperatorId("1007"))
    rules = book(rule(b.AmountOff(100), ORDER, rule_id="a"), rule(b.AmountOff(100), COUPON, rule_id="b"))
    context = PricingContext(coupons=(Coupon("g", "b"),))
    found = price_cart(discount_cart(cart(A), half), rules, context=context)
    assert [step.stage for step in found.lines[0].modifiers] == [
        Stage.ORDER_PROMOTION, Stage.MANUAL_CART, Stage.COUPON,
    ]  # fmt: skip
    assert found.due_minor == 1_350
    assert price_cart(discount_cart(cart(A), half), rules).due_minor == 1_450


def test_stages_may_come_in_another_order() -> None:
    stages = (
        *Choices().stages[:2],
        Stage.COUPON,
        Stage.ORDER_PROMOTION,
        Stage.MANUAL_CART,
        Stage.ITEM_PROMOTION,
        Stage.POINTS,
    )
    rules = (rule(b.PercentOff(5_000), rule_id="a"), rule(b.AmountOff(1_000), ORDER, rule_id="b"))
    assert priced(book(*rules), A).due_minor == 500
    assert priced(book(*rules, choices=Choices(stages=stages)), A).due_minor == 1_000
