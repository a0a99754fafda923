"""Event filters that see what reaches the application's windows, and nothing else.

A filter of the application is called for every event of every object, some eighty at each scan; keys, touches and the
mouse come to a window first.
"""

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication, QWindow


class WindowFilter(QObject):
    """Puts ``watcher`` before every window there is and every one that comes to the front; remove it at the end."""

    def __init__(self, watcher: QObject) -> None:
        super().__init__(watcher)
        self._watcher, self._is_installed = watcher, False

    def install(self) -> None:
        """Begin to see events."""
        for window in QGuiApplication.allWindows():
            window.installEventFilter(self._watcher)
        if self._is_installed:
            return
        self._is_installed = True
        self._app().focusWindowChanged.connect(self._came_to_front)

    def remove(self) -> None:
        """See no more of them; a second time is no harm."""
        if not self._is_installed:
            return
        self._is_installed = False
        self._app().focusWindowChanged.disconnect(self._came_to_front)
        for window in QGuiApplication.allWindows():
            window.removeEventFilter(self._watcher)

    def _came_to_front(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self._watcher)

    @staticmethod
    def _app() -> QGuiApplication:
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        return app
