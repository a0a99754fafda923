"""A panel with a title, a body and its two buttons."""

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout

from pos_app.ui.look import Look
from pos_app.ui.screen import Navigator, Panel
from pos_app.ui.tokens import BODY_STRONG, LABEL, LINE_STRONG
from pos_app.ui.widgets.button import Button, Kind, Shape
from pos_app.ui.widgets.label import Label


class TitledPanel(Panel):
    """Subclasses put widgets into ``body`` and override ``accept``."""

    def __init__(self, look: Look, nav: Navigator, *, confirm: str = "shell.act.confirm") -> None:
        super().__init__(look, nav)
        self.title = Label(look, LINE_STRONG, wrap=True)
        self.cancel_button = Button(look, Kind.PLAIN, shape=Shape(64, LABEL))
        self.accept_button = Button(look, Kind.PRIMARY, shape=Shape(64, BODY_STRONG))
        for button in (self.cancel_button, self.accept_button):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.body = QVBoxLayout()
        self.buttons = QHBoxLayout()
        self.buttons.addWidget(self.cancel_button, 1)
        self.buttons.addWidget(self.accept_button, 2)
        column = QVBoxLayout(self)
        column.addWidget(self.title)
        column.addLayout(self.body, 1)
        column.addLayout(self.buttons)
        self.space(column, (24, 18, 24, 22), 14)
        self.space(self.body, 0, 12)
        self.space(self.buttons, 0, 12)
        self.say(self.cancel_button, "shell.act.cancel")
        self.say(self.accept_button, confirm)
        self.act("close", self.close_panel, self.cancel_button)
        self.act("accept", self.accept, self.accept_button)

    def accept(self) -> object:
        """Enter, or the right button."""
        raise NotImplementedError
