"""How often, how much and how long: limits, switches and the time of a rule in words."""

from domain.promotions.benefits import By, Every, PercentOff, Tiers
from domain.promotions.conditions import Spend
from domain.promotions.effects import limits_without_effect
from domain.promotions.rule import Rule
from domain.promotions.sentences.figures import moment, money, times
from domain.promotions.sentences.voice import Voice

_BY_TIMES = ("max_uses", "max_per_day", "max_per_member", "max_per_member_day", "max_times")


def limit_words(rule: Rule, voice: Voice) -> list[str]:
    """Each limit of a rule that can do anything."""
    limits, useless = rule.limits, limits_without_effect(rule)
    said = []
    for name in _BY_TIMES:
        count = getattr(limits, name)
        if count is not None and name not in useless:
            said.append(voice.say(f"limit.{name}", count=count, times=times(voice, count)))
    if limits.max_units is not None and "max_units" not in useless:
        key = f"limit.max_units.{rule.unit_pick or 'any'}"
        said.append(voice.say(key, count=limits.max_units))
    if limits.budget_minor is not None and "budget_minor" not in useless:
        said.append(voice.say("limit.budget", amount=money(voice, limits.budget_minor)))
    if limits.floor_price_minor and "floor_price_minor" not in useless:
        said.append(voice.say("limit.floor_price", price=money(voice, limits.floor_price_minor)))
    return said


def switch_words(rule: Rule, voice: Voice) -> list[str]:
    """How thresholds and percentages are counted, where the rule itself says so, and that it goes alone."""
    said = []
    if rule.threshold_base and _has_threshold(rule):
        said.append(voice.say(f"switch.threshold.{rule.threshold_base}"))
    if rule.percent_base and _has_percentage(rule):
        said.append(voice.say(f"switch.percent.{rule.percent_base}"))
    if rule.exclusive:
        said.append(voice.say("switch.exclusive"))
    return said


def time_words(rule: Rule, voice: Voice) -> list[str]:
    """From when until when it holds."""
    begin = moment(voice, rule.valid_from_ms) if rule.valid_from_ms else ""
    end = moment(voice, rule.valid_until_ms, is_end=True) if rule.valid_until_ms else ""
    if not (begin or end):
        return []
    reach = "both" if begin and end else "begin" if begin else "end"
    return [voice.say("time.on" if begin == end else f"time.{reach}", begin=begin, end=end)]


def _has_threshold(rule: Rule) -> bool:
    by_spend = isinstance(rule.benefit, Tiers | Every) and rule.benefit.by is By.SPEND
    return by_spend or any(isinstance(condition, Spend) for condition in rule.conditions)


def _has_percentage(rule: Rule) -> bool:
    if isinstance(rule.benefit, Tiers):
        return any(step.percent_bp for step in rule.benefit.steps)
    return isinstance(rule.benefit, PercentOff)
