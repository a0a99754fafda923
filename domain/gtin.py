"""The GTIN family: check digits, UPC-E, and the one key under which all spellings of a code meet."""

import unicodedata
from enum import StrEnum

from domain.errors import DomainError

KEY_DIGITS = 14


class GtinKind(StrEnum):
    """What a code looks like on the pack; the values are the names that people know."""

    EAN_8 = "EAN-8"
    UPC_E = "UPC-E"
    UPC_A = "UPC-A"
    EAN_13 = "EAN-13"
    GTIN_14 = "GTIN-14"


_KIND_BY_LENGTH = {8: GtinKind.EAN_8, 12: GtinKind.UPC_A, 13: GtinKind.EAN_13, 14: GtinKind.GTIN_14}


def is_digits(text: str) -> bool:
    """Whether it is nothing but 0-9 (``str.isdigit`` alone would take ٣ and ² too)."""
    return text.isascii() and text.isdigit()


def check_digit(body: str) -> str:
    """The digit that completes ``body``: weights 3, 1, 3 … from its right end, modulo 10 (GS1 section 7.9)."""
    assert is_digits(body)
    total = 3 * sum(map(int, body[-1::-2])) + sum(map(int, body[-2::-2]))
    return str(-total % 10)


def has_check_digit(code: str) -> bool:
    """Whether the last of at least two digits is the check digit of those before it."""
    return len(code) > 1 and is_digits(code) and check_digit(code[:-1]) == code[-1]


def is_gtin(code: str) -> bool:
    """Whether it is 8, 12, 13 or 14 digits with a right check digit."""
    return len(code) in _KIND_BY_LENGTH and has_check_digit(code)


def kind_of(code: str) -> GtinKind | None:
    """The kind of a scanned code, or None where it is no GTIN.

    Eight digits that begin with 0 are UPC-E where the expanded code's check digit fits: real GTIN-8 begin
    with 0 only inside one company, and then the same reading on both sides still finds the goods. Only the
    one right UPC-E of a UPC-A counts: shops number own goods 03000007, 03000037, 03000047, which all expand
    to the same UPC-A and are different goods.
    """
    if len(code) == 8 and code[0] == "0" and _is_upce(code):
        return GtinKind.UPC_E
    return _KIND_BY_LENGTH[len(code)] if is_gtin(code) else None


def normalise(code: str) -> str:
    """The key of a code, under which the catalogue's barcode table holds it.

    A GTIN becomes 14 digits with leading zeros, so that UPC-E, its UPC-A, its EAN-13 with a leading 0 and its
    GTIN-14 with leading 00 meet in one key. What is no GTIN (an own code, a bad check digit) stays as typed,
    but for full-width characters and spaces around it. ``normalise(normalise(x)) == normalise(x)``.
    """
    text = unicodedata.normalize("NFKC", code).strip()
    kind = kind_of(text)
    if kind is None:
        return text
    return (upce_to_upca(text) if kind is GtinKind.UPC_E else text).zfill(KEY_DIGITS)


def as_gtin(code: str, digits: int) -> str:
    """The same GTIN written with 8, 12, 13 or 14 digits; DomainError where it does not fit or is none."""
    if not is_gtin(code) or digits not in _KIND_BY_LENGTH:
        raise DomainError("gtin.not_a_gtin")
    surplus, text = code.zfill(KEY_DIGITS)[:-digits], code.zfill(KEY_DIGITS)[-digits:]
    if surplus.strip("0"):
        raise DomainError("gtin.too_long", digits=digits)
    return text


def upce_to_upca(code: str) -> str:
    """UPC-A of a UPC-E written with 6, 7 (number system) or 8 (and check) digits; a UPC-A stays itself."""
    if len(code) == 12 and is_gtin(code):
        return code
    padded = f"0{code}" if len(code) == 6 else code
    if len(padded) not in (7, 8) or not is_digits(padded) or padded[0] not in "01":
        raise DomainError("gtin.not_upce")
    upca = _expanded(padded[:7])
    if padded[7:] not in ("", upca[-1]):
        raise DomainError("gtin.check_digit")
    return upca


def upca_to_upce(code: str) -> str | None:
    """The 8-digit UPC-E of a UPC-A (or of a shorter UPC-E), or None where its zeros cannot be left out."""
    upca = upce_to_upca(code)
    system, maker, product = upca[0], upca[1:6], upca[6:11]
    candidates = (
        maker[:2] + product[2:] + maker[2],
        maker[:3] + product[3:] + "3",
        maker[:4] + product[4] + "4",
        maker + product[4],
    )
    for body in candidates:
        if system in "01" and _expanded(system + body) == upca:
            return system + body + upca[-1]
    return None


def _is_upce(code: str) -> bool:
    if not is_digits(code) or _expanded(code[:7])[-1] != code[7]:
        return False
    # No company has the prefix 0000; such a UPC-A would share its key with a GTIN-8.
    return not _expanded(code[:7]).startswith("0000") and upca_to_upce(code) == code


def _expanded(short: str) -> str:
    """UPC-A of number system + six digits; the sixth says where the zeros were (GS1 section 5.2.2.4)."""
    system, body, last = short[0], short[1:6], short[6]
    if last in "012":
        maker, product = f"{body[:2]}{last}00", f"00{body[2:]}"
    elif last == "3":
        maker, product = f"{body[:3]}00", f"000{body[3:]}"
    elif last == "4":
        maker, product = f"{body[:4]}0", f"0000{body[4]}"
    else:
        maker, product = body, f"0000{last}"
    payload = system + maker + product
    return payload + check_digit(payload)
