"""The sale screen as a cashier works it: scans, typed codes, lines, prices, carts set aside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication

from domain.cart import MAX_LINES
from pos_app.ui.approval_panel import ApprovalPanel
from pos_app.ui.sale.screen import SaleScreen
from pos_app.ui.screen import Panel
from pos_app.viewmodels.sale import SaleState
from tests.pos_app.ui.conftest import Counter, close_counter, open_counter
from tests.pos_app.ui.shop import PINS, Shop, change_price

WATER, CRISPS, APPLES, MILK, TISSUES, UNPRICED = (
    "6901285991219", "6924743915848", "2110003008328", "6907992500133", "6922266446122", "6901234567892",
)  # fmt: skip


def sale(counter: Counter) -> SaleScreen:
    screen = counter.face.shell.screen_named("sale")
    assert isinstance(screen, SaleScreen)
    return screen


def panel_of(counter: Counter) -> Panel | None:
    return counter.face.shell.panel


def state(counter: Counter) -> SaleState:
    return counter.face.sale.state


def scan(counter: Counter, *codes: str) -> None:
    for code in codes:
        counter.hands.scan(code)
        counter.settle()


def quantities(counter: Counter) -> list[int]:
    return [line.quantity_thousandths for line in state(counter).priced.cart.lines]


def test_a_scan_paints_its_line(counter: Counter) -> None:
    scan(counter, WATER)
    row = sale(counter).cart.model.rows[0]
    assert (row.name, row.unit_price, row.quantity, row.amount) == ("农夫山泉饮用天然水 550ml", "2.00", "1", "2.00")
    view = sale(counter).cart.view
    before = view.grab(QRect(QPoint(0, 0), view.size())).toImage()
    scan(counter, CRISPS)
    assert view.grab(QRect(QPoint(0, 0), view.size())).toImage() != before
    assert sale(counter).total.due.text() == "¥9.90"


def test_the_same_code_again_joins_its_line(counter: Counter) -> None:
    scan(counter, WATER, CRISPS, WATER)
    assert quantities(counter) == [2000, 1000]
    assert state(counter).selected_line is not None
    assert state(counter).selected_line.line.item.item_id == 1  # type: ignore[union-attr]


def test_a_scale_label_sells_by_its_amount(counter: Counter) -> None:
    scan(counter, APPLES)
    assert state(counter).priced.due_minor == 832


def test_times_before_a_scan(counter: Counter) -> None:
    counter.hands.type("3*")
    scan(counter, WATER)
    assert quantities(counter) == [3000]
    assert state(counter).entry == ""


@pytest.mark.parametrize("typed", ["0.5*", "99999*", "3*2*", "AB*"])
def test_a_refused_multiplier_leaves_the_box(counter: Counter, typed: str) -> None:
    counter.hands.type(typed)
    scan(counter, WATER)
    assert quantities(counter) == []
    assert counter.message
    assert state(counter).entry == ""
    scan(counter, WATER)
    assert quantities(counter) == [1000]


def test_the_multiplier_stays_after_a_misread(counter: Counter) -> None:
    counter.hands.type("3*")
    scan(counter, "6901234567809")
    assert state(counter).entry == "3*"
    scan(counter, WATER)
    assert quantities(counter) == [3000]


def test_times_alone_changes_the_marked_line(counter: Counter) -> None:
    scan(counter, WATER, CRISPS)
    counter.hands.keys("Up", "4", "*", "Enter")
    assert quantities(counter) == [4000, 1000]


def test_a_typed_code_needs_enter(counter: Counter) -> None:
    counter.hands.type(WATER)
    assert quantities(counter) == []
    assert sale(counter).entry.text == WATER
    counter.hands.keys("Enter")
    assert quantities(counter) == [1000]
    assert sale(counter).entry.text == ""


def test_full_width_digits_are_digits(counter: Counter) -> None:
    counter.hands.type("６９０１２８５９９１２１９")
    counter.hands.keys("Enter")
    assert quantities(counter) == [1000]


def test_pinyin_initials_find_and_enter_takes_the_marked_one(counter: Counter) -> None:
    counter.hands.type("nfsq")
    assert [row.name for row in sale(counter).suggestions.rows] == ["农夫山泉饮用天然水"]
    counter.hands.keys("Enter")
    assert quantities(counter) == [1000]
    assert not sale(counter).suggestions.isVisible()


def test_a_suggestion_can_be_touched(counter: Counter) -> None:
    counter.hands.type("lsspm")
    counter.hands.touch(sale(counter).suggestions, QPoint(60, 20))
    assert state(counter).priced.cart.lines[0].item.item_id == 2


def test_enter_in_an_empty_box_does_nothing(counter: Counter) -> None:
    scan(counter, WATER)
    before = state(counter)
    counter.hands.keys("Enter", "Enter", "Enter")
    assert counter.screen == "sale"
    assert state(counter) == before


def test_an_unknown_code_is_told_and_the_next_scan_works(counter: Counter) -> None:
    scan(counter, "6901234567809")
    assert "F3" in counter.message
    assert sale(counter).entry.flash_token == "err"
    scan(counter, WATER)
    assert quantities(counter) == [1000]
    assert sale(counter).entry.flash_token == "ok"


@pytest.mark.parametrize("bad", ["6901285991218", "12345678\x1b9", "9" * 600, "https://example.com/x", "3**5*5"])
def test_bad_scans_change_nothing_and_say_why(counter: Counter, bad: str) -> None:
    scan(counter, WATER)
    counter.face.bus.take(bad)
    counter.settle()
    assert quantities(counter) == [1000]
    assert counter.message
    scan(counter, WATER)
    assert quantities(counter) == [2000]


def test_ten_thousand_characters_from_a_scanner(counter: Counter) -> None:
    counter.face.bus.take("7" * 10_000)
    counter.settle()
    assert counter.message
    scan(counter, WATER)
    assert quantities(counter) == [1000]


def test_a_payment_code_is_neither_sold_nor_shown(counter: Counter) -> None:
    code = "134567890123456789"
    scan(counter, code)
    assert "付款码" in counter.message
    assert code not in counter.message
    assert quantities(counter) == []


def test_plus_waits_while_the_box_holds_something(counter: Counter) -> None:
    scan(counter, WATER)
    counter.hands.keys("9", "+")
    assert counter.screen == "sale"
    assert "Enter" in counter.message
    counter.hands.keys("Esc", "+")
    assert counter.screen == "pay"


def test_remove_and_undo(counter: Counter) -> None:
    scan(counter, WATER, CRISPS)
    counter.hands.keys("Del")
    assert [line.item.item_id for line in state(counter).priced.cart.lines] == [1]
    assert "乐事薯片" in counter.message
    counter.hands.touch(counter.face.shell.band.button)
    assert [line.item.item_id for line in state(counter).priced.cart.lines] == [1, 2]


def test_minus_takes_one_and_then_the_line(counter: Counter) -> None:
    scan(counter, WATER, WATER)
    counter.hands.keys("-")
    assert quantities(counter) == [1000]
    counter.hands.keys("-")
    assert quantities(counter) == []


def test_undo_walks_back_to_the_same_cart(counter: Counter) -> None:
    """U13: undo^n restores what was there before."""
    scan(counter, WATER)
    start = state(counter).priced.cart
    scan(counter, CRISPS, MILK)
    counter.hands.keys("5", "*", "Enter", "Up", "Del", "-")
    for _ in range(5):
        counter.hands.keys("Ctrl+Z")
    assert state(counter).priced.cart.lines == start.lines


def test_quantity_panel_by_key_and_by_touch(counter: Counter) -> None:
    scan(counter, WATER)
    counter.hands.keys("*", "1", "2", "Enter")
    assert quantities(counter) == [12000]
    counter.hands.touch(sale(counter).cart.quantity)
    panel = panel_of(counter)
    assert panel is not None
    counter.hands.touch(panel.pad.buttons["7"])  # type: ignore[attr-defined]
    counter.hands.touch(panel.accept_button)  # type: ignore[attr-defined]
    assert quantities(counter) == [7000]


def test_half_a_bottle_is_refused_and_the_panel_stays(counter: Counter) -> None:
    scan(counter, WATER)
    counter.hands.keys("*", "1", ".", "5", "Enter")
    assert panel_of(counter) is not None
    assert "整数" in counter.message
    counter.hands.keys("Esc")
    assert quantities(counter) == [1000]


def test_a_weighed_tile_asks_for_its_weight(counter: Counter) -> None:
    tile = next(b for b in sale(counter).goods.grid.buttons if b.tile is not None and b.tile.key == 3)
    counter.hands.touch(tile)
    assert panel_of(counter) is not None
    counter.hands.keys("0", ".", "8", "3", "5", "Enter")
    assert quantities(counter) == [835]
    assert state(counter).priced.due_minor == 832


def test_a_tile_sells_and_takes_the_multiplier(counter: Counter) -> None:
    counter.hands.type("2*")
    counter.hands.touch(next(b for b in sale(counter).goods.grid.buttons if b.tile and b.tile.key == 7))
    assert quantities(counter) == [2000]


def test_departments_turn_pages(make_counter: Callable[..., Counter], tmp_path: Path) -> None:
    counter = make_counter(shop=Shop(tmp_path / "many", items=120))
    goods = sale(counter).goods
    counter.hands.touch(next(tab for tab in goods.tabs if tab.text() == "零食"))
    first = [b.tile.key for b in goods.grid.buttons if b.tile]
    counter.hands.touch(goods.grid.buttons[-1])
    second = [b.tile.key for b in goods.grid.buttons if b.tile]
    assert first[:-1] and not set(first[:-1]) & set(second[:-1])


def test_a_supervisor_changes_a_price_alone(make_counter: Callable[..., Counter]) -> None:
    counter = make_counter(operator="5001")
    scan(counter, CRISPS)
    counter.hands.keys("F4", "5", "Enter")
    assert panel_of(counter) is None
    assert state(counter).priced.due_minor == 500


def test_a_cashier_needs_a_supervisors_pin(counter: Counter) -> None:
    scan(counter, CRISPS)
    counter.hands.keys("/", "5", "Enter")
    assert isinstance(panel_of(counter), ApprovalPanel)
    assert state(counter).priced.due_minor == 790
    counter.hands.type("000000")
    counter.hands.keys("Enter")
    panel = panel_of(counter)
    assert isinstance(panel, ApprovalPanel)
    assert panel.trouble.text()
    assert state(counter).priced.due_minor == 790
    counter.hands.type(PINS["5001"])
    counter.hands.keys("Enter")
    assert panel_of(counter) is None
    line = state(counter).priced.lines[0]
    assert line.amount_minor == 500
    assert (line.modifiers[0].operator_id, line.modifiers[0].approved_by) == ("1001", "5001")


def test_a_scan_during_approval_is_refused_aloud(counter: Counter) -> None:
    scan(counter, CRISPS)
    counter.hands.keys("F4", "5", "Enter")
    scan(counter, WATER)
    panel = panel_of(counter)
    assert isinstance(panel, ApprovalPanel)
    assert panel.pin.digits == 0
    assert "请先完成" in counter.message
    assert len(state(counter).priced.lines) == 1


def test_discounts_of_line_and_cart(make_counter: Callable[..., Counter]) -> None:
    counter = make_counter(operator="5001")
    scan(counter, WATER, CRISPS)
    counter.hands.keys("F5", "1", "0", "Enter")
    assert [line.amount_minor for line in state(counter).priced.lines] == [200, 711]
    counter.hands.keys("F5", "F6", "F8", "1", "Enter")
    assert state(counter).priced.due_minor == 811


def test_an_item_without_a_price_is_sold_by_f4(make_counter: Callable[..., Counter]) -> None:
    counter = make_counter(operator="5001")
    scan(counter, UNPRICED)
    assert quantities(counter) == []
    assert counter.message
    counter.hands.keys("F4", "9", ".", "9", "Enter")
    assert state(counter).priced.due_minor == 990


def test_hold_and_recall_with_one_key_each(counter: Counter) -> None:
    scan(counter, WATER, CRISPS)
    counter.hands.keys("F6")
    assert quantities(counter) == []
    assert sale(counter).keys.recall.text() == "取单 1"
    counter.hands.keys("F7")
    assert quantities(counter) == [1000, 1000]
    assert sale(counter).keys.recall.text() == "取单"


def test_recall_lists_what_waits_and_lets_scans_through(counter: Counter) -> None:
    scan(counter, WATER)
    counter.hands.keys("F6")
    scan(counter, CRISPS)
    counter.hands.keys("F6", "F7")
    assert panel_of(counter) is not None
    scan(counter, MILK)
    assert panel_of(counter) is None
    assert [line.item.item_id for line in state(counter).priced.cart.lines] == [4]
    counter.hands.keys("F6", "F7", "Down", "Enter")
    assert [line.item.item_id for line in state(counter).priced.cart.lines] == [2]


def test_giving_a_sale_up_asks_and_names_the_reason(make_counter: Callable[..., Counter]) -> None:
    counter = make_counter(operator="5001")
    scan(counter, WATER)
    counter.hands.keys("Ctrl+Del", "Esc")
    assert quantities(counter) == [1000]
    counter.hands.keys("Ctrl+Del", "Down", "Enter")
    assert quantities(counter) == []
    assert counter.message


def test_a_price_from_headquarters_shows_at_once(counter: Counter) -> None:
    scan(counter, WATER, WATER)
    change_price(counter.till.directory, 1, 250)
    counter.face.take_changes({"price": [1]})
    counter.settle()
    assert sale(counter).cart.model.rows[0].amount == "5.00"
    assert "调价" in counter.message
    tile = next(b.tile for b in sale(counter).goods.grid.buttons if b.tile and b.tile.key == 1)
    assert tile.sub == "2.50"


def test_an_overridden_line_keeps_its_price(make_counter: Callable[..., Counter]) -> None:
    counter = make_counter(operator="5001")
    scan(counter, WATER)
    counter.hands.keys("F4", "1", "Enter")
    change_price(counter.till.directory, 1, 250)
    counter.face.take_changes({"price": None})
    assert state(counter).priced.due_minor == 100


def test_language_and_theme_switch_live(counter: Counter) -> None:
    scan(counter, WATER)
    counter.hands.keys("F10", "7")
    assert sale(counter).cart.model.rows[0].name == "Nongfu Spring water 550ml"
    assert sale(counter).keys.pay.text() == "Pay ¥2.00"
    counter.hands.keys("F10", "8")
    assert counter.face.look.theme.is_dark
    assert counter.till.settings.current.screen.theme == "dark"
    assert quantities(counter) == [1000]


def test_a_full_cart_says_so(counter: Counter) -> None:
    assert MAX_LINES >= 200
    scan(counter, WATER)
    counter.hands.type("9999*")
    counter.hands.keys("Enter")
    assert quantities(counter) == [9_999_000]
    scan(counter, WATER)
    assert quantities(counter) == [9_999_000]
    assert "9999" in counter.message.replace(",", "")


def test_the_cart_is_there_after_a_restart(tmp_path: Path, qapp: QApplication) -> None:
    directory = Shop(tmp_path / "till").write()
    counter = open_counter(directory)
    counter.face.shell.show()
    counter.face.shell.go("sale")
    scan(counter, WATER, CRISPS)
    close_counter(counter)
    again = open_counter(directory)
    close_counter(again)
    assert [line.item.item_id for line in state(again).priced.cart.lines] == [1, 2]
