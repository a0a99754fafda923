"""[scan_to_paint_quiet]: from a scan's Enter to all painted, 100,000 goods, 100 lines, nothing else running."""

from __future__ import annotations

import gc
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from domain.gtin import check_digit
from tests.bench.harness import Goal, Result
from tests.pos_app.ui.conftest import Counter, close_counter, open_counter
from tests.pos_app.ui.shop import CASHIER, PINS, Good, Shop

GOODS, LINES, SCANS, WARM_UP = 100_000, 100, 1_000, 50
GAP_MS = 4


class PaintWatch(QObject):
    """Counts how often a widget was painted."""

    def __init__(self) -> None:
        super().__init__()
        self.paints = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.paints += event.type() == QEvent.Type.Paint
        return False


def bench(folder: Path) -> Iterator[Result]:
    """A thousand scans; every one must have been painted when its time ends."""
    app = QApplication.instance() or QApplication([])
    counter = open_counter(Shop(folder / "till", goods=_goods()).write())
    counter.face.shell.resize(1366, 768)
    counter.face.shell.show()
    counter.face.signed_on(counter.till.operators.sign_on(CASHIER, PINS[str(CASHIER)]))
    counter.settle()
    codes = [_code(number) for number in range(LINES)]
    for code in codes:
        counter.hands.scan(code)
    counter.settle()
    assert len(counter.face.sale.state.priced.lines) == LINES
    samples = _measure(counter, codes)
    close_counter(counter)
    del app
    yield Result("scan_to_paint_quiet", "ms", samples, Goal(p50=16, p99=33))


def _measure(counter: Counter, codes: list[str]) -> list[float]:
    rng, samples = random.Random(3), []
    view = counter.face.shell.screen_named("sale").cart.view.viewport()  # type: ignore[attr-defined]
    watch = PaintWatch()
    view.installEventFilter(watch)
    handle = counter.face.shell.windowHandle()
    assert handle is not None
    gc.collect()
    gc.freeze()
    for _ in range(SCANS + WARM_UP):
        for char in rng.choice(codes):
            QTest.keyClick(handle, ord(char))
            counter.clock.pass_ms(GAP_MS)
        before = watch.paints
        start = time.perf_counter_ns()
        QTest.keyClick(handle, Qt.Key.Key_Return)
        while watch.paints == before:
            QApplication.processEvents()
        samples.append((time.perf_counter_ns() - start) / 1_000_000)
        counter.settle()
        counter.clock.pass_ms(100)
    view.removeEventFilter(watch)
    return samples[WARM_UP:]


def _goods() -> tuple[Good, ...]:
    return tuple(
        Good(number + 1, _code(number), f"商品 {number} 经典原味", f"Goods {number}", "snacks", 100 + number % 9_000)
        for number in range(GOODS)
    )


def _code(number: int) -> str:
    body = f"690{number:09d}"
    return body + check_digit(body)
