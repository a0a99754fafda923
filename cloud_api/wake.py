"""The bell between a commit and the sequencer of the same process."""

import threading


class Wake:
    """Set after a commit; the sequencer waits for it, and looks by itself from time to time anyway."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Something was committed."""
        self._event.set()

    def wait(self, timeout_s: float) -> bool:
        """Wait until it was set or the time is over; the bell is silent again afterwards."""
        rung = self._event.wait(timeout_s)
        self._event.clear()
        return rung
