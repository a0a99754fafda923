"""The bell between a commit and the worker that turns it into news for the tills."""

import threading


class Wake:
    """``set()`` after a commit; the worker's ``wait`` returns at once and the bell is silent again."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Say that there is something to do."""
        self._event.set()

    def wait(self, timeout_s: float) -> bool:
        """Wait for ``set()``, at most ``timeout_s``; whether it came. Clears the bell before the work begins."""
        rang = self._event.wait(timeout_s)
        self._event.clear()
        return rang
