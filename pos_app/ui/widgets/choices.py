"""A few choices side by side or below one another, one of them marked."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import LABEL, TARGET_GAP_PX
from pos_app.ui.widgets.button import Button, Kind, Shape


class Choices(QWidget):
    """``chosen`` gives the index; ``mark`` sets it from the keyboard."""

    chosen = Signal(int)

    def __init__(self, look: Look, *, columns: int = 3, height: int = 52, shape: Shape | None = None) -> None:
        super().__init__()
        self._look, self._columns = look, columns
        self._shape = shape or Shape(height, LABEL, spread=columns == 1, pad=16)
        self.buttons: list[Button] = []
        self._marked = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        look.theme.changed.connect(self.restyle)
        self.restyle()

    @property
    def marked(self) -> int:
        """The index of the choice in force."""
        return self._marked

    def show_choices(self, texts: Sequence[str], *, subs: Sequence[str] = (), keycaps: Sequence[str] = ()) -> None:
        """Show these; buttons are kept."""
        while len(self.buttons) < len(texts):
            self._add()
        for at, button in enumerate(self.buttons):
            button.setVisible(at < len(texts))
            if at < len(texts):
                button.setText(texts[at])
                button.set_sub(subs[at] if at < len(subs) else "")
                button.set_keycap(keycaps[at] if at < len(keycaps) else "")
        self.mark(min(self._marked, max(0, len(texts) - 1)))

    def mark(self, at: int) -> None:
        """Mark a choice."""
        self._marked = at
        for place, button in enumerate(self.buttons):
            button.setChecked(place == at)

    def set_columns(self, columns: int) -> None:
        """Lay them out anew, where there is more or less room."""
        if columns == self._columns:
            return
        self._columns = columns
        for at, button in enumerate(self.buttons):
            self._grid.addWidget(button, at // columns, at % columns)
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, int(column < columns))

    def step(self, steps: int) -> None:
        """Mark the next or the one before."""
        shown = [button for button in self.buttons if not button.isHidden()]
        if shown:
            self.mark(max(0, min(len(shown) - 1, self._marked + steps)))

    def restyle(self) -> None:
        """Take the gap from the theme."""
        self._grid.setSpacing(max(TARGET_GAP_PX, self._look.theme.px(TARGET_GAP_PX)))

    def _add(self) -> None:
        at = len(self.buttons)
        button = Button(self._look, Kind.CHOICE, shape=self._shape)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self._pressed(at))
        self.buttons.append(button)
        self._grid.addWidget(button, at // self._columns, at % self._columns)
        self._grid.setColumnStretch(at % self._columns, 1)

    def _pressed(self, at: int) -> None:
        self.mark(at)
        self.chosen.emit(at)
