"""The first run after enrolment, one step a page; a restart goes on at the same step."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QVBoxLayout, QWidget

from domain.errors import DomainError
from pos_app.settings import PrinterKind
from pos_app.ui.look import Look
from pos_app.ui.screen import Navigator, Screen
from pos_app.ui.settings.learn_card import LearnCard
from pos_app.ui.settings.printer_form import PrinterForm
from pos_app.ui.settings.screen import PRINTER_KINDS
from pos_app.ui.tokens import LABEL
from pos_app.ui.widgets.button import Button, Shape
from pos_app.ui.wizard.frame import WizardFrame
from pos_app.ui.wizard.pages import DonePage, PracticePage, StorePage, TestPage
from pos_app.viewmodels.first_run_draft import read_draft
from pos_app.viewmodels.scanner_learning import Learnt
from pos_app.viewmodels.wizard import FAILED, PASSED, SKIPPED, STEPS, TESTS, WizardViewModel

_INKS = {PASSED: "ok", FAILED: "warn", SKIPPED: "muted"}


class WizardScreen(Screen):
    """Enter leads on: to the test, and when it is judged to the next step."""

    name = "wizard"
    place = "wizard"
    footer = ("wizard.hint.next", "wizard.hint.test", "wizard.hint.judge", "wizard.hint.skip")

    def __init__(self, look: Look, nav: Navigator, *, viewmodel: WizardViewModel, now_ms: Callable[[], int]) -> None:
        super().__init__(look, nav)
        self._model = viewmodel
        self.directory: Path | None = None
        self.frame, self.store = WizardFrame(look), StorePage(look)
        self.printer = PrinterForm(look, kinds=PRINTER_KINDS, short=True)
        self.print_test, self.drawer_test = (Button(look, shape=Shape(60, LABEL)) for _ in range(2))
        self.scan_again = Button(look, shape=Shape(60, LABEL))
        self.learn_card = LearnCard(look, now_ms=now_ms)
        self.pages = {
            "printer": TestPage(look, above=self.printer, button=self.print_test),
            "scanner": TestPage(look, above=self.learn_card, button=self.scan_again),
            "drawer": TestPage(look, above=None, button=self.drawer_test),
        }
        self.practice, self.done = PracticePage(look), DonePage(look)
        self._shown = ""
        self._build()
        self._wire()
        self.retranslate()

    def entered(self) -> None:
        """Go on where it stopped."""
        draft = read_draft(self.directory) if self.directory else None
        self._model.begin(draft.language if draft else "")
        self._enter_step()
        self.retranslate()

    def left(self) -> None:
        """Give the keys back."""
        self.learn_card.stop()

    def take_scan(self, text: str) -> bool:
        """Scans are for the practice sale; before, the scanner's own page hears them itself."""
        if self._model.state.step == "practice":
            self._model.practise(text)
            return True
        return False

    def retranslate(self) -> None:
        """Show the step in the language in force."""
        state, words, frame = self._model.state, self.look.words, self.frame
        frame.show_page(state.step)
        frame.show_step(state.number, state.count)
        frame.title.setText(words(f"wizard.{state.step}.title"))
        frame.text.setText(words(f"wizard.{state.step}.text"))
        self._show_pages()
        self._show_buttons()
        error = state.agent_error if state.step == "store" and not state.is_ready else ""
        if error:
            said = words.error(DomainError(error))
            frame.show_trouble(" · ".join(part for part in (said.what, said.safe, said.do) if part))
        else:
            frame.show_trouble("")
        if state.step != self._shown:
            self._enter_step()

    def _show_pages(self) -> None:
        state, identity = self._model.state, self._model.identity
        english = self.look.words.language == "en"
        first, second = (identity.store_name_en, identity.store_name_zh)[:: 1 if english else -1]
        self.store.show_state(state, first or second or identity.store, identity.terminal)
        self.printer.show_printer(state.settings.printer)
        for name in TESTS:
            self._show_test(name)
        self.practice.show_state(self._model.practice.state)
        self.done.show_state(state)

    def _show_test(self, name: str) -> None:
        state, words, test = self._model.state, self.look.words, self._model.test.state
        page, result = self.pages[name], str(getattr(state.settings.wizard, name))
        has_printer = state.settings.printer.kind is not PrinterKind.NONE
        runs = test.is_running and name == state.step
        page.button.setEnabled(not test.is_running and (has_printer or name == "scanner"))
        why = words(f"wizard.{name}.failed_hint") if result == FAILED else words(f"wizard.{name}.why")
        if runs:
            page.show_result(words(f"wizard.{name}.running"), "muted", why)
        elif test.error is not None and name == state.step:
            said = words.error(test.error)
            page.show_result(f"{said.what} · {said.do}", "err", why)
        elif not has_printer and name != "scanner":
            page.show_result(words("wizard.no_printer"), "muted", why)
        elif name in state.was_tested and not result:
            page.show_result(words(f"wizard.{name}.ask"), "primary", why)
        else:
            page.show_result(words(f"wizard.result.{result}") if result else "", _INKS.get(result, "muted"), why)

    def _show_buttons(self) -> None:
        state, words, frame = self._model.state, self.look.words, self.frame
        is_test = state.step in TESTS
        judged = is_test and state.step != "scanner"
        waits = state.step in state.was_tested and state.result != PASSED
        for button, shown in (
            (frame.back, state.step != STEPS[0]),
            (frame.skip, is_test and state.result != PASSED),
            (frame.passed, judged and waits),
            (frame.failed, judged and waits),
        ):
            button.setVisible(shown)
        frame.next.setText(words("wizard.act.finish" if state.step == "done" else "wizard.act.next"))
        frame.next.setEnabled(state.may_go_on)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.addWidget(self.frame)
        self.space(column, 0, 0)
        bodies: dict[str, QWidget] = {"store": self.store, **self.pages, "practice": self.practice, "done": self.done}
        for name in STEPS:
            self.frame.add_page(name, bodies[name])

    def _wire(self) -> None:
        model, frame = self._model, self.frame
        for button, key in (
            (frame.back, "wizard.act.back"),
            (frame.skip, "wizard.act.skip"),
            (frame.passed, "wizard.act.passed"),
            (frame.failed, "wizard.act.failed"),
            (self.print_test, "wizard.act.test_print"),
            (self.drawer_test, "wizard.act.test_drawer"),
            (self.scan_again, "wizard.act.scan_again"),
            (self.practice.sample, "wizard.act.sample"),
            (self.practice.pay, "wizard.act.pay"),
        ):
            self.say(button, key)
        self.act("accept", self._next, frame.next)
        self.act("back", model.back, frame.back)
        self.act("skip", lambda: model.judge(SKIPPED), frame.skip)
        self.act("passed", lambda: model.judge(PASSED), frame.passed)
        self.act("failed", lambda: model.judge(FAILED), frame.failed)
        self.act("test", self._test, self.print_test)
        self.act("stop", self._pay)
        self.practice.pay.set_keycap(self.look.keys.keycap(self.place, "stop"))
        for button in (self.drawer_test, self.scan_again, self.practice.sample):
            button.set_keycap(self.look.keys.keycap(self.place, "test"))
            button.clicked.connect(self._test)
        self.practice.pay.clicked.connect(self._pay)
        self.act("up", lambda: self.focusNextPrevChild(False))
        self.act("down", lambda: self.focusNextPrevChild(True))
        self.printer.changed.connect(lambda changes: model.change_printer(**changes))
        self.learn_card.learnt.connect(self._learnt)
        model.changed.connect(self.retranslate)

    def _enter_step(self) -> None:
        """The scanner's page listens as soon as it is in front."""
        self._shown = self._model.state.step
        if self._shown == "scanner" and self.isVisible():
            self.learn_card.start()
        else:
            self.learn_card.stop()

    def _next(self) -> bool:
        self.printer.commit()
        self._model.next()
        return True

    def _test(self) -> bool:
        step = self._model.state.step
        if step == "scanner":
            self.learn_card.start()
        elif step == "practice":
            self._model.practise()
        else:
            self.printer.commit()
            self._model.run_test()
        return True

    def _pay(self) -> bool:
        if self._model.state.step == "practice":
            self._model.pay_practice()
        return True

    def _learnt(self, found: Learnt) -> None:
        self._model.take_scanner(found)
