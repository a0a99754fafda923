"""What rules did to a cart, told by rule: used rules, gifts to hand over, and what is nearly reached."""

from dataclasses import dataclass

from domain.price_modifier import Stage
from domain.promotions.benefits import Gift
from domain.promotions.running import Applied, Running
from domain.promotions.scope import Scope


@dataclass(frozen=True, slots=True)
class AppliedRule:
    """A rule or coupon that was used; ``saved_minor`` is the sum of its modifiers with the sign turned.

    ``times`` is how many groups, add-ons or gifts; ``dropped_minor`` found no goods that could still fall;
    ``limited`` tells that not all units were reached.
    """

    rule_id: str
    rule_version: int
    stage: Stage
    name_zh: str
    name_en: str
    saved_minor: int
    times: int = 1
    coupon_id: str = ""
    dropped_minor: int = 0
    limited: bool = False


@dataclass(frozen=True, slots=True)
class GiftOffer:
    """Gifts that a used rule gives, and how many lines of the cart claim them already."""

    rule_id: str
    goods: Scope
    pieces: int
    claimed: int


@dataclass(frozen=True, slots=True)
class Hint:
    """What is nearly reached: so much more money, or so many more pieces, of the goods that the rule counts."""

    rule_id: str
    name_zh: str
    name_en: str
    missing_minor: int = 0
    missing_pieces: int = 0


def applied_rules(now: Running) -> tuple[AppliedRule, ...]:
    """The used rules in their order."""
    return tuple(_applied_rule(one) for one in now.applied() if one.offer)


def _applied_rule(one: Applied) -> AppliedRule:
    assert one.offer is not None
    rule, given = one.offer.rule, one.given
    return AppliedRule(
        rule.rule_id,
        rule.version,
        Stage(rule.stage.value),
        rule.name_zh,
        rule.name_en,
        given.amount_minor,
        given.times,
        one.offer.coupon_id,
        given.dropped_minor,
        (rule.limits.max_units or one.offer.pieces) < one.offer.pieces,
    )


def gift_offers(now: Running) -> tuple[GiftOffer, ...]:
    """The gifts of the used rules."""
    found = []
    for one in now.applied():
        if one.offer and isinstance(one.offer.rule.benefit, Gift):
            gift = one.offer.rule.benefit
            found.append(GiftOffer(one.offer.rule.rule_id, gift.goods, gift.count, len(one.offer.lines)))
    return tuple(found)
