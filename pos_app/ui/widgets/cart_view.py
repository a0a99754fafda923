"""The cart's table: fixed row height, columns by the width, no focus of its own."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from pos_app.ui.look import Look
from pos_app.ui.widgets.cart_delegate import ROW_HEIGHT, CartDelegate
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
        self._delegate = CartDelegate(look)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
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
        self._delegate.restyle()
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
        self._delegate.is_narrow = widths[2] == 0
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
