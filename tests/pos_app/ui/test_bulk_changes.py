"""A few changes are told at once, thousands together; what the till shows does not walk through the cart's past."""

from __future__ import annotations

from typing import Any

from pytestqt.qtbot import QtBot

from pos_app.ui.bulk_changes import BulkChanges
from tests.pos_app.ui.conftest import Counter
from tests.pos_app.ui.shop import change_price


def test_many_changes_are_told_together(qtbot: QtBot) -> None:
    changes, told = BulkChanges(), list[Any]()
    changes.due.connect(told.append)
    for tables in ({"price": None}, {"price": None}, {"price": [7]}, {"item": [1], "barcode": None}):
        changes.take(tables)
    assert told == [{"price": None}, {"price": [7]}], "the first at once, and a few always"
    qtbot.waitUntil(lambda: len(told) == 3, timeout=5_000)
    assert told[2] == {"price": None, "item": None, "barcode": None}
    changes.take({"tax": None})
    changes.close()
    qtbot.wait(300)
    assert len(told) == 3


def test_what_did_not_change_is_not_shown_anew(counter: Counter) -> None:
    counter.hands.scan("6901285991219")
    counter.settle()
    shown: list[str] = []
    counter.face.sale.changed.connect(lambda: shown.append("sale"))
    counter.face.goods.changed.connect(lambda: shown.append("goods"))
    counter.face.take_changes({"price": [1]})
    assert shown == []
    change_price(counter.till.directory, 1, 500)
    counter.face.take_changes({"price": [1]})
    assert shown == ["goods", "sale"]
