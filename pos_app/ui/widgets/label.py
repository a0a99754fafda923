"""Words in one of the theme's sizes and colours."""

import re

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import BODY, Type

_DIGIT = re.compile("[0-9]")


class Label(QLabel):
    """A text; ``elide`` shortens names that come from data, words of ours are never cut."""

    def __init__(
        self,
        look: Look,
        type_: Type = BODY,
        *,
        ink: str = "text",
        wrap: bool = False,
        elide: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look, self._type, self._token, self._elide = look, type_, ink, elide
        self._whole = ""
        self.setWordWrap(wrap)
        self.setTextFormat(Qt.TextFormat.PlainText)
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        look.theme.changed.connect(self.restyle)
        self.restyle()

    def setText(self, arg__1: str, /) -> None:
        """Show a text; an elided one is kept whole for a screen reader.

        Figures that change in place keep their room: Qt would lay out the whole card anew for each.
        """
        before, self._whole = self._whole, arg__1
        if arg__1 == before:
            return
        self.setAccessibleName(arg__1)
        if not self._elide and self._is_as_wide(before):
            self.update()
        else:
            super().setText(self._shown())

    def text(self) -> str:
        """The text as shown."""
        return super().text() if self._elide else self._whole

    @property
    def whole_text(self) -> str:
        """The text before it was shortened."""
        return self._whole

    def set_token(self, token: str) -> None:
        """Paint in the colour of another token."""
        if token != self._token:
            self._token = token
            self.restyle()

    def set_type(self, type_: Type) -> None:
        """Write in another size."""
        if type_ != self._type:
            self._type = type_
            self.restyle()

    def restyle(self) -> None:
        """Take colour and font from the theme."""
        palette, colour = self.palette(), self._look.theme.colour(self._token)
        if palette.color(QPalette.ColorRole.WindowText) != colour:
            palette.setColor(QPalette.ColorRole.WindowText, colour)
            self.setPalette(palette)
        font = self._look.theme.font(self._type)
        if self.font() != font:
            self.setFont(font)
        super().setText(self._shown())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words; as Qt does it, where it does not know them."""
        if self._elide or super().text() == self._whole:
            super().paintEvent(event)
            return
        painter, flags = QPainter(self), int(self.alignment()) | int(Qt.TextFlag.TextForceLeftToRight)
        if self.wordWrap():
            flags |= int(Qt.TextFlag.TextWordWrap)
        room, role = self.contentsRect(), self.foregroundRole()
        self.style().drawItemText(painter, room, flags, self.palette(), self.isEnabled(), self._whole, role)
        painter.end()

    def showEvent(self, event: QShowEvent) -> None:
        """The style sheet's first polish put back an older font and colour."""
        super().showEvent(event)
        self.restyle()

    def changeEvent(self, event: QEvent) -> None:
        """So does every other style sheet."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.restyle()

    def resizeEvent(self, event: object) -> None:
        """Shorten the text to the new width."""
        if self._elide:
            super().setText(self._shown())

    def minimumSizeHint(self) -> QSize:
        """An elided text may be made as narrow as a few characters."""
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), self._look.theme.px(48)), hint.height()) if self._elide else hint

    def is_cut(self) -> bool:
        """Whether words of ours do not fit; shortened data does not count."""
        if self._elide or not self.text() or not self.isVisible():
            return False
        if self.wordWrap():
            return self.heightForWidth(self.width()) > self.height() + 1
        return self.sizeHint().width() > self.width() + 1

    def _is_as_wide(self, before: str) -> bool:
        """Whether nothing but digits differs, and these are of equal width, as those of the theme's fonts are."""
        if _DIGIT.sub("0", before) != _DIGIT.sub("0", self._whole):
            return False
        metrics = QFontMetrics(self.font())
        return metrics.horizontalAdvance(before) == metrics.horizontalAdvance(self._whole)

    def _shown(self) -> str:
        if not self._elide:
            return self._whole
        width = max(self.contentsRect().width(), self._look.theme.px(24))
        return QFontMetrics(self.font()).elidedText(self._whole, Qt.TextElideMode.ElideRight, width)
