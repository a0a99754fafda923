"""Whether who, when and where fit a rule; goods and money are judged elsewhere."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from domain.pricing_context import PricingContext, RuleUse
from domain.promotions.conditions import (
    DAY_MINUTES,
    Birthday,
    Calendar,
    ChannelIs,
    HasCode,
    MemberIs,
    OrderNumber,
    StoreIs,
)
from domain.promotions.rule import Limits, Rule

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_MS_PER_MINUTE = 60_000
_UNUSED = RuleUse("")


def circumstances_fit(rule: Rule, context: PricingContext, use: RuleUse | None) -> bool:
    """Whether the rule is within its time and limits and its conditions about anything but goods hold."""
    if not rule.is_live(context.at_ms):
        return False
    if not _has_uses_left(rule.limits, use or _UNUSED, is_member=context.shopper is not None):
        return False
    return all(_HOLDS[type(one)](one, context) for one in rule.conditions if type(one) in _HOLDS)


def _has_uses_left(limits: Limits, use: RuleUse, *, is_member: bool) -> bool:
    by_member = (limits.max_per_member, limits.max_per_member_day)
    if not is_member and any(limit is not None for limit in by_member):
        return False
    counts = (use.uses, use.today, use.by_member, use.by_member_today)
    most = (limits.max_uses, limits.max_per_day, *by_member)
    return all(limit is None or count < limit for count, limit in zip(counts, most, strict=True))


def _local(context: PricingContext) -> tuple[date, int]:
    minutes = context.at_ms // _MS_PER_MINUTE + context.utc_offset_min
    days, minute = divmod(minutes, DAY_MINUTES)
    return date.fromordinal(_EPOCH_ORDINAL + days), minute


def _is_member(one: MemberIs, context: PricingContext) -> bool:
    shopper = context.shopper
    if shopper is None:
        return False
    return (not one.tiers or shopper.tier_id in one.tiers) and (not one.tags or not one.tags.isdisjoint(shopper.tags))


def _is_order(one: OrderNumber, context: PricingContext) -> bool:
    number = context.shopper.order_number if context.shopper else 0
    return number > 0 and (number in one.numbers or (one.every > 0 and number % one.every == 0))


def _is_birthday(one: Birthday, context: PricingContext) -> bool:
    known = re.fullmatch(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", context.shopper.birthday if context.shopper else "")
    if known is None:
        return False
    today, month, day = _local(context)[0], int(known[1]), int(known[2])
    if one.whole_month:
        return today.month == month
    days = [_in_year(year, month, day=day) for year in (today.year - 1, today.year, today.year + 1)]
    return min(abs((day - today).days) for day in days) <= one.days_around


def _in_year(year: int, month: int, *, day: int) -> date:
    """The birthday in a year; the 29th of February is the 1st of March where there is none."""
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, month % 12 + 1, 1)


def _is_in_calendar(one: Calendar, context: PricingContext) -> bool:
    day, minute = _local(context)
    if one.from_minute < one.until_minute:
        if not one.from_minute <= minute < one.until_minute:
            return False
    elif minute < one.until_minute:
        day = date.fromordinal(day.toordinal() - 1)
    elif minute < one.from_minute:
        return False
    on_weekday = not one.weekdays or day.isoweekday() in one.weekdays
    return on_weekday and (not one.month_days or day.day in one.month_days)


def _has_code(one: HasCode, context: PricingContext) -> bool:
    given = {code.casefold() for code in context.codes}
    return any(code.casefold() in given for code in one.codes)


_HOLDS: dict[type, Callable[[Any, PricingContext], bool]] = {
    MemberIs: _is_member,
    OrderNumber: _is_order,
    Birthday: _is_birthday,
    ChannelIs: lambda one, context: context.channel in one.channels,
    StoreIs: lambda one, context: context.store_id in one.stores,
    Calendar: _is_in_calendar,
    HasCode: _has_code,
}
