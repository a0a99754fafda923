"""[price_change_to_paint]: one new price, HQ's answer → painted in an open cart: the app's window, agent and cloud."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QEventLoop, QObject
from PySide6.QtWidgets import QApplication

from domain.ids import OperatorId
from domain.scan import parse_scan
from pos_app.bootstrap import Running
from pos_app.tasks import Tasks
from pos_app.ui.look import Look
from pos_app.ui.shortcuts import KeyMap
from pos_app.ui.theme import Theme
from pos_app.ui.words import Words
from pos_app.wiring import open_till
from tests.bench.chain import CASHIER, WAIT_S, Chain, running_chain
from tests.bench.harness import NS_PER_MS, Goal, Result
from tests.bench.million import code_of

ITEMS, CHANGES, WARM_UP, LINES = 10_000, 300, 20, 10
MOST_PAUSE_S = 0.05
_EVENTS = QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents


class PaintWatch(QObject):
    """Whether the cart was painted since it shows the price that is awaited."""

    def __init__(self, running: Running) -> None:
        super().__init__()
        self._running = running
        self.change, self.seen = (0, 0), False

    def expect(self, change: tuple[int, int]) -> None:
        """From now on this (item_id, price)."""
        self.change, self.seen = change, False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and not self.seen:
            lines = self._running.face.sale.state.priced.lines
            self.seen = self.change in {(line.line.item.item_id, line.unit_price_minor) for line in lines}
        return False


def bench(folder: Path) -> Iterator[Result]:
    """10,000 goods."""
    with running_chain(folder, ITEMS) as chain:
        yield from measure(chain)


def measure(chain: Chain, changes: int = CHANGES) -> Iterator[Result]:
    """Another line of the cart each time."""
    app = QApplication.instance() or QApplication([])
    with ThreadPoolExecutor(1) as office:
        running = _open_window(chain)
        samples = _measure(chain, running, office, changes=changes)
        running.close()
        running.face.shell.close()
        running.face.shell.deleteLater()
        running.deleteLater()
        QApplication.processEvents()
    del app
    yield Result("price_change_to_paint", "ms", samples, Goal(p99=50))


def _open_window(chain: Chain) -> Running:
    """The till as the app opens it, its agent level, a cashier signed on, lines in the cart."""
    directory, tasks = chain.new_till(), Tasks()
    theme = Theme()
    theme.apply()
    till = open_till(directory, persist=tasks.persist)
    running = Running(till, Look.of(theme, Words("zh"), keys=KeyMap()), tasks=tasks)
    running.face.shell.resize(1366, 768)
    running.face.shell.show()
    running.face.begin()
    running.agent.start()
    _let_until(lambda: till.catalog.is_ready and bool(till.operators.list()))
    running.face.signed_on(till.operators.sign_on(OperatorId(CASHIER), chain.pin))
    for number in range(1, LINES + 1):
        till.selling.scan(parse_scan(code_of(number), formats=till.catalog.store().scale_formats))
    running.face.sale.refresh()
    _let_until(lambda: len(running.face.sale.state.priced.lines) == LINES and tasks.is_idle)
    return running


def _measure(chain: Chain, running: Running, office: ThreadPoolExecutor, *, changes: int) -> list[float]:
    rng, samples, watch = random.Random(7), [], PaintWatch(running)
    view = running.face.shell.screen_named("sale").cart.view.viewport()  # type: ignore[attr-defined]
    view.installEventFilter(watch)
    for number in range(changes + WARM_UP):
        item_id, price_minor = rng.randint(1, LINES), 10_000 + number
        watch.expect((item_id, price_minor))
        answered = office.submit(_change, chain, rng.random() * MOST_PAUSE_S, change=watch.change)
        _let_until(lambda: watch.seen)
        painted_ns = time.perf_counter_ns()
        samples.append((painted_ns - _result(answered)) / NS_PER_MS)
        _let_until(lambda: running.tasks.is_idle)
    view.removeEventFilter(watch)
    return samples[WARM_UP:]


def _change(chain: Chain, pause_s: float, *, change: tuple[int, int]) -> int:
    """HQ's hand; when it had its answer."""
    time.sleep(pause_s)
    chain.set_price(*change)
    return time.perf_counter_ns()


def _result(answered: Future[int]) -> int:
    _let_until(answered.done)
    return answered.result()


def _let_until(came: Callable[[], bool]) -> None:
    """Let the window live until something came about."""
    end = time.monotonic() + WAIT_S
    while not came():
        assert time.monotonic() < end, "it did not come about"
        QApplication.processEvents(_EVENTS, 10)
