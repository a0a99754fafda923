"""The top bar: which till, who sells, how it stands with the cloud, the time, the lock."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from pos_app.ui.key_profiles import SHELL
from pos_app.ui.look import Look
from pos_app.ui.tokens import SMALL, SMALL_STRONG
from pos_app.ui.widgets.button import Button, Kind, Shape
from pos_app.ui.widgets.label import Label
from pos_app.ui.widgets.status_pill import StatusPill

HEADER_HEIGHT = 48


class Header(QWidget):
    """Shows what it is given; the pill and the lock are buttons."""

    lock_pressed = Signal()
    status_pressed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.till = Label(look, SMALL_STRONG, elide=False)
        self.operator = Label(look, SMALL, ink="muted")
        self.pill = StatusPill(look)
        self.clock = Label(look, SMALL)
        self.lock = Button(look, Kind.QUIET, shape=Shape(48, SMALL, pad=16))
        self.lock.clicked.connect(self.lock_pressed)
        self.pill.clicked.connect(self.status_pressed)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.till)
        self._row.addWidget(self.operator)
        self._row.addStretch(1)
        self._row.addWidget(self.pill)
        self._row.addWidget(self.clock)
        self._row.addWidget(self.lock)
        look.theme.changed.connect(self.restyle)
        look.words.changed.connect(self.retranslate)
        look.keys.changed.connect(self.retranslate)
        self.restyle()
        self.retranslate()

    def restyle(self) -> None:
        """Take height and gaps from the theme."""
        theme = self._look.theme
        self.setFixedHeight(theme.target(HEADER_HEIGHT))
        self._row.setContentsMargins(theme.px(16), 0, theme.px(4 if self.lock.isVisibleTo(self) else 16), 0)
        self._row.setSpacing(max(8, theme.px(16)))
        self.update()

    def retranslate(self) -> None:
        """Say the lock's word and key."""
        self.lock.setText(self._look.words("shell.lock"))
        self.lock.set_keycap(self._look.keys.keycap(SHELL, "lock"))

    def set_operator(self, name: str) -> None:
        """Show who is signed on; without one there is nothing to lock."""
        self.operator.setText(name)
        self.lock.setVisible(bool(name))
        self.restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bar and the line below it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.theme.colour("surface"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._look.theme.colour("hair"))
        painter.end()
