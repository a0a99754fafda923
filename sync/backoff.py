"""How long to wait after a failure: full jitter up to a minute, unless the cloud named a time."""

import random

FIRST_MS = 250
MOST_MS = 60_000
FAILING_MOST_MS = 25_000
"""A cloud that fails and comes back has its tills back within half a minute, also those that sell nothing meanwhile."""
UNREACHABLE_MOST_MS = 4_000
"""While nothing answers at all, trying costs nobody anything, and the shop wants to be back within ten seconds."""
RETRY_AFTER_MOST_MS = 600_000
"""A longer Retry-After is taken for a mistake; asking again every ten minutes harms nobody."""


class Backoff:
    """Counts failures in a row; the wait is uniform in ``0 … min(most_ms, FIRST_MS · 2^failures)``."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.failures = 0

    def succeeded(self) -> None:
        """Back to the shortest waits."""
        self.failures = 0

    def failed(self, *, retry_after_ms: int = 0, most_ms: int = MOST_MS) -> int:
        """Milliseconds to wait now; never below what the cloud asked for (within reason), and some time beyond it:
        those that it sent away together must not come back together."""
        asked_ms = min(retry_after_ms, RETRY_AFTER_MOST_MS)
        ceiling = min(most_ms, FIRST_MS << self.failures)
        if ceiling < most_ms:  # a night without a line must not make the first "busy" of the morning a long wait
            self.failures += 1
        return asked_ms + round(self._rng.uniform(0, max(ceiling, min(asked_ms, MOST_MS))))


def spread_ms(rng: random.Random, most_ms: int) -> int:
    """A start delay that keeps many tills from coming back in the same moment."""
    return round(rng.uniform(0, most_ms))
