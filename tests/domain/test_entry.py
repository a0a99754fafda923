"""What a person types: a code, a multiplier before it, or a multiplier alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entry import CodeEntry, EmptyEntry, QuantityEntry, parse_entry
from domain.quantity import MAX_THOUSANDTHS, ONE
from domain.scan import Unreadable


@pytest.mark.parametrize(
    ("typed", "entry"),
    [
        ("", EmptyEntry()),
        ("   ", EmptyEntry()),
        ("6901234567892", CodeEntry("6901234567892")),
        ("nfsq", CodeEntry("nfsq")),
        ("3*6901234567892", CodeEntry("6901234567892", 3000)),
        ("0.5*10007", CodeEntry("10007", 500)),
        (".5*10007", CodeEntry("10007", 500)),
        ("0.835*10007", CodeEntry("10007", 835)),
        ("9999*1", CodeEntry("1", MAX_THOUSANDTHS)),
        ("3*", QuantityEntry(3000)),
        ("2.5*", QuantityEntry(2500)),
        ("3* ", QuantityEntry(3000)),
        ("３＊６９０１", CodeEntry("６９０１", 3000)),
        ("3×6901", CodeEntry("6901", 3000)),
        ("1。5*10007", CodeEntry("10007", 1500)),
        ("A*B", CodeEntry("A*B")),
        ("(10)1098*1234", CodeEntry("(10)1098*1234")),
        ("3*A*B", CodeEntry("A*B", 3000)),
        ("可乐*6", CodeEntry("可乐*6")),
        ("*", Unreadable("quantity.unreadable")),
        ("*6901", Unreadable("quantity.unreadable")),
        ("0*", Unreadable("quantity.out_of_range")),
        ("0*6901", Unreadable("quantity.out_of_range")),
        ("-3*6901", Unreadable("quantity.unreadable")),
        ("1.2345*6901", Unreadable("quantity.unreadable")),
        ("1.2.3*6901", Unreadable("quantity.unreadable")),
        ("10000*6901", Unreadable("quantity.out_of_range")),
        ("9999.001*6901", Unreadable("quantity.out_of_range")),
        ("6901234567892*3", Unreadable("quantity.unreadable")),
        ("3*4*6901", Unreadable("entry.multiplier_twice")),
        ("3**6901", Unreadable("entry.multiplier_twice")),
        ("9" * 5000, Unreadable("scan.too_long")),
    ],
)
def test_entries(typed: str, entry: object) -> None:
    assert parse_entry(typed) == entry


@given(st.integers(1, 9_999), st.integers(0, 999), st.text("0123456789ABC", max_size=20))
def test_a_multiplier_is_exact_thousandths(whole: int, thousandths: int, code: str) -> None:
    wanted = whole * ONE + thousandths
    if wanted > MAX_THOUSANDTHS:
        wanted = MAX_THOUSANDTHS
    typed = f"{wanted // ONE}.{wanted % ONE:03d}*{code}"
    assert parse_entry(typed) == (CodeEntry(code, wanted) if code else QuantityEntry(wanted))


@given(st.text())
@pytest.mark.parametrize("before", ["", "3*", "0.5*", "*", "3**"])
def test_any_text_is_an_entry_within_the_limits(before: str, text: str) -> None:
    entry = parse_entry(before + text)
    if isinstance(entry, CodeEntry | QuantityEntry):
        assert 0 < entry.quantity_thousandths <= MAX_THOUSANDTHS
    else:
        assert isinstance(entry, EmptyEntry | Unreadable)


def test_what_was_typed_stays_out_of_logs() -> None:
    assert "287654321098765432" not in repr(parse_entry("3*287654321098765432"))
