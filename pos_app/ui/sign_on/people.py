"""The staff as tiles: name and role, the chosen one marked."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from domain.permissions import Operator
from pos_app.ui.look import Look
from pos_app.ui.tokens import BODY
from pos_app.ui.widgets.button import Shape
from pos_app.ui.widgets.choices import Choices
from pos_app.ui.widgets.scroll import Scroll

TILE_HEIGHT = 80
COLUMNS = 2
NARROW = 440
"""Below this width at 100 % the names stand in one column."""


class People(QWidget):
    """``chosen`` gives the index of a touched tile."""

    chosen = Signal(int)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.tiles = Choices(look, columns=COLUMNS, shape=Shape(TILE_HEIGHT, BODY, pad=16, elide=True))
        page = QWidget()
        inside = QVBoxLayout(page)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.tiles)
        inside.addStretch(1)
        self._scroll = Scroll(look, page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._scroll)
        self.tiles.chosen.connect(self.chosen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Names are read whole rather than side by side."""
        super().resizeEvent(event)
        self.tiles.set_columns(1 if self.width() < self._look.theme.px(NARROW) else COLUMNS)

    def show_people(self, people: Sequence[Operator], chosen: Operator | None) -> None:
        """Show these, and who is chosen."""
        words = self._look.words
        roles = [words(f"sign_on.role.{person.role.value}") for person in people]
        self.tiles.show_choices([person.name for person in people], subs=roles)
        at = people.index(chosen) if chosen in people else -1
        self.tiles.mark(at)
        if at >= 0:
            self._scroll.ensureWidgetVisible(self.tiles.buttons[at])
