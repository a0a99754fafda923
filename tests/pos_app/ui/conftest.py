"""A till on screen for each test: a real data directory, real services, a face without a display."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from pos_app.print_wiring import print_queue
from pos_app.tasks import Tasks
from pos_app.ui.face import Face
from pos_app.ui.look import Look
from pos_app.ui.theme import Theme
from pos_app.ui.words import Catalogue, Words
from pos_app.wiring import TillApp, open_till
from resources.texts import text
from tests.pos_app.ui.hands import Hands, TestClock, bury, drain
from tests.pos_app.ui.shop import CASHIER, PINS, Shop


@dataclass
class Counter:
    """A till with its face and a person in front of it."""

    till: TillApp
    face: Face
    hands: Hands
    clock: TestClock
    tasks: Tasks

    @property
    def screen(self) -> str:
        current = self.face.shell.current
        return current.name if current else ""

    @property
    def message(self) -> str:
        return self.face.shell.band.message if self.face.shell.notices.current else ""

    def wait_until(self, came: Callable[[], bool]) -> None:
        """Let time pass until something came about."""
        for _ in range(500):
            drain()
            if came():
                return
            QTest.qWait(4)
        pytest.fail("it did not come about")

    def settle(self) -> None:
        """Let the held keys, the worker and the screen come to rest."""
        self.face.bus.flush()
        for _ in range(400):
            drain()
            if self.tasks.is_idle:
                break
            QTest.qWait(2)
        drain()


@pytest.fixture
def make_counter(tmp_path: Path, qapp: QApplication) -> Iterator[Callable[..., Counter]]:
    """Opens a till and signs a cashier on: ``make_counter(operator="5001", items=100)``."""
    opened: list[Counter] = []

    def make(
        *,
        operator: str = str(CASHIER),
        shop: Shop | None = None,
        size: tuple[int, int] = (1366, 768),
        language: str = "zh",
    ) -> Counter:
        shop = shop or Shop(tmp_path / f"till{len(opened)}")
        counter = open_counter(shop.write(), language=language)
        opened.append(counter)
        counter.face.shell.resize(*size)
        counter.face.shell.show()
        if operator:
            person = next(one for one in counter.till.operators.list() if one.operator_id == operator)
            counter.face.signed_on(counter.till.operators.sign_on(person.operator_id, PINS[operator]))
        counter.settle()
        return counter

    yield make
    for counter in opened:
        close_counter(counter)


@pytest.fixture
def counter(make_counter: Callable[..., Counter]) -> Counter:
    """A till with a cashier signed on, at the sale screen."""
    return make_counter()


def open_counter(directory: Path, *, language: str = "zh", catalogue: Catalogue = text) -> Counter:
    """A till of that directory on screen."""
    clock, tasks = TestClock(), Tasks()
    till = open_till(directory, persist=tasks.persist, clock=clock)
    theme = Theme()
    theme.apply()
    look = Look.of(theme, Words(language, catalogue=catalogue))
    face = Face(till, look, tasks=tasks, printing=print_queue(till))
    face.sounds.set_percent(0)
    face.begin()
    counter = Counter(till, face, None, clock, tasks)  # type: ignore[arg-type]
    counter.hands = Hands(face.shell, clock, settle=counter.settle)
    return counter


def close_counter(counter: Counter) -> None:
    """Take everything down in order."""
    counter.settle()
    counter.face.close()
    counter.face.shell.close()
    counter.tasks.close()
    counter.till.close()
    counter.face.shell.deleteLater()
    drain()
    bury()
