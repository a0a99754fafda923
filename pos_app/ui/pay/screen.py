"""The pay screen: tender, amount, quick keys, change, and the one key that finishes."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from domain.errors import DomainError
from domain.tender import TenderKind
from pos_app.ui.look import Look
from pos_app.ui.pay.change_card import ChangeCard
from pos_app.ui.pay.tender_list import TenderList
from pos_app.ui.screen import Navigator, Screen
from pos_app.ui.tokens import BODY, FIELD, HINT, LABEL, LABEL_STRONG, LINE, LINE_STRONG, TOTAL
from pos_app.ui.widgets.button import Button, Kind, Shape
from pos_app.ui.widgets.card import Card
from pos_app.ui.widgets.keypad import Keypad
from pos_app.ui.widgets.label import Label
from pos_app.ui.widgets.money_field import MoneyField
from pos_app.viewmodels.figures import MINUS, amount, plain, short_amount
from pos_app.viewmodels.notice import Level, Notice
from pos_app.viewmodels.pay import PayState, PayViewModel

KINDS = (TenderKind.CASH, TenderKind.CARD_EXTERNAL)
KIND_ACTS = {TenderKind.CASH: "cash", TenderKind.CARD_EXTERNAL: "card"}
KIND_ICONS = {TenderKind.CASH: "cash", TenderKind.CARD_EXTERNAL: "card"}
TAP_GUARD_MS = 450
"""A second tap of the finger that opened this screen must not pay: the key to finish stands where it fell."""
NARROW = 900
QUICK_KEYS = 4


class PayScreen(Screen):
    """A scan here goes back to the cart and sells: nothing scanned is lost."""

    name = "pay"
    place = "pay"
    footer = ("pay.hint.back", "pay.hint.exact", "pay.hint.plus")

    def __init__(
        self,
        look: Look,
        nav: Navigator,
        *,
        pay: PayViewModel,
        on_scan: Callable[[str], None],
        now_ms: Callable[[], int],
    ) -> None:
        super().__init__(look, nav)
        self._pay, self._on_scan, self._now_ms = pay, on_scan, now_ms
        self._entered_ms = 0
        self.kinds = {kind: self._kind_button(kind) for kind in KINDS}
        self.due_word, self.due = Label(look, BODY, ink="muted"), Label(look, TOTAL)
        self.rounding = Label(look, HINT, ink="muted")
        self.field = MoneyField(look, "CNY")
        self.quick = [Button(look, shape=Shape(72, LINE_STRONG, pad=8)) for _ in range(QUICK_KEYS)]
        self.change, self.taken, self.pad = ChangeCard(look), TenderList(look), Keypad(look)
        self.finish = Button(look, Kind.PRIMARY)
        self.hint = Label(look, LABEL, ink="muted", wrap=True)
        self.goods_word, self.goods = Label(look, BODY, ink="muted"), Label(look, BODY)
        self.saved_word, self.saved = Label(look, BODY, ink="muted"), Label(look, BODY, ink="ok")
        self._build()
        self._wire()
        self.retranslate()

    @property
    def is_busy(self) -> bool:
        """While the sale is being committed scans wait."""
        return self._pay.state.is_completing

    def entered(self) -> None:
        """Begin with an empty field."""
        self._entered_ms = self._now_ms()
        self.field.clear()
        self._show()

    def type_text(self, text: str) -> bool:
        """Digits are the amount."""
        return self._pay.state.is_open and self.field.type_text(text)

    def take_scan(self, text: str) -> bool:
        """Goods scanned while paying: back to the cart, with what was taken kept."""
        if not self._back():
            return False
        self._on_scan(text)
        self.nav.tell(Notice(Level.INFO, "pay.notice.scan_back"))
        return True

    def retranslate(self) -> None:
        """Say what depends on figures."""
        words = self.look.words
        for kind, button in self.kinds.items():
            button.setText(words(f"pay.kind.{kind.value}"))
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width anew."""
        super().resizeEvent(event)
        self._arrange()

    def restyle(self) -> None:
        """Share the width at the new scale."""
        self._arrange()

    # Building ------------------------------------------------------------------------------------------

    def _kind_button(self, kind: TenderKind) -> Button:
        button = Button(self.look, Kind.CHOICE, shape=Shape(72, LINE, spread=True, pad=18))
        button.set_icon(KIND_ICONS[kind])
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        return button

    def _build(self) -> None:
        self._left, self._middle, self._right = QWidget(), QWidget(), QWidget()
        self._row = row = QHBoxLayout(self)
        row.addWidget(self._left)
        row.addWidget(self._middle, 1)
        row.addWidget(self._right)
        self.space(row, 16, 12)
        self._build_left()
        self._build_middle()
        self._build_right()

    def _build_left(self) -> None:
        column = QVBoxLayout(self._left)
        for button in self.kinds.values():
            column.addWidget(button)
        column.addWidget(self.taken)
        column.addWidget(self.hint)
        column.addStretch(1)
        self.space(column, 0, 8)

    def _build_middle(self) -> None:
        column, card, quick = QVBoxLayout(self._middle), Card(self.look), QHBoxLayout()
        inside, line = QVBoxLayout(card), QHBoxLayout()
        line.addWidget(self.due_word)
        line.addWidget(self.rounding)
        line.addStretch(1)
        inside.addLayout(line)
        inside.addWidget(self.due)
        for button in self.quick:
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            quick.addWidget(button, 1)
        column.addWidget(card)
        column.addWidget(self.field)
        column.addLayout(quick)
        column.addWidget(self.change, 1)
        self.space(column, 0, 12)
        self.space(inside, (28, 14, 28, 16), 0)
        self.space(line, 0, 8)
        self.space(quick, 0, 8)

    def _build_right(self) -> None:
        column, card = QVBoxLayout(self._right), Card(self.look)
        sums = QGridLayout(card)
        for at, (word, figure) in enumerate(((self.goods_word, self.goods), (self.saved_word, self.saved))):
            figure.setAlignment(Qt.AlignmentFlag.AlignRight)
            sums.addWidget(word, at, 0)
            sums.addWidget(figure, at, 1)
        self.sums = card
        self.finish.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column.addWidget(card)
        column.addWidget(self.pad, 1)
        column.addWidget(self.finish)
        self.space(column, 0, 12)
        self.space(sums, (18, 12, 18, 14), 10)

    def _wire(self) -> None:
        for kind, button in self.kinds.items():
            self.act(KIND_ACTS[kind], self._choosing(kind), button)
        for at, button in enumerate(self.quick):
            self.act(f"quick_{at + 1}", self._quickly(at), button)
        self.act("finish", self._finish)
        self.act("exact", self._exact)
        self.act("back", self._back)
        self.act("erase", self.field.erase)
        self.act("clear", self.field.clear)
        self.act("up", lambda: self._step(-1))
        self.act("down", lambda: self._step(1))
        self.act("remove_tender", self._remove_last)
        self.finish.clicked.connect(self._tapped)
        self.finish.set_keycap(self.look.keys.keycap(self.place, "finish"))
        self.pad.pressed.connect(self._pad)
        self.field.changed.connect(self._show)
        self.taken.take_back.connect(self._pay.remove_tender)
        self._pay.changed.connect(self._show)
        self._pay.told.connect(self.nav.tell)

    # Showing -------------------------------------------------------------------------------------------

    def _show(self) -> None:
        state, words = self._pay.state, self.look.words
        payment = state.payment
        if payment is None:
            return
        currency = payment.priced.cart.currency
        self.field.set_currency(currency)
        for kind, button in self.kinds.items():
            button.setChecked(kind is state.kind)
        has_part = bool(payment.tenders)
        self.due_word.setText(words("pay.rest" if has_part else "pay.due"))
        self.due.setText(amount(state.to_pay_minor, currency))
        rounding = state.rounding_minor
        self.rounding.setText(words("pay.rounding", amount=MINUS + plain(rounding, currency)) if rounding else "")
        is_cash = state.kind is TenderKind.CASH
        self.field.set_label(words("pay.received" if is_cash else "pay.card_amount"))
        self.field.set_placeholder(words("pay.exact_hint"))
        self.hint.setText(words("pay.cash_first" if is_cash else "pay.card_first"))
        self.taken.show_tenders(
            [(words(f"pay.kind.{one.kind.value}"), amount(one.amount_minor, currency)) for one in payment.tenders]
        )
        self._show_quick(state.quick_minor, currency)
        self._show_change(state, currency)
        self._show_sums(state, currency)

    def _show_quick(self, amounts: tuple[int, ...], currency: str) -> None:
        for at, button in enumerate(self.quick):
            button.setVisible(at < len(amounts))
            if at < len(amounts):
                text = plain(amounts[at], currency) if at == 0 else short_amount(amounts[at], currency)
                button.setText(text)
                key = self.look.keys.keycap(self.place, f"quick_{at + 1}")
                button.set_keycap("")
                button.set_sub(f"{self.look.words('pay.exact')} {key}" if at == 0 else key)

    def _show_change(self, state: PayState, currency: str) -> None:
        words, given = self.look.words, self.field.amount_minor
        change = self._pay.change_minor(given)
        is_missing = change < 0 or (not self.field.is_empty and given is None)
        word = words("pay.missing" if is_missing else "pay.change")
        shown = state.to_pay_minor if given is None and is_missing else abs(change)
        self.change.show_change(word, amount(shown, currency), is_missing=is_missing)
        key = "pay.completing" if state.is_completing else "pay.take_part" if is_missing else "pay.finish"
        self.finish.setText(words(key))
        self.finish.setEnabled(state.is_open)

    def _show_sums(self, state: PayState, currency: str) -> None:
        assert state.payment is not None
        priced, words = state.payment.priced, self.look.words
        pieces = sum(1 if ln.item.weighed else ln.quantity_thousandths // 1000 for ln in priced.cart.lines)
        self.goods_word.setText(words("pay.goods", pieces=pieces))
        self.goods.setText(plain(priced.list_total_minor, currency))
        saved = priced.saved_minor
        self.saved_word.setText(words("sale.raised" if saved < 0 else "pay.reductions"))
        self.saved.setText(("+" if saved < 0 else "") + plain(-saved, currency))
        self.saved.set_token("warn" if saved < 0 else "ok")
        self.saved_word.setVisible(bool(saved))
        self.saved.setVisible(bool(saved))

    def _arrange(self) -> None:
        px, is_mirrored = self.look.theme.px, self.look.theme.is_mirrored
        self._row.setDirection(QBoxLayout.Direction.RightToLeft if is_mirrored else QBoxLayout.Direction.LeftToRight)
        narrow = self.width() < px(NARROW)
        self._left.setFixedWidth(min(px(170 if narrow else 270), round(self.width() * 0.24)))
        self._right.setFixedWidth(min(px(280 if narrow else 400), round(self.width() * 0.34)))
        self.sums.setVisible(self.height() > px(480))
        self.hint.setVisible(self.height() > px(480))
        self.due.set_type(FIELD if narrow else TOTAL)
        for kind, button in self.kinds.items():
            button.set_icon("" if narrow else KIND_ICONS[kind])
            button.set_shape(Shape(72, LABEL if narrow else LINE, spread=True, pad=10 if narrow else 18))
        for button in self.quick:
            button.set_shape(Shape(72, LABEL_STRONG if narrow else LINE_STRONG, pad=8))

    # Acts ----------------------------------------------------------------------------------------------

    def _finish(self) -> None:
        if self._pay.state.is_completing:
            return
        if self.field.is_empty:
            self._pay.finish(None)
            return
        try:
            given = self.field.parsed_minor()
        except DomainError as error:
            self.nav.tell_error(error)
            return
        self._pay.finish(given)
        if self._pay.state.is_open:
            self.field.clear()

    def _exact(self) -> None:
        if self.field.is_empty:
            self._pay.finish(None)

    def _tapped(self) -> None:
        if self._now_ms() - self._entered_ms >= TAP_GUARD_MS:
            self._finish()

    def _back(self) -> bool:
        if not self._pay.back():
            self.nav.tell(Notice(Level.INFO, "pay.notice.busy"))
            return False
        self.nav.go("sale")
        return True

    def _choosing(self, kind: TenderKind) -> Callable[[], None]:
        def choose() -> None:
            self.field.clear()
            self._pay.choose(kind)

        return choose

    def _quickly(self, at: int) -> Callable[[], None]:
        return lambda: self._pay.quick(at)

    def _step(self, steps: int) -> None:
        at = KINDS.index(self._pay.state.kind) + steps
        self._pay.choose(KINDS[max(0, min(len(KINDS) - 1, at))])

    def _remove_last(self) -> None:
        payment = self._pay.state.payment
        if payment is not None and payment.tenders:
            self._pay.remove_tender(len(payment.tenders) - 1)

    def _pad(self, key: str) -> None:
        if self._pay.state.is_open:
            self.field.press(key)
