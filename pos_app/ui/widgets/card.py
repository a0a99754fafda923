"""A raised surface with rounded corners."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import CARD_RADIUS_PX

_EDGE_PX = 2


class Card(QWidget):
    """Paints a surface in a token's colour, with a soft lower edge."""

    def __init__(self, look: Look, parent: QWidget | None = None, *, fill: str = "surface") -> None:
        super().__init__(parent)
        self._look, self._token = look, fill
        look.theme.changed.connect(self.restyle)

    def set_token(self, token: str) -> None:
        """Paint in another token's colour."""
        if token != self._token:
            self._token = token
            self.update()

    def restyle(self) -> None:
        """Paint in the theme's new colours."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the edge, then the surface above it."""
        theme = self._look.theme
        radius = theme.px(CARD_RADIUS_PX)
        painter = QPainter(self)
        if self._is_within(event.rect(), radius):
            painter.fillRect(event.rect(), theme.colour(self._token))
            painter.end()
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("shade"))
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        painter.setBrush(theme.colour(self._token))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0, 0, 0, -_EDGE_PX), radius, radius)
        painter.end()

    def _is_within(self, part: QRect, radius: int) -> bool:
        """Whether a part lies between the corners, where the surface is plain: what is on it changes far oftener."""
        surface = self.rect().adjusted(0, 0, 0, -_EDGE_PX)
        across, down = surface.adjusted(0, radius, 0, -radius), surface.adjusted(radius, 0, -radius, 0)
        return across.contains(part) or down.contains(part)
