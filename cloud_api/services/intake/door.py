"""How many uploads are let in at once: who would wait too long is sent away with the time to come back."""

from collections.abc import Iterator
from contextlib import contextmanager

from cloud_api.errors import ApiProblem

UPLOADS_MAX = 64
"""Few enough that the last of them is answered long before its till gives up waiting and sends it all again."""
COME_BACK_MS = 2_000


class Door:
    """Counts who is in; belongs to the event loop."""

    def __init__(self, most: int = UPLOADS_MAX) -> None:
        self._most = most
        self._inside = 0

    def check(self) -> None:
        """ApiProblem 503 where it is full: nothing of the body need be read then."""
        if self._inside >= self._most:
            raise ApiProblem(503, "cloud.busy", retry_after_ms=COME_BACK_MS)

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Be inside, from when the body is there: who sends it slowly keeps nobody out."""
        self.check()
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
