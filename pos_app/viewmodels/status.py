"""How the till stands with the cloud and with itself, in one pill."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from domain.clock import Clock
from sync.release import TOO_OLD

OFFLINE_AFTER_MS = 3_000
"""Shorter silences are not shown: nothing is different for the cashier."""
STALE_AFTER_MS = 24 * 3_600_000
CLOCK_OFF_MS = 5 * 60_000
TICK_MS = 1_000
_GONE = frozenset({"offline", "connecting", "stopped"})


@dataclass(frozen=True, slots=True)
class StatusFacts:
    """What is known: the agent's last word and the till's own watch."""

    agent: str = "connecting"
    unreachable_since_ms: int | None = None
    synced_at_ms: int | None = None
    last_news_ms: int | None = None
    unsent: int = 0
    sending: tuple[int, int] | None = None
    held: int = 0
    held_entries: tuple[tuple[int, str], ...] = ()
    """What waits for HQ: its place in the journal and the code of the reason."""
    clock_offset_ms: int = 0
    min_app: str = ""
    """The oldest release that the cloud gives news to, where this one is older."""
    error: str = ""
    warnings: frozenset[str] = frozenset()
    """Codes of the health watch: ``till.disk_low``, ``till.disk_full`` …"""


@dataclass(frozen=True, slots=True)
class Pill:
    """Colour token, icon and words by key."""

    token: str
    icon: str
    key: str
    params: Mapping[str, object] = field(default_factory=dict)


def pill_of(facts: StatusFacts, now_ms: int) -> Pill:
    """The one thing to show, the gravest first."""
    grave = _grave(facts)
    if grave:
        return grave
    news = facts.last_news_ms or facts.synced_at_ms
    if news is not None and now_ms - news > STALE_AFTER_MS:
        return Pill("warn", "clock", "status.stale", {"at_ms": news})
    gone = facts.unreachable_since_ms
    if gone is not None and now_ms - gone >= OFFLINE_AFTER_MS:
        key = "status.offline_unsent" if facts.unsent else "status.offline"
        return Pill("off", "offline", key, {"unsent": facts.unsent})
    if facts.sending and facts.sending[1] > 1:
        return Pill("ok", "sync", "status.sending", {"done": facts.sending[0], "total": facts.sending[1]})
    if facts.synced_at_ms is None:
        return Pill("off", "sync", "status.connecting")
    return Pill("ok", "online", "status.online", {"at_ms": facts.synced_at_ms})


def _grave(facts: StatusFacts) -> Pill | None:
    if facts.agent == "revoked":
        return Pill("err", "stop", "status.revoked", {"unsent": facts.unsent})
    if facts.agent == "forked":
        return Pill("err", "stop", "status.forked")
    for code in ("till.disk_full", "till.disk_low"):
        if code in facts.warnings:
            return Pill("err", "disk", f"status.{code.removeprefix('till.')}")
    if facts.error == TOO_OLD:
        return Pill("warn", "warning", "status.too_old")
    if facts.held:
        return Pill("warn", "warning", "status.held", {"held": facts.held})
    if abs(facts.clock_offset_ms) > CLOCK_OFF_MS:
        return Pill("warn", "clock", "status.clock_off", {"minutes": abs(facts.clock_offset_ms) // 60_000})
    return None


class StatusViewModel(QObject):
    """Takes the agent's messages; ``changed`` is emitted when the pill says something else, or the minute turned."""

    changed = Signal()

    def __init__(self, clock: Clock, *, wrong_by_ms: Callable[[], int] = lambda: 0) -> None:
        super().__init__()
        self._clock = clock
        self._wrong_by_ms = wrong_by_ms
        self.facts = StatusFacts(unreachable_since_ms=clock.now_ms())
        self.pill = pill_of(self.facts, clock.now_ms())
        self._minute = clock.now_ms() // 60_000
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self.look)
        self._tick.start()

    @property
    def now_ms(self) -> int:
        """The till's clock."""
        return self._clock.now_ms()

    def take(self, event: Mapping[str, Any]) -> None:
        """A "status" message of the agent; fields it leaves out stay as they were."""
        state = str(event.get("state") or self.facts.agent)
        sending = event.get("sending")
        self._set(
            replace(
                self.facts,
                agent=state,
                unreachable_since_ms=self._since(state),
                synced_at_ms=event.get("synced_at_ms") or self.facts.synced_at_ms,
                last_news_ms=event.get("last_news_ms") or self.facts.last_news_ms,
                unsent=int(event.get("unsent", self.facts.unsent) or 0),
                sending=(int(sending["done"]), int(sending["total"])) if sending else None,
                held=int(event.get("held") or 0),
                held_entries=tuple((int(seq), str(code)) for seq, code in event.get("held_entries") or ()),
                clock_offset_ms=int(event.get("clock_offset_ms") or 0),
                min_app=str(event.get("min_app") or ""),
                error=str(event.get("error") or ""),
            )
        )

    def agent_stopped(self) -> None:
        """The agent's process ended; selling goes on."""
        self._set(replace(self.facts, agent="stopped", sending=None, unreachable_since_ms=self._since("stopped")))

    def sold(self) -> None:
        """One more entry waits to be sent; the agent's next word corrects the count."""
        self._set(replace(self.facts, unsent=self.facts.unsent + 1))

    def warn(self, codes: frozenset[str]) -> None:
        """What the health watch sees."""
        self._set(replace(self.facts, warnings=codes))

    def look(self) -> None:
        """See whether time alone changed what there is to say."""
        now = self._clock.now_ms()
        pill, minute = pill_of(self._with_own_clock(), now), now // 60_000
        if (pill, minute) != (self.pill, self._minute):
            self.pill, self._minute = pill, minute
            self.changed.emit()

    def _with_own_clock(self) -> StatusFacts:
        """The agent measures now and then; a clock that was set since is seen by the till itself."""
        offset_ms = -self._wrong_by_ms()
        is_off = abs(offset_ms) > max(CLOCK_OFF_MS, abs(self.facts.clock_offset_ms))
        return replace(self.facts, clock_offset_ms=offset_ms) if is_off else self.facts

    def close(self) -> None:
        """Stop looking."""
        self._tick.stop()

    def _since(self, state: str) -> int | None:
        if state not in _GONE:
            return None
        return self._clock.now_ms() if self.facts.unreachable_since_ms is None else self.facts.unreachable_since_ms

    def _set(self, facts: StatusFacts) -> None:
        self.facts = facts
        self.look()
