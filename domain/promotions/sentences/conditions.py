"""Who, where and when: each kind of condition in words; thresholds stand apart, as they lean on the benefit."""

from collections.abc import Callable
from typing import Any

from domain.promotions import conditions
from domain.promotions.conditions import DAY_MINUTES, Pieces, Quantity, Spend
from domain.promotions.scope import Scope
from domain.promotions.sentences.figures import clock, decimal, money, ordinal
from domain.promotions.sentences.goods import some_goods, spaced
from domain.promotions.sentences.voice import Voice

Threshold = Spend | Pieces | Quantity
KNOWN_CHANNELS = frozenset({"till", "web"})
_WEEK = range(1, 8)


def threshold_words(condition: Threshold, own: Scope, voice: Voice) -> str:
    """How much of the rule's own goods, or of others, there must be; empty where it asks for nothing."""
    kind = condition.KIND
    if isinstance(condition, Spend):
        least, most = condition.min_minor, condition.max_minor
        figures = {"least": money(voice, least), "most": money(voice, most or 0)}
    elif isinstance(condition, Pieces):
        least, most = condition.min_pieces, condition.max_pieces
        figures = {"least": str(least), "most": str(most)}
    else:
        least, most = condition.min_thousandths, condition.max_thousandths
        figures = {"least": decimal(least, 3), "most": decimal(most or 0, 3)}
    if isinstance(condition, Spend) and condition.above:
        reach = "above" if most is None else "above_until"
    elif most is None:
        reach = "least"
    else:
        reach = "range" if least else "most"
    if reach == "least" and not least:
        return ""
    said = voice.say(f"threshold.{kind}.{reach}", **figures)
    return _of_goods(condition, own, said=said, voice=voice)


def _of_goods(condition: Threshold, own: Scope, *, said: str, voice: Voice) -> str:
    if isinstance(condition, Spend):
        said += voice.say(f"threshold.base.{condition.base}") if condition.base else ""
    elif condition.on_one_line:
        said = voice.say("threshold.on_one_line", threshold=said)
    if condition.scope is None or condition.scope == own:
        return said
    named = some_goods(voice, condition.scope)
    return voice.say(f"threshold.{condition.KIND}.of", threshold=said, goods=spaced(voice, named))


def is_of_other_goods(condition: Threshold, own: Scope) -> bool:
    """Whether it counts goods that the rule does not reduce."""
    return condition.scope is not None and condition.scope != own


def condition_words(condition: conditions.Condition, voice: Voice) -> list[str]:
    """The parts that say a condition which is no threshold."""
    return [part for part in _SAY[type(condition)](condition, voice) if part]


def _member(condition: conditions.MemberIs, voice: Voice) -> list[str]:
    tiers = [voice.name(voice.names.tiers.get(tier), tier) for tier in sorted(condition.tiers)]
    key = "condition.member.tiers" if tiers else "condition.member.any"
    said = [voice.say(key, tiers=voice.listed(tiers))] if tiers or not condition.tags else []
    if condition.tags:
        said.append(voice.say("condition.member.tags", tags=voice.listed(sorted(condition.tags), "or")))
    return said


def _order_number(condition: conditions.OrderNumber, voice: Voice) -> list[str]:
    wanted = [ordinal(voice, number) for number in sorted(condition.numbers)]
    if condition.every == 1:
        return [voice.say("condition.order_number.each")]
    if condition.every:
        every = voice.say("condition.order_number.every", nth=ordinal(voice, condition.every))
        wanted_too = voice.say("condition.order_number.too", numbers=voice.listed(wanted, "and")) if wanted else ""
        return [every + wanted_too]
    if condition.numbers == {1}:
        return [voice.say("condition.order_number.first")]
    key = "condition.order_number.one" if len(wanted) == 1 else "condition.order_number.many"
    return [voice.say(key, numbers=voice.listed(wanted, "and"))]


def _birthday(condition: conditions.Birthday, voice: Voice) -> list[str]:
    if condition.whole_month:
        return [voice.say("condition.birthday.month")]
    if not condition.days_around:
        return [voice.say("condition.birthday.day")]
    return [voice.say("condition.birthday.around", days=condition.days_around)]


def _channel(condition: conditions.ChannelIs, voice: Voice) -> list[str]:
    names = [
        voice.say(f"channel.{channel}") if channel in KNOWN_CHANNELS else channel
        for channel in sorted(condition.channels)
    ]
    return [voice.say("condition.channel", channels=voice.listed(names, "or"))]


def _store(condition: conditions.StoreIs, voice: Voice) -> list[str]:
    names = [voice.name(voice.names.stores.get(store), store) for store in sorted(condition.stores)]
    return [voice.say("condition.store", stores=voice.listed(names, "or"))]


def _calendar(condition: conditions.Calendar, voice: Voice) -> list[str]:
    return [_month_days(condition, voice), _weekdays(condition, voice), _hours(condition, voice)]


def _month_days(condition: conditions.Calendar, voice: Voice) -> str:
    days = [str(day) if voice.language == "zh" else ordinal(voice, day) for day in sorted(condition.month_days)]
    if not days:
        return ""
    return voice.say(
        "condition.calendar.month_days", days=voice.all_of([voice.say("day.month", day=day) for day in days])
    )


def _weekdays(condition: conditions.Calendar, voice: Voice) -> str:
    days = sorted(condition.weekdays)
    if not days or len(days) == len(_WEEK):
        return ""
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        first, last = (voice.say(f"weekday.{day}") for day in (days[0], days[-1]))
        return voice.say("condition.calendar.week_range", first=first, last=last)
    names = [voice.say("day.week", day=voice.say(f"weekday.{day}")) for day in days]
    return voice.say("condition.calendar.weekdays", days=voice.all_of(names))


def _hours(condition: conditions.Calendar, voice: Voice) -> str:
    begin, end = condition.from_minute, condition.until_minute
    if begin == 0 and end == DAY_MINUTES:
        return ""
    key = "hours" if begin < end else "hours_over_midnight"
    return voice.say(f"condition.calendar.{key}", begin=clock(begin), end=clock(end))


def _code(condition: conditions.HasCode, voice: Voice) -> list[str]:
    codes = [voice.say("quoted.code", words=code) for code in sorted(condition.codes)]
    return [voice.say("condition.code", codes=voice.listed(codes, "or"))]


_SAY: dict[type, Callable[[Any, Voice], list[str]]] = {
    conditions.MemberIs: _member,
    conditions.OrderNumber: _order_number,
    conditions.Birthday: _birthday,
    conditions.ChannelIs: _channel,
    conditions.StoreIs: _store,
    conditions.Calendar: _calendar,
    conditions.HasCode: _code,
}
