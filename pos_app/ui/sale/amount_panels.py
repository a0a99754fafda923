"""Panels that ask for a figure: quantity, weight, price, discount."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from domain.cart import DiscountKind
from domain.errors import DomainError
from domain.quantity import parse_quantity
from pos_app.ui.look import Look
from pos_app.ui.sale.reasons import PRICE_REASONS, ReasonChoices
from pos_app.ui.screen import Navigator
from pos_app.ui.titled_panel import TitledPanel
from pos_app.ui.tokens import LABEL, SMALL
from pos_app.ui.widgets.choices import Choices
from pos_app.ui.widgets.figure_field import FigureField
from pos_app.ui.widgets.keypad import Keypad
from pos_app.ui.widgets.label import Label
from pos_app.ui.widgets.money_field import MoneyField

PERCENT_DECIMALS = 2


class FigurePanel(TitledPanel):
    """A field, a keypad beside it, and what else a subclass adds on the left."""

    place = "amount"
    footer = ("sale.hint.accept", "sale.hint.close")
    width_px = 820

    def __init__(self, look: Look, nav: Navigator, *, field: FigureField | MoneyField) -> None:
        super().__init__(look, nav)
        self.field = field
        self.main, self.side = QVBoxLayout(), QVBoxLayout()
        self.pad = Keypad(look, height=60)
        row = QHBoxLayout()
        row.addLayout(self.main, 11)
        row.addLayout(self.side, 9)
        self.main.addWidget(field)
        self.side.addWidget(self.pad)
        self.body.addLayout(row)
        self.space(self.main, 0, 12)
        self.space(self.side, 0, 8)
        self.space(row, 0, 20)
        self.act("erase", self._erase)
        self.pad.pressed.connect(self._press)

    def _erase(self) -> None:
        self.field.erase()

    def _press(self, key: str) -> None:
        self.field.press(key)

    def type_text(self, text: str) -> bool:
        """Digits go to the field."""
        return self.field.type_text(text)


class QuantityPanel(FigurePanel):
    """How many pieces, or how much weight."""

    name = "quantity"

    def __init__(self, look: Look, nav: Navigator, *, name: str, unit: str, then: Callable[[int], bool]) -> None:
        field = FigureField(look, decimals=3)
        super().__init__(look, nav, field=field)
        self._field, self._name, self._unit, self._then = field, name, unit, then
        self.main.addStretch(1)
        self.retranslate()

    def retranslate(self) -> None:
        """Say what is asked."""
        words = self.look.words
        if self._unit:
            self.title.setText(words("sale.panel.weight", name=self._name))
            self._field.set_label(words("sale.panel.weight_unit", unit=self._unit))
        else:
            self.title.setText(self._name)
            self._field.set_label(words("sale.panel.quantity"))

    def accept(self) -> object:
        """Give the quantity on; a wrong one is said and the panel stays."""
        try:
            quantity = parse_quantity(self._field.text)
        except DomainError as error:
            self.nav.tell_error(error)
            return None
        if self._then(quantity):
            self.close_panel()
        return None


class OverridePanel(FigurePanel):
    """A new unit price with its reason: ``decided(price_minor, reason)``."""

    decided = Signal(object, str)
    name = "override"

    def __init__(self, look: Look, nav: Navigator, *, subject: tuple[str, str], field: MoneyField) -> None:
        super().__init__(look, nav, field=field)
        self._name, self._old = subject
        self._money = field
        self.old = Label(look, LABEL, ink="muted")
        self.reason_word = Label(look, SMALL, ink="muted")
        self.reasons = ReasonChoices(look, PRICE_REASONS, columns=3)
        self.main.addWidget(self.old)
        self.main.addWidget(self.reason_word)
        self.main.addWidget(self.reasons)
        self.main.addStretch(1)
        self.say(self.reason_word, "sale.panel.reason")
        self.act("up", lambda: self.reasons.step(-1))
        self.act("down", lambda: self.reasons.step(1))
        self.retranslate()

    def retranslate(self) -> None:
        """Say whose price and what it was."""
        words = self.look.words
        self.title.setText(words("sale.panel.override", name=self._name))
        self._money.set_label(words("sale.panel.new_price"))
        self.old.setText(words("sale.panel.old_price", price=self._old) if self._old else "")

    def accept(self) -> object:
        """Give the price on; an unreadable one is said."""
        try:
            price = self._money.parsed_minor()
        except DomainError as error:
            self.nav.tell_error(error)
            return None
        reason = self.reasons.reason
        self.close_panel()
        self.decided.emit(price, reason)
        return None


class DiscountPanel(FigurePanel):
    """Per cent or an amount off: ``decided(kind, value, reason, whole_cart)``."""

    decided = Signal(object, object, str, bool)
    name = "discount"

    def __init__(self, look: Look, nav: Navigator, *, currency: str, has_line: bool) -> None:
        percent = FigureField(look, decimals=PERCENT_DECIMALS)
        super().__init__(look, nav, field=percent)
        self._percent, self._money = percent, MoneyField(look, currency)
        self.main.addWidget(self._money)
        self.kinds, self.scopes = Choices(look, columns=2), Choices(look, columns=2)
        self.reason_word = Label(look, SMALL, ink="muted")
        self.reasons = ReasonChoices(look, PRICE_REASONS, columns=3)
        self.main.insertWidget(0, self.scopes)
        self.main.insertWidget(1, self.kinds)
        self.main.addWidget(self.reason_word)
        self.main.addWidget(self.reasons)
        self.main.addStretch(1)
        self.say(self.reason_word, "sale.panel.reason")
        self.say(self.title, "sale.panel.discount")
        self.act("percent", lambda: self._choose_kind(0))
        self.act("amount", lambda: self._choose_kind(1))
        self.act("line", lambda: self.scopes.mark(0))
        self.act("cart", lambda: self.scopes.mark(1))
        self.act("up", lambda: self.reasons.step(-1))
        self.act("down", lambda: self.reasons.step(1))
        self.kinds.chosen.connect(self._choose_kind)
        self.retranslate()
        self.scopes.mark(0 if has_line else 1)
        self._choose_kind(0)

    def retranslate(self) -> None:
        """Say the choices."""
        words, keys = self.look.words, self.look.keys
        self.scopes.show_choices(
            [words("sale.panel.this_line"), words("sale.panel.whole_cart")],
            keycaps=[keys.keycap(self.place, act) for act in ("line", "cart")],
        )
        self.kinds.show_choices(
            [words("sale.panel.percent"), words("sale.panel.amount")],
            keycaps=[keys.keycap(self.place, act) for act in ("percent", "amount")],
        )
        self._percent.set_label(words("sale.panel.percent_off"))
        self._money.set_label(words("sale.panel.amount_off"))

    def accept(self) -> object:
        """Give the discount on; an unreadable one is said."""
        kind = DiscountKind.PERCENT if self.kinds.marked == 0 else DiscountKind.AMOUNT
        try:
            value = self._percent.scaled() if kind is DiscountKind.PERCENT else self._money.parsed_minor()
        except DomainError as error:
            self.nav.tell_error(error)
            return None
        reason, whole = self.reasons.reason, self.scopes.marked == 1
        self.close_panel()
        self.decided.emit(kind, value, reason, whole)
        return None

    def _choose_kind(self, at: int) -> None:
        self.kinds.mark(at)
        self.field = self._money if at else self._percent
        self._percent.setVisible(at == 0)
        self._money.setVisible(at == 1)
