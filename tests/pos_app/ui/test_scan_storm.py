"""Scans from anywhere, in the worst of circumstances (U7, U8, U11)."""

from __future__ import annotations

import random
import threading
from collections import Counter as Tally
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from pos_app.ui.look import Look
from pos_app.ui.screen import Navigator, Panel
from pos_app.ui.widgets.text_field import TextField
from tests.pos_app.ui.conftest import Counter
from tests.pos_app.ui.hands import drain
from tests.pos_app.ui.shop import KNOWN

GOODS = [good for good in KNOWN if good.price is not None and not good.weighed and len(good.code) == 13]
STORM = 200


class NotePanel(Panel):
    """A panel with a text field, as a wizard or a search has; it takes no scans."""

    name = "note"

    def __init__(self, look: Look, nav: Navigator) -> None:
        super().__init__(look, nav)
        self.field = TextField(look)
        self.field.setAccessibleName("note")
        QVBoxLayout(self).addWidget(self.field)

    def home_widget(self) -> QWidget:
        return self.field


class FieldPanel(NotePanel):
    """One whose field wants scans."""

    def __init__(self, look: Look, nav: Navigator) -> None:
        super().__init__(look, nav)
        self.field.accepts_scan = True


def sold(counter: Counter) -> Tally[str]:
    lines = counter.face.sale.state.priced.cart.lines
    codes = {good.item_id: good.code for good in KNOWN}
    return Tally({codes[int(line.item.item_id)]: line.quantity_thousandths // 1000 for line in lines})


def test_two_hundred_scans_with_random_focus(counter: Counter) -> None:
    """Ten a second, focus anywhere, a person pressing keys between: every one sold, none typed into anything."""
    rng, expected = random.Random(11), Tally[str]()
    shell = counter.face.shell
    places = [one for one in shell.findChildren(QWidget) if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert len(places) > 10
    for _ in range(STORM):
        code = rng.choice(GOODS).code
        rng.choice(places).setFocus()
        if rng.random() < 0.3:
            counter.hands.press_only(rng.choice(["Up", "Down", "Tab", "PgUp"]))
        counter.hands.scan(code, gap_ms=rng.randint(0, 12))
        counter.clock.pass_ms(40)
        expected[code] += 1
    counter.settle()
    assert sold(counter) == expected
    assert counter.face.sale.state.entry == ""


def test_scans_while_windows_open_and_close(counter: Counter) -> None:
    """What a window does not take is refused aloud: sold + refused = scanned, and nothing lands in a field."""
    rng, scanned = random.Random(5), 0
    refused: list[str] = []
    shell = counter.face.shell
    shell.scan_refused.connect(refused.append)
    typed: list[str] = []
    for _ in range(STORM):
        if shell.panel is None and rng.random() < 0.2:
            panel = NotePanel(counter.face.look, shell)
            panel.field.textChanged.connect(typed.append)
            shell.open_panel(panel)
        elif shell.panel is not None and rng.random() < 0.3:
            counter.hands.press_only("Esc")
            counter.settle()
        counter.hands.scan(rng.choice(GOODS).code, gap_ms=rng.randint(0, 12))
        counter.clock.pass_ms(40)
        scanned += 1
    counter.settle()
    assert sum(sold(counter).values()) + len(refused) == scanned == STORM
    assert refused
    assert typed == []


def test_a_text_field_keeps_its_words_while_scans_come(counter: Counter) -> None:
    """Chinese by an input method, then a scan, then more typing: the field holds the words alone."""
    shell = counter.face.shell
    panel = NotePanel(counter.face.look, shell)
    shell.open_panel(panel)
    counter.settle()
    assert panel.field.hasFocus()
    event = QInputMethodEvent()
    event.setCommitString("临期")
    QApplication.sendEvent(panel.field, event)
    counter.hands.scan(GOODS[0].code)
    counter.settle()
    counter.hands.type("ab+1")
    assert panel.field.text() == "临期ab+1"
    assert sold(counter) == {}


def test_a_field_that_wants_scans_gets_them_whole(counter: Counter) -> None:
    panel = FieldPanel(counter.face.look, counter.face.shell)
    counter.face.shell.open_panel(panel)
    counter.settle()
    counter.hands.scan("A+*/-12345")
    counter.settle()
    assert panel.field.text() == "A+*/-12345"


def test_signs_in_a_scan_are_never_commands(counter: Counter) -> None:
    counter.hands.scan(GOODS[0].code)
    counter.settle()
    counter.hands.scan("12+45*/-")
    counter.settle()
    assert counter.screen == "sale"
    assert counter.face.shell.panel is None
    assert sum(sold(counter).values()) == 1


def test_a_scanners_second_enter_does_nothing(counter: Counter) -> None:
    counter.hands.scan(GOODS[0].code)
    counter.hands.press_only("Enter")
    counter.hands.scan(GOODS[1].code)
    counter.settle()
    assert counter.screen == "sale"
    assert sum(sold(counter).values()) == 2


def test_scans_wait_while_a_sale_is_committed(counter: Counter) -> None:
    """Scanned between Enter and the change: the next sale begins with it."""
    counter.hands.scan(GOODS[0].code)
    counter.settle()
    counter.hands.keys("+")
    slow_disk = threading.Event()
    counter.tasks.write(slow_disk.wait)
    counter.hands.press_only("Enter")
    assert counter.face.shell.is_busy
    counter.hands.scan(GOODS[1].code)
    counter.hands.scan(GOODS[2].code)
    assert counter.face.bus.queued == 2
    slow_disk.set()
    counter.settle()
    counter.wait_until(lambda: counter.face.bus.queued == 0)
    assert sold(counter) == {GOODS[1].code: 1, GOODS[2].code: 1}


def test_a_full_queue_says_so(counter: Counter) -> None:
    counter.face.bus._is_busy = lambda: True
    refused: list[str] = []
    counter.face.bus.refused.connect(refused.append)
    for _ in range(23):
        counter.face.bus.take(GOODS[0].code)
    assert refused == ["scan.queue_full"] * 3
    counter.face.bus._is_busy = lambda: False
    counter.wait_until(lambda: counter.face.bus.queued == 0)
    assert sum(sold(counter).values()) == 20


def test_typing_slowly_is_typing(counter: Counter) -> None:
    for char in GOODS[0].code:
        counter.hands.press_only(char)
        counter.clock.pass_ms(60)
        counter.face.bus._hold_ended()
        drain()
    assert counter.face.sale.state.entry == GOODS[0].code
    assert sold(counter) == {}


def test_a_stalled_screen_does_not_tear_a_scan(counter: Counter) -> None:
    """The timer that gives keys free fires late because the thread was busy: keys behind it still count."""
    code = GOODS[0].code
    for char in code[:5]:
        counter.hands.press_only(char)
    counter.clock.pass_ms(90)
    counter.face.bus._hold_ended()
    assert counter.face.bus._burst.is_holding
    counter.face.bus.flush()
    counter.settle()
    assert counter.face.sale.state.entry == code[:5]


OFFLINE = {"state": "offline", "unsent": 3}
ONLINE = {"state": "online", "unsent": 0}


@pytest.mark.parametrize("act", [(), ("F4",), ("+",), ("+", "5"), ("F10",), ("*",)])
def test_going_offline_interrupts_nothing(counter: Counter, act: tuple[str, ...]) -> None:
    """U11: seen, but no window, no moved cursor, no lost cart; and shown only after three seconds."""
    counter.hands.scan(GOODS[0].code)
    counter.settle()
    now = counter.clock.now_ms()
    counter.face.status.take(ONLINE | {"synced_at_ms": now, "last_news_ms": now})
    counter.hands.keys(*act)
    shell = counter.face.shell
    before = (counter.screen, shell.panel, QApplication.focusWidget(), counter.face.sale.state.priced)
    counter.face.status.take(OFFLINE)
    assert shell.header.pill.token == "ok"
    counter.clock.pass_ms(2_900)
    counter.face.status.look()
    assert shell.header.pill.token == "ok"
    counter.clock.pass_ms(200)
    counter.face.status.look()
    counter.settle()
    assert shell.header.pill.token == "off"
    assert "3" in shell.header.pill.text()
    assert (counter.screen, shell.panel, QApplication.focusWidget(), counter.face.sale.state.priced) == before
    counter.face.status.take(ONLINE | {"synced_at_ms": counter.clock.now_ms()})
    assert shell.header.pill.token == "ok"


def test_the_filter_counts_a_key_once(counter: Counter) -> None:
    """One key passes window, widget and parents; the box gets it once."""
    counter.hands.type("77")
    assert counter.face.sale.state.entry == "77"
    assert counter.face.bus.eventFilter(counter.face.shell, QEvent(QEvent.Type.KeyPress)) is False


def test_a_removed_bus_leaves_keys_alone(make_counter: Callable[..., Counter]) -> None:
    counter = make_counter()
    counter.face.bus.remove()
    counter.hands.press_only("7")
    drain()
    assert counter.face.sale.state.entry == ""
