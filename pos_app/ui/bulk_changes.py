"""The agent's word on what changed: a few rows at once, thousands of them a few times a second."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

BULK_EACH_MS = 250
"""A feed of 100,000 prices brings a page each 40 ms; nobody reads tiles that fast, and the cashier scans meanwhile."""


class BulkChanges(QObject):
    """``due`` gives tables with the keys that changed, None for "many"; of the latter the first comes at once."""

    due = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._waiting: dict[str, None] = {}
        self._pause = QTimer(self, singleShot=True, interval=BULK_EACH_MS)
        self._pause.timeout.connect(self._go_on)

    def take(self, tables: Mapping[str, Any]) -> None:
        """What one transaction of the agent changed."""
        if None not in tables.values():
            self.due.emit(tables)
        elif self._pause.isActive():
            self._waiting |= dict.fromkeys(tables)
        else:
            self._pause.start()
            self.due.emit(tables)

    def close(self) -> None:
        """Tell nobody any more."""
        self._pause.stop()

    def _go_on(self) -> None:
        waiting, self._waiting = self._waiting, {}
        if waiting:
            self._pause.start()
            self.due.emit(waiting)
