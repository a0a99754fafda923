"""A shop's rule book and carts for the measures of pricing: five thousand goods, rules as shops run them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from random import Random

from domain.cart import Cart, CartLine
from domain.catalog import CurrentPrice, Item
from domain.ids import CartId, ItemId
from domain.members import MemberTier, Shopper
from domain.points import PointsRules
from domain.pricing_context import Coupon, PricingContext
from domain.promotions import benefits as b
from domain.promotions import conditions as c
from domain.promotions.groups import RuleGroup
from domain.promotions.rule import Limits, Rule, RuleStage
from domain.promotions.scope import Scope
from domain.quantity import ONE
from domain.rulebook import RuleBook
from tests.bench.harness import NS_PER_MS

GOODS, CATEGORIES, BRANDS = 5_000, 60, 400
PROMOTED = 3_000
"""Rules are on these goods, about one on each, and half of a cart is of them."""
CONTEXT = PricingContext(
    at_ms=1_793_701_320_000,
    shopper=Shopper("m-1", "gold", order_number=4, points=3_000),
    coupons=(Coupon("g-1", "coupon-0"), Coupon("g-2", "coupon-1")),
)


def item_of(number: int) -> Item:
    """Item n of the shop."""
    return Item(
        ItemId(number),
        f"S{number:06d}",
        f"商品{number}",
        f"Item {number}",
        "个",
        f"category-{number % CATEGORIES}",
        "V13",
        brand=f"brand-{number % BRANDS}",
    )


def line_of(number: int, pieces: int = 1) -> CartLine:
    """A line of item n."""
    price = 199 + number * 37 % 4_000
    return CartLine(f"L{number}", item_of(number), pieces * ONE, CurrentPrice(price, price, 0), tax_rate_bp=1_300)


def cart_of(lines: int, rng: Random) -> Cart:
    """A cart of so many goods, half of them promoted, one to four pieces of each."""
    promoted = rng.sample(range(1, PROMOTED + 1), lines // 2)
    numbers = promoted + rng.sample(range(PROMOTED + 1, GOODS + 1), lines - len(promoted))
    return Cart(CartId("c"), "CNY", 0, tuple(line_of(number, rng.randint(1, 4)) for number in numbers))


def book_of(rules: int, rng: Random) -> RuleBook:
    """So many live rules: most on some goods, a brand or a category; a few on the whole order; two kinds of coupon."""
    orders = max(4, rules // 50)
    made = [_item_rule(number, rng) for number in range(rules - orders - 2)]
    made += [_order_rule(number) for number in range(orders)]
    made += [_coupon_rule(number) for number in range(2)]
    return RuleBook(
        version=3,
        groups=(RuleGroup("order"), RuleGroup("items")),
        tiers=(MemberTier("gold", "金卡", "Gold", 300),),
        points=PointsRules(100, 100, earn_minor_per_point=100),
        rules=tuple(made),
    )


def samples_ms(act: Callable[[], object], count: int) -> Iterator[float]:
    """The processor time of an act, so many times: pricing waits for nothing, so other processes are left out of it."""
    for _ in range(count):
        start = time.thread_time_ns()
        act()
        yield (time.thread_time_ns() - start) / NS_PER_MS


def _item_rule(number: int, rng: Random) -> Rule:
    kind = number % 20
    goods = Scope(items=frozenset(ItemId(rng.randint(1, PROMOTED)) for _ in range(rng.randint(1, 12))))
    if kind == 8:
        goods = Scope(brands=frozenset({f"brand-{rng.randrange(BRANDS)}"}))
    elif kind == 9:
        goods = Scope(categories=frozenset({f"category-{rng.randrange(CATEGORIES)}"}))
    benefits: tuple[b.Benefit, ...] = (
        b.NForPrice(2, 990),
        b.NthPercentOff(2, 5_000),
        b.PercentOff(1_000),
        b.AmountOff(100, b.Per.UNIT),
        b.BuyGet(2, 1),
        b.UnitPrice(880),
        b.NAmountOff(2, 300),
    )
    return Rule(
        f"item-{number}",
        1,
        RuleStage.ITEM,
        benefits[number % 7],
        f"促销{number}",
        f"Offer {number}",
        scope=goods,
        group_id="items" if number % 11 == 0 else "",
        priority=number % 3,
        limits=Limits(max_units=6) if number % 7 == 5 else Limits(),
    )


def _order_rule(number: int) -> Rule:
    steps = (b.Step(10_000, 1_000), b.Step(20_000, 2_500), b.Step(50_000, percent_bp=800))
    benefits: tuple[b.Benefit, ...] = (
        b.Tiers(b.By.SPEND, steps),
        b.Every(b.By.SPEND, 10_000, 700, 5),
        b.PercentOff(300),
        b.PointsTimes(2_000),
    )
    return Rule(
        f"order-{number}",
        1,
        RuleStage.ORDER,
        benefits[number % 4],
        f"满减{number}",
        f"Order {number}",
        scope=Scope(not_categories=frozenset({f"category-{number % CATEGORIES}"})),
        conditions=(c.Spend(5_000),) if number % 4 == 2 else (),
        group_id="order" if number % 4 < 3 else "",
        priority=number % 2,
    )


def _coupon_rule(number: int) -> Rule:
    benefit: b.Benefit = b.AmountOff(1_000) if number else b.PercentOff(500, 2_000)
    conditions = (c.Spend(8_000),)
    return Rule(
        f"coupon-{number}", 1, RuleStage.COUPON, benefit, f"券{number}", f"Coupon {number}", conditions=conditions
    )
