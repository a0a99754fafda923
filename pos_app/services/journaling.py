"""Writing facts into the journal: the one place that stamps, numbers and seals."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from domain.ids import IdFactory
from pos_app.clock import TillClock
from pos_app.db.unit_of_work import UnitOfWork
from sync import journal_store
from sync.journal import Entry, Fact, Stamp, Tip, canonical
from sync.journal_store import End
from sync.timekeeping import WRONG_AFTER_MS, Reading, jump

VERSION = 1


class Place(NamedTuple):
    """Where the journal ends, and the time."""

    end: End
    stamp: Stamp


class Journal:
    """Appends to the till's journal inside a unit of work."""

    def __init__(self, clock: TillClock, ids: IdFactory) -> None:
        self._clock = clock
        self._ids = ids
        self._last: Reading | None = None

    def next_place(self, uow: UnitOfWork) -> Place:
        """Where and when the next fact of this unit of work will stand: for bodies that tell of it."""
        return Place(journal_store.end_of(uow.raw), self._clock.stamp())

    def record(self, uow: UnitOfWork, kind: str, *, body: Mapping[str, Any], place: Place | None = None) -> Entry:
        """Append one fact; commits with the unit of work. A clock jump since the last entry is told first.

        ``place`` is what ``next_place`` gave, and nothing was recorded since.
        """
        end, stamp = place or self.next_place(uow)
        now = Reading(stamp.at_ms, stamp.mono_ms, stamp.boot_id)
        before = self._last or _reading_of_tip(uow)
        moved_ms = jump(before, now) if before else 0
        if abs(moved_ms) >= WRONG_AFTER_MS:
            told = {"from_ms": now.wall_ms - moved_ms, "to_ms": now.wall_ms}
            first = journal_store.append(uow.raw, self._fact("clock_jump", stamp, body=told), end=end)
            end = End(end.terminal, Tip(first.incarnation, first.seq, first.hash))
        uow.after_commit(lambda: self._remember(now))
        return journal_store.append(uow.raw, self._fact(kind, stamp, body=body), end=end)

    def _fact(self, kind: str, stamp: Stamp, *, body: Mapping[str, Any]) -> Fact:
        return Fact(self._ids.new_id(), kind, VERSION, stamp, canonical(body))

    def _remember(self, reading: Reading) -> None:
        self._last = reading


def _reading_of_tip(uow: UnitOfWork) -> Reading | None:
    tip = journal_store.tip(uow.raw)
    last = next(journal_store.iterate(uow.raw, tip.incarnation, after_seq=tip.seq - 1), None)
    return Reading(last.fact.stamp.at_ms, last.fact.stamp.mono_ms, last.fact.stamp.boot_id) if last else None
