"""How one line of the cart is painted."""

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from pos_app.ui.look import Look
from pos_app.ui.theme import Theme
from pos_app.ui.tokens import BODY, HINT, SMALL
from pos_app.ui.widgets.cart_table import CartRow

ROW_HEIGHT = 52
EDGE = 16
"""From the card's edge to the first and behind the last column."""
LAST_COLUMN = 4
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CartDelegate(QStyledItemDelegate):
    """Paints cells with fonts and colours prepared once per theme."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._theme: Theme = look.theme
        self.is_narrow = False
        """Price and quantity stand below the name."""
        self.restyle()
        look.theme.changed.connect(self.restyle)

    def restyle(self) -> None:
        """Prepare fonts and colours of the theme."""
        theme = self._theme
        self._body, self._hint, self._small = (theme.font(type_) for type_ in (BODY, HINT, SMALL))
        self._struck = QFont(self._hint)
        self._struck.setStrikeOut(True)
        self._strong = QFont(self._hint)
        self._strong.setWeight(QFont.Weight.DemiBold)
        names = ("text", "muted", "hair", "ok", "primary", "primary_bg")
        self._colours = {name: theme.colour(name) for name in names}
        self._half_px = theme.px(3)
        self._pad_px, self._edge_px = theme.px(8), theme.px(EDGE)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Every row has the same height."""
        return QSize(0, self._theme.px(ROW_HEIGHT))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one cell."""
        view: Any = option  # the stubs leave out rect and state
        area: QRect = view.rect
        row: CartRow = index.data(Qt.ItemDataRole.UserRole)
        self._paint_ground(painter, area, is_selected=self._is_selected(option, index), column=index.column())
        left = self._edge_px if index.column() == 0 else self._pad_px
        right = self._edge_px if index.column() == LAST_COLUMN else self._pad_px
        cell = area.adjusted(left, 0, -right, -1)
        match index.column():
            case 0:
                number = "" if self.is_narrow else str(index.row() + 1)
                self._write(painter, cell, number, font=self._small, colour="muted")
            case 1:
                self._paint_name(painter, cell, row)
            case 2:
                self._write(painter, cell, row.unit_price, align=_RIGHT)
            case 3:
                self._write(painter, cell, row.quantity, align=_RIGHT)
            case _:
                self._paint_amount(painter, cell, row)

    def _is_selected(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> bool:
        view: Any = getattr(option, "widget", None)
        return view is not None and view.currentIndex().row() == index.row()

    def _paint_ground(self, painter: QPainter, area: QRect, *, is_selected: bool, column: int) -> None:
        if is_selected:
            painter.fillRect(area, self._colours["primary_bg"])
            if column == 0:
                painter.fillRect(QRect(area.left(), area.top(), 4, area.height()), self._colours["primary"])
        painter.setPen(QPen(self._colours["hair"], 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())

    def _paint_name(self, painter: QPainter, cell: QRect, row: CartRow) -> None:
        note = f"{row.unit_price} × {row.quantity}" if self.is_narrow and not row.note else row.note
        if not (note or row.saving):
            self._write(painter, cell, row.name)
            return
        small = QFontMetrics(self._hint).height()
        upper = cell.adjusted(0, self._half_px, 0, -small)
        lower = QRect(cell.left(), cell.bottom() - small - 1, cell.width(), small)
        self._write(painter, upper, row.name)
        self._write(painter, lower, row.saving, font=self._strong, colour="ok")
        after = QFontMetrics(self._strong).horizontalAdvance(f"{row.saving}  ") if row.saving else 0
        self._write(painter, lower.adjusted(after, 0, 0, 0), note, font=self._hint, colour="muted")

    def _paint_amount(self, painter: QPainter, cell: QRect, row: CartRow) -> None:
        if not row.list_amount:
            self._write(painter, cell, row.amount, align=_RIGHT)
            return
        small = QFontMetrics(self._struck).height()
        upper = QRect(cell.left(), cell.top() + 1, cell.width(), small)
        self._write(painter, upper, row.list_amount, font=self._struck, colour="muted", align=_RIGHT)
        self._write(painter, cell.adjusted(0, small - 2, 0, 0), row.amount, align=_RIGHT)

    def _write(self, painter: QPainter, cell: QRect, text: str, **how: Any) -> None:
        font: QFont = how.get("font", self._body)
        painter.setFont(font)
        painter.setPen(self._colours[how.get("colour", "text")])
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, cell.width())
        painter.drawText(cell, how.get("align", _LEFT), shown)
