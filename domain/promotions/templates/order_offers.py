"""Templates of offers on an order: spend and save, gifts, delivery, points."""

from dataclasses import dataclass
from typing import ClassVar

from domain.promotions.benefits import By, Every, FreeDelivery, Gift, PointsTimes, Step, Tiers
from domain.promotions.conditions import Calendar, Condition, MemberIs, Spend
from domain.promotions.rule import Rule, RuleStage
from domain.promotions.scope import ALL_GOODS
from domain.promotions.templates import parameters as p
from domain.promotions.templates.parameters import Template


@dataclass(frozen=True, slots=True)
class SpendSave(Template):
    """满减: an amount off from a spend on."""

    ID: ClassVar[str] = "spend_save"
    spend_minor: p.Amount
    amount_minor: p.Amount
    goods: p.Goods = ALL_GOODS

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """One tier."""
        benefit = Tiers(By.SPEND, (Step(self.spend_minor, self.amount_minor),))
        return Rule(rule_id, version, RuleStage.ORDER, benefit, scope=self.goods)


@dataclass(frozen=True, slots=True)
class SpendSaveTiers(Template):
    """阶梯满减: the more is spent, the more is taken off."""

    ID: ClassVar[str] = "spend_save_tiers"
    steps: p.SpendSteps
    goods: p.Goods = ALL_GOODS

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """The highest tier counts."""
        return Rule(rule_id, version, RuleStage.ORDER, Tiers(By.SPEND, self.steps), scope=self.goods)


@dataclass(frozen=True, slots=True)
class EverySpendSave(Template):
    """每满减: an amount off for every so much spent."""

    ID: ClassVar[str] = "every_spend_save"
    spend_minor: p.Amount
    amount_minor: p.Amount
    max_times: p.AtMost = None
    goods: p.Goods = ALL_GOODS

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """Up to so many times where told."""
        benefit = Every(By.SPEND, self.spend_minor, self.amount_minor, self.max_times or 0)
        return Rule(rule_id, version, RuleStage.ORDER, benefit, scope=self.goods)


@dataclass(frozen=True, slots=True)
class SpendDiscount(Template):
    """满折: a percentage off from a spend on, up to a cap where told."""

    ID: ClassVar[str] = "spend_discount"
    spend_minor: p.Amount
    percent_bp: p.Percent
    cap_minor: p.Cap = None
    goods: p.Goods = ALL_GOODS

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """One tier."""
        steps = (Step(self.spend_minor, percent_bp=self.percent_bp),)
        benefit = Tiers(By.SPEND, steps, self.cap_minor)
        return Rule(rule_id, version, RuleStage.ORDER, benefit, scope=self.goods)


@dataclass(frozen=True, slots=True)
class SpendGift(Template):
    """满赠: goods for nothing from a spend on."""

    ID: ClassVar[str] = "spend_gift"
    spend_minor: p.Amount
    gift_goods: p.Goods
    count: p.Count = 1
    goods: p.Goods = ALL_GOODS

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """The gift is a line of the cart that names the rule."""
        benefit, conditions = Gift(self.gift_goods, self.count), (Spend(self.spend_minor),)
        return Rule(rule_id, version, RuleStage.ORDER, benefit, scope=self.goods, conditions=conditions)


@dataclass(frozen=True, slots=True)
class SpendFreeDelivery(Template):
    """包邮: no charge for delivery from a spend on, up to a cap where told."""

    ID: ClassVar[str] = "free_delivery"
    spend_minor: p.Threshold = 0
    cap_minor: p.Cap = None
    goods: p.Goods = ALL_GOODS

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """The charge is among the book's delivery items."""
        conditions = (Spend(self.spend_minor),) if self.spend_minor else ()
        benefit = FreeDelivery(self.cap_minor)
        return Rule(rule_id, version, RuleStage.ORDER, benefit, scope=self.goods, conditions=conditions)


@dataclass(frozen=True, slots=True)
class MorePoints(Template):
    """积分倍数: so many times the points, on certain days where told."""

    ID: ClassVar[str] = "more_points"
    times_thousandths: p.Times
    month_days: p.MonthDays = frozenset()
    weekdays: p.Weekdays = frozenset()
    tiers: p.MemberTiers = frozenset()
    goods: p.Goods = ALL_GOODS

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """For members, who alone have points."""
        days = Calendar(self.weekdays, self.month_days)
        conditions: tuple[Condition, ...] = (MemberIs(self.tiers), *(() if days == Calendar() else (days,)))
        benefit = PointsTimes(self.times_thousandths)
        return Rule(rule_id, version, RuleStage.ORDER, benefit, scope=self.goods, conditions=conditions)
