"""Carts, rule books and circumstances made of a source of chance, which may be hypothesis: small, full of clashes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from hypothesis import strategies as st

from domain.cart import Cart, CartLine, DiscountKind, ManualDiscount, PriceOverride, add_line
from domain.catalog import CurrentPrice, Item
from domain.choices import Choices, CouponPair, TaxPer
from domain.ids import CartId, ItemId, OperatorId
from domain.members import MemberPrice, MemberTier, Shopper
from domain.points import NO_POINTS, PointsRules
from domain.pricing_context import MAX_COUPONS, Coupon, PricingContext, RuleUse
from domain.promotions import benefits as b
from domain.promotions import conditions as c
from domain.promotions.groups import GroupMode, RuleGroup
from domain.promotions.rule import Limits, PercentBase, Rule, RuleStage, UnitPick
from domain.promotions.scope import ALL_GOODS, Scope
from domain.quantity import ONE
from domain.rulebook import RuleBook

CATEGORIES, BRANDS, TAGS = ("drinks", "snacks", "fresh"), ("", "Nongfu", "Lay's"), ("new", "own")
GROUPS = (RuleGroup("a"), RuleGroup("b"), RuleGroup("ab", GroupMode.ALL, "a"))
DELIVERY = ItemId(90)
BY = OperatorId("1007")


@dataclass(frozen=True)
class Case:
    """What is priced."""

    cart: Cart
    book: RuleBook
    context: PricingContext


def cases(most_rules: int = 6, most_lines: int = 6) -> st.SearchStrategy[Case]:
    """Cases that hypothesis can make smaller."""
    chance = st.randoms(use_true_random=False)
    return chance.map(lambda random: case(random, most_rules=most_rules, most_lines=most_lines))


def case(random: Random, *, most_rules: int = 6, most_lines: int = 6) -> Case:
    """One case."""
    rules = tuple(_rule(random, number) for number in range(random.randint(0, most_rules)))
    book = replace(_book(random), rules=rules)
    return Case(_cart(random, rules, most_lines), book, _context(random, rules))


def item_of(number: int, **changes: Any) -> Item:
    """Item n: its category, brand and tags follow from its number."""
    made = Item(
        ItemId(number),
        f"S{number}",
        f"商品{number}",
        f"Item {number}",
        "个",
        CATEGORIES[number % 3],
        "V13",
        brand=BRANDS[number % 3],
        tags=(TAGS[number % 2],) if number % 4 else (),
    )
    return replace(made, **changes)


def _cart(random: Random, rules: tuple[Rule, ...], most_lines: int) -> Cart:
    cart = Cart(CartId("cart"), "CNY", 0)
    gifts = [rule.rule_id for rule in rules if isinstance(rule.benefit, b.Gift)]
    for number in range(random.randint(1, most_lines)):
        line = _line(random, number)
        if gifts and random.random() < 0.3:
            line = replace(line, gift_of=random.choice(gifts))
        cart = add_line(cart, line)
    if random.random() < 0.15:
        cart = replace(cart, discount=_discount(random))
    return cart


def _line(random: Random, number: int) -> CartLine:
    item_number = random.choice((*range(1, 9), DELIVERY))
    weighed = item_number == 8
    listed = random.choice((0, 1, 99, 100, 333, 500, 990, 2_000, 12_345))
    price = listed if random.random() < 0.7 else listed * 8 // 10
    line = CartLine(
        f"L{number}",
        item_of(
            item_number,
            weighed=weighed,
            discount_allowed=item_number != 7,
            min_price_minor=listed // 2 if item_number == 6 else 0,
        ),
        random.randint(1, 3_000) if weighed else random.randint(1, 5) * ONE,
        CurrentPrice(listed, price, 0),
        tax_rate_bp=random.choice((0, 900, 1_300)),
    )
    chance = random.random()
    if chance < 0.06:
        return replace(line, override=PriceOverride(random.randint(0, 900), listed, "价签错", BY))
    if chance < 0.12 and line.item.discount_allowed:
        return replace(line, discount=_discount(random))
    return replace(line, label_amount_minor=random.randint(0, 3_000)) if weighed and chance < 0.4 else line


def _discount(random: Random) -> ManualDiscount:
    if random.random() < 0.5:
        return ManualDiscount(DiscountKind.PERCENT, random.choice((1, 500, 1_000, 3_333, 10_000)), "", BY)
    return ManualDiscount(DiscountKind.AMOUNT, random.choice((1, 77, 500)), "", BY)


def _book(random: Random) -> RuleBook:
    choices = Choices(
        percent_base=random.choice(tuple(PercentBase)),
        threshold_base=random.choice(tuple(c.ThresholdBase)),
        unit_pick=random.choice(tuple(UnitPick)),
        group_pick=random.choice(tuple(b.GroupPick)),
        units_count_once=random.random() < 0.8,
        tax_per=random.choice(tuple(TaxPer)),
        coupons_combine=random.choice(((), (CouponPair("x", "y"),), (CouponPair("x", "x"), CouponPair("x", "")))),
        points_with_coupons=random.random() < 0.7,
        banned_goods_count=random.random() < 0.3,
    )
    points = PointsRules(100, 100, random.choice((10_000, 5_000)), None, 0, ALL_GOODS, 100)
    return RuleBook(
        version=7,
        choices=choices,
        groups=GROUPS,
        tiers=(MemberTier("gold", "金卡", "Gold", 500, random.random() < 0.5, 1_500),),
        member_prices=(MemberPrice(ItemId(1), 90), MemberPrice(ItemId(2), 95, frozenset({"gold"}))),
        points=random.choice((NO_POINTS, points)),
        delivery_items=frozenset({DELIVERY}),
    )


def _context(random: Random, rules: tuple[Rule, ...]) -> PricingContext:
    coupon_rules = [rule.rule_id for rule in rules if rule.stage is RuleStage.COUPON]
    presented = [rule_id for rule_id in coupon_rules if random.random() < 0.8][:MAX_COUPONS]
    shopper = Shopper("m", random.choice(("", "gold")), frozenset({"vip"}), "11-03", 1, random.choice((0, 250, 9_000)))
    return PricingContext(
        at_ms=1_793_701_320_000,
        shopper=shopper if random.random() < 0.6 else None,
        coupons=tuple(Coupon(f"c-{number}", rule_id) for number, rule_id in enumerate(presented)),
        points_wanted=random.choice((0, 0, 0, 150, 5_000)),
        uses=(RuleUse("r0", 3, 1, 0, 1, 300),) if random.random() < 0.3 else (),
    )


def _scope(random: Random) -> Scope:
    kind = random.randint(0, 8)
    if kind <= 1 or kind > 6:
        return ALL_GOODS
    if kind == 2:
        return Scope(items=frozenset(ItemId(random.randint(1, 9)) for _ in range(3)))
    if kind == 3:
        return Scope(categories=frozenset({random.choice(CATEGORIES)}), not_items=frozenset({ItemId(4)}))
    if kind == 4:
        return Scope(brands=frozenset({"Nongfu"}), tags=frozenset({"own"}))
    if kind == 5:
        return Scope(not_tags=frozenset({"new"}), reduced=False)
    return Scope(price_from_minor=100, price_until_minor=1_000, not_brands=frozenset({"Lay's"}))


def _amount(random: Random) -> int:
    return random.choice((1, 50, 99, 100, 333, 500, 1_000))


def _percent(random: Random) -> int:
    return random.choice((1, 500, 1_000, 3_333, 5_000, 10_000))


def _steps(random: Random, by: b.By) -> tuple[b.Step, ...]:
    first = random.randint(1, 4) if by is b.By.PIECES else _amount(random)
    second = b.Step(first * 2, percent_bp=_percent(random)) if random.random() < 0.5 else b.Step(first * 2, 900)
    return (b.Step(first, _amount(random)), second)


_BY = tuple(b.By)
BENEFITS: tuple[Callable[[Random], b.Benefit], ...] = (
    lambda r: b.PercentOff(_percent(r), r.choice((None, None, 100))),
    lambda r: b.AmountOff(_amount(r), r.choice(tuple(b.Per))),
    lambda r: b.UnitPrice(_amount(r)),
    lambda r: b.ScopePrice(_amount(r)),
    lambda r: b.NForPrice(r.randint(1, 4), _amount(r)),
    lambda r: b.NAmountOff(r.randint(1, 4), _amount(r)),
    lambda r: b.NPercentOff(r.randint(1, 4), _percent(r)),
    lambda r: b.NthPercentOff(r.randint(1, 3), _percent(r)),
    lambda r: b.BuyGet(r.randint(1, 3), r.randint(1, 2), _percent(r), r.choice((None, _scope(r)))),
    lambda r: b.CheapestFree(r.randint(1, 4), 1, r.random() < 0.5),
    lambda r: b.Bundle((b.BundlePart(_scope(r)), b.BundlePart(_scope(r), 2)), _amount(r)),
    lambda r: b.AddOn(_scope(r), _amount(r), r.randint(1, 3)),
    lambda r: b.Tiers(by := r.choice(_BY), _steps(r, by), r.choice((None, 150))),
    lambda r: b.Every(by := r.choice(_BY), r.randint(1, 3) if by is b.By.PIECES else 300, _amount(r), r.randint(0, 3)),
    lambda r: b.Gift(_scope(r), r.randint(1, 2)),
    lambda r: b.PointsTimes(r.choice((1_500, 3_000))),
    lambda r: b.FreeDelivery(r.choice((None, 100))),
)
_LATE = (b.Gift, b.PointsTimes, b.FreeDelivery)
CONDITIONS: tuple[Callable[[Random], c.Condition], ...] = (
    lambda r: c.Spend(_amount(r) * r.randint(1, 5), r.choice((None, None, 9_000)), r.random() < 0.3),
    lambda r: c.Spend(_amount(r), base=r.choice((None, *c.ThresholdBase)), scope=_scope(r)),
    lambda r: c.Pieces(r.randint(1, 4), r.choice((None, 8)), r.random() < 0.3, r.choice((None, _scope(r)))),
    lambda r: c.Quantity(r.randint(1, 4_000), None, r.random() < 0.3),
    lambda _: c.MemberIs(),
)


def _rule(random: Random, number: int) -> Rule:
    benefit = random.choice(BENEFITS)(random)
    stages = [RuleStage.ORDER, RuleStage.COUPON] if isinstance(benefit, _LATE) else list(RuleStage)[1:]
    if isinstance(benefit, b.UnitPrice):
        stages.append(RuleStage.ITEM_PRICE)
    stage = random.choice(stages)
    limits = Limits(
        max_times=random.choice((None, None, 1, 2)),
        max_units=random.choice((None, None, 1, 3)) if stage is not RuleStage.ITEM_PRICE else None,
        budget_minor=random.choice((None, None, None, 400)),
        floor_price_minor=random.choice((0, 0, 80)),
        max_uses=random.choice((None, None, 3)),
    )
    return Rule(
        f"r{number}",
        1,
        stage,
        benefit,
        f"规则{number}",
        f"Rule {number}",
        scope=_scope(random),
        conditions=tuple(random.choice(CONDITIONS)(random) for _ in range(random.choice((0, 0, 0, 1, 2)))),
        group_id=random.choice(("", "", "", "a", "b", "ab")),
        priority=random.randint(0, 2),
        mandatory=random.random() < 0.08,
        exclusive=random.random() < 0.04,
        coupon_group=random.choice(("", "x", "y")) if stage is RuleStage.COUPON else "",
        limits=limits,
    )
