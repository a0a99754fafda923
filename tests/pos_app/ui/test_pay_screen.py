"""Paying as a cashier does it: few keys, split tenders, and never twice (U2, U9)."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pysqlite3.dbapi2 as sqlite
import pytest

from domain.tender import TenderKind
from pos_app.ui.done.screen import KEY_GUARD_MS, DoneScreen
from pos_app.ui.pay.screen import TAP_GUARD_MS, PayScreen
from pos_app.ui.widgets.keypad import BACK, CLEAR
from pos_app.viewmodels.pay import PayState
from tests.pos_app.ui.conftest import Counter
from tests.pos_app.ui.hands import drain

WATER, CRISPS, MILK, TISSUES, COKE = (
    "6901285991219", "6924743915848", "6907992500133", "6922266446122", "6928804014570",
)  # fmt: skip
FIVE = (WATER, CRISPS, MILK, TISSUES, COKE)


@pytest.fixture
def basket(counter: Counter) -> Counter:
    """Five items, 87.30 due."""
    fill(counter)
    return counter


def fill(counter: Counter) -> None:
    for code in FIVE:
        counter.hands.scan(code)
        counter.settle()
    counter.hands.pressed = 0


def pay(counter: Counter) -> PayScreen:
    screen = counter.face.shell.screen_named("pay")
    assert isinstance(screen, PayScreen)
    return screen


def done(counter: Counter) -> DoneScreen:
    screen = counter.face.shell.screen_named("done")
    assert isinstance(screen, DoneScreen)
    return screen


def state(counter: Counter) -> PayState:
    return counter.face.pay.state


def sales(counter: Counter) -> list[tuple[int, int]]:
    """Due and payable of every sale in the till's file."""
    counter.settle()
    connection = sqlite.connect(counter.till.database.path)
    try:
        rows = connection.execute("SELECT due_minor, payable_minor FROM sale ORDER BY occurred_at_ms").fetchall()
        return list(rows)
    finally:
        connection.close()


def test_plus_plus_pays_exact_cash_with_two_keys(basket: Counter) -> None:
    basket.hands.keys("+", "+")
    assert basket.screen == "done"
    assert basket.hands.pressed == 2
    assert sales(basket) == [(8730, 8730)]
    assert done(basket).change.figure.text() == "¥0.00"


def test_a_note_of_a_hundred_takes_five_keys(basket: Counter) -> None:
    basket.hands.keys("+", "1", "0", "0")
    assert pay(basket).change.figure.text() == "¥12.70"
    basket.hands.keys("Enter")
    assert basket.hands.pressed == 5
    assert done(basket).change.figure.text() == "¥12.70"
    assert sales(basket) == [(8730, 8730)]


def test_a_quick_key_takes_two(basket: Counter) -> None:
    basket.hands.keys("F12", "F7")
    assert basket.screen == "done"
    assert done(basket).change.figure.text() == "¥12.70"


def test_exact_cash_by_touch_takes_two_taps(basket: Counter) -> None:
    basket.hands.touch(basket.face.shell.current.keys.pay)  # type: ignore[union-attr]
    basket.hands.touch(pay(basket).quick[0])
    assert basket.screen == "done"
    assert sales(basket) == [(8730, 8730)]


def test_a_note_by_touch_takes_the_keypad(basket: Counter) -> None:
    basket.hands.touch(basket.face.shell.current.keys.pay)  # type: ignore[union-attr]
    for key in ("3", CLEAR, "1", "2", BACK, "00"):  # with slips of the finger, mended by touch
        basket.hands.touch(pay(basket).pad.buttons[key])
    basket.clock.pass_ms(TAP_GUARD_MS)
    basket.hands.touch(pay(basket).finish)
    assert done(basket).change.figure.text() == "¥12.70"


def test_enter_on_an_empty_field_is_exact(basket: Counter) -> None:
    basket.hands.keys("F12", "Enter")
    assert sales(basket) == [(8730, 8730)]


def test_cash_is_rounded_down_and_a_card_is_not(make_counter: Callable[..., Counter]) -> None:
    counter = make_counter()
    counter.hands.scan("2110003008328")
    counter.settle()
    counter.hands.keys("+")
    assert pay(counter).due.text() == "¥8.30"
    assert "0.02" in pay(counter).rounding.text()
    counter.hands.keys("F3")
    assert pay(counter).due.text() == "¥8.32"
    counter.hands.keys("Enter")
    assert sales(counter) == [(832, 832)]


def test_split_between_cash_and_card(basket: Counter) -> None:
    basket.hands.keys("+", "5", "0", "Enter")
    assert basket.screen == "pay"
    assert pay(basket).due.text() == "¥37.30"
    basket.hands.keys("F3", "Enter")
    sale = done(basket).card._completed
    assert sale is not None
    assert [(t.kind, t.amount_minor) for t in sale.sale.tenders] == [
        (TenderKind.CASH, 5000),
        (TenderKind.CARD_EXTERNAL, 3730),
    ]


def quick_amounts(counter: Counter) -> list[str]:
    return [one.text() for one in pay(counter).quick if not one.isHidden()]


def test_quick_amounts_follow_what_is_left(basket: Counter) -> None:
    basket.hands.keys("+", "F3", "1", "Enter")
    assert pay(basket).due.text() == "¥86.30"
    assert quick_amounts(basket) == ["86.30"]
    basket.hands.keys("F1")
    assert quick_amounts(basket) == ["86.30", "90", "100"]
    basket.hands.keys("Esc", "+")
    assert quick_amounts(basket) == ["86.30", "90", "100"]
    basket.hands.keys("F5")
    assert basket.screen == "done"
    assert done(basket).change.figure.text() == "¥0.00"


def test_the_exact_key_charges_a_card_what_is_left(basket: Counter) -> None:
    basket.hands.keys("+", "5", "0", "Enter", "F3", "F6", "F7", "F8")
    assert basket.screen == "pay"
    basket.hands.keys("F5")
    sale = done(basket).card._completed
    assert sale is not None
    assert [(t.kind, t.amount_minor) for t in sale.sale.tenders] == [
        (TenderKind.CASH, 5000),
        (TenderKind.CARD_EXTERNAL, 3730),
    ]


def test_a_raised_price_is_no_reduction(make_counter: Callable[..., Counter]) -> None:
    counter = make_counter(operator="5001")
    counter.hands.scan(WATER)
    counter.settle()
    counter.hands.keys("F4", "2", "5", "0", "Enter", "Enter", "F12")
    assert (pay(counter).saved_word.text(), pay(counter).saved.text()) == ("已加价", "+248.00")


def test_a_part_can_be_taken_back(basket: Counter) -> None:
    basket.hands.keys("+", "5", "0", "Enter")
    basket.hands.touch(pay(basket).taken.buttons[0])
    assert pay(basket).due.text() == "¥87.30"
    assert state(basket).payment is not None
    assert state(basket).payment.tenders == ()  # type: ignore[union-attr]


def test_a_card_never_exceeds_what_is_due(basket: Counter) -> None:
    basket.hands.keys("+", "F3", "9", "9", "Enter")
    assert basket.screen == "pay"
    assert "超过应收" in basket.message
    assert sales(basket) == []


def test_what_is_no_amount_cannot_be_typed(basket: Counter) -> None:
    basket.hands.keys("+")
    basket.hands.type("1a2..345")
    assert pay(basket).field.text == "12.34"


def test_escape_goes_back_with_the_cart_whole(basket: Counter) -> None:
    basket.hands.keys("+", "5", "0", "Esc")
    assert basket.screen == "sale"
    assert basket.face.sale.state.priced.due_minor == 8730


def test_a_scan_while_paying_is_sold_and_nothing_is_lost(basket: Counter) -> None:
    basket.hands.keys("+", "5", "0", "Enter")
    basket.hands.scan(WATER)
    basket.settle()
    assert basket.screen == "sale"
    assert basket.face.sale.state.priced.due_minor == 8930
    basket.hands.keys("+")
    assert pay(basket).due.text() == "¥39.30"


@pytest.mark.parametrize("times", [2, 3, 5])
def test_many_enters_pay_once(basket: Counter, times: int) -> None:
    """U9: the worker is still writing while the second one comes."""
    basket.hands.keys("+")
    for _ in range(times):
        basket.hands.press_only("Enter")
    basket.settle()
    assert len(sales(basket)) == 1
    assert basket.screen == "done"


@pytest.mark.parametrize("times", [2, 3, 5])
def test_many_taps_on_pay_open_it_once_and_pay_nothing(basket: Counter, times: int) -> None:
    """The key to finish stands where the finger fell: the second tap of a trembling hand is not a payment."""
    place = basket.face.shell.current.keys.pay  # type: ignore[union-attr]
    at = place.mapTo(basket.face.shell, place.rect().center())
    for _ in range(times):
        under = basket.face.shell.childAt(at)
        assert under is not None
        basket.hands.tap_only(under)
        basket.clock.pass_ms(60)
        drain()
    basket.settle()
    assert basket.screen == "pay"
    assert sales(basket) == []


@pytest.mark.parametrize("times", [2, 5])
def test_many_taps_on_finish_pay_once(basket: Counter, times: int) -> None:
    basket.hands.keys("+")
    basket.clock.pass_ms(TAP_GUARD_MS)
    for _ in range(times):
        basket.hands.tap_only(pay(basket).finish)
    basket.settle()
    assert len(sales(basket)) == 1


def test_many_quick_keys_pay_once(basket: Counter) -> None:
    basket.hands.keys("+")
    for _ in range(4):
        basket.hands.press_only("F6")
    basket.settle()
    assert len(sales(basket)) == 1


def test_a_key_held_down_pays_once(basket: Counter) -> None:
    for _ in range(20):
        basket.hands.repeat("+")
    basket.settle()
    assert basket.screen == "sale"
    assert sales(basket) == []


def test_the_change_stays_after_a_double_enter(basket: Counter) -> None:
    basket.hands.keys("+", "1", "0", "0")
    basket.hands.press_only("Enter")
    basket.settle()
    basket.clock.pass_ms(100)
    basket.hands.press_only("Enter")
    basket.settle()
    assert basket.screen == "done"
    basket.clock.pass_ms(KEY_GUARD_MS)
    basket.hands.keys("Enter")
    assert basket.screen == "sale"


def test_the_next_scan_closes_the_change(basket: Counter) -> None:
    basket.hands.keys("+", "+")
    basket.hands.scan(WATER)
    basket.settle()
    assert basket.screen == "sale"
    assert basket.face.sale.state.priced.due_minor == 200


def test_a_typed_digit_begins_the_next_sale(basket: Counter) -> None:
    basket.hands.keys("+", "+", "3")
    assert basket.screen == "sale"
    assert basket.face.sale.state.entry == "3"


def test_a_failed_commit_says_so_and_can_be_tried_again(basket: Counter) -> None:
    """R3/R4: the disk refuses once; nothing is booked, the tenders stand, the next Enter completes the sale."""
    basket.hands.keys("+")
    with a_failing_disk(basket):
        basket.hands.keys("Enter")
    assert basket.screen == "pay"
    assert "没有" in basket.message
    assert sales(basket) == []
    basket.hands.keys("Enter")
    assert basket.screen == "done"
    assert len(sales(basket)) == 1


@contextmanager
def a_failing_disk(counter: Counter) -> Iterator[None]:
    """The system refuses to write beyond the first page of any file, as a full disk refuses new ones."""
    counter.settle()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_an_empty_cart_cannot_be_paid(counter: Counter) -> None:
    counter.hands.keys("+", "F12")
    assert counter.screen == "sale"
    assert "没有商品" in counter.message
