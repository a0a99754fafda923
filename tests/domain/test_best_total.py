"""Selections in large carts: parts of the goods, thresholds that a discount would spoil, and bounded work."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from domain.cart import Cart
from domain.choices import Choices, CouponPair
from domain.ids import ItemId
from domain.members import Shopper
from domain.points import PointsRules
from domain.pricing import PricedCart, price_cart
from domain.pricing_context import Coupon, PricingContext
from domain.promotions import benefits as b
from domain.promotions import conditions as c
from domain.promotions.bounded import CHANGE_WORK
from domain.promotions.conflicts import conflict_masks
from domain.promotions.groups import RuleGroup
from domain.promotions.rule import Rule
from domain.promotions.scope import Scope
from domain.promotions.selection import Field
from domain.rulebook import RuleBook
from tests.bench.price_shop import CONTEXT, book_of, cart_of
from tests.domain.rule_books import Case
from tests.domain.test_pricing_properties import check_order, greedy_due, reckoning_of
from tests.domain.test_promotions import COUPON, ORDER, book, cart, line, rule

MANY = 12


def of(number: int) -> Scope:
    return Scope(items=frozenset({ItemId(number)}))


def half_off(numbers: range) -> list[Rule]:
    return [rule(b.PercentOff(5_000), rule_id=f"half-{number}", scope=of(number)) for number in numbers]


def many_lines() -> Cart:
    return cart(*(line(number, 1_000) for number in range(1, MANY + 1)))


def used(found: PricedCart) -> set[str]:
    return {one.rule_id for one in found.applied}


def test_a_discount_that_would_spoil_a_threshold_is_left_out() -> None:
    """Twelve half prices make 60.00; without one of them 65.00 is reached and ten more come off."""
    order = rule(b.AmountOff(1_000), ORDER, rule_id="order", conditions=(c.Spend(6_500),))
    found = price_cart(many_lines(), book(*half_off(range(1, MANY + 1)), order))
    assert found.due_minor == 5_500
    assert len(used(found)) == MANY
    assert "order" in used(found)


def test_of_two_rules_for_the_same_goods_the_better_one_is_found_in_every_part() -> None:
    """By priority the worse one of each pair would be taken."""
    pairs = [
        rule(b.PercentOff(percent), rule_id=f"{percent}-{number}", scope=of(number), group_id=f"g{number}", priority=p)
        for number in range(1, MANY + 1)
        for percent, p in ((1_000, 1), (2_000, 0))
    ]
    groups = tuple(RuleGroup(f"g{number}") for number in range(1, MANY + 1))
    order = rule(b.PercentOff(100), ORDER, rule_id="order")
    found = price_cart(many_lines(), book(*pairs, order, groups=groups))
    assert found.due_minor == 12_000 * 80 * 99 // 10_000


def test_many_rules_for_the_same_goods_and_the_whole() -> None:
    """More than can be tried: greedy is the least that is found."""
    clashing = [
        rule(b.NForPrice(2 + number % 3, 700 + 100 * number), rule_id=f"n{number:02}", priority=number % 4)
        for number in range(14)
    ]
    one = Case(many_lines(), book(*clashing, rule(b.PercentOff(100), ORDER, rule_id="order")), PricingContext())
    found = price_cart(one.cart, one.book)
    assert found.due_minor <= greedy_due(one)
    check_order(one, found, Random(3))


def test_coupons_beside_many_rules() -> None:
    coupons = [
        rule(b.AmountOff(amount), COUPON, rule_id=f"c{amount}", coupon_group=group, exclusive=amount == 900)
        for amount, group in ((300, "x"), (200, "y"), (250, "y"), (900, ""))
    ]
    matrix = Choices(coupons_combine=(CouponPair("x", "y"),), max_hints=0)
    order = rule(b.AmountOff(100), ORDER, rule_id="order")
    shop = book(*half_off(range(1, MANY + 1)), order, *coupons, choices=matrix)
    presented = tuple(Coupon(f"g{one.rule_id}", one.rule_id) for one in coupons)
    dues = [
        price_cart(many_lines(), shop, context=PricingContext(coupons=presented[:count])).due_minor
        for count in range(5)
    ]
    assert dues == [5_900, 5_600, 5_400, 5_350, 5_350]


def test_a_mandatory_coupon_is_used_even_beside_many_rules() -> None:
    forced = rule(b.AmountOff(1), COUPON, rule_id="forced", mandatory=True, exclusive=True)
    shop = book(*half_off(range(1, MANY + 1)), rule(b.AmountOff(100), ORDER, rule_id="order"), forced)
    found = price_cart(many_lines(), shop, context=PricingContext(coupons=(Coupon("g", "forced"),)))
    assert (found.due_minor, used(found)) == (11_999, {"forced"})


def test_points_look_at_the_whole() -> None:
    points = PointsRules(100, 100, 5_000)
    shop = book(*half_off(range(1, MANY + 1)), points=points)
    context = PricingContext(shopper=Shopper("m", points=9_900), points_wanted=9_900)
    assert price_cart(many_lines(), shop, context=context).due_minor == 3_000


def test_a_search_in_a_large_cart_is_bounded_by_count() -> None:
    rng = Random(4)
    shop, basket = book_of(500, rng), cart_of(100, rng)
    one = Case(basket, shop, CONTEXT)
    reckoning, offers = reckoning_of(one)
    field = Field(reckoning, offers, conflict_masks(offers, shop))
    before = field.run(0).total
    found = price_cart(basket, shop, context=CONTEXT)
    assert len(offers) > 60
    assert found.due_minor < before
    assert found.due_minor <= greedy_due(one)
    assert CHANGE_WORK < 10_000


def test_a_rule_of_a_book_that_touches_nothing_changes_nothing() -> None:
    far = RuleBook(rules=tuple(half_off(range(100, 400))))
    basket = many_lines()
    found = price_cart(basket, far)
    assert (found.applied, found.hints, found.due_minor) == ((), (), 12_000)
    assert found.lines == price_cart(basket, replace(far, rules=())).lines
