"""Pinyin initials of Chinese names, by which a cashier finds goods: 可口可乐 is kkkl."""

import gc
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

INITIALS_MAX = 40


def initials(name: str) -> str:
    """Lower-case initials of the Chinese characters, letters and digits as they are, the rest left out."""
    plain = unicodedata.normalize("NFKC", name)
    parts = (part if part.isascii() else part[:1] for part in _first_letters()(plain))
    kept = "".join(character for part in parts for character in part if character.isascii() and character.isalnum())
    return kept.lower()[:INITIALS_MAX]


@cache
def _first_letters() -> "Callable[[str], list[str]]":
    # start-up: pypinyin costs a quarter second and 50 MB; only who writes names needs it
    from pypinyin import Style, lazy_pinyin

    gc.freeze()  # its 190,000 lists never change: no collection need look at them again, nor wait for as many more
    return lambda name: lazy_pinyin(name, style=Style.FIRST_LETTER)
