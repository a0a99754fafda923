"""A PIN as dots; the digits leave it once, to be checked."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from pos_app.ui.look import Look
from pos_app.ui.widgets.entry_frame import paint_entry_frame
from pos_app.ui.widgets.keypad import BACK, CLEAR

MAX_DIGITS = 12


class PinField(QWidget):
    """Digits come by ``type_text`` or a Keypad; ``take`` gives the PIN and forgets it."""

    changed = Signal()

    def __init__(self, look: Look, *, height: int = 64) -> None:
        super().__init__()
        self._look, self._height = look, height
        self._pin = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.restyle)

    @property
    def digits(self) -> int:
        """How many were typed."""
        return len(self._pin)

    def type_text(self, text: str) -> bool:
        """Take a digit; anything else is refused with False."""
        if not (text.isascii() and text.isdigit()) or len(self._pin) + len(text) > MAX_DIGITS:
            return False
        self._set(self._pin + text)
        return True

    def press(self, key: str) -> None:
        """A key of the Keypad."""
        if key == BACK:
            self.erase()
        elif key == CLEAR:
            self.clear()
        else:
            self.type_text(key)

    def erase(self) -> None:
        """Take the last digit back."""
        self._set(self._pin[:-1])

    def clear(self) -> None:
        """Forget what was typed."""
        self._set("")

    def take(self) -> str:
        """The PIN, once."""
        pin = self._pin
        self.clear()
        return pin

    def restyle(self) -> None:
        """Take the height from the theme."""
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As high as asked."""
        return QSize(self._look.theme.px(200), self._look.theme.target(self._height))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a dot for each digit and circles up to six."""
        theme, painter = self._look.theme, QPainter(self)
        paint_entry_frame(painter, QRectF(self.rect()), theme, ink="primary")
        places, step = max(6, len(self._pin)), theme.px(26)
        left = self.width() / 2 - (places - 1) * step / 2
        for at in range(places):
            is_set = at < len(self._pin)
            painter.setPen(theme.colour("text" if is_set else "edge"))
            painter.setBrush(theme.colour("text") if is_set else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(left + at * step, self.height() / 2), theme.px(7), theme.px(7))
        painter.end()

    def _set(self, pin: str) -> None:
        if pin != self._pin:
            self._pin = pin
            self.update()
            self.changed.emit()
