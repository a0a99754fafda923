"""The one place where typed text becomes an amount."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from domain.errors import DomainError
from domain.money import CURRENCY_DIGITS, format_minor, parse_minor
from pos_app.ui.look import Look
from pos_app.ui.tokens import BODY, FIELD
from pos_app.ui.widgets.entry_frame import paint_caret, paint_entry_frame
from pos_app.ui.widgets.keypad import BACK, CLEAR

MAX_CHARS = 12


class MoneyField(QWidget):
    """Shows what was typed; gives integers of the minor unit. Digits come by ``type_text`` or a Keypad."""

    changed = Signal()

    def __init__(self, look: Look, currency: str, *, height: int = 84, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look, self._currency, self._height = look, currency, height
        self._text, self._label, self._placeholder = "", "", ""
        self._fresh = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.restyle)

    @property
    def text(self) -> str:
        """What was typed."""
        return self._text

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not self._text

    @property
    def amount_minor(self) -> int | None:
        """The amount, or None while the field is empty or not readable."""
        try:
            return parse_minor(self._text, self._currency) if self._text else None
        except DomainError:
            return None

    def parsed_minor(self) -> int:
        """The amount; DomainError where the text is none."""
        return parse_minor(self._text, self._currency)

    def set_currency(self, currency: str) -> None:
        """Read amounts of another currency."""
        self._currency = currency

    def set_label(self, label: str) -> None:
        """The word before the amount."""
        self._label = label
        self.setAccessibleName(label)
        self.update()

    def set_placeholder(self, placeholder: str) -> None:
        """What is shown, muted, while nothing is typed."""
        self._placeholder = placeholder
        self.update()

    def set_amount(self, amount_minor: int | None, *, fresh: bool = False) -> None:
        """Show an amount; a ``fresh`` one is replaced by the next key."""
        self._set("" if amount_minor is None else format_minor(amount_minor, self._currency))
        self._fresh = fresh

    def type_text(self, text: str) -> bool:
        """Take digits and one point; anything else is refused with False."""
        start = "" if self._fresh else self._text
        candidate = start + text
        if not self._is_amount_so_far(candidate):
            return False
        self._fresh = False
        self._set(candidate)
        return True

    def press(self, key: str) -> None:
        """A key of the Keypad."""
        if key == CLEAR:
            self.clear()
        elif key == BACK:
            self.erase()
        else:
            self.type_text(key)

    def erase(self) -> None:
        """Take the last character back."""
        self._set("" if self._fresh else self._text[:-1])
        self._fresh = False

    def clear(self) -> None:
        """Empty the field."""
        self._fresh = False
        self._set("")

    def restyle(self) -> None:
        """Paint in the theme's new look."""
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As high as asked."""
        return QSize(self._look.theme.px(240), self._look.theme.target(self._height))

    def minimumSizeHint(self) -> QSize:
        """Room for a short amount."""
        return QSize(self._look.theme.px(150), self._look.theme.target(self._height))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint frame, label, amount and cursor."""
        theme, painter = self._look.theme, QPainter(self)
        unreadable = bool(self._text) and self.amount_minor is None
        paint_entry_frame(painter, QRectF(self.rect()), theme, ink="err" if unreadable else "primary")
        pad = theme.px(18)
        room = self.rect().adjusted(pad, 0, -pad, 0)
        painter.setFont(theme.font(BODY))
        painter.setPen(theme.colour("muted"))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._label)
        room.setLeft(room.left() + QFontMetrics(painter.font()).horizontalAdvance(self._label) + theme.px(12))
        self._paint_amount(painter, room)
        painter.end()

    def _paint_amount(self, painter: QPainter, room: QRect) -> None:
        theme = self._look.theme
        painter.setFont(theme.font(FIELD))
        metrics = QFontMetrics(painter.font())
        middle = room.center().y()
        caret_height = metrics.ascent()
        if not self._text:
            painter.setFont(theme.font(BODY))
            painter.setPen(theme.colour("muted"))
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            room_after = room.adjusted(theme.px(14), 0, 0, 0)
            if painter.fontMetrics().horizontalAdvance(self._placeholder) <= room_after.width():
                painter.drawText(room_after, flags, self._placeholder)
        else:
            painter.setPen(theme.colour("muted" if self._fresh else "text"))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._text)
        left = room.left() + (metrics.horizontalAdvance(self._text) + 2 if self._text else 0)
        paint_caret(painter, QRectF(left, middle - caret_height / 2, theme.px(3), caret_height), theme)

    def _is_amount_so_far(self, text: str) -> bool:
        whole, dot, fraction = text.partition(".")
        digits = CURRENCY_DIGITS[self._currency]
        readable = (whole + fraction).isdigit() or text == "."
        return readable and len(text) <= MAX_CHARS and len(fraction) <= digits and not (dot and not digits)

    def _set(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.setAccessibleDescription(text)
            self.update()
            self.changed.emit()
