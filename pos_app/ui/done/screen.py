"""After a sale: the change in the largest figures, until the next scan."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout

from domain.ids import SaleId
from pos_app.services.checkout import CompletedSale
from pos_app.ui.look import Look
from pos_app.ui.pay.change_card import ChangeCard
from pos_app.ui.screen import Handler, Navigator, Screen
from pos_app.ui.tokens import BODY, LABEL, LABEL_STRONG
from pos_app.ui.widgets.button import Button, Kind, Shape
from pos_app.ui.widgets.card import Card
from pos_app.ui.widgets.label import Label
from pos_app.ui.widgets.status_pill import StatusPill
from pos_app.viewmodels.figures import amount

KEY_GUARD_MS = 500
"""A second Enter that was meant for the payment must not take the change from the screen."""
PRINT_STATES = {
    "pending": ("off", "print", "done.printing"),
    "printed": ("ok", "check", "done.printed"),
    "failed": ("warn", "warning", "done.not_printed"),
}


class DoneScreen(Screen):
    """Closes on the next scan, a typed digit, Enter or a touch."""

    name = "done"
    place = "done"
    footer = ("done.hint.next", "done.hint.reprint")

    def __init__(
        self, look: Look, nav: Navigator, *, on_scan: Callable[[str], None], now_ms: Callable[[], int]
    ) -> None:
        super().__init__(look, nav)
        self._on_scan, self._now_ms = on_scan, now_ms
        self._entered_ms = 0
        self._completed: CompletedSale | None = None
        self._print_state = ""
        self.change = ChangeCard(look)
        self.paid, self.receipt = Label(look, BODY), Label(look, LABEL, ink="muted")
        self.saved, self.printed = StatusPill(look), StatusPill(look)
        self.hint = Label(look, LABEL, ink="muted", wrap=True)
        self.next = Button(look, Kind.PRIMARY)
        self.reprint = Button(look, shape=Shape(64, LABEL_STRONG))
        self.drawer = Button(look, shape=Shape(64, LABEL_STRONG))
        self._build()
        self.act("next", self._next_by_key)
        self.next.clicked.connect(self._next_by_key)
        self.next.set_keycap(look.keys.keycap(self.place, "next"))

    def offer(self, reprint: Handler, drawer: Handler) -> None:
        """What the two side keys do."""
        self.act("reprint", reprint, self.reprint)
        self.act("drawer", drawer, self.drawer)

    def show_sale(self, completed: CompletedSale) -> None:
        """The sale that was just completed."""
        self._completed, self._print_state = completed, ""
        self.retranslate()

    def show_print(self, sale_id: SaleId, state: str, *, is_in_trouble: bool) -> None:
        """How the receipt of a sale stands; another sale's is not shown."""
        if self._completed is not None and sale_id == self._completed.sale_id:
            self._print_state = "failed" if is_in_trouble else state
            self.retranslate()

    def entered(self) -> None:
        """Begin the guard against a second Enter."""
        self._entered_ms = self._now_ms()

    def type_text(self, text: str) -> bool:
        """A typed character begins the next sale."""
        self.nav.go("sale")
        return text == " "

    def take_scan(self, text: str) -> bool:
        """The next sale begins with this scan."""
        self.nav.go("sale")
        self._on_scan(text)
        return True

    def retranslate(self) -> None:
        """Say the figures of the sale."""
        if self._completed is None:
            return
        words, sale, currency = self.look.words, self._completed.sale, self._completed.sale.currency
        change = sale.change_minor
        word = words("done.change" if change else "done.no_change")
        self.change.show_change(word, amount(change, currency), is_missing=False)
        self.paid.setText(
            words("done.paid", payable=amount(sale.payable_minor, currency), paid=amount(sale.paid_minor, currency))
        )
        check = words("done.check_code", code=self._completed.check_code)
        self.receipt.setText(f"{words('done.receipt', receipt_no=sale.receipt_no)}   {check}")
        self.saved.set_state("ok", "check-circle", words("done.saved"))
        self.printed.setVisible(self._print_state in PRINT_STATES)
        if self._print_state in PRINT_STATES:
            ink, icon, key = PRINT_STATES[self._print_state]
            self.printed.set_state(ink, icon, words(key))

    def _build(self) -> None:
        row, left, right = QHBoxLayout(self), QVBoxLayout(), QVBoxLayout()
        card = Card(self.look)
        facts, pills = QVBoxLayout(card), QHBoxLayout()
        for pill in (self.saved, self.printed):
            pill.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            pill.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            pills.addWidget(pill)
        pills.addStretch(1)
        facts.addLayout(pills)
        facts.addWidget(self.paid)
        facts.addWidget(self.receipt)
        left.addWidget(self.change, 1)
        left.addWidget(card)
        right.addWidget(self.hint)
        right.addStretch(1)
        right.addWidget(self.reprint)
        right.addWidget(self.drawer)
        right.addWidget(self.next)
        row.addLayout(left, 7)
        row.addLayout(right, 4)
        for button in (self.reprint, self.drawer, self.next):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.space(row, 16, 16)
        self.space(left, 0, 12)
        self.space(right, 0, 12)
        self.space(facts, (24, 14, 24, 18), 6)
        self.space(pills, 0, 12)
        self.say(self.hint, "done.scan_next")
        self.say(self.next, "done.next")
        self.say(self.reprint, "done.reprint")
        self.say(self.drawer, "done.drawer")

    def _next_by_key(self) -> bool:
        if self._now_ms() - self._entered_ms >= KEY_GUARD_MS:
            self.nav.go("sale")
        return True
