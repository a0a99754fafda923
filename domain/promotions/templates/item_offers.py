"""Templates of offers on goods: special prices, percentages, groups of units."""

from dataclasses import dataclass
from typing import ClassVar

from domain.promotions.benefits import (
    AddOn,
    Bundle,
    BuyGet,
    By,
    CheapestFree,
    NForPrice,
    NthPercentOff,
    PercentOff,
    Tiers,
    UnitPrice,
)
from domain.promotions.conditions import DAY_MINUTES, Calendar, Condition, MemberIs, Spend
from domain.promotions.rule import Limits, Rule, RuleStage
from domain.promotions.scope import ALL_GOODS
from domain.promotions.templates import parameters as p
from domain.promotions.templates.parameters import Template


@dataclass(frozen=True, slots=True)
class FlashSale(Template):
    """限时特价: a special price on some days and hours, for the first so many units of an order where told."""

    ID: ClassVar[str] = "flash_sale"
    goods: p.Goods
    price_minor: p.Price
    weekdays: p.Weekdays = frozenset()
    from_minute: p.FromMinute = 0
    until_minute: p.UntilMinute = DAY_MINUTES
    max_units: p.AtMost = None

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """An item price; with a limited number of units an item promotion."""
        stage = RuleStage.ITEM_PRICE if self.max_units is None else RuleStage.ITEM
        when = Calendar(self.weekdays, from_minute=self.from_minute, until_minute=self.until_minute)
        conditions: tuple[Condition, ...] = () if when == Calendar() else (when,)
        limits = Limits(max_units=self.max_units)
        benefit = UnitPrice(self.price_minor)
        return Rule(rule_id, version, stage, benefit, scope=self.goods, conditions=conditions, limits=limits)


@dataclass(frozen=True, slots=True)
class PriceForMembers(Template):
    """会员价: a price for members, of some tiers or all."""

    ID: ClassVar[str] = "member_price"
    goods: p.Goods
    price_minor: p.Price
    tiers: p.MemberTiers = frozenset()

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """An item price for members."""
        members = (MemberIs(self.tiers),)
        return Rule(
            rule_id, version, RuleStage.ITEM_PRICE, UnitPrice(self.price_minor), scope=self.goods, conditions=members
        )


@dataclass(frozen=True, slots=True)
class MemberDay(Template):
    """会员日: a percentage off for members on certain days of the month or week."""

    ID: ClassVar[str] = "member_day"
    percent_bp: p.Percent
    month_days: p.MonthDays = frozenset()
    weekdays: p.Weekdays = frozenset()
    tiers: p.MemberTiers = frozenset()
    goods: p.Goods = ALL_GOODS

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """A percentage off each line."""
        conditions = (MemberIs(self.tiers), Calendar(self.weekdays, self.month_days))
        benefit = PercentOff(self.percent_bp)
        return Rule(rule_id, version, RuleStage.ITEM, benefit, scope=self.goods, conditions=conditions)


@dataclass(frozen=True, slots=True)
class PiecesDiscount(Template):
    """满件折: a percentage or an amount off from so many pieces on."""

    ID: ClassVar[str] = "pieces_discount"
    steps: p.PiecesSteps
    goods: p.Goods = ALL_GOODS

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """Tiers by pieces."""
        return Rule(rule_id, version, RuleStage.ITEM, Tiers(By.PIECES, self.steps), scope=self.goods)


@dataclass(frozen=True, slots=True)
class NthDiscount(Template):
    """第二件半价: the Nth of each N at a percentage off."""

    ID: ClassVar[str] = "nth_discount"
    nth: p.GroupSize = 2
    percent_bp: p.Percent = 5_000
    goods: p.Goods = ALL_GOODS
    max_times: p.AtMost = None

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """The cheapest of each N."""
        benefit, limits = NthPercentOff(self.nth, self.percent_bp), Limits(max_times=self.max_times)
        return Rule(rule_id, version, RuleStage.ITEM, benefit, scope=self.goods, limits=limits)


@dataclass(frozen=True, slots=True)
class BuyGetFree(Template):
    """买二送一: buy so many, get so many free, of the same goods."""

    ID: ClassVar[str] = "buy_get_free"
    buy: p.Count = 2
    get: p.Count = 1
    goods: p.Goods = ALL_GOODS
    max_times: p.AtMost = None

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """The cheapest of each complete group."""
        benefit, limits = BuyGet(self.buy, self.get), Limits(max_times=self.max_times)
        return Rule(rule_id, version, RuleStage.ITEM, benefit, scope=self.goods, limits=limits)


@dataclass(frozen=True, slots=True)
class AnyForPrice(Template):
    """N元任选N件: any so many for one price."""

    ID: ClassVar[str] = "any_for_price"
    count: p.GroupSize
    price_minor: p.Price
    goods: p.Goods = ALL_GOODS
    max_times: p.AtMost = None

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """Complete groups, dear units first."""
        benefit, limits = NForPrice(self.count, self.price_minor), Limits(max_times=self.max_times)
        return Rule(rule_id, version, RuleStage.ITEM, benefit, scope=self.goods, limits=limits)


@dataclass(frozen=True, slots=True)
class CheapestOneFree(Template):
    """最低一件免费: with so many units the cheapest are free, once per order."""

    ID: ClassVar[str] = "cheapest_free"
    count: p.GroupSize = 3
    free: p.Count = 1
    goods: p.Goods = ALL_GOODS

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """Once per order."""
        return Rule(rule_id, version, RuleStage.ITEM, CheapestFree(self.count, self.free), scope=self.goods)


@dataclass(frozen=True, slots=True)
class SetPrice(Template):
    """套餐: certain goods together for a price."""

    ID: ClassVar[str] = "set_price"
    parts: p.Parts
    price_minor: p.Price
    max_times: p.AtMost = None

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """As often as the set is complete."""
        benefit, limits = Bundle(self.parts, self.price_minor), Limits(max_times=self.max_times)
        return Rule(rule_id, version, RuleStage.ITEM, benefit, limits=limits)


@dataclass(frozen=True, slots=True)
class AddOnPurchase(Template):
    """加价购/换购: from a spend on, other goods at an add-on price."""

    ID: ClassVar[str] = "add_on_purchase"
    spend_minor: p.Threshold
    add_on_goods: p.Goods
    price_minor: p.Price
    count: p.Count = 1
    goods: p.Goods = ALL_GOODS

    def rule(self, rule_id: str, *, version: int = 1) -> Rule:
        """The add-on goods do not count for the spend."""
        benefit = AddOn(self.add_on_goods, self.price_minor, self.count)
        conditions = (Spend(self.spend_minor),)
        return Rule(rule_id, version, RuleStage.ORDER, benefit, scope=self.goods, conditions=conditions)
