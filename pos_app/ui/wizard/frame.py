"""What every page of the first run has: which step it is, what it is about, its body and its buttons."""

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import BODY, BODY_STRONG, LABEL, SMALL_STRONG, Type
from pos_app.ui.widgets.button import Button, Kind, Shape
from pos_app.ui.widgets.card import Card
from pos_app.ui.widgets.label import Label
from pos_app.ui.widgets.progress_line import ProgressLine
from pos_app.ui.widgets.scroll import Scroll

WIDTH, HEIGHT = 920, 660
_TITLE = Type(28, 700)


class WizardFrame(QWidget):
    """A card in the middle; pages are added by name."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.step, self.line = Label(look, SMALL_STRONG, ink="primary"), ProgressLine(look)
        self.title, self.text = Label(look, _TITLE, wrap=True), Label(look, BODY, ink="muted", wrap=True)
        self.trouble = Label(look, SMALL_STRONG, ink="err", wrap=True)
        self.back, self.skip = Button(look, shape=Shape(64, LABEL)), Button(look, shape=Shape(64, LABEL))
        self.test, self.failed = Button(look, shape=Shape(64, LABEL)), Button(look, shape=Shape(64, LABEL))
        self.next = Button(look, Kind.PRIMARY, shape=Shape(64, BODY_STRONG))
        self.pages = QStackedWidget()
        self._pages: dict[str, int] = {}
        self._card = Card(look)
        self._column, self._buttons, outer = QVBoxLayout(self._card), QHBoxLayout(), QHBoxLayout(self)
        for widget in (self.step, self.line, self.title, self.text):
            self._column.addWidget(widget)
        self._column.addWidget(self.pages, 1)
        self._column.addWidget(self.trouble)
        self._buttons.addWidget(self.back)
        self._buttons.addStretch(1)
        for button in (self.skip, self.test, self.failed, self.next):
            self._buttons.addWidget(button)
        self._column.addLayout(self._buttons)
        outer.addStretch(1)
        outer.addWidget(self._card, 100)
        outer.addStretch(1)
        self._card.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        look.theme.changed.connect(self.restyle)
        self.restyle()

    def add_page(self, name: str, page: QWidget) -> None:
        """A body; long ones scroll."""
        self._pages[name] = self.pages.addWidget(Scroll(self._look, page))

    def show_page(self, name: str) -> None:
        """Bring a body to the front."""
        self.pages.setCurrentIndex(self._pages[name])

    def show_step(self, number: int, count: int) -> None:
        """Which step it is."""
        self.step.setText(self._look.words("wizard.step", number=number, count=count))
        self.line.show_progress(number, count)

    def show_trouble(self, text: str, ink: str = "err") -> None:
        """What went wrong, or nothing; its room is only there when needed."""
        self.trouble.set_token(ink)
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))

    def restyle(self) -> None:
        """Take sizes from the theme."""
        px = self._look.theme.px
        self._card.setMaximumSize(px(WIDTH), px(HEIGHT))
        self._column.setContentsMargins(px(36), px(24), px(36), px(28))
        self._column.setSpacing(px(10))
        self._buttons.setSpacing(max(8, px(10)))
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(px(12), px(12), px(12), px(12))
