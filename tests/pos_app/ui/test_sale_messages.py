"""What the sale screen tells the cashier: it goes when it is no longer true, and names goods by their names."""

from __future__ import annotations

from collections.abc import Callable

from tests.pos_app.ui.conftest import Counter
from tests.pos_app.ui.shop import change_price

WATER, CRISPS, UNPRICED = "6901285991219", "6924743915848", "6901234567892"


def scan(counter: Counter, *codes: str) -> None:
    for code in codes:
        counter.hands.scan(code)
        counter.settle()


def test_held_is_no_longer_told_after_the_recall(counter: Counter) -> None:
    scan(counter, WATER)
    counter.hands.keys("F6")
    assert counter.message == "已挂单"
    counter.hands.keys("F7")
    assert counter.face.sale.state.pieces == 1
    assert counter.message == ""


def test_held_is_no_longer_told_above_the_list_of_held_sales(counter: Counter) -> None:
    for code in (WATER, CRISPS):
        scan(counter, code)
        counter.hands.keys("F6")
    counter.hands.keys("F7", "Enter")
    assert counter.face.sale.state.pieces == 1
    assert counter.message == ""


def test_a_recall_tells_of_prices_that_changed_meanwhile(counter: Counter) -> None:
    scan(counter, WATER)
    counter.hands.keys("F6")
    change_price(counter.till.directory, 1, 250)
    counter.hands.keys("F7")
    assert "调价" in counter.message


def test_goods_without_a_price_are_told_by_name(counter: Counter) -> None:
    scan(counter, UNPRICED)
    assert "没有定价的新品" in counter.message
    counter.face.look.words.set_language("en")
    assert "New item without a price" in counter.message


def test_one_line_is_not_one_lines(make_counter: Callable[..., Counter]) -> None:
    counter = make_counter(language="en")
    counts = counter.face.shell.screen_named("sale").total.counts  # type: ignore[attr-defined]
    scan(counter, WATER)
    assert counts.text() == "1 line, 1 piece"
    scan(counter, WATER)
    assert counts.text() == "1 line, 2 pieces"
    scan(counter, CRISPS)
    assert counts.text() == "2 lines, 3 pieces"


def test_a_price_from_headquarters_leaves_the_marked_line_marked(counter: Counter) -> None:
    """The next key means the line that the cashier sees marked, not the one whose price changed meanwhile."""
    scan(counter, WATER, CRISPS)
    change_price(counter.till.directory, 1, 250)
    counter.face.take_changes({"price": [1]})
    marked = counter.face.sale.state.selected_line
    assert marked is not None and marked.line.item.item_id == 2
    assert counter.face.sale.state.priced.due_minor == 250 + 790
