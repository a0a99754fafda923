"""Ids: receipt numbers that are unique for ever."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import TerminalId, incarnation_letter, receipt_number

TILL = TerminalId("0102-2")


def test_a_receipt_number_names_till_incarnation_and_number() -> None:
    assert receipt_number(TILL, 1, 183) == "0102-2A-000183"
    assert receipt_number(TILL, 27, 1_234_567) == "0102-2AA-1234567"


@given(st.integers(1, 20_000), st.integers(1, 20_000))
def test_letters_never_repeat_and_grow(one: int, other: int) -> None:
    first, second = incarnation_letter(one), incarnation_letter(other)
    assert (first == second) == (one == other)
    assert ((len(first), first) < (len(second), second)) == (one < other)


def test_letters_go_from_a_to_z_and_on() -> None:
    assert [incarnation_letter(n) for n in (1, 26, 27, 52, 702, 703)] == ["A", "Z", "AA", "AZ", "ZZ", "AAA"]


def test_nothing_is_numbered_below_one() -> None:
    with pytest.raises(ValueError, match="incarnation 0"):
        incarnation_letter(0)
    with pytest.raises(ValueError, match="receipt number 0"):
        receipt_number(TILL, 1, 0)
