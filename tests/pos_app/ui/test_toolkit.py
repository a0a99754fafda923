"""What the till needs of its toolkit and had to learn the hard way."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QPushButton

CALLS = 200


class Bell(QObject):
    """Something that signals."""

    rung = Signal()


def test_calls_give_back_what_they_borrow(qapp: QApplication) -> None:
    """PySide6 6.12.0 dropped a reference per call on Python 3.11: the interpreter aborts once none are left.

    From Python 3.12 on None, True and False are immortal and this holds whatever the toolkit does.
    """
    button, bell = QPushButton(), Bell()
    bell.rung.connect(button.update)

    def lost(call: Callable[[], object]) -> int:
        call()
        before = [sys.getrefcount(one) for one in (None, True, False)]
        for _ in range(CALLS):
            call()
        after = [sys.getrefcount(one) for one in (None, True, False)]
        return max(b - a for b, a in zip(before, after, strict=True))

    assert lost(lambda: button.setText("x")) < CALLS // 2
    assert lost(button.parent) < CALLS // 2
    assert lost(bell.rung.emit) < CALLS // 2
