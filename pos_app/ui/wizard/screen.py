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
from pos_app.ui.wizard.frame import WizardFrame
from pos_app.ui.wizard.pages import DonePage, PracticePage, StorePage, TestPage
from pos_app.viewmodels.first_run_draft import read_draft
from pos_app.viewmodels.scanner_learning import Learnt
from pos_app.viewmodels.wizard import FAILED, PASSED, SKIPPED, STEPS, TESTS, WizardViewModel

_TEST_HINTS = ("wizard.hint.next", "wizard.hint.back", "wizard.hint.test", "wizard.hint.judge", "wizard.hint.skip")
_HINTS = {
    "store": ("wizard.hint.next",),
    "scanner": ("wizard.hint.next", "wizard.hint.back", "wizard.hint.learn", "wizard.hint.judge", "wizard.hint.skip"),
    "practice": ("wizard.hint.next", "wizard.hint.back", "wizard.hint.practice", "wizard.hint.skip"),
    "done": ("wizard.hint.finish", "wizard.hint.back"),
}
_INKS = {PASSED: "ok", FAILED: "warn", SKIPPED: "muted"}


class WizardScreen(Screen):
    """Enter leads on: to the test, and when it is judged to the next step."""

    name = "wizard"
    place = "wizard"

    def __init__(self, look: Look, nav: Navigator, *, viewmodel: WizardViewModel, now_ms: Callable[[], int]) -> None:
        super().__init__(look, nav)
        self._model = viewmodel
        self.directory: Path | None = None
        self.frame, self.store = WizardFrame(look), StorePage(look)
        self.printer = PrinterForm(look, kinds=PRINTER_KINDS, short=True)
        self.learn_card = LearnCard(look, now_ms=now_ms)
        self.pages = {
            "printer": TestPage(look, self.printer),
            "scanner": TestPage(look, self.learn_card),
            "drawer": TestPage(look),
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

    @property
    def hints(self) -> tuple[str, ...]:
        """Only keys that do something at this step."""
        state = self._model.state
        if state.step == "store" and not state.is_ready:
            return ()
        if state.step in TESTS and not self._has_device:
            return ("wizard.hint.back", "wizard.hint.skip")
        return _HINTS.get(state.step, _TEST_HINTS)

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
        self._show_trouble()
        self.nav.show_hints()
        if state.step != self._shown:
            self._enter_step()

    def _show_pages(self) -> None:
        state, identity = self._model.state, self._model.identity
        english = self.look.words.language == "en"
        first, second = (identity.store_name_en, identity.store_name_zh)[:: 1 if english else -1]
        self.store.show_state(state, first or second or identity.store, identity.terminal)
        self.printer.show_printer(state.settings.printer)
        for name, page in self.pages.items():
            result = getattr(state.settings.wizard, name)
            page.why.setText(self.look.words(f"wizard.{name}.{'failed_hint' if result == FAILED else 'why'}"))
        self.practice.show_state(self._model.practice.state)
        self.done.show_state(state)

    def _show_trouble(self) -> None:
        """How the test of this step went, or what keeps the catalogue from coming."""
        state, words, test = self._model.state, self.look.words, self._model.test.state
        step, show = state.step, self.frame.show_trouble
        if step == "store":
            show(self._said(DomainError(state.agent_error)) if state.agent_error and not state.is_ready else "")
        elif step not in TESTS:
            show("")
        elif not self._has_device:
            show(words("wizard.no_printer"), "muted")
        elif test.is_running:
            show(words(f"wizard.{step}.running"), "muted")
        elif test.error is not None:
            show(self._said(test.error))
        elif self._asks:
            show(words(f"wizard.{step}.ask"), "primary")
        else:
            show(words(f"wizard.result.{state.result}") if state.result else "", _INKS.get(state.result, "muted"))

    def _show_buttons(self) -> None:
        state, words, frame = self._model.state, self.look.words, self.frame
        is_test, runs = state.step in TESTS, self._model.test.state.is_running
        frame.back.setVisible(state.step != STEPS[0])
        practises = state.step == "practice" and not self._model.practice.state.is_paid
        frame.skip.setVisible(practises or (is_test and state.result != PASSED))
        frame.failed.setVisible(self._asks)
        has_run = state.step in state.was_tested or bool(state.result) or self._model.test.state.error is not None
        frame.test.setVisible(is_test and self._has_device and (has_run or state.step == "scanner"))
        frame.test.setEnabled(not runs)
        frame.test.setText(words("wizard.act.scan_again" if state.step == "scanner" else "wizard.act.test_again"))
        frame.next.setText(words(f"wizard.act.{self._next_word}"))
        frame.next.setEnabled(not runs and (state.may_go_on or self._asks or self._next_word.startswith("test_")))

    @property
    def _has_device(self) -> bool:
        """Whether there is anything to test on this page."""
        state = self._model.state
        return state.step == "scanner" or state.settings.printer.kind is not PrinterKind.NONE

    @property
    def _asks(self) -> bool:
        """Whether a person has to say how the test went."""
        state = self._model.state
        return state.step in state.was_tested and not state.result and not self._model.test.state.is_running

    @property
    def _next_word(self) -> str:
        """What Enter does here."""
        state = self._model.state
        if state.step == STEPS[-1]:
            return "finish"
        if self._asks:
            return "passed"
        if state.may_go_on or state.step == "scanner" or not self._has_device or state.step == "store":
            return "next"
        return "test_print" if state.step == "printer" else "test_drawer"

    def _said(self, error: DomainError) -> str:
        said = self.look.words.error(error)
        return " · ".join(part for part in (said.what, said.safe, said.do) if part)

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
            (frame.failed, "wizard.act.failed"),
            (self.practice.sample, "wizard.act.sample"),
            (self.practice.pay, "wizard.act.pay"),
        ):
            self.say(button, key)
        self.act("accept", self._next, frame.next)
        self.act("back", model.back, frame.back)
        self.act("skip", model.skip, frame.skip)
        self.act("passed", lambda: model.judge(PASSED))
        self.act("failed", lambda: model.judge(FAILED), frame.failed)
        self.act("test", self._test, frame.test)
        self.act("stop", self._pay)
        self.practice.pay.set_keycap(self.look.keys.keycap(self.place, "stop"))
        self.practice.sample.set_keycap(self.look.keys.keycap(self.place, "test"))
        self.practice.sample.clicked.connect(self._test)
        self.practice.pay.clicked.connect(self._pay)
        self.act("up", lambda: self.focusNextPrevChild(False))
        self.act("down", lambda: self.focusNextPrevChild(True))
        self.printer.changed.connect(lambda changes: model.change_printer(**changes))
        self.learn_card.learnt.connect(self._learnt)
        model.changed.connect(self.retranslate)

    def _enter_step(self) -> None:
        """The scanner's page listens as soon as it is in front."""
        self._shown = self._model.state.step
        if self.isVisible():
            self.window().setFocus()  # a field that was left must not hand its focus to a button: Enter leads on
        if self._shown == "scanner" and self.isVisible():
            self.learn_card.start()
        else:
            self.learn_card.stop()

    def _next(self) -> bool:
        self.printer.commit()
        if self._asks:
            self._model.judge(PASSED)
        else:
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
