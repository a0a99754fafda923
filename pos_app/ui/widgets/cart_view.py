"""The cart's table: fixed row height, columns by the width, no focus of its own."""

from PySide6.QtCore import QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from pos_app.ui.look import Look
from pos_app.ui.widgets.cart_paint import ROW_HEIGHT, LinePainter
from pos_app.ui.widgets.cart_table import CartModel

HEADER_HEIGHT = 38
NARROW = 560
"""Below this width at 100 % the table shows names and amounts alone."""
_WIDTHS = {0: 52, 2: 104, 3: 96, 4: 132}


class CartView(QTableView):
    """Shows a CartModel; ``line_pressed`` gives the id of a touched line."""

    line_pressed = Signal(str)
    arranged = Signal()

    def __init__(self, look: Look, model: CartModel, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._cart, self._painter = model, LinePainter(look)
        self.setModel(model)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setShowGrid(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().hide()
        self.horizontalHeader().setMinimumSectionSize(1)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.clicked.connect(self._pressed)
        look.theme.changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        """Take row height and column widths from the theme."""
        self._painter.restyle()
        self.verticalHeader().setDefaultSectionSize(self._look.theme.px(ROW_HEIGHT))
        self._share_width()
        self.viewport().update()

    def select_row(self, row: int) -> None:
        """Mark a line and bring it into view; -1 marks none."""
        if row != self.currentIndex().row():
            before = self.currentIndex().row()
            index = self.model().index(row, 0) if row >= 0 else QModelIndex()
            self.setCurrentIndex(index)
            self._repaint_row(before)
            self._repaint_row(row)
        if row >= 0:
            self.scrollTo(self.model().index(row, 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the name what the figures leave."""
        super().resizeEvent(event)
        self._share_width()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines in sight, each whole: a scan repaints them all, and by cells that costs thrice as much."""
        painter, rows, marked = QPainter(self.viewport()), self._cart.rows, self.currentIndex().row()
        height = self.verticalHeader().defaultSectionSize()
        lefts = [self.columnViewportPosition(at) for at in range(5)]
        widths = [self.columnWidth(at) for at in range(5)]
        top = self.rowViewportPosition(first) if (first := max(0, self.rowAt(event.rect().top()))) < len(rows) else 0
        for at in range(first, len(rows)):
            if top > event.rect().bottom():
                break
            cells = [QRect(left, top, width, height) for left, width in zip(lefts, widths, strict=True)]
            self._painter.paint(painter, rows[at], number=at + 1, cells=cells, is_marked=at == marked)
            top += height
        painter.end()

    def column_widths(self, width: int | None = None) -> list[int]:
        """Widths of the columns, for the heading above; in a narrow table price and quantity move below the name."""
        px, whole = self._look.theme.px, width if width is not None else self.viewport().width()
        if whole < px(NARROW):
            amount = min(px(_WIDTHS[4]), whole // 3)
            return [px(8), whole - amount - px(8), 0, 0, amount]
        fixed = {at: px(width) for at, width in _WIDTHS.items()}
        return [fixed.get(at, whole - sum(fixed.values())) for at in range(5)]

    def _share_width(self) -> None:
        widths = self.column_widths()
        self._painter.is_narrow = widths[2] == 0
        for at, width in enumerate(widths):
            self.setColumnHidden(at, width == 0)
            self.setColumnWidth(at, width)
        self.arranged.emit()

    def _repaint_row(self, row: int) -> None:
        if row >= 0:
            for column in range(5):
                self.viewport().update(self.visualRect(self.model().index(row, column)))

    def _pressed(self, index: QModelIndex) -> None:
        self.line_pressed.emit(index.data(Qt.ItemDataRole.UserRole).line_id)
