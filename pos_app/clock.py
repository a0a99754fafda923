"""The till's best word about the time, for journal and prices, and the maker of its ids."""

from collections.abc import Callable

import uuid_utils

from domain.clock import Clock
from sync.journal import Stamp
from sync.timekeeping import Offset, Reading, estimate, stamp, wrong_by_ms

OFFSET_KEPT_MS = 1000


class UuidIds:
    """Identifiers as UUIDv7 text."""

    def new_id(self) -> str:
        """A new identifier, later than all before it."""
        return str(uuid_utils.uuid7())


class TillClock:
    """A clock that also knows how far off it is, by what the cloud told the sync agent."""

    def __init__(self, clock: Clock, *, offset: Callable[[], Offset | None], boot: str) -> None:
        self._clock = clock
        self._read_offset = offset
        self._boot = boot
        self._known: tuple[int, Offset | None] | None = None

    def now_ms(self) -> int:
        """UTC milliseconds by the machine's word."""
        return self._clock.now_ms()

    def monotonic_ms(self) -> int:
        """Milliseconds that only ever rise within one boot."""
        return self._clock.monotonic_ms()

    def _offset(self) -> Offset | None:
        """The offset as it was at most a second ago: it is asked for several times a sale."""
        now_ms = self._clock.monotonic_ms()
        if self._known is None or not 0 <= now_ms - self._known[0] < OFFSET_KEPT_MS:
            self._known = now_ms, self._read_offset()
        return self._known[1]

    def reading(self) -> Reading:
        """Both clocks at this moment."""
        return Reading(self._clock.now_ms(), self._clock.monotonic_ms(), self._boot)

    def estimate_ms(self) -> int:
        """The best estimate of true time: for prices and business dates."""
        return estimate(self.reading(), self._offset()).at_ms

    def stamp(self) -> Stamp:
        """The times that go into a journal entry."""
        return stamp(self.reading(), self._offset())

    def wrong_by_ms(self) -> int:
        """How far the machine's clock is off; 0 where nothing is known."""
        return wrong_by_ms(self.reading(), self._offset())
