"""A field for a plain figure: pieces, kilograms, per cent."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from domain.errors import DomainError
from pos_app.ui.look import Look
from pos_app.ui.tokens import BODY, FIELD
from pos_app.ui.widgets.entry_frame import paint_caret, paint_entry_frame
from pos_app.ui.widgets.keypad import BACK, CLEAR

MAX_CHARS = 8


class FigureField(QWidget):
    """Takes digits and one point with at most ``decimals`` behind it."""

    changed = Signal()

    def __init__(self, look: Look, *, decimals: int) -> None:
        super().__init__()
        self._look, self._decimals = look, decimals
        self._text, self._label = "", ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.restyle)

    @property
    def text(self) -> str:
        """What was typed."""
        return self._text

    def set_label(self, label: str) -> None:
        """The word before the figure."""
        self._label = label
        self.setAccessibleName(label)
        self.update()

    def scaled(self) -> int:
        """The figure times ten to the decimals (12.5 with two: 1250); DomainError where it is none."""
        whole, _, fraction = self._text.partition(".")
        if not (whole + fraction).isdigit():
            raise DomainError("quantity.unreadable")
        factor: int = 10**self._decimals
        return int(whole or "0") * factor + int(fraction.ljust(self._decimals, "0") or "0")

    def type_text(self, text: str) -> bool:
        """Take a key; anything that makes no figure is refused with False."""
        candidate = self._text + text
        whole, _, fraction = candidate.partition(".")
        readable = (whole + fraction).isdigit() or candidate == "."
        if not readable or len(candidate) > MAX_CHARS or len(fraction) > self._decimals:
            return False
        self._set(candidate)
        return True

    def press(self, key: str) -> None:
        """A key of the Keypad."""
        if key == CLEAR:
            self._set("")
        elif key == BACK:
            self.erase()
        else:
            self.type_text(key)

    def erase(self) -> None:
        """Take the last character back."""
        self._set(self._text[:-1])

    def restyle(self) -> None:
        """Paint in the theme's new look."""
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As high as a money field in a panel."""
        return QSize(self._look.theme.px(200), self._look.theme.target(84))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint frame, label, figure and cursor."""
        theme, painter = self._look.theme, QPainter(self)
        paint_entry_frame(painter, QRectF(self.rect()), theme, ink="primary")
        pad = theme.px(18)
        room = self.rect().adjusted(pad, 0, -pad, 0)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setFont(theme.font(BODY))
        painter.setPen(theme.colour("muted"))
        painter.drawText(room, flags, self._label)
        room.setLeft(room.left() + QFontMetrics(painter.font()).horizontalAdvance(self._label) + theme.px(12))
        painter.setFont(theme.font(FIELD))
        painter.setPen(theme.colour("text"))
        painter.drawText(room, flags, self._text)
        metrics = QFontMetrics(painter.font())
        left, height = room.left() + metrics.horizontalAdvance(self._text) + 2, metrics.ascent()
        paint_caret(painter, QRectF(left, room.center().y() - height / 2, theme.px(3), height), theme)
        painter.end()

    def _set(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.setAccessibleDescription(text)
            self.update()
            self.changed.emit()
