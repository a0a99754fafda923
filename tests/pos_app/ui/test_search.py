"""Finding goods by code, name and pinyin initials."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from pos_app.ui.widgets.row_list import theme_metrics
from pos_app.viewmodels.search import PAGE
from tests.pos_app.ui.office import Office, close_office, open_office


@pytest.fixture
def office(tmp_path: Path, qapp: QApplication) -> Iterator[Office]:
    opened = open_office(tmp_path / "till")
    opened.sign_on()
    opened.counter.hands.keys("F3")
    yield opened
    close_office(opened)


def names(office: Office) -> list[str]:
    return [row.title for row in office.screen("search").list.rows]


@pytest.mark.parametrize("query", ["nfsq", "农夫", "山泉", "6901285991219", "690128", "nongfu"])
def test_found_at_the_top(office: Office, query: str) -> None:
    office.screen("search").search_for(query)
    assert names(office)[0] == "农夫山泉饮用天然水"
    row = office.screen("search").list.rows[0]
    assert row.figure == "¥2.00"
    assert "550ml" in row.sub


def test_typed_and_added_by_keys(office: Office) -> None:
    office.counter.hands.type("nfsq")
    assert names(office)
    office.counter.hands.keys("Enter")
    assert office.counter.screen == "sale"
    assert [one.line.item.name("zh") for one in office.counter.till.selling.cart.lines] == ["农夫山泉饮用天然水"]


def test_arrows_mark_and_enter_takes_the_marked_one(office: Office) -> None:
    office.screen("search").search_for("乐")
    second = names(office)[1]
    office.counter.hands.keys("Down", "Enter")
    assert office.counter.till.selling.cart.lines[0].line.item.name("zh") == second


def test_found_and_added_by_touch_alone(office: Office) -> None:
    screen, hands = office.screen("search"), office.counter.hands
    hands.touch(screen.keyboard_button)
    for key in "nfsq":
        hands.touch(screen.keyboard.buttons[key])
    assert screen.field.text() == "nfsq"
    hands.touch(screen.list.viewport(), screen.list.row_rect(0).center())
    assert office.counter.screen == "sale"
    assert len(office.counter.till.selling.cart.lines) == 1


def test_goods_by_weight_ask_for_it(office: Office) -> None:
    office.screen("search").search_for("hfspg")
    office.counter.hands.keys("Enter")
    assert office.counter.screen == "sale"
    assert office.counter.face.shell.panel is not None
    assert office.counter.till.selling.cart.cart.is_empty


def test_goods_without_a_price_are_marked(office: Office) -> None:
    office.screen("search").search_for("mydjdxp")
    assert office.screen("search").list.rows[0].tag == "无价"


def test_a_special_tells_what_it_was(office: Office) -> None:
    office.screen("search").search_for("ylcnn")
    row = office.screen("search").list.rows[0]
    assert (row.figure, row.tag) == ("¥59.00", "特价 原 ¥65.00")


def test_nothing_typed_and_nothing_found(office: Office) -> None:
    screen = office.screen("search")
    assert screen.plate.isVisible()
    assert screen.plate.title.text() == "查商品"
    screen.search_for("xyzzy")
    assert "xyzzy" in screen.plate.title.text()
    assert not screen.add.isEnabled()
    office.counter.hands.keys("Enter")
    assert office.counter.screen == "search"


def test_the_first_page_at_once_and_more_on_scrolling(office: Office) -> None:
    screen = office.screen("search")
    screen.search_for("69")
    screen.search_for("6")
    screen.search_for("690")
    first = len(names(office))
    assert first <= PAGE
    model = office.screens.search
    if model.state.has_more:
        for _ in range(PAGE):
            office.counter.hands.keys("Down")
        assert len(names(office)) > first
    assert len(set(names(office))) == len(names(office)) or first < PAGE


def test_a_scan_sells_at_once(office: Office) -> None:
    office.screen("search").search_for("乐")
    office.counter.hands.scan("6901285991219")
    office.counter.settle()
    assert office.counter.screen == "sale"
    assert len(office.counter.till.selling.cart.lines) == 1


def test_esc_goes_back_and_leaves_nothing(office: Office) -> None:
    office.counter.hands.type("nfsq")
    office.counter.hands.keys("Esc")
    assert office.counter.screen == "sale"
    assert office.counter.till.selling.cart.cart.is_empty
    office.counter.hands.keys("F3")
    assert office.screen("search").field.text() == ""


def test_names_follow_the_language(office: Office) -> None:
    office.screen("search").search_for("nfsq")
    office.counter.face.look.words.set_language("en")
    assert names(office)[0] == "Nongfu Spring water"


def test_a_touch_on_the_list_does_not_take_the_cursor(office: Office) -> None:
    screen = office.screen("search")
    screen.search_for("乐")
    QTest.mouseMove(screen.list.viewport(), QPoint(5, 5))
    assert screen.field.hasFocus()


def test_rows_grow_with_the_zoom(office: Office) -> None:
    screen = office.screen("search")
    screen.search_for("乐")
    assert screen.list.row_rect(0).height() >= 64
    office.counter.face.look.theme.set_zoom(150)
    office.counter.settle()
    lines = theme_metrics(office.counter.face.look)
    assert screen.list.row_rect(0).height() > sum(line.height() for line in lines)
    assert screen.list.marked == 0
