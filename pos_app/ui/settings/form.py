"""Rows of a form: what it is on the left, its control on the right."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import LABEL, SMALL
from pos_app.ui.widgets.label import Label

LABEL_WIDTH = 190


class Form(QWidget):
    """Labels say themselves; a row can be taken out while it does not apply."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._rows: dict[QWidget, tuple[Label, Label | None]] = {}
        self._said: list[tuple[Label, str]] = []
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._grid)
        column.addStretch(1)
        look.theme.changed.connect(self.restyle)
        look.words.changed.connect(self.retranslate)
        self.restyle()

    def add(self, key: str, control: QWidget, *, hint: str = "") -> None:
        """A row; ``hint`` is the key of a line below the control."""
        label, row = Label(self._look, LABEL, ink="muted", wrap=True), 2 * len(self._rows)
        self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(control, row, 1)
        self._said.append((label, key))
        below: Label | None = None
        if hint:
            below = Label(self._look, SMALL, ink="muted", wrap=True)
            self._grid.addWidget(below, row + 1, 1)
            self._said.append((below, hint))
        self._rows[control] = (label, below)
        control.setAccessibleName(self._look.words(key))
        self.restyle()
        self.retranslate()

    def add_wide(self, control: QWidget) -> None:
        """A row without a label."""
        self._grid.addWidget(control, 2 * len(self._rows), 0, 1, 2)
        self._rows[control] = (Label(self._look), None)

    def show_row(self, control: QWidget, shown: bool) -> None:
        """Show a row or take it out."""
        label, below = self._rows[control]
        control.setVisible(shown)
        if label.parent() is not None:
            label.setVisible(shown)
        if below is not None:
            below.setVisible(shown)

    def restyle(self) -> None:
        """Take sizes from the theme."""
        px = self._look.theme.px
        self._grid.setHorizontalSpacing(px(16))
        self._grid.setVerticalSpacing(max(8, px(8)))
        for control, (label, below) in self._rows.items():
            label.setFixedWidth(px(LABEL_WIDTH))
            label.setContentsMargins(0, px(13), 0, 0)
            if below is not None:
                below.setContentsMargins(0, 0, 0, px(2))
            control.setContentsMargins(0, 0, 0, 0)

    def retranslate(self) -> None:
        """Say every label."""
        for label, key in self._said:
            label.setText(self._look.words(key))
        for control, (label, _) in self._rows.items():
            if label.text():
                control.setAccessibleName(label.text())
