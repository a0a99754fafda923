"""The cart on its card: headings, lines, what to do with the marked line, and a welcome while it is empty."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import HINT, LABEL
from pos_app.ui.widgets.button import Button, Kind, Shape
from pos_app.ui.widgets.card import Card
from pos_app.ui.widgets.cart_paint import EDGE
from pos_app.ui.widgets.cart_table import CartModel
from pos_app.ui.widgets.cart_view import HEADER_HEIGHT, CartView
from pos_app.ui.widgets.label import Label
from pos_app.ui.widgets.plate import Plate
from pos_app.ui.widgets.ruled import Ruled

NARROW = 560
HEADINGS = ("number", "name", "price", "quantity", "amount")


class CartCard(Card):
    """Holds the table and the keys for its marked line."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.model = CartModel()
        self.view = CartView(look, self.model)
        self.plate = Plate(look)
        self.headings = {name: Label(look, HINT, ink="muted") for name in HEADINGS}
        shape = Shape(48, LABEL, pad=16)
        self.less, self.more = (Button(look, Kind.QUIET, shape=shape) for _ in range(2))
        self.quantity, self.remove, self.undo = (Button(look, Kind.QUIET, shape=shape) for _ in range(3))
        for button, icon in ((self.less, "minus"), (self.more, "plus"), (self.remove, "trash"), (self.undo, "undo")):
            button.set_icon(icon)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._heading_row())
        self._column.addWidget(self.view, 1)
        self._column.addWidget(self.plate, 1)
        self._column.addWidget(self._line_keys())
        self.view.model().rowsInserted.connect(self._show_plate)
        self.view.model().modelReset.connect(self._show_plate)
        self.view.arranged.connect(self._align_headings)
        self._arrange()
        self._show_plate()

    def restyle(self) -> None:
        """Take sizes from the theme."""
        super().restyle()
        self._arrange()

    def resizeEvent(self, event: object) -> None:
        """Icons alone where words have no room."""
        self._align_headings()
        is_narrow = self.width() < self._look.theme.px(NARROW)
        for button in (self.remove, self.undo):
            button.set_terse(is_narrow)

    def set_compact(self, compact: bool) -> None:
        """Without headings where there is little height; the first line then reaches into the card's corners."""
        self._headings.setVisible(not compact)
        self.view.set_opaque(not compact)

    def _heading_row(self) -> QWidget:
        self._headings = Ruled(self._look, below=True)
        for at, name in enumerate(HEADINGS):
            label = self.headings[name]
            label.setParent(self._headings)
            side = Qt.AlignmentFlag.AlignRight if at > 1 else Qt.AlignmentFlag.AlignLeft
            label.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        return self._headings

    def _line_keys(self) -> QWidget:
        self._keys = Ruled(self._look, below=False)
        self._key_row = QHBoxLayout(self._keys)
        for button in (self.less, self.quantity, self.more):
            self._key_row.addWidget(button)
        self._key_row.addStretch(1)
        for button in (self.remove, self.undo):
            self._key_row.addWidget(button)
        return self._keys

    def _arrange(self) -> None:
        theme = self._look.theme
        self._column.setContentsMargins(0, 0, 0, 2)
        self._column.setSpacing(0)
        self._headings.setFixedHeight(theme.px(HEADER_HEIGHT))
        self._key_row.setContentsMargins(theme.px(6), 2, theme.px(6), 2)
        self._key_row.setSpacing(max(8, theme.px(8)))
        self._align_headings()

    def _align_headings(self) -> None:
        left, height = 0, self._headings.height()
        for at, (name, width) in enumerate(
            zip(HEADINGS, self.view.column_widths(self.width() if self.view.isHidden() else None), strict=True)
        ):
            pad, edge = self._look.theme.px(8), self._look.theme.px(EDGE)
            before, behind = edge if at == 0 else pad, edge if at == len(HEADINGS) - 1 else pad
            self.headings[name].setGeometry(left + before, 0, max(0, width - before - behind), height)
            self.headings[name].setVisible(width > 0)
            left += width

    def _show_plate(self) -> None:
        is_empty = self.model.rowCount() == 0
        self.view.setVisible(not is_empty)
        self.plate.setVisible(is_empty)
        for button in (self.less, self.quantity, self.more, self.remove):
            button.setEnabled(not is_empty)
