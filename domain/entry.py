"""What a person types into the entry box: a code, ``3*`` before a code, or ``3*`` alone for the selected line."""

import re
import unicodedata
from dataclasses import dataclass, field

from domain.errors import DomainError
from domain.quantity import ONE, parse_quantity
from domain.scan import MAX_CHARACTERS, Unreadable

# What input methods and other keyboards put in the place of * and the decimal point.
_LOOKALIKES = str.maketrans({"×": "*", "。": ".", "．": ".", "＊": "*"})
_NUMBER_LIKE = re.compile(r"[-+.,0-9]*")


@dataclass(frozen=True, slots=True)
class EmptyEntry:
    """Nothing typed: Enter does nothing, which keeps a scanner's second Enter from paying."""


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """Text for ``parse_scan`` and how much of it to sell."""

    text: str = field(repr=False)
    quantity_thousandths: int = ONE


@dataclass(frozen=True, slots=True)
class QuantityEntry:
    """``n*`` alone: the selected line's new quantity, or the multiplier of the scan that comes next."""

    quantity_thousandths: int


Entry = EmptyEntry | CodeEntry | QuantityEntry | Unreadable


def parse_entry(text: str) -> Entry:
    """What was typed. Total: any text gives an Entry; a multiplier beyond 9,999 or 3 decimals is Unreadable.

    Only digits, signs and points before a ``*`` make it a multiplier, so that a code or a name may hold one.
    """
    if len(text) > MAX_CHARACTERS:
        return Unreadable("scan.too_long")
    head, star, tail = _split(text)
    if not star:
        return CodeEntry(text) if text.strip() else EmptyEntry()
    try:
        quantity_thousandths = parse_quantity(head)
    except DomainError as error:
        return Unreadable(error.code, error.params)
    rest = tail.strip()
    if not rest:
        return QuantityEntry(quantity_thousandths)
    if _split(rest)[1]:
        return Unreadable("entry.multiplier_twice")
    return CodeEntry(tail, quantity_thousandths)


def _split(text: str) -> tuple[str, str, str]:
    """Multiplier, star and what follows; no star where the text has no multiplier."""
    at = next((position for position, sign in enumerate(text) if sign in "*×＊"), -1)
    head = unicodedata.normalize("NFKC", text[: max(at, 0)].translate(_LOOKALIKES)).strip()
    if at < 0 or not _NUMBER_LIKE.fullmatch(head):
        return "", "", text
    return head, "*", text[at + 1 :]
