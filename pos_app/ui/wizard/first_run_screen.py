"""The first two pages: language, then the cloud's address and the enrolment code."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from pos_app.ui.look import Look
from pos_app.ui.screen import Navigator, Screen
from pos_app.ui.settings.form import Form
from pos_app.ui.tokens import BODY_STRONG, LABEL
from pos_app.ui.widgets.button import Button, Kind, Shape
from pos_app.ui.widgets.keyboard import Keyboard, type_into
from pos_app.ui.widgets.text_field import TextField
from pos_app.ui.wizard.frame import WizardFrame
from pos_app.viewmodels.first_run import ADDRESS_MAX, CODE_MAX, FirstRunViewModel
from pos_app.viewmodels.wizard import BEFORE, STEPS

LANGUAGES = (("zh", "中文"), ("en", "English"))
_KEYBOARD_HEIGHT = 216


class FirstRunScreen(Screen):
    """What was typed stays, whatever the cloud answers."""

    name = "first_run"
    place = "wizard"
    footer = ("wizard.hint.next", "wizard.hint.back", "wizard.hint.field")

    def __init__(self, look: Look, nav: Navigator, *, viewmodel: FirstRunViewModel) -> None:
        super().__init__(look, nav)
        self._model = viewmodel
        self.frame = WizardFrame(look)
        self.languages = {code: Button(look, Kind.CHOICE, shape=Shape(96, BODY_STRONG)) for code, _ in LANGUAGES}
        self.address, self.code, self.ca_file = TextField(look), TextField(look), TextField(look)
        self.code.accepts_scan = True
        self.keyboard_button, self.more = Button(look, shape=Shape(52, LABEL)), Button(look, shape=Shape(52, LABEL))
        self.keyboard = Keyboard(look)
        self._last_field: QLineEdit = self.address
        self._build()
        self._wire()
        self.retranslate()

    def entered(self) -> None:
        """Show what was kept."""
        self.retranslate()

    def home_widget(self) -> QWidget | None:
        """The first field that is still empty."""
        if self._model.state.step == "language":
            return None
        return self.code if self.address.text() else self.address

    def type_text(self, text: str) -> bool:
        """Typing goes to the field that had the cursor last, wherever a touch has put it."""
        if self._model.state.step != "connect":
            return False
        self._last_field.setFocus()
        self._last_field.insert(text)
        return True

    def take_scan(self, text: str) -> bool:
        """HQ shows the code as a barcode, too."""
        if self._model.state.step != "connect":
            return False
        self.code.setText(text)
        return True

    @property
    def is_busy(self) -> bool:
        """While the cloud is asked."""
        return self._model.state.is_enrolling

    def retranslate(self) -> None:
        """Show the page in the language in force."""
        state, words, frame = self._model.state, self.look.words, self.frame
        frame.show_page(state.step)
        frame.show_step(1 + BEFORE.index(state.step), len(BEFORE) + len(STEPS))
        frame.title.setText(words(f"wizard.{state.step}.title"))
        frame.text.setText(words(f"wizard.{state.step}.text"))
        for code, button in self.languages.items():
            button.setChecked(code == words.language)
        self._show_fields()
        frame.back.setVisible(state.step == "connect")
        frame.back.setEnabled(not state.is_enrolling)
        key = "wizard.act.enrol" if state.step == "connect" else "wizard.act.next"
        frame.next.setText(words(key))
        frame.next.setEnabled(state.step == "language" or state.may_enrol)
        self._show_trouble()

    def _show_fields(self) -> None:
        state, words = self._model.state, self.look.words
        for field, text, key in (
            (self.address, state.draft.cloud_url, "address"),
            (self.code, state.code, "code"),
            (self.ca_file, state.draft.ca_file, "ca_file"),
        ):
            if field.text() != text:
                field.setText(text)
            field.setPlaceholderText(words(f"wizard.connect.{key}_example"))
            field.setReadOnly(state.is_enrolling)
        wrong = state.error.code if state.error else ""
        self.address.set_invalid(wrong.startswith("sync."))
        self.code.set_invalid(wrong.startswith("enrol."))

    def _show_trouble(self) -> None:
        state, words = self._model.state, self.look.words
        if state.is_enrolling:
            self.frame.show_trouble(words("wizard.connect.asking"), "muted")
        elif state.error is not None:
            said = words.error(state.error)
            self.frame.show_trouble(" · ".join(part for part in (said.what, said.safe, said.do) if part))
        else:
            self.frame.show_trouble("")

    def _build(self) -> None:
        row, page = QHBoxLayout(), QWidget()
        for code, words in LANGUAGES:
            button = self.languages[code]
            button.setText(words)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            row.addWidget(button)
        column = QVBoxLayout(page)
        column.addLayout(row)
        column.addStretch(1)
        self.frame.add_page("language", page)
        self.frame.add_page("connect", self._connect_page())
        for button in (self.frame.skip, self.frame.failed, self.frame.test):
            button.hide()
        outer = QVBoxLayout(self)
        outer.addWidget(self.frame, 1)
        self.space(outer, 0, 0)
        self.space(row, (0, 16, 0, 0), 16)
        self.space(column, 0, 0)

    def _connect_page(self) -> QWidget:
        self.form, page = Form(self.look), QWidget()
        self.form.add("wizard.connect.address", self.address)
        self.form.add("wizard.connect.code", self.code, hint="wizard.connect.code_hint")
        self.form.add("wizard.connect.ca_file", self.ca_file, hint="wizard.connect.ca_file_hint")
        self.form.show_row(self.ca_file, bool(self._model.state.draft.ca_file))
        column, row = QVBoxLayout(page), QHBoxLayout()
        row.addWidget(self.keyboard_button)
        row.addWidget(self.more)
        row.addStretch(1)
        column.addWidget(self.form)
        column.addLayout(row)
        column.addWidget(self.keyboard)
        column.addStretch(1)
        self.space(column, (0, 8, 4, 0), 8)
        self.space(row, 0, 8)
        self.sized(lambda: self.keyboard.setMinimumHeight(self.look.theme.px(_KEYBOARD_HEIGHT)))
        self.keyboard.hide()
        self.keyboard_button.set_icon("keyboard")
        self.address.setMaxLength(ADDRESS_MAX)
        self.code.setMaxLength(CODE_MAX)
        return page

    def _wire(self) -> None:
        model = self._model
        self.say(self.frame.back, "wizard.act.back")
        self.say(self.keyboard_button, "wizard.act.keyboard")
        self.say(self.more, "wizard.act.ca_file")
        for code, button in self.languages.items():
            button.clicked.connect(lambda _=False, code=code: model.choose_language(code))
        self.act("accept", self._accept, self.frame.next)
        self.act("back", self._back, self.frame.back)
        self.act("up", lambda: self._step(-1))
        self.act("down", lambda: self._step(1))
        self.act("erase", self._erase)
        self.act("test", self._toggle_keyboard, self.keyboard_button)
        self.more.clicked.connect(self._show_ca_file)
        self.address.textChanged.connect(model.set_address)
        self.code.textChanged.connect(model.set_code)
        self.ca_file.textChanged.connect(model.set_ca_file)
        self.keyboard.pressed.connect(lambda key: type_into(self._last_field, key))
        for field in (self.address, self.code, self.ca_file):
            field.installEventFilter(self)
        model.language_chosen.connect(self.look.words.set_language)
        model.changed.connect(self.retranslate)

    def _erase(self) -> None:
        self._last_field.backspace()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Remember which field had the cursor last: the keys on screen write there."""
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QLineEdit):
            self._last_field = watched
        return False

    def _accept(self) -> bool:
        if self._model.state.step == "connect" and not self._model.state.may_enrol:
            self._step(1)
            return True
        self._model.next()
        self._focus()
        return True

    def _back(self) -> bool:
        self._model.back()
        return True

    def _step(self, steps: int) -> None:
        if self._model.state.step == "language":
            codes = [code for code, _ in LANGUAGES]
            at = codes.index(self.look.words.language)
            self._model.choose_language(codes[(at + steps) % len(codes)])
            return
        fields = [field for field in (self.address, self.code, self.ca_file) if field.isVisible()]
        at = next((at for at, field in enumerate(fields) if field.hasFocus()), -1)
        fields[(at + steps) % len(fields)].setFocus()

    def _focus(self) -> None:
        home = self.home_widget()
        if home is not None:
            home.setFocus()

    def _toggle_keyboard(self) -> None:
        if self._model.state.step == "connect":
            self.keyboard.setVisible(not self.keyboard.isVisible())
            self._last_field.setFocus()

    def _show_ca_file(self) -> None:
        self.form.show_row(self.ca_file, True)
        self.more.hide()
        self.ca_file.setFocus()
