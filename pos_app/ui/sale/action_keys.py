"""The acts beside the cart, and the one key to pay apart from them."""

from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import LABEL
from pos_app.ui.widgets.button import Button, Kind, Shape

NAMES = ("suspend", "recall", "discount", "override", "search", "more")
WORDS = {"search": "sale.act.search_button"}
COLUMNS = 3
PAY_HEIGHT, COMPACT_PAY_HEIGHT = 76, 64


class ActionKeys(QWidget):
    """Six plain keys and the primary one."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.suspend, self.recall, self.discount = self._key(), self._key(), self._key()
        self.override, self.search, self.more = self._key(), self._key(), self._key()
        self.pay = Button(look, Kind.PRIMARY)
        self.pay.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._grid, self._column = QGridLayout(), QVBoxLayout(self)
        self._buttons = (self.suspend, self.recall, self.discount, self.override, self.search, self.more)
        for at, button in enumerate(self._buttons):
            self._grid.addWidget(button, at // COLUMNS, at % COLUMNS)
        self._column.addLayout(self._grid)
        self._column.addWidget(self.pay)
        look.theme.changed.connect(self.restyle)
        look.words.changed.connect(self.retranslate)
        self.restyle()
        self.retranslate()

    def restyle(self) -> None:
        """Take gaps from the theme."""
        gap = max(8, self._look.theme.px(8))
        self._grid.setSpacing(gap)
        self._column.setSpacing(max(8, self._look.theme.px(12)))
        self._column.setContentsMargins(0, 0, 0, 0)

    def retranslate(self) -> None:
        """Say the words; the sale screen says those with figures."""
        for name, button in zip(NAMES, self._buttons, strict=True):
            if name != "recall":
                button.setText(self._look.words(WORDS.get(name, f"sale.act.{name}")))

    def set_compact(self, compact: bool) -> None:
        """Less height where there is little."""
        self.pay.set_shape(Shape(COMPACT_PAY_HEIGHT if compact else PAY_HEIGHT, self.pay.shape_.type))

    def _key(self) -> Button:
        button = Button(self._look, Kind.PLAIN, shape=Shape(52, LABEL, pad=12))
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        return button
