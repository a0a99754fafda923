"""The cart's table: fixed row height, columns by the width, no focus of its own."""

from itertools import accumulate

from PySide6.QtCore import QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from pos_app.ui.look import Look
from pos_app.ui.widgets.cart_paint import ROW_HEIGHT, LinePainter
from pos_app.ui.widgets.cart_table import CartModel, CartRow
from pos_app.ui.widgets.pictures import Pictures

HEADER_HEIGHT = 38
NARROW = 560
"""Below this width at 100 % the table shows names and amounts alone."""
_WIDTHS = {0: 52, 2: 104, 3: 96, 4: 132}
_PICTURES_BYTES = 16 << 20
"""Some ninety lines in a window of 1366 × 768, where seven are in sight."""


class CartView(QTableView):
    """Shows a CartModel; ``line_pressed`` gives the id of a touched line."""

    line_pressed = Signal(str)
    arranged = Signal()

    def __init__(self, look: Look, model: CartModel, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._cart, self._painter = model, LinePainter(look)
        self._pictures = Pictures(_PICTURES_BYTES)
        self._is_opaque = False
        self.setModel(model)
        self.setAutoScroll(False)
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
        self._pictures.clear()
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
        """Put the lines in sight back, each a picture: most are as they were, and only a changed one is painted."""
        painter, rows, marked = QPainter(self.viewport()), self._cart.rows, self.currentIndex().row()
        width, height = self.viewport().width(), self.verticalHeader().defaultSectionSize()
        first, part = max(0, self.rowAt(event.rect().top())), event.region()
        top = self.rowViewportPosition(first) if first < len(rows) else 0
        for at in range(first, len(rows)):
            if top > event.rect().bottom():
                break
            area = QRect(0, top, width, height)
            if part.intersects(area):
                self._paint_line(painter, area, rows[at], number=at + 1, is_marked=at == marked)
            top += height
        if self._is_opaque and top <= event.rect().bottom():
            painter.fillRect(QRect(0, top, width, self.viewport().height() - top), self._painter.ground)
        painter.end()

    def set_opaque(self, opaque: bool) -> None:
        """Whether nothing of what lies below shows; else the corners of the card do.

        What is opaque Qt scrolls by moving its pixels, and it does not paint what is below.
        """
        self._is_opaque = opaque
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, opaque)

    def column_widths(self, width: int | None = None) -> list[int]:
        """Widths of the columns, for the heading above; in a narrow table price and quantity move below the name."""
        px, whole = self._look.theme.px, width if width is not None else self.viewport().width()
        if whole < px(NARROW):
            amount = min(px(_WIDTHS[4]), whole // 3)
            return [px(8), whole - amount - px(8), 0, 0, amount]
        fixed = {at: px(width) for at, width in _WIDTHS.items()}
        return [fixed.get(at, whole - sum(fixed.values())) for at in range(5)]

    def _paint_line(self, painter: QPainter, area: QRect, row: CartRow, *, number: int, is_marked: bool) -> None:
        def draw(to: QPainter) -> None:
            lefts = accumulate(self._widths, initial=0)
            cells = [QRect(left, 0, width, area.height()) for left, width in zip(lefts, self._widths, strict=False)]
            self._painter.paint(to, row, number=number, cells=cells, is_marked=is_marked)

        if self._is_opaque and not is_marked:  # the marked line changes with each scan
            self._pictures.put(painter, area, (row, number), ground=self._painter.ground, draw=draw)
        else:
            painter.translate(area.topLeft())
            draw(painter)
            painter.translate(-area.topLeft())

    def _share_width(self) -> None:
        widths = self._widths = self.column_widths()
        self._painter.is_narrow = widths[2] == 0
        self._pictures.clear()
        for at, width in enumerate(widths):
            self.setColumnHidden(at, width == 0)
            self.setColumnWidth(at, width)
        self.arranged.emit()

    def _repaint_row(self, row: int) -> None:
        if row >= 0:
            line = self.visualRect(self.model().index(row, 0))
            self.viewport().update(0, line.top(), self.viewport().width(), line.height())

    def _pressed(self, index: QModelIndex) -> None:
        self.line_pressed.emit(index.data(Qt.ItemDataRole.UserRole).line_id)
