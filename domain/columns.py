"""Text in the columns of a receipt printer: what it can print, how wide it is, and how it is laid out.

Such a printer has fixed cells: ASCII takes one, everything else two, as many as its GBK code has bytes.
"""

import unicodedata
from functools import cache

_INSTEAD = {
    "¥": "￥",  # U+00A5 is not in GBK
    "£": "￡",
    "¢": "￠",
    "•": "·",
    "×": "x",  # the printer's own is two columns wide and reads as a letter anyway
    "…": "...",
    "‘": "'",
    "’": "'",
    "–": "-",
    "−": "-",
    "½": "1/2",
    "¼": "1/4",
    "¾": "3/4",
    "™": "",
    "®": "",
    "ß": "ss",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
}
_WIDE_SPACE = "\u3000"


def printable(text: str) -> str:
    """The text in characters that the printer has, accents and other writing replaced as well as can be.

    Afterwards every character is ASCII or takes two columns; what has no likeness is ``?``.
    """
    composed = unicodedata.normalize("NFC", text)
    return "".join(_printable_char(char) for char in composed)


def width(text: str) -> int:
    """Columns that a printable text takes: its GBK bytes; characters that only GB18030 has take two."""
    return sum(1 if char.isascii() else 2 for char in text)


def wrap(text: str, columns: int, *, indent: int = 0) -> list[str]:
    """The text in rows of at most ``columns``, broken at spaces where there are some, each row indented."""
    room = columns - indent
    assert room >= 2, "a row holds at least one character"
    rows, rest = [], text.strip()
    while width(rest) > room:
        cut = _break_before(rest, room)
        rows.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [" " * indent + row for row in [*rows, rest]]


def center(text: str, columns: int) -> list[str]:
    """The text in the middle, in as many rows as it takes; no spaces behind it."""
    return [" " * ((columns - width(row)) // 2) + row for row in wrap(text, columns)]


def pair(left: str, right: str, *, columns: int, indent: int = 0) -> list[str]:
    """``left`` at the left and ``right`` at the right edge, in one row where they fit, else below; nothing is cut."""
    rows = wrap(left, columns, indent=indent)
    room = columns - width(rows[-1])
    if width(right) < room:
        return [*rows[:-1], rows[-1] + right_aligned(right, room)]
    return rows + [right_aligned(row, columns) for row in wrap(right, columns)]


def right_aligned(text: str, columns: int) -> str:
    """Filled up with spaces at the left."""
    return " " * (columns - width(text)) + text


def _break_before(text: str, room: int) -> int:
    """How many characters of the text go into a row of ``room`` columns; at least one."""
    most = taken = 0
    while taken + width(text[most]) <= room:
        taken += width(text[most])
        most += 1
    start = most
    while start and _joins(text[start - 1], text[start]):
        start -= 1
    # A word that begins in the first half would leave the row nearly empty: it is cut.
    return start if start > most // 2 else most


def _joins(before: str, after: str) -> bool:
    """Whether two characters belong to one word: Latin and figures without a space between them."""
    return before.isascii() and after.isascii() and not before.isspace() and not after.isspace()


@cache
def _printable_char(char: str) -> str:
    if char in _INSTEAD:
        return _INSTEAD[char]
    if char.isspace():
        return char if char == _WIDE_SPACE else " "
    if unicodedata.category(char)[0] in "CM":
        return ""
    if _has_cell(char):
        return char
    for form in ("NFKC", "NFKD"):
        likeness = "".join(c for c in unicodedata.normalize(form, char) if not unicodedata.combining(c))
        if likeness and likeness != char and all(_has_cell(c) or c == " " for c in likeness):
            return likeness
    return "?"


def _has_cell(char: str) -> bool:
    if char.isascii():
        return char.isprintable()
    if unicodedata.category(char)[0] in "CMZ":
        return False
    is_accented_latin = unicodedata.normalize("NFKD", char)[0].isascii() and unicodedata.category(char)[0] == "L"
    if is_accented_latin and unicodedata.east_asian_width(char) not in "WF":
        return False
    is_wide_letter = unicodedata.category(char) == "Lo" and unicodedata.east_asian_width(char) == "W"
    return len(char.encode("gb18030")) == 2 or is_wide_letter
