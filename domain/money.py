"""Money as integers of a currency's minor unit, with its named roundings."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import DomainError
from domain.quantity import THOUSAND

CURRENCY_DIGITS = {
    "CNY": 2,
    "HKD": 2,
    "MOP": 2,
    "USD": 2,
    "EUR": 2,
    "GBP": 2,
    "TWD": 2,
    "SGD": 2,
    "JPY": 0,
    "KRW": 0,
}
"""ISO 4217 minor-unit digits of the currencies a store may use."""

CURRENCY_SIGNS = {
    "CNY": "￥",
    "HKD": "HK$",
    "MOP": "MOP$",
    "USD": "US$",
    "EUR": "€",
    "GBP": "£",
    "TWD": "NT$",
    "SGD": "S$",
}

MAX_MINOR = 10**12
"""Above this no amount is believed: ten thousand million in a currency with two digits."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount: ``minor`` units of ``currency``; adding two currencies is a bug."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in CURRENCY_DIGITS:
            raise DomainError("money.currency_unknown", currency=self.currency)

    def __add__(self, other: "Money") -> "Money":
        assert self.currency == other.currency, "two currencies never mix"
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        assert self.currency == other.currency, "two currencies never mix"
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __str__(self) -> str:
        return CURRENCY_SIGNS.get(self.currency, self.currency + " ") + format_minor(self.minor, self.currency)


def divide_half_up(numerator: int, denominator: int) -> int:
    """``numerator / denominator`` rounded half away from zero, so that a return mirrors its sale."""
    assert denominator > 0
    quotient = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -quotient if numerator < 0 else quotient


def line_amount_minor(unit_price_minor: int, quantity_thousandths: int) -> int:
    """Unit price × quantity, half up to the minor unit."""
    return divide_half_up(unit_price_minor * quantity_thousandths, THOUSAND)


def percent_minor(amount_minor: int, basis_points: int) -> int:
    """``basis_points`` (1 % = 100) of an amount, half up."""
    return divide_half_up(amount_minor * basis_points, 10_000)


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split ``total`` over ``weights``: proportional, largest remainder, first wins ties; parts sum to the whole.

    Weights are not negative; where all are zero everything goes to the first. No part exceeds its weight
    as long as ``total`` does not exceed their sum.
    """
    if not weights:
        assert total == 0, "nothing to spread an amount over"
        return []
    whole = sum(weights)
    if whole == 0:
        return [total] + [0] * (len(weights) - 1)
    sign = -1 if total < 0 else 1
    amount = abs(total)
    parts = [amount * weight // whole for weight in weights]
    missing = amount - sum(parts)
    remainders = [amount * weight % whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=remainders.__getitem__, reverse=True)  # equal ones keep their order
    for index in by_remainder[:missing]:
        parts[index] += 1
    return [sign * part for part in parts]


def round_down_minor(amount_minor: int, unit_minor: int) -> int:
    """The largest multiple of ``unit_minor`` not above a non-negative amount (抹零)."""
    assert amount_minor >= 0
    assert unit_minor >= 1
    return amount_minor - amount_minor % unit_minor


def format_minor(minor: int, currency: str) -> str:
    """``2100`` CNY → ``21.00``; digits by the currency, no sign of it, no thousands marks."""
    digits = CURRENCY_DIGITS[currency]
    sign, figures = ("-" if minor < 0 else ""), str(abs(minor)).rjust(digits + 1, "0")
    return sign + (f"{figures[:-digits]}.{figures[-digits:]}" if digits else figures)


def parse_minor(text: str, currency: str) -> int:
    """``"21"``, ``"21.5"`` or ``"21.50"`` → 2100, 2150, 2150; anything else is a DomainError."""
    digits = CURRENCY_DIGITS[currency]
    whole, dot, fraction = text.strip().partition(".")
    readable = (whole or fraction) and (whole + fraction).isascii() and (whole + fraction or "x").isdigit()
    if not readable or len(fraction) > digits or (dot and not digits):
        raise DomainError("money.unreadable", currency=currency, digits=digits)
    minor: int = int(whole or "0") * 10**digits + int(fraction.ljust(digits, "0") or "0")
    if minor > MAX_MINOR:
        raise DomainError("money.too_large", currency=currency)
    return minor
