"""What time it really is, as far as a till can know: the cloud's time carried on by the monotonic clock.

Pure: clocks are read elsewhere and handed in. Order never depends on any of this (entries are numbered);
estimates serve business time, validity of prices and the warning about a wrong clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sync.journal import Stamp

WRONG_AFTER_MS = 300_000
"""A till clock further off than this is shown to the cashier; nothing is ever refused for it."""
JUMP_MS = 2_000
"""A wall clock that moved this much against the monotonic clock has been set."""
DRIFT_PPM = 100
"""How fast a cheap crystal may drift: old good measurements get wider by this."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The machine's clocks at one moment; ``mono_ms`` compares only within one ``boot_id``."""

    wall_ms: int
    mono_ms: int
    boot_id: str


@dataclass(frozen=True, slots=True)
class Offset:
    """The cloud's time was ``server_ms`` (± ``bound_ms``) when this machine read ``at``."""

    server_ms: int
    bound_ms: int
    at: Reading

    @property
    def offset_ms(self) -> int:
        """What to add to the machine's wall clock of that moment."""
        return self.server_ms - self.at.wall_ms


@dataclass(frozen=True, slots=True)
class Estimate:
    """A best estimate of true time and the age of the measurement it rests on (-1: there is none)."""

    at_ms: int
    age_ms: int


def measure(sent: Reading, received: Reading, *, server_ms: int) -> Offset | None:
    """One exchange: the cloud's word is true of the middle, within half the round trip. None across a boot."""
    round_trip_ms = received.mono_ms - sent.mono_ms
    if sent.boot_id != received.boot_id or round_trip_ms < 0:
        return None
    half_ms = round_trip_ms // 2
    return Offset(server_ms + half_ms, half_ms, received)


def better(current: Offset | None, fresh: Offset) -> Offset:
    """The offset to keep: the fresh one unless the current, widened by drift, is still the tighter bound."""
    if current is None or current.at.boot_id != fresh.at.boot_id:
        return fresh
    age_ms = fresh.at.mono_ms - current.at.mono_ms
    if age_ms < 0 or _disagree(current, fresh, age_ms=age_ms):
        return fresh
    return current if _widened(current, age_ms) < fresh.bound_ms else fresh


def _widened(offset: Offset, age_ms: int) -> int:
    return offset.bound_ms + age_ms * DRIFT_PPM // 1_000_000


def _disagree(current: Offset, fresh: Offset, *, age_ms: int) -> bool:
    """Whether both cannot be true: the cloud's own clock was set, its new word counts."""
    apart_ms = abs(current.server_ms + age_ms - fresh.server_ms)
    return apart_ms > _widened(current, age_ms) + fresh.bound_ms


def estimate(now: Reading, offset: Offset | None) -> Estimate:
    """True time by the monotonic clock within a boot, by the wall clock and its last offset after one."""
    if offset is None:
        return Estimate(now.wall_ms, -1)
    elapsed_ms = now.mono_ms - offset.at.mono_ms
    if now.boot_id == offset.at.boot_id and elapsed_ms >= 0:
        return Estimate(offset.server_ms + elapsed_ms, elapsed_ms)
    return Estimate(now.wall_ms + offset.offset_ms, max(0, now.wall_ms - offset.at.wall_ms))


def stamp(now: Reading, offset: Offset | None) -> Stamp:
    """The times that go into a journal entry."""
    best = estimate(now, offset)
    return Stamp(now.wall_ms, best.at_ms, best.age_ms, now.boot_id, now.mono_ms)


def wrong_by_ms(now: Reading, offset: Offset | None) -> int:
    """How far the wall clock is ahead (+) or behind (-) by the best estimate; 0 where nothing is known."""
    return now.wall_ms - estimate(now, offset).at_ms


def jump(before: Reading, now: Reading) -> int:
    """By how much the wall clock was set between two readings of one boot; 0 for less than ``JUMP_MS``.

    Across a boot only a wall clock that went backwards can be seen.
    """
    moved_ms = now.wall_ms - before.wall_ms
    if before.boot_id == now.boot_id:
        moved_ms -= now.mono_ms - before.mono_ms
    else:
        moved_ms = min(moved_ms, 0)
    return moved_ms if abs(moved_ms) >= JUMP_MS else 0


def facts_of(offset: Offset) -> dict[str, str | int]:
    """An offset as the small facts that the replica keeps for the till."""
    return {
        "clock_server_ms": offset.server_ms,
        "clock_bound_ms": offset.bound_ms,
        "clock_wall_ms": offset.at.wall_ms,
        "clock_mono_ms": offset.at.mono_ms,
        "clock_offset_ms": offset.offset_ms,
        "boot_id": offset.at.boot_id,
    }


def offset_of(facts: Mapping[str, str | int]) -> Offset | None:
    """The offset of ``facts_of``; None where none was kept."""
    if "clock_server_ms" not in facts:
        return None
    at = Reading(int(facts["clock_wall_ms"]), int(facts["clock_mono_ms"]), str(facts["boot_id"]))
    return Offset(int(facts["clock_server_ms"]), int(facts["clock_bound_ms"]), at)
