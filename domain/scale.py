"""Labels of weighed goods, read by the formats that a store has set in its scales.

China has no national layout, so a format is data of the store. Its pattern is written as the scales' own
software writes it, one letter per digit::

    F flag   W item (PLU)   E amount   N weight   Q pieces   C check   O other, not looked at   + add-on follows

``FFWWWWWEEEEEC`` with flag 21 reads 2110007035207 as PLU 10007 for 35.20.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Self

from domain.errors import DomainError
from domain.gtin import check_digit, is_digits
from domain.quantity import THOUSAND

LABEL_LENGTHS = (8, 13, 18)
_LETTERS = frozenset("FWENQCO")


@dataclass(frozen=True, slots=True)
class ScaleLabel:
    """What a label says: the item's PLU and, as far as the format has them, amount, weight and pieces."""

    plu: str
    amount_minor: int | None = None
    weight_grams: int | None = None
    pieces: int | None = None

    @property
    def quantity_thousandths(self) -> int | None:
        """The quantity in thousandths of the item's unit (kg or piece), None where only the amount is known."""
        return self.weight_grams if self.pieces is None else self.pieces * THOUSAND


@dataclass(frozen=True, slots=True)
class ScaleFormat:
    """One layout and the flags that mark it; ``*_per_unit`` is what the last digit of a field is worth."""

    pattern: str
    flags: tuple[str, ...]
    minor_per_unit: int = 1
    grams_per_unit: int = 1

    def __post_init__(self) -> None:
        reason = self._fault()
        if reason:
            raise DomainError("scale.bad_format", pattern=self.pattern, reason=reason)

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> Self:
        """The format of a store's settings, as ``as_data`` wrote it; DomainError where that is not one."""
        pattern, flags = data.get("pattern"), data.get("flags")
        minor, grams = data.get("minor_per_unit", 1), data.get("grams_per_unit", 1)
        if not isinstance(pattern, str) or not isinstance(flags, list | tuple):
            raise DomainError("scale.bad_format", pattern=str(pattern), reason="types")
        if type(minor) is not int or type(grams) is not int:
            raise DomainError("scale.bad_format", pattern=pattern, reason="types")
        return cls(pattern, tuple(str(flag) for flag in flags), minor, grams)

    def as_data(self) -> dict[str, object]:
        """The format as JSON can hold it."""
        return {
            "pattern": self.pattern,
            "flags": list(self.flags),
            "minor_per_unit": self.minor_per_unit,
            "grams_per_unit": self.grams_per_unit,
        }

    @property
    def letters(self) -> str:
        """One letter per scanned digit."""
        return self.pattern.replace("+", "")

    def claims(self, code: str) -> bool:
        """Whether a code has the length and a flag of this format, whatever its check digit says."""
        return len(code) == len(self.letters) and code.startswith(self.flags) and is_digits(code)

    def read(self, code: str) -> ScaleLabel | None:
        """The label in a code that this format claims, or None where its check digit is wrong."""
        assert self.claims(code)
        at = self.letters.find("C")
        if at >= 0 and check_digit(code[:at]) != code[at]:
            return None
        amount, weight = self._field(code, "E"), self._field(code, "N")
        pieces = self._field(code, "Q")
        return ScaleLabel(
            plu=self._field(code, "W"),
            amount_minor=int(amount) * self.minor_per_unit if amount else None,
            weight_grams=int(weight) * self.grams_per_unit if weight else None,
            pieces=int(pieces) if pieces else None,
        )

    def _field(self, code: str, letter: str) -> str:
        return "".join(digit for digit, name in zip(code, self.letters, strict=True) if name == letter)

    def _fault(self) -> str:
        letters = self.letters
        if len(letters) not in LABEL_LENGTHS or not _LETTERS.issuperset(letters):
            return "letters"
        if any(letter in letters.replace(letter * letters.count(letter), "", 1) for letter in "FWENQ"):
            return "field_in_two_parts"
        if not letters.startswith("F") or "W" not in letters or letters.count("C") > 1:
            return "fields"
        width = letters.count("F")
        if not self.flags or any(len(flag) != width or not is_digits(flag) for flag in self.flags):
            return "flags"
        return "units" if min(self.minor_per_unit, self.grams_per_unit) < 1 else ""


def find_format(code: str, formats: Sequence[ScaleFormat]) -> ScaleFormat | None:
    """The first format that claims a code."""
    return next((one for one in formats if one.claims(code)), None)


def parse_label(code: str, formats: Sequence[ScaleFormat]) -> ScaleLabel | None:
    """The label that a code holds by a store's formats, or None (no format claims it, or its check digit is bad)."""
    found = find_format(code, formats)
    return found.read(code) if found else None


def check_formats(formats: Sequence[ScaleFormat]) -> None:
    """Refuse a store's settings in which one label could be read in two ways."""
    for one, other in combinations(formats, 2):
        clash = any(a.startswith(b) or b.startswith(a) for a in one.flags for b in other.flags)
        if clash and len(one.letters) == len(other.letters):
            raise DomainError("scale.formats_overlap", pattern=one.pattern, other=other.pattern)
