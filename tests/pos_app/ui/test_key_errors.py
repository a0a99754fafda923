"""A bug in what a key does is told, and the till goes on."""

from __future__ import annotations

import pytest

from pos_app.crash import CrashHook
from pos_app.ui.sale.reasons import ReasonChoices
from tests.pos_app.ui.conftest import Counter
from tests.pos_app.ui.shop import KNOWN


@pytest.mark.qt_no_exception_capture
def test_a_bug_behind_a_key_reaches_the_crash_hook_once(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise TypeError("planted")

    seen: list[BaseException] = []
    hook = CrashHook(seen.append)
    counter.hands.scan(KNOWN[0].code)
    counter.settle()
    hook.install()
    try:
        with monkeypatch.context() as bug:
            bug.setattr(ReasonChoices, "__init__", broken)
            counter.hands.keys("F5")
            counter.settle()
    finally:
        hook.remove()
    assert [str(error) for error in seen] == ["planted"]
    counter.hands.scan(KNOWN[0].code)
    counter.settle()
    assert counter.face.sale.state.priced.cart.lines[0].quantity_thousandths == 2000
