"""A titled card of facts: what on the left, how on the right."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout

from pos_app.ui.look import Look
from pos_app.ui.tokens import BODY_STRONG, LABEL
from pos_app.ui.widgets.card import Card
from pos_app.ui.widgets.label import Label


@dataclass(frozen=True, slots=True)
class Fact:
    """One line in words; ``ink`` is the colour token of its value."""

    what: str
    value: str
    ink: str = "text"


class FactCard(Card):
    """Labels are kept and only their words change, so nothing jumps while figures move."""

    def __init__(self, look: Look, *, is_part: bool = False, is_stacked: bool = False) -> None:
        """``is_part``: stands in another card and paints none itself; ``is_stacked``: how below what, for sentences."""
        super().__init__(look)
        self._is_part, self._is_stacked = is_part, is_stacked
        self.title = Label(look, BODY_STRONG)
        self._rows: list[tuple[Label, Label]] = []
        self._column, self._grid = QVBoxLayout(self), QGridLayout()
        self._column.addWidget(self.title)
        self._column.addLayout(self._grid)
        self._grid.setColumnStretch(0, 2)
        self._grid.setColumnStretch(1, 3)
        self._arrange()

    def show_facts(self, title: str, facts: Sequence[Fact]) -> None:
        """Show these lines."""
        self.title.setText(title)
        while len(self._rows) < len(facts):
            self._add()
        for at, (what, value) in enumerate(self._rows):
            is_used = at < len(facts)
            what.setVisible(is_used)
            value.setVisible(is_used and bool(facts[at].value))
            if is_used:
                what.setText(facts[at].what)
                value.set_token(facts[at].ink)
                value.setText(facts[at].value)

    @property
    def values(self) -> dict[str, str]:
        """What is shown, by the words on the left."""
        return {what.text(): value.text() for what, value in self._rows if not what.isHidden()}

    def restyle(self) -> None:
        """Take sizes from the theme."""
        super().restyle()
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the surface, unless it is another's."""
        if not self._is_part:
            super().paintEvent(event)

    def _add(self) -> None:
        what, value = Label(self._look, LABEL, ink="muted", wrap=True), Label(self._look, LABEL, wrap=True)
        side = Qt.AlignmentFlag.AlignLeft if self._is_stacked else Qt.AlignmentFlag.AlignRight
        value.setAlignment(side | Qt.AlignmentFlag.AlignTop)
        what.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        row = 2 * len(self._rows)
        self._grid.addWidget(what, row, 0, 1, 2 if self._is_stacked else 1)
        self._grid.addWidget(value, row + 1 if self._is_stacked else row, 0 if self._is_stacked else 1, 1, -1)
        self._rows.append((what, value))

    def _arrange(self) -> None:
        px = self._look.theme.px
        self._column.setContentsMargins(px(18), px(14), px(18), px(16))
        self._column.setSpacing(px(10))
        self._grid.setHorizontalSpacing(px(12))
        self._grid.setVerticalSpacing(px(6))
