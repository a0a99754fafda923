"""Letters and digits for a finger, where no keyboard is at hand."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QSizePolicy, QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import BODY, TARGET_GAP_PX
from pos_app.ui.widgets.button import Button, Kind, Shape

BACK, SPACE = "back", " "
_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl-", "zxcvbnm.:/")
_NAMES = {BACK: "shell.key.backspace", SPACE: "shell.key.space"}
KEY_HEIGHT = 48


class Keyboard(QWidget):
    """Emits ``pressed`` with a character or ``back``; ``type_into`` puts it into a field."""

    pressed = Signal(str)

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self.buttons: dict[str, Button] = {}
        for row, keys in enumerate(_ROWS):
            for column, key in enumerate(keys):
                self._grid.addWidget(self._button(key), row, column)
        self._grid.addWidget(self._button(BACK), 1, len(_ROWS[0]), 1, 1)
        self._grid.addWidget(self._button(SPACE), 2, len(_ROWS[0]), 2, 1)
        look.theme.changed.connect(self.restyle)
        look.words.changed.connect(self.retranslate)
        self.restyle()
        self.retranslate()

    def restyle(self) -> None:
        """Take the gap from the theme."""
        self._grid.setSpacing(max(TARGET_GAP_PX, self._look.theme.px(6)))

    def retranslate(self) -> None:
        """Name the keys for a screen reader."""
        for key, button in self.buttons.items():
            button.setAccessibleName(self._look.words(_NAMES[key]) if key in _NAMES else key)

    def _button(self, key: str) -> Button:
        button = Button(self._look, Kind.PLAIN, shape=Shape(KEY_HEIGHT, BODY, pad=6))
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        if key == BACK:
            button.set_icon("backspace")
        elif key == SPACE:
            button.setText("␣")
        else:
            button.setText(key)
        button.clicked.connect(lambda: self.pressed.emit(key))
        self.buttons[key] = button
        return button


def type_into(field: QLineEdit, key: str) -> None:
    """What a key of the Keyboard does to a field."""
    if key == BACK:
        field.backspace()
    else:
        field.insert(key)
