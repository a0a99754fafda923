"""The machine's clock, and identifiers that order by time."""

import time

import uuid_utils


class SystemClock:
    """What the cloud's own machine says; tests hand in a clock of their own."""

    def now_ms(self) -> int:
        """UTC milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        """Milliseconds that only ever rise."""
        return time.monotonic_ns() // 1_000_000


def new_id() -> str:
    """A UUIDv7 as text."""
    return str(uuid_utils.uuid7())
