"""Paying: which tender, how much, and the one completion that a second Enter cannot repeat."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from domain.errors import DomainError
from domain.pricing import PricedCart
from domain.tender import TenderKind
from pos_app.services.checkout import Checkout, CompletedSale, Payment
from pos_app.services.operators import Operators
from pos_app.tasks import Tasks
from pos_app.viewmodels.notice import of_error


@dataclass(frozen=True, slots=True)
class PayState:
    """Everything the pay and done screens show."""

    payment: Payment | None = None
    kind: TenderKind = TenderKind.CASH
    is_completing: bool = False
    completed: CompletedSale | None = None

    @property
    def is_open(self) -> bool:
        """Whether a payment runs and may be changed."""
        return self.payment is not None and not self.is_completing

    @property
    def to_pay_minor(self) -> int:
        """What is left to pay with the chosen tender: rounded down for cash alone."""
        if self.payment is None:
            return 0
        if self.kind is TenderKind.CASH:
            return self.payment.cash_due_minor
        return self.payment.priced.due_minor - self.payment.settlement.paid_minor

    @property
    def rounding_minor(self) -> int:
        """抹零 if the rest is paid in cash."""
        if self.payment is None or self.kind is not TenderKind.CASH:
            return 0
        return self.payment.priced.due_minor - self.payment.settlement.paid_minor - self.payment.cash_due_minor

    @property
    def quick_minor(self) -> tuple[int, ...]:
        """The amounts of the quick keys: for a card the rest alone, for it gives no change."""
        if self.payment is None:
            return ()
        return self.payment.quick_minor if self.kind is TenderKind.CASH else (max(0, self.to_pay_minor),)


class PayViewModel(QObject):
    """``finished`` is emitted once per sale, after it is durable."""

    changed = Signal()
    told = Signal(object)
    finished = Signal(object)

    def __init__(self, checkout: Checkout, operators: Operators, *, tasks: Tasks) -> None:
        super().__init__()
        self._checkout, self._operators, self._tasks = checkout, operators, tasks
        self.state = PayState()

    def start(self, priced: PricedCart) -> bool:
        """Begin to pay; False where there is nothing to pay, which is then said."""
        if self.state.is_completing:
            return False
        try:
            payment = self._checkout.start(priced)
        except DomainError as error:
            self.told.emit(of_error(error))
            return False
        self._show(PayState(payment=payment))
        return True

    def choose(self, kind: TenderKind) -> None:
        """Pay with another tender."""
        if self.state.is_open:
            self._show(replace(self.state, kind=kind))

    def change_minor(self, given_minor: int | None) -> int:
        """What would be given back for an amount; below zero is what would still be missing."""
        given = self.state.to_pay_minor if given_minor is None else given_minor
        return given - self.state.to_pay_minor

    def finish(self, given_minor: int | None) -> None:
        """Take an amount (None: exactly what is left) and complete the sale if that pays it."""
        if not self.state.is_open:
            return
        amount = self.state.to_pay_minor if given_minor is None else given_minor
        if self._take(amount):
            self._complete_if_paid()

    def quick(self, at: int) -> None:
        """One of the quick keys: the amount is what was handed over, or what the card was charged."""
        amounts = self.state.quick_minor
        if at < len(amounts):
            self.finish(amounts[at])

    def remove_tender(self, at: int) -> None:
        """Take back a payment that was not real."""
        if self.state.is_open:
            self._show(replace(self.state, payment=self._checkout.remove_tender(at)))

    def back(self) -> bool:
        """Return to the cart; False while a sale is being completed."""
        if self.state.is_completing:
            return False
        if self.state.payment is not None:
            self._checkout.back()
        self._show(PayState())
        return True

    def _take(self, amount_minor: int) -> bool:
        payment = self.state.payment
        assert payment is not None
        if payment.settlement.is_complete and payment.tenders:
            return True
        try:
            payment = self._checkout.add_tender(self.state.kind, amount_minor)
        except DomainError as error:
            self.told.emit(of_error(error))
            return False
        self._show(replace(self.state, payment=payment))
        return True

    def _complete_if_paid(self) -> None:
        payment, operator = self.state.payment, self._operators.current
        if payment is None or not payment.settlement.is_complete:
            return
        if operator is None:
            self.told.emit(of_error(DomainError("operator.not_signed_on")))
            return
        self._show(replace(self.state, is_completing=True))
        self._tasks.write(lambda: self._checkout.complete(operator), self._completed, on_error=self._failed)

    def _completed(self, completed: CompletedSale) -> None:
        self._show(PayState(completed=completed))
        self.finished.emit(completed)

    def _failed(self, error: Exception) -> None:
        """Nothing was committed: the tenders stand, Enter tries again."""
        self._show(replace(self.state, is_completing=False))
        if not isinstance(error, DomainError):
            raise error
        self.told.emit(of_error(error))

    def _show(self, state: PayState) -> None:
        self.state = state
        self.changed.emit()
