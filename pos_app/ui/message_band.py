"""The bottom bar: hints of the screen, or in their place the message in force."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from pos_app.ui.look import Look
from pos_app.ui.notices import ICONS, Notices, spoken
from pos_app.ui.tokens import HINT, SMALL_STRONG
from pos_app.ui.widgets.button import Button, Kind, Shape
from pos_app.ui.widgets.label import Label

BAR_HEIGHT = 48


class MessageBand(QWidget):
    """Full width, fixed height: nothing else moves when a message comes or goes."""

    acted = Signal(str)

    def __init__(self, look: Look, notices: Notices) -> None:
        super().__init__()
        self._look, self._notices = look, notices
        self._hints: tuple[str, ...] = ()
        self._words = Label(look, HINT, ink="muted", elide=True)
        self._button = Button(look, Kind.PLAIN, shape=Shape(48, SMALL_STRONG, pad=16, inset=5))
        self._button.clicked.connect(self._act)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._words, 1)
        self._row.addWidget(self._button)
        notices.changed.connect(self.retranslate)
        look.words.changed.connect(self.retranslate)
        look.theme.changed.connect(self.restyle)
        self.restyle()
        self.retranslate()

    @property
    def message(self) -> str:
        """The words on the bar, whole."""
        return self._words.whole_text

    @property
    def button(self) -> Button:
        """The message's own button."""
        return self._button

    def show_hints(self, keys: tuple[str, ...]) -> None:
        """Show the hints of another screen."""
        self._hints = keys
        self.retranslate()

    def restyle(self) -> None:
        """Take height and margins from the theme."""
        theme = self._look.theme
        self.setFixedHeight(theme.target(BAR_HEIGHT))
        self._row.setContentsMargins(theme.px(self._indent()), 0, theme.px(12), 0)
        self.update()

    def retranslate(self) -> None:
        """Say the message, or the hints."""
        notice, words = self._notices.current, self._look.words
        if notice is None:
            self._words.set_type(HINT)
            self._words.set_token("muted")
            self._words.setText("      ".join(words(key) for key in self._hints))
        else:
            self._words.set_type(SMALL_STRONG)
            self._words.set_token(str(notice.level))
            self._words.setText(spoken(notice, words))
        self._words.setToolTip(self._words.whole_text if notice else "")
        self._button.setVisible(bool(notice and notice.act))
        if notice and notice.act:
            self._button.setText(words(notice.act_key))
        self.restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bar in the colour of the message, with its icon."""
        theme, painter = self._look.theme, QPainter(self)
        notice = self._notices.current
        token = "surface" if notice is None else f"{notice.level}_bg"
        painter.fillRect(self.rect(), theme.colour(token))
        painter.fillRect(QRectF(0, 0, self.width(), 1), theme.colour("hair" if notice is None else str(notice.level)))
        if notice is not None:
            size = theme.px(22)
            icon = self._look.icons.pixmap(ICONS[notice.level], str(notice.level), size, ratio=self.devicePixelRatioF())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawPixmap(theme.px(16), (self.height() - size) // 2, icon)
        painter.end()

    def _indent(self) -> int:
        return 16 if self._notices.current is None else 48

    def _act(self) -> None:
        if self._notices.current is not None:
            self.acted.emit(self._notices.current.act)
