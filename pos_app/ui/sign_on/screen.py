"""Name tiles and a PIN pad: to sign on, to unlock, to free somebody who is locked out."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout

from pos_app.ui.look import Look
from pos_app.ui.screen import Navigator, Screen
from pos_app.ui.sign_on.people import People
from pos_app.ui.tokens import BODY_STRONG, LABEL, LINE_STRONG, SMALL, SMALL_STRONG
from pos_app.ui.widgets.button import Button, Kind, Shape
from pos_app.ui.widgets.card import Card
from pos_app.ui.widgets.keypad import CLEAR, PIN_ROWS, Keypad
from pos_app.ui.widgets.label import Label
from pos_app.ui.widgets.pin_field import PinField
from pos_app.ui.widgets.plate import Plate
from pos_app.viewmodels.sign_on import SignOnViewModel

COMPACT_BELOW = 500
"""Below this height at 100 % the caption above the PIN gives way."""
PIN_DIGITS_MIN = 4
_PAD_WIDTH = 380


class SignOnScreen(Screen):
    """The first screen of a shift and the locked one; nothing of the cart shows, and nothing of it is lost."""

    name = "sign_on"
    place = "sign_on"
    footer = ("sign_on.hint.choose", "sign_on.hint.pin", "sign_on.hint.keys")

    def __init__(self, look: Look, nav: Navigator, *, viewmodel: SignOnViewModel) -> None:
        super().__init__(look, nav)
        self._model = viewmodel
        self.title, self.text = Label(look, LINE_STRONG, wrap=True), Label(look, LABEL, ink="muted", wrap=True)
        self.people, self.empty = People(look), Plate(look)
        self.caption, self.pin = Label(look, SMALL, ink="muted", elide=True), PinField(look)
        self.trouble = Label(look, SMALL_STRONG, ink="err", wrap=True)
        self.pad = Keypad(look, PIN_ROWS, height=48)
        self.enter = Button(look, Kind.PRIMARY, shape=Shape(64, BODY_STRONG))
        self.release = Button(look, shape=Shape(56, LABEL))
        self.retry = Button(look, shape=Shape(56, LABEL))
        self._build()
        self._wire()
        self.retranslate()

    def entered(self) -> None:
        """Read the staff anew."""
        self.pin.clear()
        self._model.load()

    def left(self) -> None:
        """Forget what was typed."""
        self.pin.clear()

    @property
    def is_busy(self) -> bool:
        """While a PIN is being checked."""
        return self._model.state.checking

    def type_text(self, text: str) -> bool:
        """Digits go to the PIN."""
        if self._model.state.takes_digits and self.pin.type_text(text):
            self._model.typed()
            return True
        return False

    def retranslate(self) -> None:
        """Say who is asked for what."""
        state, words = self._model.state, self.look.words
        self._say_head()
        self.people.show_people(state.listed, state.chosen)
        self.empty.setVisible(not state.listed)
        self.people.setVisible(bool(state.listed))
        self.empty.title.setText(words("sign_on.none_title"))
        self.empty.text.setText(words("sign_on.none_text"))
        self.retry.setVisible(not state.listed)
        chosen = state.chosen.name if state.chosen else ""
        self.caption.setText(words("sign_on.pin", name=chosen) if chosen else words("sign_on.choose"))
        self.trouble.set_token("muted" if state.checking else "err")
        self.trouble.setText(self._trouble())
        self.release.setVisible(self._model.needs_supervisor and state.releasing is None)
        self._show_enter()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a low window the caption gives way."""
        super().resizeEvent(event)
        self.restyle()

    def restyle(self) -> None:
        """The keys are on the side of the chosen hand."""
        mirrored = QBoxLayout.Direction.RightToLeft
        self._row.setDirection(mirrored if self.look.theme.is_mirrored else QBoxLayout.Direction.LeftToRight)
        is_low = self.height() < self.look.theme.px(COMPACT_BELOW)
        self.caption.setVisible(not is_low)
        self.text.setVisible(not is_low)

    def _build(self) -> None:
        people, pad = Card(self.look), Card(self.look)
        left, right = QVBoxLayout(people), QVBoxLayout(pad)
        left.addWidget(self.title)
        left.addWidget(self.text)
        left.addWidget(self.people, 1)
        left.addWidget(self.empty, 1)
        left.addWidget(self.retry, 0, Qt.AlignmentFlag.AlignHCenter)
        for widget in (self.caption, self.pin, self.trouble):
            right.addWidget(widget)
        right.addWidget(self.release)
        right.addWidget(self.pad, 1)
        right.addWidget(self.enter)
        self._row = QHBoxLayout(self)
        self._row.addWidget(people, 1)
        self._row.addWidget(pad)
        self.space(self._row, 12, 12)
        self.space(left, (24, 18, 24, 18), 12)
        self.space(right, 16, 8)
        self.fix(pad, width=_PAD_WIDTH)
        self.empty.show_state("user", "muted")
        self.enter.setSizePolicy(self.pin.sizePolicy())
        self.release.setSizePolicy(self.pin.sizePolicy())
        self.name_widget(self.pin, "sign_on.pin_box")
        self.say(self.release, "sign_on.release")
        self.say(self.retry, "sign_on.retry")

    def _wire(self) -> None:
        model = self._model
        self.act("up", lambda: self._step(-1))
        self.act("down", lambda: self._step(1))
        self.act("accept", self._submit, self.enter)
        self.act("erase", self._erase)
        self.act("back", self._clear)
        self.act("release", model.ask_release, self.release)
        self.act("retry", model.load, self.retry)
        self.people.chosen.connect(self._choose)
        self.pad.pressed.connect(self._pad_pressed)
        self.pin.changed.connect(self._show_enter)
        model.changed.connect(self.retranslate)

    def _say_head(self) -> None:
        state, words = self._model.state, self.look.words
        if state.releasing is not None:
            title, text = words("sign_on.release_title", name=state.releasing.name), words("sign_on.choose")
        elif state.locked_operator is not None:
            title = words("sign_on.locked_title")
            text = words("sign_on.locked_by", name=state.locked_operator.name)
        else:
            title, text = words("sign_on.title"), words("sign_on.choose")
        self.title.setText(title)
        self.text.setText(text)

    def _trouble(self) -> str:
        state, words = self._model.state, self.look.words
        if state.checking:
            return words("sign_on.checking")
        if state.wait_s:
            minutes, seconds = divmod(state.wait_s, 60)
            key = "sign_on.wait_minutes" if minutes else "sign_on.wait_clock"
            return words("sign_on.wait", time=words(key, minutes=minutes, seconds=seconds))
        if state.error is None:
            return ""
        said = words.error(state.error)
        return " · ".join(part for part in (said.what, said.do) if part)

    def _show_enter(self) -> None:
        state, words = self._model.state, self.look.words
        key = "enter" if state.locked_operator is None else "unlock"
        self.enter.setText(words("sign_on.release_enter" if state.releasing else f"sign_on.{key}"))
        self.enter.setEnabled(state.takes_digits and self.pin.digits >= PIN_DIGITS_MIN)

    def _submit(self) -> bool:
        if self.pin.digits >= PIN_DIGITS_MIN and self._model.state.takes_digits:
            self._model.submit(self.pin.take())
        return True

    def _step(self, steps: int) -> None:
        self.pin.clear()
        self._model.step(steps)

    def _choose(self, at: int) -> None:
        self.pin.clear()
        self._model.choose(self._model.state.listed[at].operator_id)

    def _erase(self) -> None:
        self.pin.erase()
        self._model.typed()

    def _clear(self) -> bool:
        if self.pin.digits:
            self.pin.clear()
        else:
            self._model.back()
        return True

    def _pad_pressed(self, key: str) -> None:
        if key == CLEAR:
            self._clear()
        elif self._model.state.takes_digits:
            self.pin.press(key)
            self._model.typed()
