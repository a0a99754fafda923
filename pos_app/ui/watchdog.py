"""Measures how long the UI thread is away from its queue, and logs what it was doing."""

import logging
from collections.abc import Callable

from PySide6.QtCore import QAbstractEventDispatcher, QObject

THRESHOLD_MS = 8
REPORT_MS = 50
"""From here on it is a warning; below it stays a number for the bench."""

_LOG = logging.getLogger(__name__)


class Watchdog(QObject):
    """One measurement per turn of the event loop; costs two calls."""

    def __init__(self, monotonic_ns: Callable[[], int], *, threshold_ms: int = THRESHOLD_MS) -> None:
        super().__init__()
        self._now_ns, self._threshold_ns = monotonic_ns, threshold_ms * 1_000_000
        self._woke_ns: int | None = None
        self._doing = ""
        self.slow_turns = 0
        self.longest_ms = 0.0

    def install(self) -> None:
        """Begin to measure."""
        dispatcher = QAbstractEventDispatcher.instance()
        dispatcher.awake.connect(self._awake)
        dispatcher.aboutToBlock.connect(self._about_to_block)

    def doing(self, what: str) -> None:
        """Name what the thread does now: the screen and act, never what was typed."""
        self._doing = what

    def _awake(self) -> None:
        if self._woke_ns is None:
            self._woke_ns = self._now_ns()

    def _about_to_block(self) -> None:
        if self._woke_ns is None:
            return
        spent_ns, self._woke_ns = self._now_ns() - self._woke_ns, None
        if spent_ns > self._threshold_ns:
            self._note(spent_ns / 1_000_000)
        self._doing = ""

    def _note(self, spent_ms: float) -> None:
        self.slow_turns += 1
        self.longest_ms = max(self.longest_ms, spent_ms)
        level = logging.WARNING if spent_ms > REPORT_MS else logging.DEBUG
        _LOG.log(level, "the UI thread was busy for %.1f ms with %s", spent_ms, self._doing or "events")
