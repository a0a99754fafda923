"""Amounts, rates, counts and moments as a poster writes them."""

from datetime import UTC, datetime, timedelta

from domain.money import CURRENCY_DIGITS, CURRENCY_SIGNS, format_minor
from domain.promotions.benefits import ALL_BP
from domain.promotions.sentences.voice import Voice

_DIGITS = "零一二三四五六七八九十"
_HALF_BP = ALL_BP // 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def money(voice: Voice, minor: int) -> str:
    """``20000`` CNY is 200元 and ¥200, ``750`` is 7.5元 and ¥7.50; other currencies have their sign in both."""
    whole = format_minor(minor, voice.currency)
    if CURRENCY_DIGITS[voice.currency]:
        whole = whole.removesuffix(".00")
    if voice.currency == "CNY":
        return f"{_short(whole)}元" if voice.language == "zh" else f"¥{whole}"
    return CURRENCY_SIGNS.get(voice.currency, f"{voice.currency} ") + whole


def off(voice: Voice, percent_bp: int, key: str = "off") -> str:
    """Half price, free, 85折 or 15 % off; ``key`` "at" puts it behind goods."""
    if percent_bp in (_HALF_BP, ALL_BP):
        return voice.say(f"{key}.half" if percent_bp == _HALF_BP else f"{key}.free")
    return voice.say(f"{key}.percent", percent=_rate(percent_bp, voice))


def decimal(value: int, digits: int) -> str:
    """``1250`` with two digits is 12.5."""
    whole, rest = divmod(value, 10**digits)
    return _short(f"{whole}.{rest:0{digits}d}")


def ordinal(voice: Voice, number: int) -> str:
    """第二 and 2nd; from 11 on Chinese has figures too."""
    if voice.language == "zh":
        return counted(voice, number)
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def counted(voice: Voice, number: int, beside: int = 0) -> str:
    """买二送一: Chinese has words for small numbers, figures where it or the number beside it is above ten."""
    return _DIGITS[number] if voice.language == "zh" and max(number, beside) < len(_DIGITS) else str(number)


def times(voice: Voice, count: int) -> str:
    """Once, twice, 3 times."""
    key = {1: "times.once", 2: "times.twice"}.get(count, "times.many")
    return voice.say(key, number=count)


def clock(minute: int) -> str:
    """``1110`` is 18:30."""
    return f"{minute // 60}:{minute % 60:02d}"


def moment(voice: Voice, at_ms: int, *, is_end: bool = False) -> str:
    """A day, with the time where it is not midnight; an end at midnight is the day before, which is the last one."""
    at = _EPOCH + timedelta(milliseconds=at_ms, minutes=voice.utc_offset_min)
    has_time = bool(at.hour or at.minute)
    day = at - timedelta(days=1) if is_end and not has_time else at
    if voice.language == "zh":
        said = f"{day.year}年{day.month}月{day.day}日"
    else:
        said = f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{said} {clock(at.hour * 60 + at.minute)}" if has_time else said


def _rate(percent_bp: int, voice: Voice) -> str:
    """What is taken off in percent; Chinese says what is paid, in tenths: 9 for 90 %, 85 for 85 %, 0.5 for 5 %."""
    if voice.language != "zh":
        return decimal(percent_bp, 2)
    paid_bp = ALL_BP - percent_bp
    if paid_bp % 1000 and not paid_bp % 100 and paid_bp > 1000:
        return str(paid_bp // 100)
    return decimal(paid_bp, 3)


def _short(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
