"""A state as colour, icon and word together; pressing it tells more."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import FOCUS_PX, SMALL_STRONG


class StatusPill(QAbstractButton):
    """``set_state("ok" | "warn" | "err" | "off", icon, text)``."""

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._token, self._icon = "off", "sync"
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        look.theme.changed.connect(self.restyle)
        self.restyle()

    def set_state(self, token: str, icon: str, text: str) -> None:
        """Show another state; nothing is repainted where nothing changed."""
        if (token, icon, text) != (self._token, self._icon, self.text()):
            self._token, self._icon = token, icon
            self.setText(text)
            self.setAccessibleName(text)
            self.setToolTip(text)
            self.updateGeometry()
            self.update()

    @property
    def token(self) -> str:
        """The colour in force."""
        return self._token

    def restyle(self) -> None:
        """Take fonts and sizes from the theme."""
        self._font = self._look.theme.font(SMALL_STRONG)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as its words, as high as a finger needs."""
        px = self._look.theme.px
        return QSize(QFontMetrics(self._font).horizontalAdvance(self.text()) + px(18) + px(32), px(48))

    def minimumSizeHint(self) -> QSize:
        """In a narrow header the words are shortened, the icon stays."""
        return QSize(self._look.theme.px(96), self._look.theme.target(48))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the pill in the middle of its height."""
        theme, painter = self._look.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = min(theme.px(32), self.height() - 10)
        pill = QRectF(0, (self.height() - height) / 2, self.width(), height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(f"{self._token}_bg"))
        painter.drawRoundedRect(pill, height / 2, height / 2)
        if self.hasFocus():
            painter.setPen(theme.colour("focus"))
            painter.drawRoundedRect(pill.adjusted(1, 1, -1, -1), height / 2, height / 2)
        size, left = theme.px(18), theme.px(12)
        icon = self._look.icons.pixmap(self._icon, self._token, size, ratio=self.devicePixelRatioF())
        painter.drawPixmap(left, round(pill.center().y() - size / 2), icon)
        painter.setPen(theme.colour(self._token))
        painter.setFont(self._font)
        room = pill.adjusted(left + size + theme.px(8), 0, -theme.px(12) + FOCUS_PX, 0)
        words = QFontMetrics(self._font).elidedText(self.text(), Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.end()
