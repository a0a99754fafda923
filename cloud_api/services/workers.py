"""Background workers: a thread each that does its turn when woken or when time is up, and outlives its errors."""

import logging
import threading
from collections.abc import Callable

from cloud_api.wake import Wake

_LOG = logging.getLogger(__name__)

PAUSE_AFTER_ERROR_S = 1.0
JOIN_TIMEOUT_S = 30.0


class Worker:
    """Calls ``turn`` again and again: after ``wake`` rang, or ``every_s`` after the last turn."""

    def __init__(self, name: str, turn: Callable[[], None], *, wake: Wake, every_s: float) -> None:
        self._turn = turn
        self._wake = wake
        self._every_s = every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"evertill-{name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the turn that runs, then end."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(JOIN_TIMEOUT_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._do_turn()
            self._wake.wait(self._every_s)

    def _do_turn(self) -> None:
        try:
            self._turn()
        except Exception as error:  # the database may be away for a while; nobody restarts this thread
            _LOG.error("%s failed: %s", self._thread.name, type(error).__name__)
            _LOG.debug("its trace", exc_info=True)
            self._stopping.wait(PAUSE_AFTER_ERROR_S)
