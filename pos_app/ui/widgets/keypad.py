"""Number keys for a finger."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import KEY, TARGET_GAP_PX
from pos_app.ui.widgets.button import Button, Kind, Shape

BACK = "back"
CLEAR = "clear"
AMOUNT_ROWS = (("7", "8", "9", BACK), ("4", "5", "6"), ("1", "2", "3", CLEAR), ("00", "0", "."))
PIN_ROWS = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), (CLEAR, "0", BACK))
_NAMES = {BACK: "shell.key.backspace", CLEAR: "shell.key.clear", "00": "shell.key.double_zero", ".": "shell.key.point"}


class Keypad(QWidget):
    """Emits ``pressed`` with the digits of a key, or ``back`` and ``clear``."""

    pressed = Signal(str)

    def __init__(
        self,
        look: Look,
        rows: tuple[tuple[str, ...], ...] = AMOUNT_ROWS,
        *,
        height: int = 64,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self.buttons: dict[str, Button] = {}
        for row, keys in enumerate(rows):
            for column, key in enumerate(keys):
                is_tall = len(rows[(row + 1) % len(rows)]) <= column
                self._grid.addWidget(self._button(key, height), row, column, 2 if is_tall else 1, 1)
        look.theme.changed.connect(self.restyle)
        look.words.changed.connect(self.retranslate)
        self.restyle()
        self.retranslate()

    def restyle(self) -> None:
        """Take the gap from the theme."""
        self._grid.setSpacing(max(TARGET_GAP_PX, self._look.theme.px(TARGET_GAP_PX)))

    def retranslate(self) -> None:
        """Name the keys for a screen reader."""
        for key, button in self.buttons.items():
            button.setAccessibleName(self._look.words(_NAMES[key]) if key in _NAMES else key)

    def _button(self, key: str, height: int) -> Button:
        button = Button(self._look, Kind.PLAIN, shape=Shape(height, KEY, pad=8))
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        if key in (BACK, CLEAR):
            button.set_icon("backspace" if key == BACK else "close")
        else:
            button.setText(key)
        button.clicked.connect(lambda: self.pressed.emit(key))
        self.buttons[key] = button
        return button
