"""What was taken so far, each with a way to take it back."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import LABEL, TARGET_GAP_PX
from pos_app.ui.widgets.button import Button, Kind, Shape


class TenderList(QWidget):
    """``take_back`` gives the index of a tender."""

    take_back = Signal(int)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.buttons: list[Button] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        look.theme.changed.connect(self.restyle)
        self.restyle()

    def show_tenders(self, texts: Sequence[tuple[str, str]]) -> None:
        """Kind and amount of each; pressing one takes it back."""
        while len(self.buttons) < len(texts):
            self._add()
        for at, button in enumerate(self.buttons):
            button.setVisible(at < len(texts))
            if at < len(texts):
                kind, amount = texts[at]
                button.setText(f"{kind} {amount}")
                button.setToolTip(self._look.words("pay.take_back"))
                button.setAccessibleDescription(self._look.words("pay.take_back"))
        self.setVisible(bool(texts))

    def restyle(self) -> None:
        """Take the gap from the theme."""
        self._column.setSpacing(max(TARGET_GAP_PX, self._look.theme.px(TARGET_GAP_PX)))

    def _add(self) -> None:
        at = len(self.buttons)
        button = Button(self._look, Kind.PLAIN, shape=Shape(48, LABEL, spread=True, pad=16))
        button.set_icon("close")
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self.take_back.emit(at))
        self.buttons.append(button)
        self._column.addWidget(button)
