"""The bodies of the steps after enrolment: store, device tests, the sale to practise on, the end."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pos_app.ui.health.fact_card import Fact, FactCard
from pos_app.ui.health.facts import size
from pos_app.ui.look import Look
from pos_app.ui.tokens import BODY, FIELD, LABEL, LINE_STRONG
from pos_app.ui.widgets.button import Button, Shape
from pos_app.ui.widgets.label import Label
from pos_app.ui.widgets.progress_line import ProgressLine
from pos_app.ui.widgets.row_list import ListRow, RowList
from pos_app.viewmodels.figures import amount, plain, quantity
from pos_app.viewmodels.practice import PracticeState
from pos_app.viewmodels.wizard import TESTS, WizardState


class StorePage(QWidget):
    """Whose till this is now, and how far the catalogue has come."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.store, self.till = Label(look, FIELD), Label(look, BODY, ink="muted")
        self.line, self.text = ProgressLine(look), Label(look, LABEL, ink="muted", wrap=True)
        self._column = QVBoxLayout(self)
        for widget in (self.store, self.till, self.line, self.text):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        look.theme.changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        """Take the gaps from the theme."""
        px = self._look.theme.px
        self._column.setContentsMargins(0, px(16), 0, 0)
        self._column.setSpacing(px(12))

    def show_state(self, state: WizardState, store: str, terminal: str) -> None:
        """Show names and progress."""
        words, (step, done, total) = self._look.words, state.progress
        self.store.setText(store)
        self.till.setText(words("wizard.store.till", terminal=terminal))
        self.line.setVisible(not state.is_ready)
        self.line.show_progress(done, total)
        self.text.set_token("ok" if state.is_ready else "muted")
        if state.is_ready:
            self.text.setText(words("wizard.store.ready"))
        elif state.agent == "offline" and not step:
            self.text.set_token("off")
            self.text.setText(words("wizard.store.offline"))
        elif step in ("download", "check", "install", "index"):
            is_bytes = step == "download"
            shown = (size(done), size(total)) if is_bytes else (str(done), str(total))
            self.text.setText(words(f"wizard.store.{step}", done=shown[0], total=shown[1]))
        else:
            self.text.setText(words("wizard.store.connecting"))


class TestPage(QWidget):
    """What a device needs, and below it what the test is for, or what to try."""

    __test__ = False

    def __init__(self, look: Look, above: QWidget | None = None) -> None:
        super().__init__()
        self._look = look
        self.why = Label(look, LABEL, ink="muted", wrap=True)
        self._column = QVBoxLayout(self)
        if above is not None:
            self._column.addWidget(above)
        self._column.addWidget(self.why)
        self._column.addStretch(1)
        look.theme.changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        """Take the gaps from the theme."""
        px = self._look.theme.px
        self._column.setContentsMargins(0, px(8), px(4), 0)
        self._column.setSpacing(px(10))


class PracticePage(QWidget):
    """A few lines, a total, and the change: nothing of it is kept."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.list, self.total = RowList(look), Label(look, FIELD)
        self.hint = Label(look, LABEL, ink="muted", wrap=True)
        self.sample, self.pay = Button(look, shape=Shape(60, LABEL)), Button(look, shape=Shape(60, LABEL))
        self._row, self._side = QHBoxLayout(self), QVBoxLayout()
        self._row.addWidget(self.list, 3)
        for widget in (self.sample, self.pay, self.total, self.hint):
            self._side.addWidget(widget)
        self._side.addStretch(1)
        self._row.addLayout(self._side, 2)
        for button in (self.sample, self.pay):
            button.setSizePolicy(self.list.sizePolicy().horizontalPolicy(), button.sizePolicy().verticalPolicy())
        look.theme.changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        """Take sizes from the theme."""
        px = self._look.theme.px
        self._row.setContentsMargins(0, px(8), px(4), 0)
        self._row.setSpacing(px(24))
        self._side.setSpacing(px(12))
        self.list.setMinimumHeight(px(200))

    def show_state(self, state: PracticeState) -> None:
        """Show the practice cart."""
        words, priced = self._look.words, state.priced
        rows = []
        currency = priced.cart.currency if priced else ""
        for line in priced.lines if priced else ():
            name = line.line.item.name(words.language)
            times = f"{quantity(line.line.quantity_thousandths)} × {plain(line.unit_price_minor, currency)}"
            rows.append(ListRow(name, times, plain(line.amount_minor, currency)))
        self.list.set_rows(rows, marked=len(rows) - 1)
        self.list.setAccessibleName(words("wizard.practice.title"))
        self.total.setText(amount(priced.due_minor, currency) if priced else "")
        self.pay.setEnabled(bool(rows) and not state.is_paid)
        if state.error is not None:
            said = words.error(state.error)
            self.hint.set_token("err")
            self.hint.setText(f"{said.what} · {said.do}")
        else:
            self.hint.set_token("ok" if state.is_paid else "muted")
            key = "paid" if state.is_paid else ("pay_hint" if rows else "scan_hint")
            self.hint.setText(words(f"wizard.practice.{key}"))


class DonePage(QWidget):
    """What was tested and what was not."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.facts = FactCard(look)
        self.text = Label(look, LINE_STRONG, ink="ok", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.text)
        column.addWidget(self.facts)
        column.addStretch(1)

    def show_state(self, state: WizardState) -> None:
        """Show the results of the tests."""
        words = self._look.words
        self.text.setText(words("wizard.done.ready"))
        rows = []
        for name in TESTS:
            result = str(getattr(state.settings.wizard, name)) or "skipped"
            ink = {"passed": "ok", "failed": "warn"}.get(result, "muted")
            rows.append(Fact(words(f"wizard.{name}.title"), words(f"wizard.result.{result}"), ink))
        self.facts.show_facts(words("wizard.done.tests"), rows)
