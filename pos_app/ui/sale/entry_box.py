"""The box where typed codes gather; it needs no click, and a scan never lands in it."""

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import LABEL, LINE
from pos_app.ui.widgets.entry_frame import paint_caret, paint_entry_frame
from pos_app.ui.widgets.pictures import Pictures

ENTRY_HEIGHT = 60
FLASH_MS = 600
_PICTURES_BYTES = 1 << 20
"""Four or so: a scan changes between two of them."""


class EntryBox(QWidget):
    """Shows what was typed, a placeholder while nothing was, and the multiplier on the right."""

    touched = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._text, self._placeholder, self._right = "", "", ""
        self._flash = ""
        self._pictures = Pictures(_PICTURES_BYTES)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._calm = QTimer(self, singleShot=True, interval=FLASH_MS)
        self._calm.timeout.connect(lambda: self._paint_frame(""))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.restyle)
        self.restyle()

    @property
    def text(self) -> str:
        """What is in the box."""
        return self._text

    @property
    def flash_token(self) -> str:
        """The colour of the frame while it flashes, else empty."""
        return self._flash

    def show_text(self, text: str, *, placeholder: str, right: str) -> None:
        """Show the box's content."""
        if (text, placeholder, right) != (self._text, self._placeholder, self._right):
            self._text, self._placeholder, self._right = text, placeholder, right
            self.setAccessibleDescription(text or placeholder)
            self.update()

    def flash(self, token: str) -> None:
        """Let the frame light up in a colour for a moment."""
        self._paint_frame(token)
        self._calm.start()

    def restyle(self) -> None:
        """Take the height from the theme."""
        self._pictures.clear()
        self.setFixedHeight(self._look.theme.target(ENTRY_HEIGHT))
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(self._look.theme.px(240), self._look.theme.target(ENTRY_HEIGHT))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A touch asks for keys on screen."""
        self.touched.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Put the box back as it was painted: what a scan changes of it is the frame, between two colours."""
        painter, ground = QPainter(self), self._look.theme.colour("bg")
        shows = self._text, self._placeholder, self._right, self._flash
        self._pictures.put(painter, self.rect(), shows, ground=ground, draw=self._draw)
        painter.end()

    def _draw(self, painter: QPainter) -> None:
        """Paint frame, cursor, text and multiplier."""
        theme = self._look.theme
        paint_entry_frame(painter, QRectF(self.rect()), theme, ink=self._flash or "primary")
        pad = theme.px(16)
        room = self.rect().adjusted(pad, 0, -pad, 0)
        painter.setFont(theme.font(LABEL))
        painter.setPen(theme.colour("muted"))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._right)
        room.setRight(room.right() - QFontMetrics(painter.font()).horizontalAdvance(self._right) - pad)
        painter.setFont(theme.font(LINE if self._text else LABEL))
        metrics = QFontMetrics(painter.font())
        caret_height = QFontMetrics(theme.font(LINE)).ascent()
        if self._text:
            painter.setPen(theme.colour("text"))
            shown = metrics.elidedText(self._text, Qt.TextElideMode.ElideLeft, room.width() - theme.px(8))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
            left = room.left() + metrics.horizontalAdvance(shown) + 2
        else:
            shown = metrics.elidedText(self._placeholder, Qt.TextElideMode.ElideRight, room.width() - theme.px(20))
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            painter.drawText(room.adjusted(theme.px(16), 0, 0, 0), flags, shown)
            left = room.left()
        middle = self.rect().center().y()
        paint_caret(painter, QRectF(left, middle - caret_height / 2, theme.px(3), caret_height), theme)

    def _paint_frame(self, token: str) -> None:
        if token != self._flash:
            self._flash = token
            self.update()
