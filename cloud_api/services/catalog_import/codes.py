"""What is odd about a code in a goods file: judged, never changed."""

import re
import unicodedata

from cloud_api.services.catalog_import.findings import Severity
from domain import gtin

CODE_MAX = 64
_SPREADSHEET = re.compile(r"^\d+([.,]\d+)?E\+?\d+$", re.IGNORECASE)
_RESTRICTED = ("0", "2")
"""Eight digits that begin so are given by the shop itself (GS1 RCN-8): their last digit need not be a check digit."""
_OWN_DIGITS_MAX = 7
"""PLU and other short numbers of the shop."""
_EAN_13 = 13


def has_code(typed: str) -> bool:
    """Whether the cell holds a code at all; ``-`` and the like do not."""
    return any(character.isalnum() for character in typed)


def judge(typed: str) -> tuple[Severity, str] | None:
    """The finding of a code as it was typed, or None where nothing is odd about it."""
    code = unicodedata.normalize("NFKC", typed).strip()
    if _SPREADSHEET.match(code):
        return Severity.REFUSED, "spreadsheet_code"
    if len(code) > CODE_MAX:
        return Severity.REFUSED, "code_too_long"
    if not gtin.is_digits(code):
        return Severity.DOUBTED, "letters_in_code"
    doubt = _doubt_of_digits(code)
    return (Severity.DOUBTED, doubt) if doubt else None


def _doubt_of_digits(code: str) -> str | None:
    if len(code) <= _OWN_DIGITS_MAX or (len(code) == 8 and code.startswith(_RESTRICTED)):
        return None
    if gtin.is_gtin(code):
        return "like_a_scale_label" if len(code) == _EAN_13 and code.startswith("2") else None
    if len(code) in (8, 12, 13, 14):
        return "check_digit"
    return "double_scan" if len(code) > 14 and gtin.is_gtin(code[:_EAN_13]) else "code_length"
