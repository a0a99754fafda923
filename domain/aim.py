"""The symbology that a scanner names before its data: AIM identifiers such as ``]C1`` (ISO/IEC 15424)."""

from dataclasses import dataclass

from domain.errors import DomainError

PREFIX_LENGTH = 3

_GS1 = {
    "C1": "GS1-128",
    "e0": "GS1 DataBar",
    "e1": "GS1 composite",
    "e2": "GS1 composite",
    "Q3": "GS1 QR",
    "d2": "GS1 DataMatrix",
    "J1": "GS1 DotCode",
}
_EAN_DIGITS = {"E0": 13, "E4": 8}
_LETTERS = {
    "A": "Code 39",
    "C": "Code 128",
    "E": "EAN/UPC",
    "F": "Codabar",
    "G": "Code 93",
    "H": "Code 11",
    "I": "ITF",
    "J": "DotCode",
    "L": "PDF417",
    "M": "MSI",
    "Q": "QR",
    "S": "2 of 5",
    "U": "MaxiCode",
    "X": "other",
    "d": "DataMatrix",
    "e": "DataBar",
    "z": "Aztec",
}


@dataclass(frozen=True, slots=True)
class Symbology:
    """How a code was printed: whether its data is a GS1 message, and the digits that an EAN must have (0: any)."""

    name: str
    is_gs1: bool = False
    ean_digits: int = 0


TYPED = Symbology("typed")
"""No identifier: typed, or from a scanner that sends none."""


def split_aim(text: str) -> tuple[Symbology, str]:
    """The symbology and the data behind it; DomainError where ``]`` begins something unknown."""
    if not text.startswith("]"):
        return TYPED, text
    identifier = text[1:PREFIX_LENGTH]
    letter, modifier = identifier[:1], identifier[1:]
    if letter not in _LETTERS or not (modifier.isascii() and modifier.isdigit()):
        raise DomainError("scan.unknown_symbology")
    name = _GS1.get(identifier, _LETTERS[letter])
    return Symbology(name, identifier in _GS1, _EAN_DIGITS.get(identifier, 0)), text[PREFIX_LENGTH:]
