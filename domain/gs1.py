"""GS1 messages as a till meets them: element strings, bracketed text and digital links, with what they say.

biip knows the application identifiers (AI) and their formats; what it lets through and GS1's own engine
refuses is refused here: check digits inside an AI, a variable field longer than its AI, contradicting
repeats, and AIs that exclude each other.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.digital_link import Element, split_link
from domain.errors import DomainError
from domain.gtin import has_check_digit

SEPARATOR = "\x1d"
"""FNC1 as scanners send it: the group separator, after a field of variable length."""
MAX_CHARACTERS = 512
"""A real message has under 150 characters; more is somebody else's data."""

_BRACKET = re.compile(r"\((\d{2,4})\)")
_ESCAPED = re.compile(r"\\([()\\])")
_DATE_AIS = frozenset({"11", "12", "13", "15", "16", "17", "4326", "7003", "7006", "7007", "7011", "8008"})
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# How many characters of an AI's value end in a check digit (GS1 General Specifications, section 3).
_CHECKED_LENGTH = {
    "00": 18, "01": 14, "02": 14, "03": 14, "253": 13, "255": 13, "402": 17,
    "410": 13, "411": 13, "412": 13, "413": 13, "414": 13, "415": 13, "416": 13, "417": 13,
    "8003": 14, "8006": 14, "8017": 18, "8018": 18, "8026": 14,
}  # fmt: skip
# AIs (``n``: any last digit) that never stand in one message, as far as goods and prices go.
_EXCLUDES = {
    "01": ("02", "03", "255", "37", "8006"),
    "02": ("03", "255", "8006"),
    "03": ("235", "37", "8006"),
    "21": ("235",),
    "255": ("8006", "8026"),
    "390n": ("391n", "394n", "8111"),
    "392n": ("393n", "395n"),
    "393n": ("395n",),
    "394n": ("8111",),
    "395n": ("8005",),
}


@dataclass(frozen=True, slots=True)
class Gs1Message:
    """The (AI, value) pairs of one scan, in order, and what a till reads from them."""

    elements: tuple[Element, ...]

    def value(self, ai: str) -> str | None:
        """The value of an AI, or None."""
        return next((value for name, value in self.elements if name == ai), None)

    @property
    def gtin(self) -> str | None:
        """The goods themselves (AI 01) as GTIN-14; what a carton contains (02) is not what was scanned."""
        return self.value("01")

    @property
    def batch(self) -> str | None:
        """Batch or lot (AI 10)."""
        return self.value("10")

    @property
    def serial(self) -> str | None:
        """Serial number (AI 21)."""
        return self.value("21")

    @property
    def weight_grams(self) -> int | None:
        """Net weight (AI 310n, kg) in grams, half up."""
        found = self._with_decimals("310")
        return None if found is None else _scaled(*found, digits=3)

    @property
    def pieces(self) -> int | None:
        """Number of pieces in a pack of variable count (AI 30)."""
        value = self.value("30")
        return None if value is None else int(value)

    def price_minor(self, currency_digits: int) -> int | None:
        """Price to pay (AI 392n, the shop's own currency) in minor units, half up."""
        found = self._with_decimals("392")
        return None if found is None else _scaled(*found, digits=currency_digits)

    def expires_on(self, today: date) -> date | None:
        """Use-by date (AI 17), or best-before (15) where that is all; the century is the one nearest to today."""
        value = self.value("17") or self.value("15")
        return None if value is None else _date_near(value, today)

    def element_string(self) -> str:
        """The message as a scanner would send it after the leading FNC1."""
        parts = [name + value + (SEPARATOR if _is_variable(name) else "") for name, value in self.elements]
        return "".join(parts).removesuffix(SEPARATOR)

    def _with_decimals(self, stem: str) -> tuple[int, int] | None:
        """(digits as an integer, number of decimals) of an AI whose last digit says the decimals."""
        for name, value in self.elements:
            if len(name) == 4 and name.startswith(stem):
                return int(value), int(name[3])
        return None


def preload() -> None:
    """Pay biip's import (a tenth of a second) at an idle moment instead of at the first GS1 scan."""
    _is_variable("01")


def parse_message(text: str) -> Gs1Message:
    """The message in an element string, with or without the leading separator; DomainError where it is none."""
    rest = _bounded(text).strip(SEPARATOR)
    elements: list[Element] = []
    while rest:
        ai, value, after = _next_element(rest)
        elements.append((ai, value))
        rest = after.lstrip(SEPARATOR)
    return _checked(elements)


def parse_bracketed(text: str) -> Gs1Message:
    r"""The message in ``(01)…(10)…`` as printed under a code; ``\(`` is a bracket that belongs to a value."""
    # Spaces are layout of the printed line; a NUL stands in for an escaped bracket while the AIs are found.
    escaped = _ESCAPED.sub(lambda found: f"\0{ord(found[1])};", "".join(_bounded(text).split(" ")))
    first, *parts = _BRACKET.split(escaped)
    if first or not parts:
        raise DomainError("scan.gs1_invalid")
    values = [re.sub(r"\0(\d+);", lambda found: chr(int(found[1])), value) for value in parts[1::2]]
    return _checked(_one_element(ai, value) for ai, value in zip(parts[::2], values, strict=True))


def parse_link(text: str) -> Gs1Message:
    """The message in a digital link; DomainError ``scan.foreign_link`` where the address is another kind."""
    return _checked(_one_element(ai, value) for ai, value in split_link(_bounded(text)))


def _bounded(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        raise DomainError("scan.too_long", length=len(text), most=MAX_CHARACTERS)
    if not text.isascii() or not text.replace(SEPARATOR, "").isprintable():
        raise DomainError("scan.gs1_invalid")
    return text


def _next_element(rest: str) -> tuple[str, str, str]:
    """The first element of a message and what is left of it."""
    # start-up: biip loads its tables for a tenth of a second; most shops meet a GS1 message rarely.
    from biip import ParseConfig, ParseError
    from biip.gs1_element_strings import GS1ElementString

    try:
        # Dates are checked here: biip would read the clock for the century.
        found = GS1ElementString.extract(rest, config=ParseConfig(gs1_element_strings_verify_date=False))
    except ParseError:
        raise DomainError("scan.gs1_invalid") from None
    after = rest[len(found) :]
    if found.ai.separator_required and not after.startswith(SEPARATOR) and after:
        raise DomainError("scan.gs1_invalid")
    return found.ai.ai, found.value, after


def _one_element(ai: str, value: str) -> Element:
    """The element of exactly this AI and value."""
    if not value.isascii():  # a percent-escape can hide ٣, which biip takes for a digit
        raise DomainError("scan.gs1_invalid")
    name, found, after = _next_element(ai + value)
    if name != ai or after:
        raise DomainError("scan.gs1_invalid")
    return name, found


def _is_variable(ai: str) -> bool:
    # start-up: as above
    from biip.gs1_application_identifiers import GS1ApplicationIdentifier

    return GS1ApplicationIdentifier.extract(ai).separator_required


def _checked(elements: Iterable[Element]) -> Gs1Message:
    message = Gs1Message(tuple(elements))
    values = dict(message.elements)
    fine = (
        bool(values)
        and all(values[ai] == value for ai, value in message.elements)
        and all(_value_fits(ai, value) for ai, value in message.elements)
        and not _has_conflict(values)
    )
    if not fine:
        raise DomainError("scan.gs1_invalid")
    return message


def _value_fits(ai: str, value: str) -> bool:
    checked = _CHECKED_LENGTH.get(ai)
    if checked is not None and not has_check_digit(value[:checked]):
        return False
    return ai not in _DATE_AIS or _is_date(value[:6])


def _is_date(yymmdd: str) -> bool:
    """Whether a YYMMDD names a day; day 00 stands for the month's last."""
    month, day = int(yymmdd[2:4]), int(yymmdd[4:6])
    return 1 <= month <= 12 and day <= _MONTH_DAYS[month - 1]


def _has_conflict(values: dict[str, str]) -> bool:
    families = [f"{ai[:3]}n" if len(ai) == 4 and ai[0] == "3" else ai for ai in values]
    present = set(families)
    return len(present) < len(families) or any(other in present for ai in present for other in _EXCLUDES.get(ai, ()))


def _scaled(number: int, decimals: int, *, digits: int) -> int:
    """``number`` with ``decimals`` decimals as an integer with ``digits`` decimals, half up."""
    if decimals <= digits:
        return int(f"{number}{'0' * (digits - decimals)}")
    step = int(f"1{'0' * (decimals - digits)}")
    return (number + step // 2) // step


def _date_near(yymmdd: str, today: date) -> date | None:
    """The day of a YYMMDD, in the century that GS1 section 7.12 gives it (49 years back, 50 ahead)."""
    short, month, day = int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:6])
    offset = (short - today.year + 49) % 100 - 49
    year = today.year + offset
    last = 28 if month == 2 and (year % 4 or (year % 100 == 0 and year % 400)) else _MONTH_DAYS[month - 1]
    return date(year, month, day or last) if day <= last else None
