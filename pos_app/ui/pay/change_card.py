"""The change, or what is still missing, in the largest figures of the till."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout

from pos_app.ui.look import Look
from pos_app.ui.tokens import BODY, CHANGE, TOTAL, Type
from pos_app.ui.widgets.card import Card
from pos_app.ui.widgets.label import Label

_COMPACT = Type(44, 700)


class ChangeCard(Card):
    """Green for change, plain for what is missing."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, fill="ok_bg")
        self.word = Label(look, BODY, ink="ok")
        self.figure = Label(look, CHANGE, ink="ok")
        self.note = Label(look, BODY, ink="muted", wrap=True)
        self._column = QVBoxLayout(self)
        self._column.addStretch(1)
        for label in (self.word, self.figure, self.note):
            label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            self._column.addWidget(label)
        self._column.addStretch(1)
        self._arrange()

    def show_change(self, word: str, figure: str, *, is_missing: bool, note: str = "") -> None:
        """Set words and figure."""
        self.set_token("surface" if is_missing else "ok_bg")
        for label in (self.word, self.figure):
            label.set_token("muted" if is_missing else "ok")
        self.word.setText(word)
        self.figure.setText(figure)
        self.note.setText(note)
        self.note.setVisible(bool(note))

    def restyle(self) -> None:
        """Take sizes from the theme."""
        super().restyle()
        self._arrange()

    def resizeEvent(self, event: object) -> None:
        """Smaller figures in a small place."""
        theme = self._look.theme
        roomy = self.height() > theme.px(210) and self.width() > theme.px(340)
        self.figure.set_type(CHANGE if roomy else TOTAL if self.width() > theme.px(300) else _COMPACT)

    def _arrange(self) -> None:
        px = self._look.theme.px
        self._column.setContentsMargins(px(28), px(8), px(28), px(10))
        self._column.setSpacing(px(2))
