"""The head of a full page: the way back, what this page is, and room for its own controls."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import LABEL, LINE_STRONG
from pos_app.ui.widgets.button import Button, Kind, Shape
from pos_app.ui.widgets.label import Label

HEAD_HEIGHT = 56


class PageHead(QWidget):
    """Back button, title, then whatever is added to ``row``."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.back = Button(look, Kind.PLAIN, shape=Shape(HEAD_HEIGHT, LABEL, pad=14))
        self.back.set_icon("chevron-left")
        self.title = Label(look, LINE_STRONG)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.addWidget(self.back)
        self.row.addWidget(self.title)
        self.row.addStretch(1)
        look.theme.changed.connect(self.restyle)
        self.restyle()

    def fill(self, widget: QWidget) -> None:
        """A control in the place of the title, as wide as there is room."""
        self.title.hide()
        self.row.insertWidget(2, widget, 1)
        self.row.setStretch(3, 0)

    def restyle(self) -> None:
        """Take height and gap from the theme."""
        theme = self._look.theme
        self.setFixedHeight(theme.target(HEAD_HEIGHT))
        self.row.setSpacing(max(8, theme.px(12)))
