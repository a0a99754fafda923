"""Amounts, quantities and times as the screens write them."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from domain.money import CURRENCY_SIGNS, format_minor
from domain.quantity import format_quantity

_SCREEN_SIGNS = {"CNY": "¥"}
"""Paper writes ￥, which is in GBK; on screen the narrow sign stands better beside its figure."""
MINUS = "−"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def plain(minor: int, currency: str) -> str:
    """``101.07``; a true minus before a negative one."""
    return format_minor(minor, currency).replace("-", MINUS)


def amount(minor: int, currency: str) -> str:
    """``¥101.07`` or ``−¥9.95``."""
    sign = _SCREEN_SIGNS.get(currency) or CURRENCY_SIGNS.get(currency, f"{currency} ")
    return (MINUS if minor < 0 else "") + sign + format_minor(abs(minor), currency)


def short_amount(minor: int, currency: str) -> str:
    """``105`` for whole amounts, ``101.50`` for others: what a quick cash key says."""
    text = format_minor(minor, currency)
    whole, _, fraction = text.partition(".")
    return whole if not fraction.strip("0") else text


def quantity(thousandths: int) -> str:
    """``3`` or ``0.835``."""
    return format_quantity(thousandths).replace("-", MINUS)


def percent(basis_points: int) -> str:
    """1000 → ``10``, 1250 → ``12.5``."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".")


def zone(name: str) -> tzinfo:
    """The store's time zone."""
    return ZoneInfo(name)


def local_time(at_ms: int, tz: tzinfo) -> datetime:
    """A moment on the store's clock."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(tz)


def clock_text(at_ms: int, tz: tzinfo) -> str:
    """``18:22``."""
    return local_time(at_ms, tz).strftime("%H:%M")
