"""Time as the rules see it: handed in, never read here."""

from datetime import datetime, timedelta, tzinfo
from typing import NewType, Protocol

BusinessDate = NewType("BusinessDate", str)
"""The day a sale counts for, ``YYYY-MM-DD`` in the store's own time."""


class Clock(Protocol):
    """Where the time comes from; tests hand in their own."""

    def now_ms(self) -> int:
        """UTC milliseconds since 1970 by the machine's word."""
        ...

    def monotonic_ms(self) -> int:
        """Milliseconds that only ever rise while the machine is on."""
        ...


def business_date(at_ms: int, zone: tzinfo, *, day_start_hour: int = 0) -> BusinessDate:
    """The trading day of a moment; a shop that closes at 02:00 sets ``day_start_hour`` to, say, 4."""
    local = datetime.fromtimestamp(at_ms // 1000, zone) - timedelta(hours=day_start_hour)
    return BusinessDate(local.date().isoformat())
