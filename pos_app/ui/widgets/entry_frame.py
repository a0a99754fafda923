"""The frame that marks where typed keys go, with its blinking cursor."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from pos_app.ui.theme import Theme
from pos_app.ui.tokens import CARD_RADIUS_PX


def paint_entry_frame(painter: QPainter, area: QRectF, theme: Theme, *, ink: str) -> None:
    """Paint a field's surface and its 2 px border."""
    radius = theme.px(CARD_RADIUS_PX)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour(ink), 2))
    painter.setBrush(theme.colour("surface"))
    painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), radius, radius)


def paint_caret(painter: QPainter, at: QRectF, theme: Theme) -> None:
    """Paint the cursor block."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("text"))
    painter.drawRect(at)
