"""Panels that offer a list: carts set aside, more acts, reasons."""

from collections.abc import Sequence
from typing import ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy

from pos_app.ui.look import Look
from pos_app.ui.sale.reasons import ReasonChoices
from pos_app.ui.screen import Handler, Navigator
from pos_app.ui.titled_panel import TitledPanel
from pos_app.ui.tokens import LABEL
from pos_app.ui.widgets.button import Button, Kind, Shape
from pos_app.ui.widgets.choices import Choices
from pos_app.ui.widgets.label import Label

ROWS_MAX = 7


class RecallPanel(TitledPanel):
    """The carts set aside; Enter takes the marked one back, a scan goes on selling."""

    decided = Signal(int)
    name = "recall"
    footer = ("sale.hint.choose", "sale.hint.accept", "sale.hint.close")
    lets_scans_through = True

    def __init__(self, look: Look, nav: Navigator, *, rows: Sequence[tuple[str, str]]) -> None:
        super().__init__(look, nav)
        self.list = Choices(look, columns=1, height=56)
        self.body.addWidget(self.list)
        self.body.addStretch(1)
        self.say(self.title, "sale.panel.recall")
        self.list.show_choices([f"{left}    {right}" for left, right in rows[:ROWS_MAX]])
        self.act("up", lambda: self.list.step(-1))
        self.act("down", lambda: self.list.step(1))
        self.list.chosen.connect(self._chosen)

    def _chosen(self, at: int) -> None:
        self.list.mark(at)
        self.accept()

    def accept(self) -> object:
        """Take the marked cart back."""
        at = self.list.marked
        self.close_panel()
        self.decided.emit(at)
        return None


class QuestionPanel(TitledPanel):
    """Yes or no, once, before something that is hardly ever meant."""

    agreed = Signal()
    name = "question"
    footer: ClassVar[tuple[str, ...]] = ("sale.hint.accept", "sale.hint.close")

    def __init__(self, look: Look, nav: Navigator, *, title: str, confirm: str = "shell.act.confirm") -> None:
        super().__init__(look, nav, confirm=confirm)
        self.text = Label(look, LABEL, ink="muted", wrap=True)
        self.body.addWidget(self.text)
        self.body.addStretch(1)
        self.say(self.title, title)

    def explain(self, text: str) -> None:
        """What it is about."""
        self.text.setText(text)

    def accept(self) -> object:
        """Yes."""
        self.close_panel()
        self.agreed.emit()
        return None


class ReasonPanel(QuestionPanel):
    """A question with a reason: giving up the sale, opening the drawer."""

    decided = Signal(str)
    name = "reason"
    footer = ("sale.hint.choose", "sale.hint.accept", "sale.hint.close")

    def __init__(
        self, look: Look, nav: Navigator, *, title: str, reasons: Sequence[str], confirm: str = "shell.act.confirm"
    ) -> None:
        super().__init__(look, nav, title=title, confirm=confirm)
        self.reasons = ReasonChoices(look, reasons, columns=2)
        self.body.insertWidget(1, self.reasons)
        self.act("up", lambda: self.reasons.step(-1))
        self.act("down", lambda: self.reasons.step(1))

    def make_dangerous(self) -> None:
        """The act takes something away: its button is red and stays apart."""
        self.accept_button.kind = Kind.DANGER
        self.accept_button.update()
        self.say(self.cancel_button, "sale.panel.keep")

    def accept(self) -> object:
        """Do it for the marked reason."""
        reason = self.reasons.reason
        self.close_panel()
        self.decided.emit(reason)
        return None


class MorePanel(TitledPanel):
    """Less frequent acts, each with a digit."""

    name = "more"
    place = "more"
    footer = ("sale.hint.close",)
    lets_scans_through = True
    width_px = 640

    def __init__(self, look: Look, nav: Navigator, *, acts: Sequence[tuple[str, Handler]]) -> None:
        super().__init__(look, nav)
        self.say(self.title, "sale.panel.more")
        self.say(self.cancel_button, "shell.act.close")
        self.accept_button.hide()
        self._grid = QGridLayout()
        self.body.addLayout(self._grid)
        self.body.addStretch(1)
        self.space(self._grid, 0, 12)
        for at, (name, handler) in enumerate(acts):
            kind = Kind.DANGER if name == "void_cart" else Kind.PLAIN
            button = Button(look, kind, shape=Shape(60, LABEL, spread=True, pad=20))
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._grid.addWidget(button, at // 2, at % 2)
            self.say(button, f"sale.more.{name}")
            self.act(name, self._closing(handler), button)

    def accept(self) -> object:
        """Enter closes."""
        self.close_panel()
        return None

    def _closing(self, handler: Handler) -> Handler:
        def run() -> None:
            self.close_panel()
            handler()

        return run
