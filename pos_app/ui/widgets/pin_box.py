"""How many digits of a PIN were typed, never which."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from pos_app.ui.look import Look
from pos_app.ui.widgets.entry_frame import paint_entry_frame

DIGITS = 6
_HEIGHT = 72


class PinBox(QWidget):
    """Dots in a frame: filled ones for typed digits, rings for those to come."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._count, self._ink = 0, "primary"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.restyle)

    @property
    def count(self) -> int:
        """How many digits it shows."""
        return self._count

    def show_count(self, count: int, ink: str = "primary") -> None:
        """Show so many digits, the frame in a token's colour."""
        if (count, ink) != (self._count, self._ink):
            self._count, self._ink = count, ink
            self.setAccessibleDescription("•" * count)
            self.update()

    def restyle(self) -> None:
        """Take sizes and colours from the theme."""
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the keypad below, as high as an entry."""
        return QSize(self._look.theme.px(300), self._look.theme.target(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """Room for the dots."""
        return QSize(self._look.theme.px(200), self._look.theme.target(56))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the frame and the dots."""
        theme, painter = self._look.theme, QPainter(self)
        paint_entry_frame(painter, QRectF(self.rect()), theme, self._ink)
        size, gap = theme.px(16), theme.px(18)
        shown = max(DIGITS, self._count)
        left = (self.width() - shown * size - (shown - 1) * gap) / 2
        for at in range(shown):
            filled = at < self._count
            painter.setPen(Qt.PenStyle.NoPen if filled else theme.colour("edge"))
            painter.setBrush(theme.colour("text") if filled else Qt.BrushStyle.NoBrush)
            dot = QRectF(left + at * (size + gap), (self.height() - size) / 2, size, size)
            painter.drawEllipse(dot if filled else dot.adjusted(1, 1, -1, -1))
        painter.end()
