"""How a button's frame and keycap are painted."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QStyle, QStyleOptionButton

from pos_app.ui.theme import Theme
from pos_app.ui.tokens import FOCUS_GAP_PX, FOCUS_PX, KEYCAP, RADIUS_PX

_FACES = {
    "plain": ("surface", "line", "text"),
    "primary": ("primary", "", "on_primary"),
    "danger": ("surface", "err", "err"),
    "quiet": ("", "", "muted"),
    "tab": ("", "", "muted"),
    "choice": ("surface", "line", "text"),
}
_DOWN = {"primary": "primary_down", "danger": "err_bg"}


def paint_frame(painter: QPainter, button: QAbstractButton, theme: Theme, *, kind: str, inset: int = 0) -> str:
    """Paint background, border and focus ring; gives the token to write with."""
    fill, border, ink = _face(button, kind)
    area = QRectF(button.rect()).adjusted(0, inset, 0, -inset)
    if _shows_ring(button):
        area = _paint_ring(painter, area, theme)
    width = 2.0 if button.isChecked() and kind == "choice" else 1.0
    painter.setPen(QPen(theme.colour(border), width) if border else Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(fill) if fill else Qt.BrushStyle.NoBrush)
    half = width / 2 if border else 0
    radius = theme.px(RADIUS_PX)
    painter.drawRoundedRect(area.adjusted(half, half, -half, -half), radius, radius)
    return ink


def keycap_width(theme: Theme, keycap: str) -> int:
    """How wide a keycap is."""
    return QFontMetrics(theme.font(KEYCAP)).horizontalAdvance(keycap) + 2 * theme.px(6)


def paint_keycap(painter: QPainter, theme: Theme, room: QRect, *, keycap: str) -> None:
    """Paint a key in the middle of its room, in the painter's colour."""
    height = theme.px(22)
    cap = QRectF(room.left(), room.center().y() - height / 2 + 1, room.width(), height)
    ink = painter.pen().color()
    on_primary = ink == theme.colour("on_primary")
    painter.setPen(QPen(ink if on_primary else theme.colour("line"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush if on_primary else theme.colour("bg"))
    painter.drawRoundedRect(cap.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.setPen(ink if on_primary else theme.colour("muted"))
    painter.setFont(theme.font(KEYCAP))
    painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, keycap)


def _face(button: QAbstractButton, kind: str) -> tuple[str, str, str]:
    fill, border, ink = _FACES[kind]
    if not button.isEnabled():
        return ("bg" if fill else "", "hair" if fill else "", "muted")
    if button.isChecked():
        return ("primary_bg", "primary" if kind == "choice" else "", "primary")
    if button.isDown():
        return (_DOWN.get(kind, "primary_bg"), border, ink)
    if button.underMouse() and kind in ("quiet", "tab"):
        return ("primary_bg", border, ink)
    if button.underMouse() and kind in ("plain", "choice"):
        return (fill, "edge", ink)
    return (fill, border, ink)


def _shows_ring(button: QAbstractButton) -> bool:
    if not button.hasFocus():
        return False
    option = QStyleOptionButton()
    option.initFrom(button)
    return bool(option.state & QStyle.StateFlag.State_HasFocus)


def _paint_ring(painter: QPainter, area: QRectF, theme: Theme) -> QRectF:
    half, radius = FOCUS_PX / 2, theme.px(RADIUS_PX)
    painter.setPen(QPen(theme.colour("focus"), FOCUS_PX))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(area.adjusted(half, half, -half, -half), radius, radius)
    inset = FOCUS_PX + FOCUS_GAP_PX
    return area.adjusted(inset, inset, -inset, -inset)
