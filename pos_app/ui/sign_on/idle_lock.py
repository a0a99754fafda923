"""Locks a till that nobody touches: watches keys, touches and the mouse of the whole application."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QWindow

from pos_app.crash import contained
from pos_app.ui.window_filter import WindowFilter

CHECK_MS = 1_000
_MS = 1_000
_TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.Wheel,
    }
)


class IdleLock(QObject):
    """``idle`` is emitted once nobody touched the till for ``after_s()`` seconds (0 = never).

    An event filter of the windows: install it once, remove it before the application ends.
    """

    idle = Signal()

    def __init__(self, now_ms: Callable[[], int], *, after_s: Callable[[], int]) -> None:
        super().__init__()
        self._now_ms, self._after_s = now_ms, after_s
        self._touched_ms = now_ms()
        self._timer = QTimer(self, interval=CHECK_MS)
        self._timer.timeout.connect(self.look)
        self._windows = WindowFilter(self)

    def install(self) -> None:
        """Begin to watch."""
        self._windows.install()
        self.touch()
        self._timer.start()

    def remove(self) -> None:
        """Stop watching; the interpreter must not end with the filter in place."""
        self._timer.stop()
        self._windows.remove()

    def touch(self) -> None:
        """Somebody did something."""
        self._touched_ms = self._now_ms()

    def look(self) -> None:
        """See whether it is time."""
        after_s = self._after_s()
        if after_s > 0 and self._now_ms() - self._touched_ms >= after_s * _MS:
            self.touch()
            self.idle.emit()

    @contained
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take note and let everything pass."""
        if event.type() in _TOUCHES and isinstance(watched, QWindow):
            self.touch()
        return False
