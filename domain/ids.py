"""Names of things: typed identifiers, how they are made and how a receipt number is written."""

from typing import NewType, Protocol

StoreId = NewType("StoreId", str)
TerminalId = NewType("TerminalId", str)
"""``<store>-<number>``, for example ``0102-2``: the till's name on the wire, on receipts and in the cloud."""
OperatorId = NewType("OperatorId", str)
ItemId = NewType("ItemId", int)
CartId = NewType("CartId", str)
SaleId = NewType("SaleId", str)

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class IdFactory(Protocol):
    """Makes unique, time-ordered identifiers (UUIDv7 text)."""

    def new_id(self) -> str:
        """A new identifier, never given before."""
        ...


def incarnation_letter(incarnation: int) -> str:
    """1 → ``A``, 26 → ``Z``, 27 → ``AA``: how an incarnation of a till's journal is written."""
    if incarnation < 1:
        raise ValueError(f"incarnation {incarnation} is below 1")
    letters = ""
    while incarnation:
        incarnation, rest = divmod(incarnation - 1, 26)
        letters = _LETTERS[rest] + letters
    return letters


def receipt_number(terminal: TerminalId, incarnation: int, number: int) -> str:
    """``0102-2A-000183``: unique for ever, gap-free within an incarnation."""
    if number < 1:
        raise ValueError(f"receipt number {number} is below 1")
    return f"{terminal}{incarnation_letter(incarnation)}-{number:06d}"
