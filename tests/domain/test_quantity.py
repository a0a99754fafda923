"""Quantities: thousandths as people type and read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.quantity import MAX_THOUSANDTHS, checked, format_quantity, parse_quantity


@given(st.integers(1, MAX_THOUSANDTHS))
def test_what_is_formatted_is_read_back(thousandths: int) -> None:
    assert parse_quantity(format_quantity(thousandths)) == thousandths


@pytest.mark.parametrize(("text", "thousandths"), [("3", 3000), ("0.835", 835), (" 1.5 ", 1500), (".5", 500)])
def test_quantities_as_typed(text: str, thousandths: int) -> None:
    assert parse_quantity(text) == thousandths


@pytest.mark.parametrize("text", ["", ".", "-3", "1.2345", "1234567", "三", "٣", "1e1", "3*"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(DomainError) as caught:
        parse_quantity(text)
    assert caught.value.code == "quantity.unreadable"


@pytest.mark.parametrize("thousandths", [0, -1, MAX_THOUSANDTHS + 1])
def test_a_line_holds_more_than_nothing_and_less_than_a_mistyped_code(thousandths: int) -> None:
    with pytest.raises(DomainError) as caught:
        checked(thousandths)
    assert caught.value.code == "quantity.out_of_range"


def test_quantities_as_read() -> None:
    assert [format_quantity(q) for q in (3000, 835, 1500, -250, 0)] == ["3", "0.835", "1.5", "-0.25", "0"]
