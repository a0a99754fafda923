"""When keys were pressed: by their source where it tells, so that a busy thread does not stretch or squeeze them."""

from collections.abc import Callable


class KeyTimes:
    """One time line of all keys, in milliseconds; its beginning means nothing, only what lies between two keys."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._source_ms = 0
        self._seen_ms = now_ms()
        self._at_ms = 0

    def take(self, source_ms: int) -> int:
        """The time of a key that came just now; ``source_ms`` is its source's own time, 0 where it has none.

        Sources count from moments of their own, begin anew after some weeks, and some keys have no time: between
        such and the one before it the clock decides.
        """
        now_ms = self._now_ms()
        is_known = 0 < self._source_ms <= source_ms
        self._at_ms += source_ms - self._source_ms if is_known else max(0, now_ms - self._seen_ms)
        self._source_ms, self._seen_ms = source_ms, now_ms
        return self._at_ms
