"""One of a few values, as buttons side by side that wrap where there is little room."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import LABEL, TARGET_GAP_PX
from pos_app.ui.widgets.button import Button, Kind, Shape

BUTTON_HEIGHT = 52
_LEAST_WIDTH = 88


class ChoiceRow(QWidget):
    """``picked`` gives the value of the button that was pressed; the caller marks it by ``set_value``."""

    picked = Signal(str)

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._value = ""
        self.buttons: dict[str, Button] = {}
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        look.theme.changed.connect(self.restyle)

    @property
    def value(self) -> str:
        """The value in force."""
        return self._value

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offer these values with their words; buttons of values that stay are kept."""
        wanted = {value for value, _ in choices}
        for value in [value for value in self.buttons if value not in wanted]:
            self.buttons.pop(value).deleteLater()
        before = self.buttons
        self.buttons = {value: before.get(value) or self._button(value) for value, _ in choices}
        for value, words in choices:
            self.buttons[value].setText(words)
        self.set_value(self._value)
        self.updateGeometry()
        self._place()

    def set_value(self, value: str) -> None:
        """Mark a value as the one in force."""
        self._value = value
        for one, button in self.buttons.items():
            button.setChecked(one == value)

    def step(self, steps: int) -> None:
        """Pick the next value, from the last on to the first."""
        values = list(self.buttons)
        if values:
            at = values.index(self._value) if self._value in values else -1
            self.picked.emit(values[(at + steps) % len(values)])

    def restyle(self) -> None:
        """Lay out at the theme's scale."""
        self.updateGeometry()
        self._place()

    def hasHeightForWidth(self) -> bool:
        """The narrower, the more rows."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of all rows."""
        rows = self._rows(width)
        return len(rows) * self._height() + max(0, len(rows) - 1) * self._gap()

    def sizeHint(self) -> QSize:
        """Everything in one row."""
        width = sum(self._width_of(button) + self._gap() for button in self.buttons.values())
        return QSize(max(0, width - self._gap()), self._height())

    def minimumSizeHint(self) -> QSize:
        """The widest button."""
        return QSize(max(map(self._width_of, self.buttons.values()), default=48), self._height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out in the new width."""
        self._place()

    def _button(self, value: str) -> Button:
        button = Button(self._look, Kind.CHOICE, shape=Shape(BUTTON_HEIGHT, LABEL, pad=16), parent=self)
        # Qt toggles a checkable button by itself: what is marked is the caller's word alone.
        button.clicked.connect(lambda: self._clicked(value))
        button.show()
        return button

    def _clicked(self, value: str) -> None:
        self.set_value(self._value)
        self.picked.emit(value)

    def _rows(self, width: int) -> list[list[Button]]:
        rows: list[list[Button]] = []
        left = 0
        for button in self.buttons.values():
            need = self._width_of(button)
            if not rows or left < need:
                rows.append([])
                left = width
            rows[-1].append(button)
            left -= need + self._gap()
        return rows or [[]]

    def _place(self) -> None:
        top = 0
        for row in self._rows(self.width()):
            left = 0
            for button in row:
                button.setGeometry(QRect(left, top, self._width_of(button), self._height()))
                left += button.width() + self._gap()
            top += self._height() + self._gap()

    def _width_of(self, button: Button) -> int:
        return max(self._look.theme.px(_LEAST_WIDTH), button.sizeHint().width())

    def _height(self) -> int:
        return self._look.theme.target(BUTTON_HEIGHT)

    def _gap(self) -> int:
        return max(TARGET_GAP_PX, self._look.theme.px(TARGET_GAP_PX))
