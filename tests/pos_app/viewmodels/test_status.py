"""One pill for all that can be said about the till, the gravest first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from pos_app.viewmodels.status import (
    CLOCK_OFF_MS,
    OFFLINE_AFTER_MS,
    STALE_AFTER_MS,
    StatusFacts,
    StatusViewModel,
    pill_of,
)
from resources.texts import LANGUAGES, text
from tests.pos_app.ui.hands import TestClock

NOW = 1_793_700_000_000
FINE = StatusFacts(agent="online", synced_at_ms=NOW, last_news_ms=NOW)
CASES = {
    "status.online": FINE,
    "status.sending": replace(FINE, sending=(8, 12)),
    "status.offline": replace(FINE, unreachable_since_ms=NOW - OFFLINE_AFTER_MS),
    "status.offline_unsent": replace(FINE, unreachable_since_ms=NOW - OFFLINE_AFTER_MS, unsent=12),
    "status.stale": replace(FINE, last_news_ms=NOW - STALE_AFTER_MS - 1),
    "status.held": replace(FINE, held=3),
    "status.clock_off": replace(FINE, clock_offset_ms=-CLOCK_OFF_MS - 1),
    "status.disk_low": replace(FINE, warnings=frozenset({"till.disk_low"})),
    "status.disk_full": replace(FINE, warnings=frozenset({"till.disk_full", "till.disk_low"})),
    "status.revoked": replace(FINE, agent="revoked", unsent=5),
    "status.too_old": replace(FINE, error="app.too_old"),
    "status.forked": replace(FINE, agent="forked"),
    "status.connecting": StatusFacts(),
}
TOKENS = {"status.online": "ok", "status.sending": "ok", "status.offline": "off", "status.revoked": "err"}


@pytest.mark.parametrize("key", CASES)
def test_what_the_pill_says(key: str) -> None:
    pill = pill_of(CASES[key], NOW)
    assert pill.key == key
    params = {"at": "18:22", **pill.params}
    assert all(text(key, language, **params) for language in LANGUAGES)
    assert pill.token == TOKENS.get(key, pill.token)


def test_being_offline_is_never_red() -> None:
    """The cashier can do everything: it is a state, not an error."""
    long_gone = replace(FINE, unreachable_since_ms=NOW - 3_600_000, unsent=400)
    assert pill_of(long_gone, NOW).token == "off"


def test_short_silences_are_not_shown() -> None:
    blink = replace(FINE, unreachable_since_ms=NOW - OFFLINE_AFTER_MS + 1)
    assert pill_of(blink, NOW).key == "status.online"


def test_the_agents_word_is_taken_as_it_comes(qtbot: QtBot) -> None:
    clock = TestClock(NOW)
    status = StatusViewModel(clock)
    status.take({"state": "online", "synced_at_ms": NOW, "last_news_ms": NOW, "unsent": 0, "sending": None})
    assert status.pill.key == "status.online"
    status.sold()
    assert status.facts.unsent == 1
    status.agent_stopped()
    clock.pass_ms(OFFLINE_AFTER_MS)
    with qtbot.waitSignal(status.changed, timeout=1_000):
        status.look()
    assert (status.pill.key, status.pill.params["unsent"]) == ("status.offline_unsent", 1)
    status.take({"state": "online", "unsent": 0})
    assert status.pill.key == "status.online"
    status.close()


def test_the_minute_turns_the_clock(qtbot: QtBot) -> None:
    clock = TestClock(NOW)
    status = StatusViewModel(clock)
    clock.pass_ms(60_000)
    with qtbot.waitSignal(status.changed, timeout=1_000):
        status.look()
    status.close()
