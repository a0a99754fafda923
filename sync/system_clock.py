"""The machine's clocks, read in one place: the only part of sync that knows what time it is."""

import time
import uuid
from functools import cache
from pathlib import Path

from sync.timekeeping import Reading

_LINUX_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@cache
def boot_id() -> str:
    """Names this boot of the machine, so that monotonic times of two processes can be compared.

    Where the system has no such name each process gets its own, and nothing is compared across them.
    """
    try:
        return _LINUX_BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return str(uuid.uuid4())


class SystemClock:
    """``domain.clock.Clock`` by the operating system."""

    def now_ms(self) -> int:
        """UTC milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        """Milliseconds since some moment of this boot."""
        return time.monotonic_ns() // 1_000_000

    def reading(self) -> Reading:
        """Both clocks at once."""
        return Reading(self.now_ms(), self.monotonic_ms(), boot_id())
