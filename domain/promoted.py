"""Promotions, coupons and points on priced lines: the best selection, and each line's steps and tax after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from domain.cart import Cart, ManualDiscount
from domain.choices import TaxPer
from domain.item_price import PricedLine, by_hand, reduced
from domain.money import allocate
from domain.points import Earning, PointsUsed, Share, points_earned
from domain.price_modifier import Cause, PriceModifier, Stage
from domain.pricing_context import PricingContext
from domain.promotions.basket import Basket, Goods, fill_basket, positions
from domain.promotions.benefits import AddOn, Gift, PointsTimes
from domain.promotions.bounded import best_selection
from domain.promotions.candidates import CouponRefused, coupons_refused, offers_of
from domain.promotions.conflicts import conflict_masks
from domain.promotions.hints import hints_of
from domain.promotions.offers import Offer
from domain.promotions.outcome import AppliedRule, GiftOffer, Hint, applied_rules, gift_offers
from domain.promotions.reckoning import Reckoning
from domain.promotions.rule import RuleStage
from domain.promotions.running import Applied, Cut, Running
from domain.promotions.selection import Field
from domain.rulebook import RuleBook
from domain.tax import TaxedAmount, split_inclusive

Known = Mapping[int, PricedLine]
"""Finished lines of an earlier result by the identity of the lines they came from."""


@dataclass(frozen=True, slots=True)
class Promoted:
    """Lines after all stages, and what is to be told of it."""

    lines: Sequence[PricedLine]
    applied: tuple[AppliedRule, ...] = ()
    coupons_refused: tuple[CouponRefused, ...] = ()
    gifts: tuple[GiftOffer, ...] = ()
    hints: tuple[Hint, ...] = ()
    points: PointsUsed | None = None
    points_earned: int = 0


def promote(
    before: Sequence[PricedLine], cart: Cart, book: RuleBook, *, context: PricingContext, known: Known
) -> Promoted | None:
    """Lines after the best selection; None where the book and the circumstances hold nothing that could change them."""
    if not before or _is_idle(book, context):
        return None
    basket = _basket_of(before, book)
    reckoning = Reckoning(basket, book, context, cart.discount)
    offers = offers_of(book, basket, context)
    field = Field(reckoning, offers, conflict_masks(offers, book))
    chosen = best_selection(field)
    now = reckoning.complete(field.run(chosen))
    excluded = [offer for at, offer in enumerate(offers) if not field.fits(at, chosen) and not chosen >> at & 1]
    points, cuts = reckoning.points(now)
    lines = _with_points(_lines(before, basket, now, discount=cart.discount, known=known), basket, cuts)
    if book.choices.tax_per is TaxPer.RATE_GROUP:
        lines = _taxed_by_rate(lines)
    used = {one.offer.coupon_id for one in now.applied() if one.offer}
    offered = {offer.coupon_id for offer, done in zip(offers, field.alone, strict=True) if done}
    return Promoted(
        lines,
        applied_rules(now),
        tuple(coupons_refused(book, context, offered=offered, used=used)),
        gift_offers(now),
        hints_of(reckoning, offers, excluded, now=now) if book.choices.max_hints else (),
        points if context.points_wanted else None,
        _points_earned(lines, basket, now, reckoning=reckoning),
    )


def _is_idle(book: RuleBook, context: PricingContext) -> bool:
    """Nothing but item prices: no promotion in the book, nothing presented, no points and tax by line."""
    nothing_presented = not (context.coupons or context.codes or context.points_wanted)
    earns = context.shopper and book.points.earn_minor_per_point
    plain = book.index.promotions.is_empty and book.choices.tax_per is TaxPer.LINE
    return plain and nothing_presented and not earns


def _basket_of(before: Sequence[PricedLine], book: RuleBook) -> Basket:
    goods = [
        Goods(
            number,
            one.line.item,
            one.line.quantity_thousandths,
            one.unit_price_minor,
            one.list_minor,
            one.amount_minor,
            one.line.gift_of,
        )
        for number, one in enumerate(before)
    ]
    return fill_basket(goods, book.delivery_items, banned_count=book.choices.banned_goods_count)


def _lines(
    before: Sequence[PricedLine], basket: Basket, now: Running, *, discount: ManualDiscount | None, known: Known
) -> list[PricedLine]:
    steps: dict[int, list[Step]] = {}
    for one in now.applied():
        told = _told(one)
        for (at, cut), base in zip(one.given.cuts, one.bases, strict=True):
            steps.setdefault(basket.goods[at].number, []).append(Step(-cut, base, *told))
    found = []
    for number, line in enumerate(before):
        new = steps.get(number, [])
        old = known.get(id(line))
        if old is None or not _is_told(old.modifiers[len(line.modifiers) :], new):
            old = reduced(line, *(_modifier(step, discount) for step in new)) if new else line
        found.append(old)
    return found


def _with_points(lines: list[PricedLine], basket: Basket, cuts: list[Cut]) -> list[PricedLine]:
    for at, cut in cuts:
        number = basket.goods[at].number
        line = lines[number]
        lines[number] = reduced(line, PriceModifier(Stage.POINTS, Cause.POINTS, -cut, line.amount_minor))
    return lines


class Step(NamedTuple):
    """A modifier in the making: of a hundred lines most are as they were before a scan, and need no new ones."""

    amount_minor: int
    base_minor: int
    stage: Stage
    cause: Cause
    rule_id: str
    rule_version: int
    coupon_id: str


def _told(one: Applied) -> tuple[Stage, Cause, str, int, str]:
    if one.offer is None:
        return Stage.MANUAL_CART, Cause.MANUAL_DISCOUNT, "", 0, ""
    rule = one.offer.rule
    return Stage(rule.stage.value), _cause(one.offer), rule.rule_id, rule.version, one.offer.coupon_id


def _modifier(step: Step, discount: ManualDiscount | None) -> PriceModifier:
    if step.stage is Stage.MANUAL_CART:
        assert discount is not None
        return by_hand(step.stage, discount, step.amount_minor, base_minor=step.base_minor)
    return PriceModifier(
        step.stage,
        step.cause,
        step.amount_minor,
        step.base_minor,
        rule_id=step.rule_id,
        rule_version=step.rule_version,
        coupon_id=step.coupon_id,
    )


def _is_told(modifiers: Sequence[PriceModifier], steps: Sequence[Step]) -> bool:
    """Whether the modifiers are those of the steps; one by hand has more to it and is made again."""
    if len(modifiers) != len(steps):
        return False
    for old, new in zip(modifiers, steps, strict=True):
        if old.amount_minor != new.amount_minor or old.base_minor != new.base_minor or old.rule_id != new.rule_id:
            return False
        if (old.rule_version, old.coupon_id) != (new.rule_version, new.coupon_id) or not new.rule_id:
            return False
    return True


def _cause(offer: Offer) -> Cause:
    if isinstance(offer.rule.benefit, Gift):
        return Cause.GIFT
    if offer.rule.stage is RuleStage.COUPON:
        return Cause.COUPON
    return Cause.ADD_ON if isinstance(offer.rule.benefit, AddOn) else Cause.PROMOTION


def _taxed_by_rate(lines: list[PricedLine]) -> list[PricedLine]:
    """Tax once per rate, spread over its lines by what they cost."""
    by_rate: dict[int, list[int]] = {}
    for number, line in enumerate(lines):
        by_rate.setdefault(line.line.tax_rate_bp, []).append(number)
    found = list(lines)
    for rate_bp, numbers in by_rate.items():
        gross = [lines[number].amount_minor for number in numbers]
        taxes = allocate(split_inclusive(sum(gross), rate_bp).tax_minor, gross)
        for number, amount, tax in zip(numbers, gross, taxes, strict=True):
            found[number] = replace(lines[number], taxed=TaxedAmount(amount, amount - tax, tax))
    return found


def _points_earned(lines: Sequence[PricedLine], basket: Basket, now: Running, *, reckoning: Reckoning) -> int:
    """Points of what was paid for goods that may earn, by the member's tier and the rules with more points."""
    rules, context = reckoning.book.points, reckoning.context
    if context.shopper is None or not rules.earn_minor_per_point:
        return 0
    tier = next((one for one in reckoning.book.tiers if one.tier_id == context.shopper.tier_id), None)
    most = [1_000] * len(basket.goods)
    for one in now.applied():
        if one.offer and isinstance(one.offer.rule.benefit, PointsTimes):
            for at in one.offer.lines:
                most[at] = max(most[at], one.offer.rule.benefit.times_thousandths)
    earning = [
        Earning(lines[basket.goods[at].number].amount_minor, most[at])
        for at in positions(basket.mask(rules.earn_scope))
    ]
    due = sum(line.amount_minor for line in lines)
    share = Share(max(0, due - context.paid_by_earned_minor), due)
    return points_earned(
        earning, rules, times_thousandths=tier.points_times_thousandths if tier else 1_000, share=share
    )
