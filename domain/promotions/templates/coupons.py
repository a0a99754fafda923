"""Templates of coupons: each kind of coupon is a rule of the coupon stage, which the customer's coupons name."""

from dataclasses import dataclass
from typing import ClassVar

from domain.promotions.benefits import AmountOff, CheapestFree, FreeDelivery, PercentOff
from domain.promotions.conditions import Birthday, Condition, OrderNumber, Spend
from domain.promotions.rule import Rule, RuleStage
from domain.promotions.scope import ALL_GOODS
from domain.promotions.templates import parameters as p
from domain.promotions.templates.parameters import Template

COUPON_GROUP = "shop"
"""The group that coupons of templates are in: one of them per order unless the book's choices combine groups."""


def _from(spend_minor: int) -> tuple[Condition, ...]:
    return (Spend(spend_minor),) if spend_minor else ()


@dataclass(frozen=True, slots=True)
class AmountCoupon(Template):
    """满减券: an amount off from a spend on."""

    ID: ClassVar[str] = "amount_coupon"
    amount_minor: p.Amount
    spend_minor: p.Threshold = 0
    goods: p.Goods = ALL_GOODS

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """An amount off the goods together."""
        return Rule(
            rule_id, version, RuleStage.COUPON, AmountOff(self.amount_minor),
            scope=self.goods, conditions=_from(self.spend_minor), coupon_group=COUPON_GROUP,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PercentCoupon(Template):
    """折扣券: a percentage off, up to a cap where told."""

    ID: ClassVar[str] = "percent_coupon"
    percent_bp: p.Percent
    spend_minor: p.Threshold = 0
    cap_minor: p.Cap = None
    goods: p.Goods = ALL_GOODS

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """A percentage off the goods together."""
        return Rule(
            rule_id, version, RuleStage.COUPON, PercentOff(self.percent_bp, self.cap_minor),
            scope=self.goods, conditions=_from(self.spend_minor), coupon_group=COUPON_GROUP,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class GoodsCoupon(Template):
    """兑换券/商品券: so many units of certain goods for nothing."""

    ID: ClassVar[str] = "goods_coupon"
    goods: p.Goods
    count: p.Count = 1

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """The cheapest of the goods in the cart."""
        benefit = CheapestFree(self.count, self.count)
        return Rule(rule_id, version, RuleStage.COUPON, benefit, scope=self.goods, coupon_group=COUPON_GROUP)


@dataclass(frozen=True, slots=True)
class DeliveryCoupon(Template):
    """包邮券: no charge for delivery, up to a cap where told."""

    ID: ClassVar[str] = "delivery_coupon"
    spend_minor: p.Threshold = 0
    cap_minor: p.Cap = None

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """The charge is among the book's delivery items."""
        return Rule(
            rule_id, version, RuleStage.COUPON, FreeDelivery(self.cap_minor),
            conditions=_from(self.spend_minor), coupon_group=COUPON_GROUP,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewcomerCoupon(Template):
    """新人券: an amount off a member's first order."""

    ID: ClassVar[str] = "newcomer_coupon"
    amount_minor: p.Amount
    spend_minor: p.Threshold = 0
    goods: p.Goods = ALL_GOODS

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """The first order only."""
        return Rule(
            rule_id, version, RuleStage.COUPON, AmountOff(self.amount_minor), scope=self.goods,
            conditions=(*_from(self.spend_minor), OrderNumber(frozenset({1}))), coupon_group=COUPON_GROUP,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class BirthdayCoupon(Template):
    """生日券: a percentage off around a member's birthday, up to a cap where told."""

    ID: ClassVar[str] = "birthday_coupon"
    percent_bp: p.Percent
    days_around: p.Days = 0
    spend_minor: p.Threshold = 0
    cap_minor: p.Cap = None
    goods: p.Goods = ALL_GOODS

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """Within so many days before and after."""
        return Rule(
            rule_id, version, RuleStage.COUPON, PercentOff(self.percent_bp, self.cap_minor), scope=self.goods,
            conditions=(*_from(self.spend_minor), Birthday(self.days_around)), coupon_group=COUPON_GROUP,
        )  # fmt: skip
