"""Writing facts into the journal: the one place that stamps, numbers and seals."""

from collections.abc import Mapping
from typing import Any

from domain.ids import IdFactory
from pos_app.clock import TillClock
from pos_app.db.unit_of_work import UnitOfWork
from sync import journal_store
from sync.journal import Entry, Fact, canonical
from sync.journal_store import End
from sync.timekeeping import WRONG_AFTER_MS, Reading, jump

VERSION = 1


class Journal:
    """Appends to the till's journal inside a unit of work."""

    def __init__(self, clock: TillClock, ids: IdFactory) -> None:
        self._clock = clock
        self._ids = ids
        self._last: Reading | None = None

    def record(self, uow: UnitOfWork, kind: str, *, body: Mapping[str, Any], end: End | None = None) -> Entry:
        """Append one fact; commits with the unit of work. A clock jump since the last entry is told first.

        ``end`` is the journal's end where the caller has read it in this unit of work.
        """
        now = self._clock.reading()
        before = self._last or _reading_of_tip(uow)
        moved_ms = jump(before, now) if before else 0
        if abs(moved_ms) >= WRONG_AFTER_MS:
            told = {"from_ms": now.wall_ms - moved_ms, "to_ms": now.wall_ms}
            journal_store.append(uow.raw, self._fact("clock_jump", now, body=told), end=end)
            end = None
        uow.after_commit(lambda: self._remember(now))
        return journal_store.append(uow.raw, self._fact(kind, now, body=body), end=end)

    def _fact(self, kind: str, at: Reading, *, body: Mapping[str, Any]) -> Fact:
        return Fact(self._ids.new_id(), kind, VERSION, self._clock.stamp(at), canonical(body))

    def _remember(self, reading: Reading) -> None:
        self._last = reading


def _reading_of_tip(uow: UnitOfWork) -> Reading | None:
    tip = journal_store.tip(uow.raw)
    last = next(journal_store.iterate(uow.raw, tip.incarnation, after_seq=tip.seq - 1), None)
    return Reading(last.fact.stamp.at_ms, last.fact.stamp.mono_ms, last.fact.stamp.boot_id) if last else None
