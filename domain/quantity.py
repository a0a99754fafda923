"""How much of an item: integer thousandths of its unit (3 pieces = 3000, 0.835 kg = 835)."""

from domain.errors import DomainError

THOUSAND = 1000
ONE = THOUSAND
"""One piece, one kilogram, one of whatever the unit is."""
MAX_THOUSANDTHS = 9_999 * THOUSAND
"""The most that one line holds; more is a mistyped code."""


def parse_quantity(text: str) -> int:
    """``"3"`` → 3000, ``"0.835"`` → 835; at most three decimals, above zero, at most 9,999."""
    whole, _, fraction = text.strip().partition(".")
    digits = whole + fraction
    if not digits.isascii() or not digits.isdigit() or len(fraction) > 3 or len(whole) > 6:
        raise DomainError("quantity.unreadable")
    return checked(int(whole or "0") * THOUSAND + int(fraction.ljust(3, "0")))


def checked(thousandths: int) -> int:
    """The quantity itself, if a line may hold it."""
    if not 0 < thousandths <= MAX_THOUSANDTHS:
        raise DomainError("quantity.out_of_range", most=MAX_THOUSANDTHS // THOUSAND)
    return thousandths


def format_quantity(thousandths: int) -> str:
    """3000 → ``3``, 835 → ``0.835``, 1500 → ``1.5``."""
    whole, rest = divmod(abs(thousandths), THOUSAND)
    text = f"{whole}.{rest:03d}".rstrip("0").rstrip(".")
    return f"-{text}" if thousandths < 0 else text
