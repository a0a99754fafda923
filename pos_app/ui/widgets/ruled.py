"""A strip with a thin line below or above it."""

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from pos_app.ui.look import Look


class Ruled(QWidget):
    """Holds what is laid on it; the line follows the theme."""

    def __init__(self, look: Look, *, below: bool) -> None:
        super().__init__()
        self._look, self._below = look, below
        look.theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line."""
        painter = QPainter(self)
        at = self.height() - 1 if self._below else 0
        painter.fillRect(0, at, self.width(), 1, self._look.theme.colour("hair"))
        painter.end()
