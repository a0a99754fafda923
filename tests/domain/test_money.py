"""Money: roundings by name, parts that sum to the whole, and amounts as people type them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.money import (
    CURRENCY_DIGITS,
    MAX_MINOR,
    Money,
    allocate,
    divide_half_up,
    format_minor,
    line_amount_minor,
    parse_minor,
    percent_minor,
    round_down_minor,
)

amounts = st.integers(-(10**12), 10**12)
currencies = st.sampled_from(sorted(CURRENCY_DIGITS))


def test_money_adds_subtracts_and_turns_around_in_one_currency() -> None:
    five, two = Money(500, "CNY"), Money(200, "CNY")
    assert (five + two, five - two, -five) == (Money(700, "CNY"), Money(300, "CNY"), Money(-500, "CNY"))
    assert two < five


def test_two_currencies_never_mix() -> None:
    with pytest.raises(AssertionError):
        Money(1, "CNY") + Money(1, "HKD")
    with pytest.raises(AssertionError):
        Money(1, "CNY") - Money(1, "HKD")


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(DomainError) as caught:
        Money(1, "XXX")
    assert caught.value.code == "money.currency_unknown"


@pytest.mark.parametrize(
    ("money", "text"),
    [(Money(2100, "CNY"), "￥21.00"), (Money(-5, "HKD"), "HK$-0.05"), (Money(1200, "JPY"), "JPY 1200")],
)
def test_money_reads_as_people_write_it(money: Money, text: str) -> None:
    assert str(money) == text


@given(amounts, st.integers(1, 10**9))
def test_division_rounds_half_away_from_zero(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    found = divide_half_up(numerator, denominator)
    assert abs(found - exact) <= Fraction(1, 2)
    assert abs(found - exact) != Fraction(1, 2) or abs(found) > abs(exact)
    assert divide_half_up(-numerator, denominator) == -found


def test_a_line_amount_rounds_half_up() -> None:
    assert line_amount_minor(996, 835) == 832
    assert line_amount_minor(1, 500) == 1
    assert percent_minor(1250, 1000) == 125
    assert percent_minor(5, 1000) == 1


@given(amounts, st.lists(st.integers(0, 10**9), max_size=20))
def test_parts_sum_to_the_whole(total: int, weights: list[int]) -> None:
    total = total if weights else 0
    assert sum(allocate(total, weights)) == total


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=20), st.data())
def test_no_part_exceeds_its_weight(weights: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(weights)))
    parts = allocate(total, weights)
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))
    whole = sum(weights) or 1
    assert all(abs(part - Fraction(total * weight, whole)) < 1 for part, weight in zip(parts, weights, strict=True))


def test_the_first_wins_a_tie_and_takes_all_where_nothing_weighs() -> None:
    assert allocate(1, [5, 5]) == [1, 0]
    assert allocate(-3, [1, 1]) == [-2, -1]
    assert allocate(7, [0, 0, 0]) == [7, 0, 0]


@given(st.integers(0, 10**9), st.integers(1, 1000))
def test_rounding_down_never_favours_the_shop(amount: int, unit: int) -> None:
    rounded = round_down_minor(amount, unit)
    assert rounded % unit == 0
    assert 0 <= amount - rounded < unit


@given(st.integers(0, MAX_MINOR), currencies)
def test_what_is_formatted_is_read_back(minor: int, currency: str) -> None:
    assert parse_minor(format_minor(minor, currency), currency) == minor
    assert format_minor(-minor - 1, currency) == "-" + format_minor(minor + 1, currency)


@pytest.mark.parametrize(
    ("text", "minor"), [("21", 2100), ("21.5", 2150), (" 21.50 ", 2150), (".5", 50), ("0", 0), ("7.", 700)]
)
def test_amounts_as_typed(text: str, minor: int) -> None:
    assert parse_minor(text, "CNY") == minor


@pytest.mark.parametrize("text", ["", ".", "-1", "1,5", "1.234", "٣", "1e3", "½", "1.2.3", "一"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(DomainError) as caught:
        parse_minor(text, "CNY")
    assert caught.value.code == "money.unreadable"


def test_yen_have_no_fraction_and_nobody_has_that_much() -> None:
    with pytest.raises(DomainError, match=r"money\.unreadable"):
        parse_minor("1.5", "JPY")
    with pytest.raises(DomainError, match=r"money\.too_large"):
        parse_minor("10000000000.01", "CNY")
    assert parse_minor("1200", "JPY") == 1200
