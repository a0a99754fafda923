"""A price by hand that is hardly meant: asked about once, by key and by touch; and never given to another line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pos_app.ui.sale.list_panels import QuestionPanel
from tests.pos_app.ui.conftest import Counter
from tests.pos_app.ui.shop import change_price

WATER, CRISPS, UNPRICED = "6901285991219", "6924743915848", "6901234567892"


@pytest.fixture
def counter(make_counter: Callable[..., Counter]) -> Counter:
    return make_counter(operator="5001")


def scan(counter: Counter, *codes: str) -> None:
    for code in codes:
        counter.hands.scan(code)
        counter.settle()


def due(counter: Counter) -> int:
    return counter.face.sale.state.priced.due_minor


def question(counter: Counter) -> QuestionPanel:
    panel = counter.face.shell.panel
    assert isinstance(panel, QuestionPanel)
    return panel


def enter_price(counter: Counter, price: str) -> None:
    counter.hands.keys("F4")
    counter.hands.type(price)
    counter.hands.keys("Enter")


def test_ten_times_the_price_is_taken_as_it_is(counter: Counter) -> None:
    scan(counter, WATER)
    enter_price(counter, "20")
    assert counter.face.shell.panel is None
    assert due(counter) == 2000


def test_more_is_asked_and_tells_from_what_to_what(counter: Counter) -> None:
    scan(counter, WATER)
    enter_price(counter, "250")
    said = question(counter).text.text()
    for part in ("农夫山泉", "2.00", "250.00", "125"):
        assert part in said
    assert due(counter) == 200
    counter.hands.keys("Esc")
    assert due(counter) == 200
    enter_price(counter, "250")
    counter.hands.keys("Enter")
    assert due(counter) == 25_000


def test_by_touch(counter: Counter) -> None:
    scan(counter, WATER)
    enter_price(counter, "250")
    counter.hands.touch(question(counter).cancel_button)
    assert due(counter) == 200
    enter_price(counter, "250")
    counter.hands.touch(question(counter).accept_button)
    assert due(counter) == 25_000


def test_times_are_counted_from_the_items_own_price(counter: Counter) -> None:
    """Step by step is no way around the question."""
    scan(counter, WATER)
    enter_price(counter, "20")
    enter_price(counter, "30")
    assert "15" in question(counter).text.text()


def test_a_code_typed_as_the_price_of_an_item_without_one(counter: Counter) -> None:
    scan(counter, UNPRICED)
    enter_price(counter, "69012345")
    assert "条码" in question(counter).text.text()
    counter.hands.keys("Esc")
    assert counter.face.sale.state.priced.cart.is_empty
    scan(counter, UNPRICED)
    enter_price(counter, "99")
    assert due(counter) == 9900


def test_in_english(make_counter: Callable[..., Counter]) -> None:
    counter = make_counter(operator="5001", language="en")
    scan(counter, WATER)
    enter_price(counter, "250")
    assert "125 times" in question(counter).text.text()


def test_a_price_from_headquarters_does_not_move_the_mark(counter: Counter) -> None:
    """The panel is open for the crisps when the water's price changes: the new price is the crisps' all the same."""
    scan(counter, WATER, CRISPS)
    counter.hands.keys("F4", "5")
    change_price(counter.till.directory, 1, 250)
    counter.face.take_changes({"price": [1]})
    counter.settle()
    counter.hands.keys("Enter")
    assert [line.amount_minor for line in counter.face.sale.state.priced.lines] == [250, 500]


def test_nor_does_it_hand_the_price_of_a_new_item_to_a_line(counter: Counter) -> None:
    scan(counter, WATER, UNPRICED)
    counter.hands.keys("F4", "9")
    change_price(counter.till.directory, 1, 250)
    counter.face.take_changes({"price": [1]})
    counter.settle()
    counter.hands.keys("Enter")
    assert [line.amount_minor for line in counter.face.sale.state.priced.lines] == [250, 900]
