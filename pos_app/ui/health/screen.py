"""Sync and health: how the till stands with the cloud, its journal, its files and its printer."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from domain.errors import DomainError
from pos_app.ui.health.fact_card import FactCard
from pos_app.ui.health.facts import check_facts, file_facts, held_facts, sync_facts, till_facts
from pos_app.ui.health.print_card import PrintCard
from pos_app.ui.look import Look
from pos_app.ui.screen import Navigator, Screen
from pos_app.ui.tokens import LABEL, SMALL
from pos_app.ui.widgets.alert import Alert
from pos_app.ui.widgets.button import Button, Shape
from pos_app.ui.widgets.card import Card
from pos_app.ui.widgets.label import Label
from pos_app.ui.widgets.page_head import PageHead
from pos_app.ui.widgets.plate import Plate
from pos_app.ui.widgets.progress_line import ProgressLine
from pos_app.ui.widgets.scroll import Scroll
from pos_app.viewmodels.health import HealthViewModel
from pos_app.viewmodels.status import StatusViewModel

_PRINTS_HEIGHT = 260
_GRAVE = frozenset({"till.disk_full", "till.disk_low", "till.database_damaged"})


class HealthScreen(Screen):
    """Facts on the left, what can be done on the right; a scan goes on selling."""

    name = "health"
    place = "health"
    footer = ("health.hint.check", "health.hint.export", "health.hint.sync", "health.hint.back")

    sync_asked = Signal()

    def __init__(
        self,
        look: Look,
        nav: Navigator,
        *,
        viewmodel: HealthViewModel,
        status: StatusViewModel,
        when: Callable[[int], str],
    ) -> None:
        super().__init__(look, nav)
        self._model, self._status, self._when = viewmodel, status, when
        self.folder: Callable[[], Path] = Path.home
        self.on_scan: Callable[[str], object] = str
        self.head, self.plate = PageHead(look), Plate(look)
        self.sync_now, self.export = Button(look, shape=Shape(56, LABEL)), Button(look, shape=Shape(56, LABEL))
        self.sync, self.till, self.files = (FactCard(look) for _ in range(3))
        self.checks, self.held = FactCard(look, is_part=True), FactCard(look, is_stacked=True)
        self.warning = Alert(look)
        self.prints = PrintCard(look, when=when)
        self.progress, self.progress_text = ProgressLine(look), Label(look, SMALL, ink="muted")
        self.check, self.stop = Button(look, shape=Shape(56, LABEL)), Button(look, shape=Shape(56, LABEL))
        self._pages = QStackedWidget()
        self._build()
        self._wire()
        self.retranslate()

    def entered(self) -> None:
        """Read, and go on reading."""
        self._model.open()

    def left(self) -> None:
        """Stop reading."""
        self._model.close()

    def take_scan(self, text: str) -> bool:
        """A scan goes on selling."""
        self.nav.go("sale")
        self.on_scan(text)
        return True

    def retranslate(self) -> None:
        """Show everything in the language in force."""
        state, words = self._model.state, self.look.words
        self._pages.setCurrentIndex(1 if state.facts is None else 0)
        self._show_plate()
        self.prints.show_state(state)
        self._show_check()
        self.export.setEnabled(state.facts is not None and not state.is_exporting)
        facts = state.facts
        self.checks.show_facts(words("health.card.check"), check_facts(facts, words) if facts else [])
        if facts is None:
            return
        self._show_held()
        self.sync.show_facts(words("health.card.sync"), sync_facts(facts, self._status.facts, words, when=self._when))
        self.till.show_facts(words("health.card.till"), till_facts(facts, self._status.facts, words))
        self.files.show_facts(words("health.card.files"), file_facts(facts, words, when=self._when))
        wrong = [*facts.warnings, *filter(None, [self._status.facts.error])]
        said = [self._warning(code) for code in dict.fromkeys(wrong)]
        is_grave = bool(_GRAVE.intersection(facts.warnings))
        self.warning.show_alert("err" if is_grave else "warn", "error" if is_grave else "warning", "\n".join(said))
        self.warning.setVisible(bool(said))

    def _show_held(self) -> None:
        """Why the pill is yellow; nothing where HQ has taken everything."""
        words, total = self.look.words, max(0, self._status.facts.held)
        held = self._model.state.held[:total]
        self.held.show_facts(words("health.held.title"), held_facts(held, total, words, when=self._when))
        self.held.setVisible(bool(held))

    def _warning(self, code: str) -> str:
        said = self.look.words.error(DomainError(code))
        return " · ".join(part for part in (said.what, said.safe, said.do) if part)

    def _build(self) -> None:
        page, row, doing = QVBoxLayout(self), QHBoxLayout(), QWidget()
        right = QVBoxLayout(doing)
        self.head.row.addWidget(self.sync_now)
        self.head.row.addWidget(self.export)
        left = QWidget()
        column = QVBoxLayout(left)
        for widget in (self.warning, self.held, self.sync, self.till, self.files):
            column.addWidget(widget)
        column.addStretch(1)
        self.facts_page = Scroll(self.look, left)
        self._pages.addWidget(self.facts_page)
        empty = Card(self.look)
        QVBoxLayout(empty).addWidget(self.plate)
        self._pages.addWidget(empty)
        right.addWidget(self._check_card())
        right.addWidget(self.prints, 1)
        row.addWidget(self._pages, 1)
        row.addWidget(Scroll(self.look, doing), 1)
        page.addWidget(self.head)
        page.addLayout(row, 1)
        self.space(page, 12, 12)
        self.space(row, 0, 12)
        self.space(right, 0, 12)
        self.sized(lambda: self.prints.setMinimumHeight(self.look.theme.px(_PRINTS_HEIGHT)))
        self.space(column, 0, 12)

    def _check_card(self) -> Card:
        card, column, buttons, line = Card(self.look), QVBoxLayout(), QHBoxLayout(), QHBoxLayout()
        card.setLayout(column)
        column.addWidget(self.checks)
        line.addWidget(self.progress, 1, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.progress_text)
        column.addLayout(line)
        buttons.addWidget(self.check, 1)
        buttons.addWidget(self.stop, 1)
        column.addLayout(buttons)
        self.space(column, (0, 0, 0, 14), 8)
        self.space(line, (18, 0, 18, 0), 12)
        self.space(buttons, (18, 0, 18, 0), 12)
        return card

    def _wire(self) -> None:
        model = self._model
        self.say(self.head.back, "health.back")
        self.say(self.head.title, "health.title")
        for button, name in (
            (self.sync_now, "sync_now"),
            (self.export, "export"),
            (self.check, "check"),
            (self.stop, "stop"),
            (self.prints.retry, "retry_print"),
            (self.prints.discard, "discard_print"),
        ):
            self.say(button, f"health.act.{name}")
        self.act("back", lambda: self.nav.go("sale"), self.head.back)
        self.act("sync_now", self.sync_asked.emit, self.sync_now)
        self.act("export", lambda: model.export(self.folder()), self.export)
        self.act("check", model.check, self.check)
        self.act("stop", model.stop, self.stop)
        self.act("retry_print", model.retry_print, self.prints.retry)
        self.act("discard_print", model.discard_print, self.prints.discard)
        self.act("up", lambda: self.prints.list.step(-1))
        self.act("down", lambda: self.prints.list.step(1))
        self.act("page_up", lambda: self.facts_page.scroll_by(-0.8))
        self.act("page_down", lambda: self.facts_page.scroll_by(0.8))
        self.prints.list.moved.connect(model.mark)
        model.changed.connect(self.retranslate)
        model.told.connect(self.nav.tell)
        self._status.changed.connect(self.retranslate)

    def _show_check(self) -> None:
        state, words = self._model.state, self.look.words
        done, total = state.checked
        self.progress.setVisible(state.is_checking)
        self.progress_text.setVisible(state.is_checking)
        self.progress.show_progress(done, total)
        self.progress_text.setText(
            words("health.progress", done=done, total=total) if total else words("health.checking")
        )
        self.check.setEnabled(not state.is_checking)
        self.stop.setEnabled(state.is_checking)

    def _show_plate(self) -> None:
        state, words = self._model.state, self.look.words
        if state.error is not None:
            said = words.error(state.error)
            self.plate.show_state("error", "err")
            self.plate.title.setText(said.what)
            self.plate.text.setText(" · ".join(part for part in (said.safe, said.do) if part))
        else:
            self.plate.show_state("heart-pulse", "muted")
            self.plate.title.setText(words("health.loading"))
            self.plate.text.setText("")
