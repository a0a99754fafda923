"""Scans and typing while the window's thread is busy: what counts is when keys were pressed, not when it saw them."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from pos_app.ui.key_times import KeyTimes
from tests.pos_app.ui.conftest import Counter
from tests.pos_app.ui.hands import TestClock

WATER = "6901285991219"
WATER_ID = 1
BUSY_MS = 150
SCANNER_MS, PERSON_MS = 4, 150
FIRST_MS = 5_000_000


class BusyThread(QObject):
    """Keeps the window's thread busy when its event comes, as a slow redraw does; the till's clock goes on."""

    def __init__(self, clock: TestClock) -> None:
        super().__init__()
        self._clock = clock

    def event(self, _event: QEvent) -> bool:
        time.sleep(BUSY_MS / 1000)
        self._clock.pass_ms(BUSY_MS)
        return True


def post(counter: Counter, text: str, *, first_ms: int, gap_ms: int) -> None:
    """Keys as the system queues them: each with the time at which it was pressed."""
    handle = counter.face.shell.windowHandle()
    assert handle is not None
    for place, char in enumerate(text):
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            key = Qt.Key.Key_Return if char == "\r" else Qt.Key(ord(char))
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, char)
            event.setTimestamp(first_ms + place * gap_ms)
            QApplication.postEvent(handle, event)


def sold(counter: Counter) -> list[tuple[int, int]]:
    lines = counter.face.sale.state.priced.cart.lines
    return [(int(line.item.item_id), line.quantity_thousandths) for line in lines]


@pytest.mark.parametrize("seen", [1, 6, 12, 13])
def test_a_busy_thread_does_not_tear_a_scan(counter: Counter, seen: int) -> None:
    busy = BusyThread(counter.clock)
    post(counter, WATER[:seen], first_ms=FIRST_MS, gap_ms=SCANNER_MS)
    QApplication.postEvent(busy, QEvent(QEvent.Type.User))
    post(counter, WATER[seen:] + "\r", first_ms=FIRST_MS + seen * SCANNER_MS, gap_ms=SCANNER_MS)
    counter.wait_until(lambda: bool(sold(counter)))
    counter.settle()
    assert sold(counter) == [(WATER_ID, 1000)]
    assert counter.face.sale.state.entry == ""


def test_keys_that_wait_when_the_timer_fires_have_their_turn_first(counter: Counter) -> None:
    post(counter, WATER[:5], first_ms=FIRST_MS, gap_ms=SCANNER_MS)
    QApplication.processEvents()
    counter.clock.pass_ms(BUSY_MS)
    post(counter, WATER[5:] + "\r", first_ms=FIRST_MS + 5 * SCANNER_MS, gap_ms=SCANNER_MS)
    counter.face.bus._hold_ended()
    counter.wait_until(lambda: bool(sold(counter)))
    assert sold(counter) == [(WATER_ID, 1000)]


def test_a_hold_a_little_too_long_waits_for_them_as_well(counter: Counter) -> None:
    post(counter, WATER[:5], first_ms=FIRST_MS, gap_ms=SCANNER_MS)
    QApplication.processEvents()
    counter.clock.pass_ms(55)
    counter.face.bus._hold_ended()
    assert counter.face.bus._burst.is_holding


def test_typing_that_queued_up_is_typing(counter: Counter) -> None:
    """A person who types on while the till is busy; all keys are seen at once."""
    post(counter, WATER, first_ms=FIRST_MS, gap_ms=PERSON_MS)
    QApplication.processEvents()
    counter.settle()
    assert counter.face.sale.state.entry == WATER
    assert sold(counter) == []


def test_a_second_enter_that_queued_up_is_still_the_scanners(counter: Counter) -> None:
    busy = BusyThread(counter.clock)
    post(counter, WATER + "\r", first_ms=FIRST_MS, gap_ms=SCANNER_MS)
    QApplication.postEvent(busy, QEvent(QEvent.Type.User))
    post(counter, "\r", first_ms=FIRST_MS + (len(WATER) + 1) * SCANNER_MS, gap_ms=SCANNER_MS)
    counter.wait_until(lambda: bool(sold(counter)))
    counter.settle()
    assert (counter.screen, sold(counter)) == ("sale", [(WATER_ID, 1000)])


def test_the_clock_stands_in_where_the_source_has_no_time() -> None:
    clock = TestClock()
    times = KeyTimes(clock.monotonic_ms)
    taken = []
    for source_ms, pass_ms in ((0, 10), (700, 10), (704, 90), (0, 20), (0, 30), (4_294_967_295, 5), (3, 7), (8, 60)):
        clock.pass_ms(pass_ms)
        taken.append(times.take(source_ms))
    gaps = [after - before for before, after in pairwise(taken)]
    assert gaps == [10, 4, 20, 30, 5, 7, 5]
