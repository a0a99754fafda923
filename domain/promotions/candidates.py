"""The rules and coupons that may apply to a cart in its circumstances, and why a coupon may not."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.choices import Choices
from domain.pricing_context import Coupon, PricingContext
from domain.promotions.basket import Basket
from domain.promotions.circumstances import circumstances_fit
from domain.promotions.conditions import HasCode, ThresholdBase
from domain.promotions.offers import Offer, bind
from domain.promotions.rule import Rule, RuleStage
from domain.rulebook import RuleBook


@dataclass(frozen=True, slots=True)
class CouponRefused:
    """A coupon that was presented and not used: its text is ``pricing.coupon.<reason>``."""

    coupon_id: str
    reason: str


def offers_of(book: RuleBook, basket: Basket, context: PricingContext) -> list[Offer]:
    """The live rules whose goods and circumstances fit, in the order of the book's stages and their rank."""
    uses = {use.rule_id: use for use in context.uses}
    touching = book.index.promotions.touching(one.item for one in basket.goods)
    rules = [("", book.rules[at]) for at in touching]
    found = []
    for coupon_id, rule in (*rules, *_coupon_rules(book, context)):
        use = uses.get(rule.rule_id)
        if circumstances_fit(rule, context, use):
            spent_minor = use.spent_minor if use else 0
            offer = bind(rule, basket, _base(rule, book.choices), coupon_id=coupon_id, spent_minor=spent_minor)
            if offer:
                found.append(offer)
    stages = {stage.value: at for at, stage in enumerate(book.choices.stages)}
    found.sort(key=lambda offer: (stages[offer.rule.stage.value], offer.rank))
    return found


def coupons_refused(
    book: RuleBook, context: PricingContext, *, offered: set[str], used: set[str]
) -> list[CouponRefused]:
    """Each coupon that was presented and not used, with the reason."""
    found = []
    for coupon in context.coupons:
        if coupon.coupon_id in used:
            continue
        rule = _coupon_rule(book, coupon)
        if rule is None:
            reason = "unknown"
        elif not (coupon.is_live(context.at_ms) and rule.is_live(context.at_ms)):
            reason = "not_in_time"
        else:
            reason = "not_together" if coupon.coupon_id in offered else "conditions"
        found.append(CouponRefused(coupon.coupon_id, reason))
    return found


def _coupon_rules(book: RuleBook, context: PricingContext) -> Iterator[tuple[str, Rule]]:
    for coupon in context.coupons:
        rule = _coupon_rule(book, coupon)
        if rule and coupon.is_live(context.at_ms):
            yield coupon.coupon_id, rule
    if context.codes:
        for rule in book.rules:
            if rule.stage is RuleStage.COUPON and any(isinstance(one, HasCode) for one in rule.conditions):
                yield "", rule


def _coupon_rule(book: RuleBook, coupon: Coupon) -> Rule | None:
    at = book.index.by_id.get(coupon.rule_id)
    rule = book.rules[at] if at is not None else None
    return rule if rule and rule.stage is RuleStage.COUPON else None


def _base(rule: Rule, choices: Choices) -> ThresholdBase:
    is_coupon = rule.stage is RuleStage.COUPON
    return rule.threshold_base or (choices.coupon_threshold_base if is_coupon else choices.threshold_base)
