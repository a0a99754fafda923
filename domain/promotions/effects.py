"""Which limits and conditions of a rule can do anything: what cannot is not published, and no sentence promises it."""

from domain.promotions import benefits
from domain.promotions.benefits import Per
from domain.promotions.conditions import Condition, Pieces, Quantity, Spend
from domain.promotions.rule import Limits, Rule, RuleStage

_IN_GROUPS = (
    benefits.NForPrice, benefits.NAmountOff, benefits.NPercentOff, benefits.NthPercentOff, benefits.BuyGet,
    benefits.Bundle, benefits.AddOn, benefits.Every,
)  # fmt: skip
_WITHOUT_FLOOR = (benefits.Gift, benefits.PointsTimes)


def limits_without_effect(rule: Rule) -> list[str]:
    """The names of limits that are set and that the engine has no use for."""
    plain = Limits()
    is_set = [name for name in Limits.__slots__ if getattr(rule.limits, name) != getattr(plain, name)]
    return [name for name in is_set if not _has_effect(name, rule)]


def conditions_without_effect(rule: Rule) -> list[Condition]:
    """Conditions of goods on an item price, which is found for each article alone."""
    if rule.stage is not RuleStage.ITEM_PRICE:
        return []
    return [one for one in rule.conditions if isinstance(one, Spend | Pieces | Quantity)]


def _has_effect(name: str, rule: Rule) -> bool:
    benefit = rule.benefit
    if name == "max_units":
        return rule.stage is not RuleStage.ITEM_PRICE and _counts_units(benefit)
    if name == "max_times":
        return isinstance(benefit, _IN_GROUPS)
    if name == "floor_price_minor":
        return not isinstance(benefit, _WITHOUT_FLOOR)
    if name == "budget_minor":
        return rule.stage is not RuleStage.ITEM_PRICE and not isinstance(benefit, benefits.PointsTimes)
    return True


def _counts_units(benefit: benefits.Benefit) -> bool:
    if isinstance(benefit, benefits.Tiers):
        return any(step.percent_bp for step in benefit.steps)
    if isinstance(benefit, benefits.AmountOff):
        return benefit.per is Per.UNIT
    return isinstance(benefit, benefits.PercentOff | benefits.UnitPrice)
