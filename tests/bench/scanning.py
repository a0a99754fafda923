"""Scans at an open till: the window without a display, real keys, the real agent beside it, and what is timed of it."""

from __future__ import annotations

import gc
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from domain.gtin import normalise
from pos_app.bootstrap import WINDOW, Running
from pos_app.db.engine import connect_to_read
from pos_app.db.replica import CatalogReads
from pos_app.tasks import Tasks
from pos_app.ui.look import Look
from pos_app.ui.office_screens import add_office_screens
from pos_app.ui.theme import Theme
from pos_app.ui.words import Words
from pos_app.wiring import open_till
from sync.system_clock import SystemClock
from tests.bench.harness import NS_PER_MS
from tests.bench.million import PIN, code_of
from tests.builders import CASHIER

LINES = 100
GIVEN_UP_MS = 10_000
GAP_MS = 4
"""Between two characters of a scan, by the scanner's clock: a busy machine must not make a person of it."""
PAUSE_MS = 3
"""Between two scans; a person takes longer, and a pause alone measures nothing."""


@dataclass
class Scanned:
    """One scan: milliseconds from its Enter to the painted line, and those of the bare look-up and paint."""

    ms: float
    raw_ms: float


class ScannerClock(SystemClock):
    """Wall time as it is; the clock that tells scans from typing moves with the scanner's keys alone."""

    def __init__(self) -> None:
        self._mono_ms = super().monotonic_ms()

    def monotonic_ms(self) -> int:
        return self._mono_ms

    def pass_ms(self, elapsed_ms: int) -> None:
        self._mono_ms += elapsed_ms


class ScanBench:
    """A cart of a hundred lines, and a scanner."""

    def __init__(self, running: Running, clock: ScannerClock, *, items: int) -> None:
        self._running, self._clock, self._items = running, clock, items
        self._rng = random.Random(3)
        self._view = running.face.shell.screen_named("sale").cart.view  # type: ignore[attr-defined]
        self._watch = LineWatch(self._view)
        reads: CatalogReads = running.till.reads
        assert reads.path is not None
        self.bare = BareTill(reads.path)
        self._turn = 0

    def fill(self) -> None:
        """Scan the cart full."""
        for number in range(1, LINES + 1):
            self._keys(code_of(number))
            self._press(Qt.Key.Key_Return, "\r")
            self.settle()
        assert len(self._face.sale.state.priced.lines) == LINES, "every line is in the cart"
        gc.collect()
        gc.freeze()

    def scan(self) -> Scanned:
        """In turn: one more of a line in the cart, and something new, which is taken back afterwards."""
        self._turn += 1
        is_new = self._turn % 2 == 0
        number = self._rng.randint(LINES + 1, self._items) if is_new else self._rng.randint(1, LINES)
        code = code_of(number)
        raw_ms = self.bare.scan(code)
        self._keys(code)
        before = self._face.sale.state.pieces
        self._watch.is_painted = False
        start = time.perf_counter_ns()
        self._press(Qt.Key.Key_Return, "\r")
        spent_ms = 0.0
        while not self._watch.is_painted:
            QApplication.processEvents()
            spent_ms = (time.perf_counter_ns() - start) / NS_PER_MS
            assert spent_ms < GIVEN_UP_MS, f"{code} was never painted"
        state = self._face.sale.state
        marked = state.selected_line
        assert marked is not None and marked.line.item.item_id == number and state.pieces == before + 1
        if is_new:
            self._face.sale.undo()
        self.settle()
        return Scanned(spent_ms, raw_ms)

    def settle(self) -> None:
        """A short while later the cart is written; whatever came meanwhile is taken in."""
        QTest.qWait(PAUSE_MS)
        while not self._running.tasks.is_idle:
            QApplication.processEvents()
        QApplication.processEvents()

    @property
    def _face(self) -> Any:
        return self._running.face

    @property
    def _handle(self) -> Any:
        return self._face.shell.windowHandle()

    def _keys(self, code: str) -> None:
        self._clock.pass_ms(200)
        for char in code:
            self._press(Qt.Key(ord(char)), char)
            self._clock.pass_ms(GAP_MS)

    def _press(self, key: Qt.Key, text: str) -> None:
        """Down and up, with the time of the scanner's clock."""
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text)
            event.setTimestamp(self._clock.monotonic_ms())
            QApplication.sendEvent(self._handle, event)


class LineWatch(QObject):
    """Sees when the marked line of the cart has been painted."""

    def __init__(self, view: Any) -> None:
        super().__init__()
        self._view = view
        self.is_painted = False
        view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            line: QRect = self._view.visualRect(self._view.currentIndex())
            self.is_painted = self.is_painted or event.region().intersects(line)
        return False


class BareTill(QWidget):
    """The least a till can do for a scan: look the code up in the same file by bare SQLite, paint one line of text."""

    SQL = (
        "SELECT item.name_zh, price_minor FROM barcode JOIN item USING (item_id) JOIN price USING (item_id)"
        " WHERE code = ? AND channel = ''"
    )

    def __init__(self, replica: Path) -> None:
        super().__init__()
        self._connection = connect_to_read(replica)
        self._code, self._line, self._is_painted = "", ("", 0), False
        self.resize(900, 52)
        self.show()

    def scan(self, code: str) -> float:
        """Milliseconds from Enter to painted."""
        self._code, self._is_painted = code, False
        start = time.perf_counter_ns()
        QTest.keyClick(self, Qt.Key.Key_Return)
        while not self._is_painted:
            QApplication.processEvents()
        return (time.perf_counter_ns() - start) / NS_PER_MS

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._line = self._connection.execute(self.SQL, (normalise(self._code),)).fetchall()[0]
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawText(self.rect(), 0, self._line[0])
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight, str(self._line[1]))
        painter.end()
        self._is_painted = True

    def end(self) -> None:
        """Close the file and the window."""
        self._connection.close()
        self.close()
        self.deleteLater()


@contextmanager
def counter(directory: Path, items: int, *, with_agent: bool) -> Iterator[ScanBench]:
    """The till of that directory, open as the app opens it, a cashier signed on."""
    app = QApplication.instance() or QApplication([])
    tasks = Tasks()
    clock = ScannerClock()
    till = open_till(directory, persist=tasks.persist, clock=clock)
    theme = Theme()
    theme.apply()
    running = Running(till, Look.of(theme, Words("zh")), tasks=tasks)
    face = running.face
    face.sounds.set_percent(0)
    add_office_screens(face, running.agent)
    face.shell.resize(*WINDOW)
    face.shell.show()
    face.begin()
    face.signed_on(till.operators.sign_on(CASHIER.operator_id, PIN))
    if with_agent:
        running.agent.start()
    bench = ScanBench(running, clock, items=items)
    try:
        bench.fill()
        yield bench
    finally:
        bench.bare.end()
        running.close()
        face.shell.close()
        face.shell.deleteLater()
        QApplication.processEvents()
        gc.unfreeze()
        del app


def wait_until(came: Callable[[], bool]) -> None:
    """Let the window live until something came about."""
    end_s = time.monotonic() + 60
    while not came():
        assert time.monotonic() < end_s, "it did not come about"
        QTest.qWait(5)
