"""Uploads go before the applier: a till waits for its answer, the books only for their turn."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

NEXT_BATCH_S = 0.1
"""How long after an answer the next batch of a till that has more is looked for."""


class RightOfWay:
    """Knows whether uploads are under way or about to come."""

    def __init__(self) -> None:
        self._inside = 0
        self._kept_until_s = 0.0
        self._changed = threading.Condition()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """An upload is being stored."""
        with self._changed:
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def keep(self) -> None:
        """A till said that it has more: the way is not free between its batches."""
        with self._changed:
            self._kept_until_s = time.monotonic() + NEXT_BATCH_S

    def wait_until_free(self, until_s: float) -> None:
        """Return when no upload is under way, at the latest at a moment of the monotonic clock."""
        with self._changed:
            while (now_s := time.monotonic()) < until_s:
                if not self._inside and now_s >= self._kept_until_s:
                    return
                wake_s = until_s if self._inside else min(until_s, self._kept_until_s)
                self._changed.wait(wake_s - now_s)
