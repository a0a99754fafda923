"""How far a long job has come, as a bar."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from pos_app.ui.look import Look

_HEIGHT = 12


class ProgressLine(QWidget):
    """``show_progress(done, total)``; without a total the bar is a third, which is not a lie about the end."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._done, self._total = 0, 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.restyle)

    @property
    def percent(self) -> int:
        """How much is done, 0 to 100."""
        return min(100, 100 * self._done // self._total) if self._total > 0 else 0

    def show_progress(self, done: int, total: int) -> None:
        """Show how far it is."""
        if (done, total) != (self._done, self._total):
            self._done, self._total = done, total
            self.setAccessibleDescription(f"{self.percent} %")
            self.update()

    def restyle(self) -> None:
        """Take size and colours from the theme."""
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """A thin bar."""
        return QSize(self._look.theme.px(240), self._look.theme.px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """A short one."""
        return QSize(self._look.theme.px(80), self._look.theme.px(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the track and what is done of it."""
        theme, painter = self._look.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        area, radius = QRectF(self.rect()), self.height() / 2
        painter.setBrush(theme.colour("hair"))
        painter.drawRoundedRect(area, radius, radius)
        share = self._done / self._total if self._total > 0 else 1 / 3
        width = max(area.height(), area.width() * min(1.0, share))
        painter.setBrush(theme.colour("primary"))
        painter.drawRoundedRect(QRectF(0, 0, width, area.height()), radius, radius)
        painter.end()
