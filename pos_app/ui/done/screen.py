"""After a sale: the change in the largest figures, until the next scan."""

from collections.abc import Callable

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout

from domain.ids import SaleId
from domain.sale import Sale
from pos_app.services.checkout import CompletedSale
from pos_app.ui.done.sale_card import SaleCard
from pos_app.ui.look import Look
from pos_app.ui.pay.change_card import ChangeCard
from pos_app.ui.screen import Handler, Navigator, Screen
from pos_app.ui.tokens import LABEL, LABEL_STRONG
from pos_app.ui.widgets.button import Button, Kind, Shape
from pos_app.ui.widgets.label import Label
from pos_app.viewmodels.figures import amount

COMPACT_HEIGHT = 560
KEY_GUARD_MS = 500
"""A second Enter that was meant for the payment must not take the change from the screen."""


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
        self._sale: Sale | None = None
        self.change, self.card = ChangeCard(look), SaleCard(look)
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
        self._sale = completed.sale
        self.card.show_sale(completed)
        self.retranslate()

    def show_print(self, sale_id: SaleId, state: str) -> None:
        """How the receipt of a sale stands."""
        self.card.show_print(sale_id, state)

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
        """Say the change."""
        if self._sale is not None:
            change = self._sale.change_minor
            word = self.look.words("done.change" if change else "done.no_change")
            self.change.show_change(word, amount(change, self._sale.currency), is_missing=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what is not needed where there is little height."""
        super().resizeEvent(event)
        self.restyle()

    def restyle(self) -> None:
        """Leave out what is not needed where there is little height."""
        is_compact = self.height() < self.look.theme.px(COMPACT_HEIGHT)
        self.card.set_compact(is_compact)
        self.hint.setVisible(not is_compact)
        is_mirrored = self.look.theme.is_mirrored
        self._row.setDirection(QBoxLayout.Direction.RightToLeft if is_mirrored else QBoxLayout.Direction.LeftToRight)

    def _build(self) -> None:
        row, right = QHBoxLayout(self), QVBoxLayout()
        self._row = row
        right.addWidget(self.card)
        right.addWidget(self.hint)
        right.addStretch(1)
        for button in (self.reprint, self.drawer, self.next):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            right.addWidget(button)
        row.addWidget(self.change, 13)
        row.addLayout(right, 9)
        self.space(row, 16, 16)
        self.space(right, 0, 12)
        self.say(self.hint, "done.scan_next")
        self.say(self.next, "done.next")
        self.say(self.reprint, "done.reprint")
        self.say(self.drawer, "done.drawer")

    def _next_by_key(self) -> bool:
        if self._now_ms() - self._entered_ms >= KEY_GUARD_MS:
            self.nav.go("sale")
        return True
