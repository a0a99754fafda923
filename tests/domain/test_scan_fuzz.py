"""Nothing that a scanner, a keyboard or a hostile QR code sends makes the parser raise, hang or act."""

import sys
import time
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain import gs1
from domain.entry import parse_entry
from domain.gtin import check_digit, normalise
from domain.scale import ScaleFormat
from domain.scan import (
    MAX_CHARACTERS,
    CouponCode,
    GoodsCode,
    MemberCode,
    NameText,
    OperatorBadge,
    PickupCode,
    PinyinText,
    ReceiptCode,
    ScaleCandidate,
    Scan,
    TypedCode,
    Unreadable,
    WalletCode,
    parse_scan,
    resolve,
)

FORMATS = [ScaleFormat("FFWWWWWEEEEEC", ("21",)), ScaleFormat("FWWWWWWEEEEENNNNNO", ("2",))]
CLASSES = (
    GoodsCode,
    ScaleCandidate,
    WalletCode,
    MemberCode,
    PickupCode,
    CouponCode,
    ReceiptCode,
    OperatorBadge,
    TypedCode,
    PinyinText,
    NameText,
    Unreadable,
)

any_text = st.text(st.characters(), max_size=200)  # surrogates and unassigned characters too
hostile = st.text(
    st.sampled_from(
        "\0\x01\x07\x08\t\n\r\x1b\x1c\x1d\x1e\x7f\x85\u200b\u200d\u202e\u2066\u2028\ufeff\ud800\u0301"
        "😀👩ﷺ（０①*+/ ]|\\%'\";"
    ),
    max_size=200,
)
alphabet = st.text("0123456789", max_size=40) | st.text("]CEQed0123J|()\x1d0123456789ABZ*/:.?=&%", max_size=80)
starts = st.sampled_from(["", "]C1", "]E0", "]Q3", "(01)", "0106901234567892", "https://a/01/", "3*", "P1", "88", "21"])
anything = st.builds(str.__add__, starts, any_text | hostile | alphabet)


@given(anything)
@example("\0" * 10_240)
@example("9" * 10_240)
@example("\u202e" + "6901234567892")
@example("3*" * 2_000)
@example("ﷺ" * MAX_CHARACTERS)
@example("😀" * 1_000)
@example("'; DROP TABLE barcode; --")
@example("../../etc/passwd")
@example("=cmd|'/c calc'!A1")
def test_any_text_has_a_meaning(text: str) -> None:
    scan = parse_scan(text, formats=FORMATS)
    assert isinstance(scan, CLASSES)
    assert scan == parse_scan(text, formats=FORMATS)
    assert isinstance(repr(scan), str)
    resolve(scan, {"1": "one"}.get)
    parse_entry(text)


@given(anything)
def test_what_leaves_the_parser_is_printable(text: str) -> None:
    scan = parse_scan(text, formats=FORMATS)
    for name in ("code", "key", "text"):
        value = getattr(scan, name, "")
        assert not set(value) & set("\0\r\n\t\x1b\x1d\u202e")
        value.encode("utf-8")


@given(st.text("0123456789", min_size=1, max_size=30))
def test_goods_are_sold_only_by_a_right_check_digit(text: str) -> None:
    scan = parse_scan(text, formats=FORMATS)
    if isinstance(scan, GoodsCode):
        assert check_digit(scan.key[:-1]) == scan.key[-1]
        assert scan.gs1 is not None or scan.key == normalise(text)


# --- Work, counted ------------------------------------------------------------------------------------

WORST = {
    "digits": "1",
    "own code": "P1A",
    "brackets": "(10",
    "bracketed": "(90)A",
    "escapes": "\\(",
    "separators": "\x1d90A",
    "gs1": "0106901234567892",
    "link": "https://a/01/",
    "escapes in a link": "%20",
    "stars": "3*",
    "composites": "|]e0",
    "combining": "\u0315\u0300",
    "expanding": "ﷺ",
    "surrogates": "\ud800",
}
STARTS = {
    "digits": "",
    "escapes in a link": "https://a/01/",
    "escapes": "(10)",
    "separators": "]C1",
    "composites": "]E0",
}


def calls(act: Callable[[str], object], text: str) -> int:
    """How many Python and C calls an act makes: work that does not depend on the machine."""
    count = 0

    def observe(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(observe)
    try:
        act(text)
    finally:
        sys.setprofile(before)
    return count


def meanings() -> list[Callable[[str], object]]:
    def scan(text: str) -> Scan:
        return parse_scan(text, formats=FORMATS)

    return [scan, parse_entry]


@pytest.mark.parametrize("unit", WORST, ids=str)
@pytest.mark.parametrize("act", meanings())
def test_100_kilobytes_are_refused_without_being_read(unit: str, act: Callable[[str], object]) -> None:
    text = STARTS.get(unit, "") + WORST[unit] * (100_000 // len(WORST[unit]))
    assert act(text) == Unreadable("scan.too_long")
    assert calls(act, text) < 12


@pytest.mark.parametrize("unit", WORST, ids=str)
@pytest.mark.parametrize("act", meanings())
def test_work_is_bounded_for_the_longest_text_that_is_read(unit: str, act: Callable[[str], object]) -> None:
    gs1.preload()
    start = STARTS.get(unit, "")
    for length in (gs1.MAX_CHARACTERS, MAX_CHARACTERS):
        text = (start + WORST[unit] * length)[:length]
        assert calls(act, text) < 200 * gs1.MAX_CHARACTERS


@pytest.mark.parametrize("unit", WORST, ids=str)
def test_patterns_do_not_backtrack(unit: str) -> None:
    """Twice the text may cost twice the time; a pattern that backtracks would cost many times more."""
    start = STARTS.get(unit, "")
    small, large = ((start + WORST[unit] * size)[:size] for size in (1_024, 4_096))
    assert cpu_ms(large) < 10 * cpu_ms(small) + 25


def cpu_ms(text: str) -> float:
    """The least processor time of five readings, so that a busy machine does not matter."""
    spent = []
    for _ in range(5):
        began = time.process_time()
        parse_scan(text, formats=FORMATS)
        spent.append(time.process_time() - began)
    return min(spent) * 1000
