"""What is not on paper for certain, with the ways out."""

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout

from domain.errors import DomainError
from pos_app.db.print_jobs import JobState, PrintJob
from pos_app.ui.look import Look
from pos_app.ui.tokens import BODY_STRONG, LABEL
from pos_app.ui.widgets.button import Button, Kind, Shape
from pos_app.ui.widgets.card import Card
from pos_app.ui.widgets.label import Label
from pos_app.ui.widgets.plate import Plate
from pos_app.ui.widgets.row_list import ListRow, RowList
from pos_app.viewmodels.health import HealthState

_INKS = {JobState.PENDING: "off", JobState.PRINTING: "off", JobState.FAILED: "err", JobState.UNCERTAIN: "warn"}


class PrintCard(Card):
    """A list of jobs; the buttons do it to the marked one."""

    def __init__(self, look: Look, *, when: Callable[[int], str]) -> None:
        super().__init__(look)
        self._when = when
        self.title, self.list, self.plate = Label(look, BODY_STRONG), RowList(look), Plate(look)
        self.retry = Button(look, shape=Shape(56, LABEL))
        self.discard = Button(look, Kind.DANGER, shape=Shape(56, LABEL))
        self._pages = QStackedWidget()
        self._pages.addWidget(self.list)
        self._pages.addWidget(self.plate)
        self._column, self._buttons = QVBoxLayout(self), QHBoxLayout()
        self._buttons.addWidget(self.retry, 1)
        self._buttons.addWidget(self.discard, 1)
        self._column.addWidget(self.title)
        self._column.addWidget(self._pages, 1)
        self._column.addLayout(self._buttons)
        self.plate.show_state("print", "muted")
        self._arrange()

    def show_state(self, state: HealthState) -> None:
        """Show the jobs in the language in force."""
        words = self._look.words
        self.title.setText(words("health.print.title"))
        self.plate.title.setText(words("health.print.empty_title"))
        self.plate.text.setText(words("health.print.empty_text"))
        self.list.setAccessibleName(words("health.print.title"))
        self.list.set_rows([self._row(job) for job in state.jobs], marked=state.marked)
        self._pages.setCurrentIndex(0 if state.jobs else 1)
        self.retry.setVisible(bool(state.jobs))
        self.discard.setVisible(bool(state.jobs))
        self.retry.setEnabled(state.may_retry)
        self.discard.setEnabled(state.may_discard)

    def restyle(self) -> None:
        """Take sizes from the theme."""
        super().restyle()
        self._arrange()

    def _row(self, job: PrintJob) -> ListRow:
        words = self._look.words
        title = words(f"health.print.kind.{job.kind.value}")
        why = words.error(DomainError(job.error)).what if job.error else ""
        sub = " · ".join(part for part in (self._when(job.at_ms), why) if part)
        state = words(f"health.print.state.{job.state.value}")
        return ListRow(title, sub, "", state, _INKS.get(job.state, "muted"))

    def _arrange(self) -> None:
        px = self._look.theme.px
        self._column.setContentsMargins(px(8), px(14), px(8), px(14))
        self.title.setContentsMargins(px(10), 0, px(10), 0)
        self._column.setSpacing(px(8))
        self._buttons.setContentsMargins(px(8), 0, px(8), 0)
        self._buttons.setSpacing(max(8, px(12)))
