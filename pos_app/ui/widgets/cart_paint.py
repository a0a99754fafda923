"""How one line of the cart is painted: whole, from texts that were shaped once."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen, QStaticText

from pos_app.ui.look import Look
from pos_app.ui.theme import Theme
from pos_app.ui.tokens import BODY, HINT, SMALL
from pos_app.ui.widgets.cart_table import CartRow

ROW_HEIGHT = 52
EDGE = 16
"""From the card's edge to the first and behind the last column."""
_TEXTS_KEPT = 1024
"""Shaping Chinese costs more than all else of a line; a screen shows some 50 texts."""


class _Style(NamedTuple):
    """Names of a font and a pen, and the side of the cell."""

    font: str = "body"
    ink: str = "text"
    is_right: bool = False


_WORDS, _FIGURE, _NUMBER = _Style(), _Style(is_right=True), _Style("small", "muted")
_NOTE, _SAVING, _STRUCK = _Style("hint", "muted"), _Style("strong", "ok"), _Style("hint", "muted", True)


class _Shaped(NamedTuple):
    """A text made ready to be painted, shortened to its room."""

    text: QStaticText
    width: int


class LinePainter:
    """Paints lines with fonts and colours prepared once per theme."""

    def __init__(self, look: Look) -> None:
        self._theme: Theme = look.theme
        self.is_narrow = False
        """Price and quantity stand below the name."""
        self._shaped = lru_cache(_TEXTS_KEPT)(self._shape)
        self.restyle()

    def restyle(self) -> None:
        """Prepare fonts and colours of the theme."""
        theme = self._theme
        self._fonts = {"body": theme.font(BODY), "hint": theme.font(HINT), "small": theme.font(SMALL)}
        self._fonts["strong"] = QFont(self._fonts["hint"])
        self._fonts["strong"].setWeight(QFont.Weight.DemiBold)
        self._metrics = {name: QFontMetrics(font) for name, font in self._fonts.items()}
        self._heights = {name: metrics.height() for name, metrics in self._metrics.items()}
        self._pens = {name: QPen(theme.colour(name), 1) for name in ("text", "muted", "hair", "ok")}
        self.ground = theme.colour("surface")
        self._primary, self._primary_bg = theme.colour("primary"), theme.colour("primary_bg")
        self._half_px = theme.px(3)
        self._pad_px, self._edge_px = theme.px(8), theme.px(EDGE)
        self._shaped.cache_clear()

    def paint(self, painter: QPainter, row: CartRow, *, number: int, cells: Sequence[QRect], is_marked: bool) -> None:
        """Paint one line into its five cells; a hidden column's cell is empty."""
        area = cells[0].united(cells[-1])
        if is_marked:
            painter.fillRect(area, self._primary_bg)
            painter.fillRect(QRect(area.left(), area.top(), 4, area.height()), self._primary)
        painter.setPen(self._pens["hair"])
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        pad, edge = self._pad_px, self._edge_px
        first, name, price, quantity, last = cells
        if not self.is_narrow:
            self._write(painter, first.adjusted(edge, 0, -pad, -1), str(number), style=_NUMBER)
            self._write(painter, price.adjusted(pad, 0, -pad, -1), row.unit_price, style=_FIGURE)
            self._write(painter, quantity.adjusted(pad, 0, -pad, -1), row.quantity, style=_FIGURE)
        self._paint_name(painter, name.adjusted(pad, 0, -pad, -1), row)
        self._paint_amount(painter, last.adjusted(pad, 0, -edge, -1), row)

    def _paint_name(self, painter: QPainter, cell: QRect, row: CartRow) -> None:
        note = f"{row.unit_price} × {row.quantity}" if self.is_narrow and not row.note else row.note
        if not (note or row.saving):
            self._write(painter, cell, row.name)
            return
        small = self._heights["hint"]
        lower = QRect(cell.left(), cell.bottom() - small - 1, cell.width(), small)
        self._write(painter, cell.adjusted(0, self._half_px, 0, -small), row.name)
        self._write(painter, lower, row.saving, style=_SAVING)
        after = self._metrics["strong"].horizontalAdvance(f"{row.saving}  ") if row.saving else 0
        self._write(painter, lower.adjusted(after, 0, 0, 0), note, style=_NOTE)

    def _paint_amount(self, painter: QPainter, cell: QRect, row: CartRow) -> None:
        if not row.list_amount:
            self._write(painter, cell, row.amount, style=_FIGURE)
            return
        metrics, small = self._metrics["hint"], self._heights["hint"]
        upper = QRect(cell.left(), cell.top() + 1, cell.width(), small)
        self._write(painter, upper, row.list_amount, style=_STRUCK)
        through = upper.top() + metrics.ascent() - metrics.strikeOutPos()  # Qt misplaces it in texts shaped before
        painter.drawLine(
            upper.right() + 1 - metrics.horizontalAdvance(row.list_amount), through, upper.right(), through
        )
        self._write(painter, cell.adjusted(0, small - 2, 0, 0), row.amount, style=_FIGURE)

    def _write(self, painter: QPainter, cell: QRect, text: str, *, style: _Style = _WORDS) -> None:
        if not text:
            return
        shaped = self._shaped(text, style.font, cell.width())
        left = cell.right() + 1 - shaped.width if style.is_right else cell.left()
        painter.setFont(self._fonts[style.font])
        painter.setPen(self._pens[style.ink])
        top = cell.top() + (cell.height() - self._heights[style.font]) // 2
        painter.drawStaticText(QPoint(left, top), shaped.text)

    def _shape(self, text: str, font: str, width: int) -> _Shaped:
        metrics = self._metrics[font]
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
        static = QStaticText(shown)
        static.setTextFormat(Qt.TextFormat.PlainText)
        static.prepare(font=self._fonts[font])
        return _Shaped(static, metrics.horizontalAdvance(shown))
