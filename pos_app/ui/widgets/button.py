"""The one button of the till: words, an icon and the key that does the same."""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import HINT, LABEL, PRIMARY, RADIUS_PX, Type
from pos_app.ui.widgets.button_paint import keycap_width, paint_frame, paint_keycap


class Kind(StrEnum):
    """What a button is for; decides its colours."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"
    QUIET = "quiet"
    TAB = "tab"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a button is laid out: height and type at 100 %, words to the left or centred, padding."""

    height: int = 52
    type: Type = LABEL
    spread: bool = False
    pad: int = 14
    inset: int = 0
    """How much higher the place to touch is than what is painted, above and below."""
    elide: bool = False
    """Whether the words come from data, so that a long name may be shortened."""


PRIMARY_SHAPE = Shape(76, PRIMARY)


class Button(QAbstractButton):
    """Paints itself; takes focus by Tab alone, so that a touch never moves the cursor away from scanning."""

    def __init__(
        self, look: Look, kind: Kind = Kind.PLAIN, *, shape: Shape | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look, self.kind = look, kind
        self.shape_ = shape or (PRIMARY_SHAPE if kind is Kind.PRIMARY else Shape())
        self._words, self._keycap, self._sub, self._icon = "", "", "", ""
        self._is_terse = False
        self._room: tuple[QSize, QSize] | None = None
        """What it asked for when its words last changed."""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCheckable(kind in (Kind.TAB, Kind.CHOICE))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        look.theme.changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        """Take fonts and sizes from the theme."""
        self._font = self._look.theme.font(self.shape_.type)
        self._metrics = QFontMetrics(self._font)
        self._cap_width = keycap_width(self._look.theme, self._keycap)
        self.updateGeometry()
        self.update()

    def setText(self, text: str, /) -> None:
        """Show the words; a screen reader hears them too.

        They are kept here: Qt's own lays all buttons of a row out anew for every amount that the key to pay shows.
        """
        if text != self._words:
            before, self._words = self._room, text
            self.setAccessibleName(text)
            self.update()
            self._room = self.sizeHint(), self.minimumSizeHint()
            if self._room != before:
                self.updateGeometry()

    def text(self) -> str:
        """The words."""
        return self._words

    def set_keycap(self, keycap: str) -> None:
        """Print the key that does the same."""
        if keycap != self._keycap:
            self._keycap = keycap
            self._cap_width = keycap_width(self._look.theme, keycap)
            self.updateGeometry()
            self.update()

    def set_sub(self, sub: str) -> None:
        """Print a second, smaller line."""
        if sub != self._sub:
            self._sub = sub
            self.update()

    def set_icon(self, name: str) -> None:
        """Show an icon before the words."""
        if name != self._icon:
            self._icon = name
            self.updateGeometry()
            self.update()

    def set_shape(self, shape: Shape) -> None:
        """Another height or type, where there is more or less room."""
        if shape != self.shape_:
            self.shape_ = shape
            self.restyle()

    def set_terse(self, terse: bool) -> None:
        """Show the icon alone; a screen reader still hears the words."""
        if terse != self._is_terse:
            self._is_terse = terse
            self.updateGeometry()
            self.update()

    @property
    def shown_text(self) -> str:
        """The words as painted."""
        return "" if self._is_terse else self._words

    @property
    def keycap(self) -> str:
        """The key printed on it."""
        return self._keycap

    @property
    def sub(self) -> str:
        """The second line."""
        return self._sub

    def sizeHint(self) -> QSize:
        """Words, icon and keycap beside one another."""
        extra = self._cap_width + self._gap() if self._keycap and not self._is_terse else 0
        return QSize(self._words_width() + extra + 2 * self._pad(), self._height())

    def minimumSizeHint(self) -> QSize:
        """The words alone, on two lines if need be; the keycap gives way."""
        metrics = self._metrics
        if self.shape_.elide:
            return QSize(self._look.theme.target(48), self._height())
        longest = max((metrics.horizontalAdvance(word) for word in self.shown_text.split()), default=0)
        words = longest if self._height() >= 2 * metrics.height() else self._words_width()
        return QSize(max(self._look.theme.target(48), words + self._icon_width() + self._pad()), self._height())

    def is_cut(self) -> bool:
        """Whether the words do not fit."""
        if not self.isVisible() or self.shape_.elide:
            return False
        pad = 2 * self._pad() if self.shape_.spread else self._pad()
        room = QRect(0, 0, self.width() - self._icon_width() - pad, self.height())
        metrics = self._metrics
        if self._words_width() - self._icon_width() <= room.width() + 1:
            return metrics.tightBoundingRect(self.shown_text).height() > room.height()
        need = metrics.boundingRect(room, self._flags(), self.shown_text)
        return need.width() > room.width() + 1 or need.height() > room.height() + 1

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses it too, where it has the focus."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint frame, icon, words and keycap."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = paint_frame(painter, self, self._look.theme, kind=self.kind, inset=self.shape_.inset)
        painter.setPen(self._look.theme.colour(colour))
        inner = self.rect().adjusted(self._pad() // 2, 0, -self._pad() // 2, 0)
        if self._sub:
            inner = self._paint_sub(painter, inner)
        self._paint_line(painter, inner, colour)
        painter.end()

    def _paint_line(self, painter: QPainter, room: QRect, colour: str) -> None:
        has_cap = bool(self._keycap) and not self._is_terse
        cap = self._cap_width if has_cap else 0
        words, icon = self._metrics.horizontalAdvance(self.shown_text), self._icon_width()
        if cap and words + icon + cap + self._gap() > room.width():
            cap = 0
        whole = min(room.width(), words + icon + (cap + self._gap() if cap else 0))
        left = room.left() + (self._pad() // 2 if self.shape_.spread else (room.width() - whole) // 2)
        if self._icon:
            self._paint_icon(painter, left, room, colour=colour)
        end = room.right() - self._pad() // 2 if self.shape_.spread else left + whole
        text_end = end - (cap + self._gap() if cap else 0)
        flags = self._flags(spread=self.shape_.spread or bool(icon))
        if words <= text_end - left - icon:
            flags &= ~int(Qt.TextFlag.TextWordWrap)
        painter.setFont(self._font)
        shown, width = self.shown_text, text_end - left - icon
        if self.shape_.elide:
            shown = self._metrics.elidedText(shown, Qt.TextElideMode.ElideRight, width + 2)
        painter.drawText(QRect(left + icon, room.top(), width + 2, room.height()), flags, shown)
        if cap:
            paint_keycap(
                painter, self._look.theme, QRect(end - cap, room.top(), cap, room.height()), keycap=self._keycap
            )

    def _paint_sub(self, painter: QPainter, room: QRect) -> QRect:
        line = self._metrics.height()
        painter.setFont(self._look.theme.font(HINT))
        small = QFontMetrics(painter.font())
        top = room.top() + (room.height() - line - small.height()) // 2
        painter.save()
        if self.kind is not Kind.PRIMARY and not self.isChecked():
            painter.setPen(self._look.theme.colour("muted"))
        sub = small.elidedText(self._sub, Qt.TextElideMode.ElideRight, room.width())
        flags = Qt.AlignmentFlag.AlignLeft if self.shape_.spread else Qt.AlignmentFlag.AlignHCenter
        inset = self._pad() // 2 if self.shape_.spread else 0
        painter.drawText(QRect(room.left() + inset, top + line, room.width() - inset, small.height()), flags, sub)
        painter.restore()
        return QRect(room.left(), top, room.width(), line)

    def _paint_icon(self, painter: QPainter, left: int, room: QRect, *, colour: str) -> None:
        size = self._icon_width() - self._gap() if self.shown_text else self._icon_width()
        pixmap = self._look.icons.pixmap(self._icon, colour, size, ratio=self.devicePixelRatioF())
        painter.drawPixmap(left, room.top() + (room.height() - size) // 2, pixmap)

    def _flags(self, *, spread: bool = False) -> int:
        side = Qt.AlignmentFlag.AlignLeft if spread else Qt.AlignmentFlag.AlignHCenter
        return int(side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap)

    def _words_width(self) -> int:
        return self._metrics.horizontalAdvance(self.shown_text) + self._icon_width()

    def _icon_width(self) -> int:
        if not self._icon:
            return 0
        return self._look.theme.px(24) + (self._gap() if self.shown_text else 0)

    def _height(self) -> int:
        return self._look.theme.target(self.shape_.height)

    def _pad(self) -> int:
        return self._look.theme.px(self.shape_.pad)

    def _gap(self) -> int:
        return self._look.theme.px(RADIUS_PX)
