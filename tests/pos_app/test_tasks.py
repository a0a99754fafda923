"""Work off the UI thread: order, answers, errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from pos_app.tasks import Tasks


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    made = Tasks()
    yield made
    made.close()


def test_writes_keep_their_order_on_one_thread(tasks: Tasks, qtbot: QtBot) -> None:
    done: list[tuple[int, str]] = []
    threads: set[str] = set()

    def job(number: int) -> int:
        threads.add(threading.current_thread().name)
        return number

    for number in range(50):
        tasks.write(partial(job, number), lambda got: done.append((got, threading.current_thread().name)))
    qtbot.waitUntil(lambda: tasks.is_idle, timeout=5_000)
    assert [number for number, _ in done] == list(range(50))
    assert {name for _, name in done} == {threading.main_thread().name}
    assert len(threads) == 1


def test_a_slow_network_job_holds_back_no_write(tasks: Tasks, qtbot: QtBot) -> None:
    gate, done = threading.Event(), []
    tasks.network(gate.wait, lambda _: done.append("network"))
    tasks.write(lambda: "write", done.append)
    qtbot.waitUntil(lambda: done == ["write"], timeout=5_000)
    gate.set()
    qtbot.waitUntil(lambda: done == ["write", "network"], timeout=5_000)


def test_an_error_goes_to_who_asked(tasks: Tasks, qtbot: QtBot) -> None:
    errors: list[Exception] = []
    tasks.write(lambda: 1 // 0, on_error=errors.append)
    qtbot.waitUntil(lambda: len(errors) == 1, timeout=5_000)
    assert isinstance(errors[0], ZeroDivisionError)


def fail(what: str) -> None:
    raise IndexError(what)


def test_an_error_nobody_asked_for_is_announced(tasks: Tasks, qtbot: QtBot) -> None:
    with qtbot.waitSignal(tasks.failed, timeout=5_000) as failed:
        tasks.persist(partial(fail, "x"))
    assert isinstance(failed.args[0], IndexError)


class Page(QWidget):
    """Notes when it is painted."""

    def __init__(self, seen: list[str]) -> None:
        super().__init__()
        self._seen = seen

    def paintEvent(self, event: QPaintEvent) -> None:
        self._seen.append("painted")


def test_what_is_kept_behind_the_screen_starts_after_the_paint(tasks: Tasks, qtbot: QtBot) -> None:
    seen: list[str] = []
    page = Page(seen)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: bool(seen))
    seen.clear()
    tasks.persist(lambda: seen.append("kept"))
    page.update()
    assert not tasks.is_idle
    qtbot.waitUntil(lambda: tasks.is_idle, timeout=5_000)
    assert seen == ["painted", "kept"]


def test_a_write_does_not_overtake_what_is_kept_behind_the_screen(tasks: Tasks, qtbot: QtBot) -> None:
    done: list[str] = []
    tasks.persist(lambda: done.append("kept"))
    tasks.write(lambda: done.append("written"))
    qtbot.waitUntil(lambda: tasks.is_idle, timeout=5_000)
    assert done == ["kept", "written"]


def test_another_thread_may_keep_something_too(tasks: Tasks, qtbot: QtBot) -> None:
    done: list[str] = []
    tasks.write(lambda: tasks.persist(lambda: done.append("kept")))
    qtbot.waitUntil(lambda: tasks.is_idle and done == ["kept"], timeout=5_000)


def test_closing_finishes_what_was_queued(qtbot: QtBot) -> None:
    tasks = Tasks()
    written: list[int] = []
    for number in range(20):
        tasks.persist(partial(written.append, number))
    tasks.close()
    assert written == list(range(20))
