"""What goods cost by a promotion's Chinese words, worked out piece by piece without the product's code.

The words are read by patterns of their own, so that a rule made of the English words is judged by another reading:
9.00折 and 85折 say what is paid, 15%折扣 what is taken off.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import floor

Pieces = list[tuple[int, int]]
"""Each piece as (which goods, price), dear to cheap."""
Sum = Callable[[Pieces], int]


@dataclass(frozen=True)
class Reading:
    """What one side of a slash says: from how many pieces on, and what pieces cost."""

    count: int
    due: Sum


def readings(zh: str) -> list[Reading]:
    """The choices that a text gives."""
    return [_reading(part) for part in zh.split(" / ")]


def _reading(words: str) -> Reading:
    for pattern, make in _PATTERNS:
        if found := re.search(pattern, words):
            return make(*found.groups())
    raise AssertionError(words)


def _share(words: str) -> Fraction:
    """What is taken off: 半价, 85折, 9.00折, 15%折扣, 15%Off."""
    if words == "半价":
        return Fraction(1, 2)
    if found := re.fullmatch(r"(\d+)%(?:折扣|Off)", words):
        return Fraction(int(found[1]), 100)
    paid = Fraction(words.removesuffix("折"))
    return 1 - (paid / 10 if paid < 10 else paid / 100)


def _cents(words: str) -> int:
    return int(Fraction(words) * 100)


def _less(pieces: Pieces, reduced: Pieces, share: Fraction) -> int:
    """The pieces, less a share of the reduced ones, rounded half up for each sort of goods."""
    off = 0
    for sort in {sort for sort, _ in reduced}:
        off += floor(sum(price for other, price in reduced if other == sort) * share + Fraction(1, 2))
    return _whole(pieces) - off


def _whole(pieces: Pieces) -> int:
    return sum(price for _, price in pieces)


def _for_price(count: str, amount: str) -> Reading:
    size, price = int(count), _cents(amount)

    def due(pieces: Pieces) -> int:
        most = len(pieces) // size
        return min(groups * price + _whole(pieces[groups * size :]) for groups in range(most + 1))

    return Reading(size, due)


def _save(count: str, amount: str) -> Reading:
    size = int(count)

    def due(pieces: Pieces) -> int:
        groups = len(pieces) // size
        inside = _whole(pieces[: groups * size])
        return _whole(pieces) - min(inside, groups * _cents(amount))

    return Reading(size, due)


def _group_share(count: str, words: str) -> Reading:
    size = int(count)
    return Reading(size, lambda pieces: _less(pieces, pieces[: len(pieces) // size * size], _share(words)))


def _from_share(count: str, words: str) -> Reading:
    size = int(count)
    return Reading(size, lambda pieces: _less(pieces, pieces if len(pieces) >= size else [], _share(words)))


def _second_share(words: str) -> Reading:
    return Reading(2, lambda pieces: _less(pieces, pieces[1::2], _share(words)))


def _get_free(buy: str, get: str) -> Reading:
    size = int(buy) + int(get)

    def due(pieces: Pieces) -> int:
        whole = len(pieces) // size * size
        return sum(price for at, (_, price) in enumerate(pieces) if at >= whole or at % size < int(buy))

    return Reading(size, due)


def _dearest_free(count: str) -> Reading:
    size = int(count)

    def due(pieces: Pieces) -> int:
        whole = len(pieces) // size * size
        return sum(price for at, (_, price) in enumerate(pieces) if at >= whole or at % size)

    return Reading(size, due)


def _second_price(amount: str) -> Reading:
    def due(pieces: Pieces) -> int:
        total = 0
        for sort in {sort for sort, _ in pieces}:
            prices = [price for other, price in pieces if other == sort]
            total += sum(prices[0::2]) + sum(min(price, _cents(amount)) for price in prices[1::2])
        return total

    return Reading(2, due)


_SHARE = r"(半价|[\d.]+折|\d+%折扣|\d+%Off)"
_PATTERNS: tuple[tuple[str, Callable[..., Reading]], ...] = (
    (r"任拣(\d+)件，其中1件免费\(优先送最高价钱\)", _dearest_free),
    (r"\$([\d.]+)任拣(\d+)件", lambda amount, count: _for_price(count, amount)),
    (r"买(\d+)件(?:只需)?\$([\d.]+)", _for_price),
    (r"(\d+) For \$([\d.]+)", _for_price),
    (r"买(\d+)件悭\$([\d.]+)", _save),
    (r"Buy (\d+) to save \$([\d.]+)", _save),
    (r"买(\d+)件?送(\d+)件?", _get_free),
    (rf"^(?:第[二2]件|买第二件享){_SHARE}", _second_share),
    (r"^买第2件\$([\d.]+)", _second_price),
    (rf"(\d+)件或以上(?:即享)?{_SHARE}", _from_share),
    (rf"(\d+) ?件(?:享|[,，] ?可享)?{_SHARE}", _group_share),
    (rf"(\d+) For {_SHARE}", _group_share),
    (rf"^{_SHARE}$", lambda words: _from_share("1", words)),
)
