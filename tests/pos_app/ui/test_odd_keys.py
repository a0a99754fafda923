"""Scans and keys that no code should hold, through the real window: told, nothing sold, and the next scan works."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from tests.pos_app.ui.conftest import Counter

WATER = "6901285991219"
KEYS = {
    "\x00": (Qt.Key.Key_At, Qt.KeyboardModifier.ControlModifier),
    "\x02": (Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier),
    "\x08": (Qt.Key.Key_Backspace, Qt.KeyboardModifier.NoModifier),
    "\x1b": (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier),
    "\x1d": (Qt.Key.Key_BracketRight, Qt.KeyboardModifier.ControlModifier),
    "\x7f": (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier),
    "\r": (Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier),
}
"""How a scanner that is a keyboard sends control characters."""
DEAD, MEDIA, UNKNOWN = Qt.Key.Key_Dead_Acute, Qt.Key.Key_VolumeUp, Qt.Key.Key_unknown


def press(counter: Counter, key: int, text: str, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    handle = counter.face.shell.windowHandle()
    assert handle is not None
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(handle, QKeyEvent(kind, Qt.Key(key), held, text))


def burst(counter: Counter, text: str) -> None:
    """A scanner's 4 ms burst, control characters as the keys that they are."""
    for char in text + "\r":
        key, held = KEYS.get(char, (Qt.Key(ord(char)), Qt.KeyboardModifier.NoModifier))
        press(counter, key, char, held)
        counter.clock.pass_ms(4)
    counter.settle()
    counter.clock.pass_ms(500)


def sold(counter: Counter) -> list[tuple[int, int]]:
    """Item and quantity of every line."""
    lines = counter.face.sale.state.priced.cart.lines
    return [(int(line.item.item_id), line.quantity_thousandths) for line in lines]


@pytest.mark.parametrize(
    "bad",
    [
        "690128\x005991219",
        "6901285\x1b991219",
        "690128599\x1d1219",
        "69012\x0285991219",
        "6901285991\x08219",
        "690128\x7f5991219",
        f"AB\x1b{WATER}",
        f"12\x08\x08{WATER}",
        "9" * 40 + "\x00" * 40,
    ],
    ids=lambda bad: ascii(bad)[:24],
)
def test_a_control_character_in_a_scan_is_told_and_sells_nothing(counter: Counter, bad: str) -> None:
    burst(counter, bad)
    assert sold(counter) == []
    assert counter.message
    assert not any(char < " " for char in counter.message)
    assert counter.face.sale.state.entry == ""
    burst(counter, WATER)
    assert sold(counter) == [(1, 1000)]


def test_a_person_types_and_takes_back_as_before(counter: Counter) -> None:
    counter.hands.keys("1", "2", "Backspace", "3", "Esc", "4")
    assert counter.face.sale.state.entry == "4"


def test_fast_typing_with_backspace_is_typing(counter: Counter) -> None:
    for char in "12\x083":
        key, held = KEYS.get(char, (Qt.Key(ord(char)), Qt.KeyboardModifier.NoModifier))
        press(counter, key, char, held)
        counter.clock.pass_ms(20)
    counter.settle()
    assert counter.face.sale.state.entry == "13"


@pytest.mark.parametrize("key", [DEAD, MEDIA, UNKNOWN], ids=["dead", "media", "unknown"])
def test_a_key_without_a_character_alone_does_nothing(counter: Counter, key: int) -> None:
    press(counter, key, "")
    counter.settle()
    assert (counter.screen, counter.face.sale.state.entry, sold(counter)) == ("sale", "", [])
    burst(counter, WATER)
    assert sold(counter) == [(1, 1000)]


@pytest.mark.parametrize("key", [MEDIA, UNKNOWN, Qt.Key.Key_Up], ids=["media", "unknown", "up"])
def test_a_key_without_a_character_does_not_tear_a_scan(counter: Counter, key: int) -> None:
    for char in WATER[:6]:
        press(counter, ord(char), char)
        counter.clock.pass_ms(4)
    press(counter, key, "")
    counter.clock.pass_ms(4)
    burst(counter, WATER[6:])
    assert sold(counter) == [(1, 1000)]
    assert counter.face.sale.state.entry == ""


def test_an_act_pressed_in_a_scan_is_done_after_it(counter: Counter) -> None:
    for char in WATER[:6]:
        press(counter, ord(char), char)
        counter.clock.pass_ms(4)
    press(counter, Qt.Key.Key_F12, "")
    counter.clock.pass_ms(4)
    burst(counter, WATER[6:])
    assert sold(counter) == [(1, 1000)]
    assert counter.screen == "pay"


def test_a_dead_accent_spoils_a_scan_and_is_told(counter: Counter) -> None:
    """A scanner set to another country's keyboard: what it sent is not what stood there."""
    for char in WATER[:6]:
        press(counter, ord(char), char)
        counter.clock.pass_ms(4)
    press(counter, DEAD, "")
    counter.clock.pass_ms(4)
    burst(counter, WATER[6:])
    assert sold(counter) == []
    assert counter.message
    burst(counter, WATER)
    assert sold(counter) == [(1, 1000)]
