"""From the cart to the sale: tenders, change, and the one commit that makes it a fact."""

from dataclasses import dataclass

from domain.ids import CartId, SaleId
from domain.permissions import Operator
from domain.pricing import PricedCart
from domain.sale import Sale
from domain.tender import Settlement, Tender, TenderKind


@dataclass(frozen=True, slots=True)
class Payment:
    """Where paying stands; ``quick_minor`` are the amounts of the quick cash keys."""

    cart_id: CartId
    priced: PricedCart
    tenders: tuple[Tender, ...]
    settlement: Settlement
    quick_minor: tuple[int, ...]
    cash_rounding_unit_minor: int

    @property
    def cash_due_minor(self) -> int:
        """What is left to pay if it is paid in cash now (after 抹零)."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class CompletedSale:
    """A sale that is durable; ``check_code`` (``7F3A-91C2``) is printed on the receipt."""

    sale: Sale
    entry_hash: str
    check_code: str

    @property
    def sale_id(self) -> SaleId:
        """The sale's id."""
        raise NotImplementedError

    @property
    def receipt_no(self) -> str:
        """``0102-2A-000183``."""
        raise NotImplementedError

    @property
    def change_minor(self) -> int:
        """What the cashier gives back."""
        raise NotImplementedError


class Checkout:
    """One payment at a time. ``complete`` runs on the database worker, all else on the UI thread."""

    @property
    def payment(self) -> Payment | None:
        """The running payment, or None; tenders already taken survive a restart."""
        raise NotImplementedError

    def start(self, priced: PricedCart) -> Payment:
        """Begin to pay the cart, or go on with the tenders already taken for it; ``sale.empty``."""
        raise NotImplementedError

    def add_tender(self, kind: TenderKind, amount_minor: int, *, reference: str = "") -> Payment:
        """Take a payment; ``tender.exceeds_due``, ``tender.amount_not_positive``, ``checkout.not_started``."""
        raise NotImplementedError

    def remove_tender(self, index: int) -> Payment:
        """Take back a payment that was not real."""
        raise NotImplementedError

    def back(self) -> None:
        """Return to the sale screen; tenders taken stay with the cart."""
        raise NotImplementedError

    def complete(self, operator: Operator) -> CompletedSale:
        """Commit the sale: sale row, journal entry, receipt and drawer jobs, end of the cart, all or nothing.

        A second call for the same cart returns the first result. ``sale.not_paid``, StorageError.
        """
        raise NotImplementedError
