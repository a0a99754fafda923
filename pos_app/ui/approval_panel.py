"""A supervisor's own PIN for one act, on the same screen."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from domain.errors import DomainError
from pos_app.ui.look import Look
from pos_app.ui.screen import Navigator
from pos_app.ui.titled_panel import TitledPanel
from pos_app.ui.tokens import BODY_STRONG, SMALL
from pos_app.ui.widgets.choices import Choices
from pos_app.ui.widgets.keypad import PIN_ROWS, Keypad
from pos_app.ui.widgets.label import Label
from pos_app.ui.widgets.pin_field import PinField
from pos_app.viewmodels.approval import ApprovalRequest, Approver


class ApprovalPanel(TitledPanel):
    """Who approves (one touch or the arrows), the PIN, and Enter."""

    name = "approval"
    place = "approval"
    footer = ("sale.hint.choose", "sale.hint.accept", "sale.hint.close")
    width_px = 720

    def __init__(self, look: Look, nav: Navigator, *, approver: Approver, request: ApprovalRequest) -> None:
        super().__init__(look, nav)
        self._approver, self._request = approver, request
        self._people = approver.supervisors(request.act)
        self._is_checking = False
        self.what = Label(look, BODY_STRONG, ink="warn", wrap=True)
        self.people = Choices(look, columns=1, height=56)
        self.pin = PinField(look)
        self.pad = Keypad(look, PIN_ROWS, height=56)
        self.trouble = Label(look, SMALL, ink="err", wrap=True)
        self._build()
        self.act("up", lambda: self.people.step(-1))
        self.act("down", lambda: self.people.step(1))
        self.act("erase", self.pin.erase)
        self.pad.pressed.connect(self.pin.press)
        self.retranslate()

    @property
    def is_busy(self) -> bool:
        """While a PIN is being checked."""
        return self._is_checking

    def type_text(self, text: str) -> bool:
        """Digits go to the PIN."""
        return self.pin.type_text(text)

    def retranslate(self) -> None:
        """Say what is to be approved."""
        params = dict(self._request.params)
        if "reason" in params:
            params["reason"] = self.look.words(f"sale.reason.{params['reason']}")
        self.what.setText(self.look.words(self._request.key, **params))

    def accept(self) -> object:
        """Check the PIN; while that runs a second Enter does nothing."""
        if self._is_checking or not self._people or not self.pin.digits:
            return None
        self._is_checking = True
        self._show_trouble("", "approval.checking")
        person = self._people[self.people.marked]
        self._approver.approve(
            self._request, person.operator_id, pin=self.pin.take(), on_done=self._approved, on_error=self._refused
        )
        return None

    def _build(self) -> None:
        who, pin = Label(self.look, SMALL, ink="muted"), Label(self.look, SMALL, ink="muted")
        left, right, row = QVBoxLayout(), QVBoxLayout(), QHBoxLayout()
        left.addWidget(who)
        left.addWidget(self.people)
        left.addWidget(self.trouble)
        left.addStretch(1)
        right.addWidget(pin)
        right.addWidget(self.pin)
        right.addWidget(self.pad)
        row.addLayout(left, 1)
        row.addLayout(right, 1)
        self.body.addWidget(self.what)
        self.body.addLayout(row)
        for layout, gap in ((left, 8), (right, 8), (row, 20)):
            self.space(layout, 0, gap)
        self.say(self.title, "approval.title")
        self.say(who, "approval.who")
        self.say(pin, "approval.pin")
        self.name_widget(self.pin, "approval.pin")
        self.people.show_choices([person.name for person in self._people[:5]])
        self.accept_button.setEnabled(bool(self._people))
        self._show_trouble("", "" if self._people else "approval.none")

    def _approved(self) -> None:
        self._is_checking = False
        self.close_panel()

    def _refused(self, error: DomainError) -> None:
        self._is_checking = False
        said = self.look.words.error(error)
        self._show_trouble(f"{said.what} · {said.do}", "")

    def _show_trouble(self, text: str, key: str) -> None:
        self.trouble.set_token("err" if text else "muted")
        self.trouble.setText(text or (self.look.words(key) if key else ""))
