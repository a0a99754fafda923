"""What no limit or condition can do is not published and not promised, and the engine agrees on which those are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.cart import Cart
from domain.ids import ItemId
from domain.members import Shopper
from domain.points import PointsRules
from domain.pricing import PricedCart, price_cart
from domain.pricing_context import Coupon, PricingContext
from domain.promotions import benefits as b
from domain.promotions import conditions as c
from domain.promotions.checks import rule_book_problems
from domain.promotions.effects import conditions_without_effect, limits_without_effect
from domain.promotions.rule import Limits, Rule, RuleStage
from domain.promotions.scope import ALL_GOODS, Scope
from domain.quantity import ONE
from domain.rulebook import RuleBook
from tests.builders import cart, line
from tests.domain.promo_voices import said

DELIVERY = ItemId(9)
CRISPS, COLA = Scope(items=frozenset({ItemId(2)})), Scope(items=frozenset({ItemId(4)}))
BENEFITS: tuple[b.Benefit, ...] = (
    b.PercentOff(5000), b.AmountOff(300), b.AmountOff(300, b.Per.UNIT), b.AmountOff(300, b.Per.LINE),
    b.UnitPrice(1), b.ScopePrice(100), b.NForPrice(2, 100), b.NAmountOff(2, 300), b.NPercentOff(2, 9000),
    b.NthPercentOff(2, 9000), b.BuyGet(1, 1), b.CheapestFree(2),
    b.Bundle((b.BundlePart(CRISPS), b.BundlePart(COLA)), 100),
    b.AddOn(COLA, 1, 3), b.Tiers(b.By.SPEND, (b.Step(100, 300),)), b.Tiers(b.By.SPEND, (b.Step(100, 0, 5000),)),
    b.Every(b.By.SPEND, 500, 300), b.Gift(COLA, 1), b.PointsTimes(2000), b.FreeDelivery(),
)  # fmt: skip
LATE = (b.Gift, b.PointsTimes, b.FreeDelivery)
LIMITS = {
    "max_units": Limits(max_units=1),
    "max_times": Limits(max_times=1),
    "floor_price_minor": Limits(floor_price_minor=990),
    "budget_minor": Limits(budget_minor=1),
}
BASKET = cart(
    line(1, 1000, quantity=4 * ONE),
    line(2, 1000, quantity=4 * ONE),
    line(4, 1000, quantity=4 * ONE),
    line(5, 1000, gift_of="r"),
    replace(line(4, 1000, gift_of="r"), line_id="gift"),
    line(DELIVERY, 1000),
)


def stages(benefit: b.Benefit) -> list[RuleStage]:
    found = [RuleStage.ORDER, RuleStage.COUPON] if isinstance(benefit, LATE) else list(RuleStage)[1:]
    return [RuleStage.ITEM_PRICE, *found] if isinstance(benefit, b.UnitPrice) else found


def priced(rule: Rule, basket: Cart = BASKET) -> PricedCart:
    book = RuleBook(
        1, rules=(rule,), delivery_items=frozenset({DELIVERY}), points=PointsRules(earn_minor_per_point=100)
    )
    coupons = (Coupon("c", "r"),) if rule.stage is RuleStage.COUPON else ()
    return price_cart(basket, book, context=PricingContext(shopper=Shopper("m"), coupons=coupons))


RULES = [Rule("r", 1, stage, benefit) for benefit in BENEFITS for stage in stages(benefit)]


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.benefit.KIND}-{rule.stage}")
def test_a_limit_without_effect_is_one_that_changes_no_price(rule: Rule, name: str) -> None:
    limited = replace(rule, limits=LIMITS[name])
    free, bound = priced(rule), priced(limited)
    same = (free.due_minor, free.points_earned) == (bound.due_minor, bound.points_earned)
    assert limits_without_effect(limited) == ([name] if same else [])
    problems = [problem.code for problem in rule_book_problems(RuleBook(rules=(limited,)))]
    assert bool(problems) is same
    assert (said(limited) == said(rule)) is same


def test_the_table_covers_every_benefit_and_the_other_limits_always_count() -> None:
    assert {type(benefit) for benefit in BENEFITS} == set(b.Benefit.__args__)
    counted = Limits(max_uses=1, max_per_member=1, max_per_member_day=1, max_per_day=1)
    assert all(limits_without_effect(replace(rule, limits=counted)) == [] for rule in RULES)


@pytest.mark.parametrize("condition", [c.Spend(99_999), c.Pieces(99), c.Quantity(999_000)])
def test_an_item_price_knows_no_amounts_or_pieces(condition: c.Condition) -> None:
    plain = Rule("r", 1, RuleStage.ITEM_PRICE, b.UnitPrice(1), conditions=(c.MemberIs(),))
    asked = replace(plain, conditions=(*plain.conditions, condition))
    assert priced(asked).due_minor == priced(plain).due_minor
    assert conditions_without_effect(asked) == [condition]
    assert [one.code for one in rule_book_problems(RuleBook(rules=(asked,)))] == ["rules.condition_without_effect"]
    assert said(asked) == said(plain)
    later = replace(asked, stage=RuleStage.ITEM, scope=ALL_GOODS)
    assert conditions_without_effect(later) == []
    assert priced(later).due_minor > priced(plain).due_minor
