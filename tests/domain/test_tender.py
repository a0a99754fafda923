"""Paying: split, change, 抹零, and that cash rounding only ever helps the customer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.tender import Tender, TenderKind, quick_cash, settle

CASH, CARD = TenderKind.CASH, TenderKind.CARD_EXTERNAL
units = st.sampled_from([1, 5, 10, 100])
dues = st.integers(0, 10**6)


def test_cash_is_rounded_down_and_gives_change() -> None:
    found = settle(2102, [Tender(CASH, 5000)], 10)
    assert (found.rounding_minor, found.change_minor, found.payable_minor) == (2, 2900, 2100)
    assert found.is_complete


def test_a_card_pays_to_the_fen() -> None:
    found = settle(2102, [Tender(CARD, 2102)], 10)
    assert (found.rounding_minor, found.change_minor, found.remaining_minor) == (0, 0, 0)
    part = settle(2102, [Tender(CARD, 2000)], 10)
    assert (part.remaining_minor, part.is_complete) == (102, False)


def test_only_the_cash_part_is_rounded() -> None:
    found = settle(2102, [Tender(CARD, 2000), Tender(CASH, 100)], 10)
    assert (found.rounding_minor, found.change_minor, found.is_complete) == (2, 0, True)


def test_what_is_still_missing_is_told_rounded_for_cash() -> None:
    assert settle(2102, [Tender(CASH, 1000)], 10).remaining_minor == 1100


def test_a_card_may_not_pay_more_than_is_due() -> None:
    with pytest.raises(DomainError) as caught:
        settle(2102, [Tender(CARD, 2000), Tender(CARD, 103)], 10)
    assert (caught.value.code, caught.value.params) == ("tender.exceeds_due", {"most_minor": 102})


@pytest.mark.parametrize(("kind", "amount"), [(CARD, 0), (CARD, -1), (CASH, -1)])
def test_a_payment_is_above_zero(kind: TenderKind, amount: int) -> None:
    with pytest.raises(DomainError, match=r"tender\.amount_not_positive"):
        Tender(kind, amount)


def test_less_than_the_smallest_coin_is_given_away() -> None:
    assert settle(7, [Tender(CASH, 0)], 10).is_complete


@given(dues, st.lists(st.builds(Tender, st.just(CASH), st.integers(0, 10**6)), max_size=4), st.data(), units)
def test_the_sums_agree_whatever_is_paid(due: int, cash: list[Tender], data: st.DataObject, unit: int) -> None:
    card = data.draw(st.integers(0, due))
    tenders = [*cash, *([Tender(CARD, card)] if card else [])]
    found = settle(due, tenders, unit)
    assert found.paid_minor == sum(t.amount_minor for t in tenders)
    assert 0 <= found.rounding_minor < unit
    assert found.change_minor >= 0
    assert found.remaining_minor >= 0
    assert found.change_minor == 0 or found.is_complete
    assert found.change_minor <= sum(t.amount_minor for t in cash)
    if found.is_complete:
        assert found.paid_minor - found.change_minor == due - found.rounding_minor
        assert cash or found.rounding_minor == 0


@given(dues, units)
def test_paying_what_is_asked_completes_it(due: int, unit: int) -> None:
    asked = settle(due, [Tender(CASH, 0)], unit).remaining_minor
    found = settle(due, [Tender(CASH, asked)], unit)
    assert (found.is_complete, found.change_minor) == (True, 0)
    assert found.payable_minor <= due


@pytest.mark.parametrize(
    ("due", "keys"),
    [
        (2100, [2100, 2500, 5000, 10_000]),
        (790, [790, 1000, 5000, 10_000]),
        (16_300, [16_300, 16_500, 17_000, 20_000]),
        (10_000, [10_000]),
        (0, [0]),
    ],
)
def test_quick_keys_are_the_notes_people_hold(due: int, keys: list[int]) -> None:
    assert quick_cash(due, 100) == keys


@given(dues)
def test_quick_keys_pay_it_and_are_few(due: int) -> None:
    keys = quick_cash(due, 100)
    assert keys[0] == due
    assert keys == sorted(set(keys))
    assert len(keys) <= 4
