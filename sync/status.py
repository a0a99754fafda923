"""The agent's state as the app shows it: told on each change, but at most five times a second."""

import threading
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from sync.pipe import Pipe

EVERY_S = 0.2


class State(StrEnum):
    """How the till stands with its cloud."""

    CONNECTING = "connecting"
    ONLINE = "online"
    OFFLINE = "offline"
    FORKED = "forked"
    REVOKED = "revoked"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Status:
    """One moment; times are UTC milliseconds by the till's own clock."""

    down_reached: bool | None = None
    """Whether the last thing that the down loop tried worked; None before the first."""
    special: State | None = None
    """A state that being connected does not end: forked or revoked."""
    synced_at_ms: int | None = None
    """When the replica was last known to be level with the cloud."""
    last_news_ms: int | None = None
    """When the cloud was last heard at all, heartbeats included."""
    unsent: int = 0
    sending: dict[str, int] | None = None
    held: int = 0
    held_entries: tuple[tuple[int, str], ...] = ()
    """What waits for HQ, newest first: its place in the journal and the code of the reason."""
    clock_offset_ms: int | None = None
    min_app: str | None = None
    """The oldest release that the cloud gives news to, where this one is older."""
    up_error: str | None = None
    down_error: str | None = None

    @property
    def state(self) -> State:
        """How the till stands with its cloud, in a word."""
        if self.special is not None:
            return self.special
        if self.down_reached is None:
            return State.CONNECTING
        return State.ONLINE if self.down_reached else State.OFFLINE

    def as_event(self) -> dict[str, Any]:
        """The status event of the pipe; ``error`` is the code of what does not work now."""
        facts = asdict(self)
        for name in ("down_reached", "special"):
            del facts[name]
        error = facts.pop("down_error"), facts.pop("up_error")
        return {"state": self.state, **facts, "error": error[0] or error[1]}


class StatusBoard:
    """Holds the present status; a thread of its own tells the app."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._status = Status()
        self._told: dict[str, Any] | None = None
        self._changed = threading.Condition()
        self._dirty = True
        self._closed = False
        self._thread = threading.Thread(target=self._tell_changes, name="status", daemon=True)

    def start(self) -> None:
        """Begins to tell."""
        self._thread.start()

    @property
    def now(self) -> Status:
        """The present status."""
        return self._status

    def update(self, **facts: Any) -> None:
        """Changes some fields."""
        with self._changed:
            self._status = replace(self._status, **facts)
            self._dirty = True
            self._changed.notify()

    def close(self, error: str | None = None) -> None:
        """Tells the last word: stopped."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(timeout=2)
        self.update(special=State.STOPPED, sending=None, down_error=error)
        self._tell()

    def _tell_changes(self) -> None:
        pause = threading.Event()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._dirty)
                if self._closed:
                    return
            self._tell()
            pause.wait(EVERY_S)

    def _tell(self) -> None:
        with self._changed:
            self._dirty = False
            event = self._status.as_event()
            if event == self._told:
                return
            self._told = event
        self._pipe.tell("status", **event)
