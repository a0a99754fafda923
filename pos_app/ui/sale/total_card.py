"""How many, how much saved, and what is due, always in the same place."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from pos_app.ui.look import Look
from pos_app.ui.tokens import LINE_STRONG, SMALL, TOTAL, Type
from pos_app.ui.widgets.card import Card
from pos_app.ui.widgets.label import Label

HEIGHT, COMPACT_HEIGHT = 120, 72
NARROW = 440
_COMPACT_TOTAL = Type(40, 700)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class TotalCard(Card):
    """Figures are set from outside, already text."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._compact = False
        self.counts, self.saved_word = Label(look, SMALL, ink="muted", wrap=True), Label(look, SMALL, ink="muted")
        self.list_total, self.saved = Label(look, LINE_STRONG), Label(look, LINE_STRONG, ink="ok")
        self.due_word, self.due = Label(look, SMALL, ink="muted"), Label(look, TOTAL)
        self.due_word.setAlignment(_RIGHT)
        self.due.setAlignment(_RIGHT)
        self._row = QHBoxLayout(self)
        self._columns = [QVBoxLayout() for _ in range(3)]
        pairs = ((self.counts, self.list_total), (self.saved_word, self.saved), (self.due_word, self.due))
        for column, pair in zip(self._columns, pairs, strict=True):
            for label in pair:
                column.addWidget(label)
        self._row.addLayout(self._columns[0])
        self._row.addLayout(self._columns[1])
        self._row.addStretch(1)
        self._row.addLayout(self._columns[2])
        self._arrange()

    def restyle(self) -> None:
        """Take sizes from the theme."""
        super().restyle()
        self._arrange()

    def set_compact(self, compact: bool) -> None:
        """Less height where there is little."""
        self._compact = compact
        self._arrange()

    def resizeEvent(self, event: object) -> None:
        """Where there is no room for all, what is due comes first."""
        is_narrow = self.width() < self._look.theme.px(NARROW)
        self.saved_word.setVisible(not is_narrow)
        self.saved.setVisible(not is_narrow)

    def _arrange(self) -> None:
        theme = self._look.theme
        self.setFixedHeight(theme.px(COMPACT_HEIGHT if self._compact else HEIGHT))
        self.due.set_type(_COMPACT_TOTAL if self._compact else TOTAL)
        side, top = theme.px(16 if self._compact else 24), theme.px(4 if self._compact else 8)
        self._row.setContentsMargins(side, top, side, top + 2)
        self._row.setSpacing(theme.px(16 if self._compact else 32))
        self.due_word.setVisible(not self._compact)
        self.list_total.setVisible(not self._compact)
        for column in self._columns:
            column.setSpacing(0)
            column.setAlignment(Qt.AlignmentFlag.AlignVCenter)
