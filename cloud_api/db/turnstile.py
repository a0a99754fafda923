"""A lock that is passed on in the order of asking: SQLite's own waits by sleeping, and who sleeps loses its turn."""

import threading
from collections import deque


class Turnstile:
    """One at a time, first come, first served."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    def enter(self, timeout_s: float) -> bool:
        """Wait for one's turn; False where it did not come in time."""
        with self._mutex:
            if not self._taken:
                self._taken = True
                return True
            ticket = threading.Lock()
            ticket.acquire()
            self._waiting.append(ticket)
        if ticket.acquire(timeout=timeout_s):
            return True
        with self._mutex:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
                return False
        return True  # it came just now

    def leave(self) -> None:
        """Let the next one in; any thread may call it."""
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
