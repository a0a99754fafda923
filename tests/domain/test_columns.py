"""Text in printer columns: what is printable, how it wraps, and that nothing gets lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.columns import center, pair, printable, width, wrap


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("￥5 ¥5", "￥5 ￥5"),
        ("乐事•薯片 3×2…", "乐事·薯片 3x2..."),
        ("Nestlé crème brûlée Łódź", "Nestle creme brulee Lodz"),
        ("ｱｲｽ", "アイス"),
        ("ﬁne ½ £5", "fine 1/2 ￡5"),
        ("a\tb\nc\u200bd\u202e", "a b cd"),
        ("가㐂龘", "가㐂龘"),
        ("😀", "?"),
        ("e\u0301", "e"),
        ("１２ （大）", "１２ （大）"),
    ],
)
def test_printable(text: str, expected: str) -> None:
    assert printable(text) == expected


@given(st.text())
def test_printable_needs_no_second_time_and_always_encodes(text: str) -> None:
    once = printable(text)
    assert printable(once) == once
    assert len(once.encode("gb18030")) >= width(once) - once.count("\u3000")
    assert once.isprintable() or "\u3000" in once


@given(st.text().map(printable), st.integers(4, 48), st.integers(0, 2))
def test_wrap_fits_and_keeps_every_letter(text: str, columns: int, indent: int) -> None:
    rows = wrap(text, columns, indent=indent)
    assert all(width(row) <= columns for row in rows)
    assert "".join("".join(rows).split()) == "".join(text.split())


def test_wrap_breaks_between_words() -> None:
    assert wrap("Nongfu Spring natural water 550ml", 20) == ["Nongfu Spring", "natural water 550ml"]
    assert wrap("农夫山泉天然水550ml装", 20) == ["农夫山泉天然水550ml", "装"]
    assert wrap("特级初榨橄榄油750ml*2瓶", 18) == ["特级初榨橄榄油", "750ml*2瓶"]
    assert wrap("a bcdefghijkl", 6) == ["a bcde", "fghijk", "l"]
    assert wrap("Donaudampfschifffahrt", 8) == ["Donaudam", "pfschiff", "fahrt"]


@given(st.text(max_size=60).map(printable), st.text(max_size=20).map(printable), st.sampled_from([32, 48]))
def test_pair_keeps_both_sides(left: str, right: str, columns: int) -> None:
    rows = pair(left, right, columns=columns)
    assert all(width(row) <= columns for row in rows)
    assert "".join("".join(rows).split()) == "".join((left + right).split())


def test_pair_goes_below_where_it_does_not_fit() -> None:
    assert pair("a" * 10, "1.00", columns=16) == ["aaaaaaaaaa  1.00"]
    assert pair("a" * 12, "1.00", columns=16) == ["aaaaaaaaaaaa", "            1.00"]
    assert pair("a b", "9" * 20, columns=16) == ["a b", "9999999999999999", "            9999"]


def test_center() -> None:
    assert center("店", 6) == ["  店"]
    assert center("abc", 32) == [" " * 14 + "abc"]
