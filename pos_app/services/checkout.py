"""From the cart to the sale: tenders, change, and the one commit that makes it a fact."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

import msgspec

from domain.cart import Cart
from domain.clock import BusinessDate, business_date
from domain.errors import DomainError
from domain.ids import CartId, IdFactory, OperatorId, SaleId, StoreId, receipt_number
from domain.money import CURRENCY_DIGITS, round_down_minor
from domain.permissions import Operator
from domain.pricing import PricedCart
from domain.sale import Sale, SaleContext, sale_from_body
from domain.sale import complete as freeze
from domain.tender import Settlement, Tender, TenderKind, quick_cash, settle
from pos_app.clock import TillClock
from pos_app.db import print_jobs
from pos_app.db.carts import CartState, KeptCart
from pos_app.db.print_jobs import JobKind, NewJob
from pos_app.db.sales import SaleExists
from pos_app.db.unit_of_work import TillDatabase, UnitOfWork
from pos_app.services.cart_keeper import CartKeeper
from pos_app.services.catalog import Catalog
from pos_app.services.journaling import Journal, Place
from pos_app.services.selling import Selling
from pos_app.settings import DeviceSettings, PrinterKind
from sync.journal import canonical, check_code

_KICK = canonical({})
_ORIGINAL = canonical({"copy": False})


@dataclass(frozen=True, slots=True)
class Payment:
    """Where paying stands."""

    cart_id: CartId
    priced: PricedCart
    tenders: tuple[Tender, ...]
    settlement: Settlement
    cash_rounding_unit_minor: int

    @property
    def cash_due_minor(self) -> int:
        """What is left to pay if it is paid in cash now (after 抹零)."""
        other = sum(t.amount_minor for t in self.tenders if t.kind is not TenderKind.CASH)
        cash = sum(t.amount_minor for t in self.tenders if t.kind is TenderKind.CASH)
        rest = max(0, self.priced.due_minor - other)
        return max(0, round_down_minor(rest, self.cash_rounding_unit_minor) - cash)

    @property
    def quick_minor(self) -> tuple[int, ...]:
        """The amounts of the quick cash keys: what is left in cash, and the notes above it."""
        return tuple(quick_cash(self.cash_due_minor, 10 ** CURRENCY_DIGITS[self.priced.cart.currency]))


@dataclass(frozen=True, slots=True)
class CompletedSale:
    """A sale that is durable; ``check_code`` (``7F3A-91C2``) is printed on the receipt."""

    sale: Sale
    entry_hash: str
    check_code: str

    @property
    def sale_id(self) -> SaleId:
        """The sale's id."""
        return self.sale.sale_id

    @property
    def receipt_no(self) -> str:
        """``0102-2A-000183``."""
        return self.sale.receipt_no

    @property
    def change_minor(self) -> int:
        """What the cashier gives back."""
        return self.sale.change_minor


@dataclass(frozen=True, slots=True)
class SaleWriter:
    """Writes a paid cart as a sale: everything that one commit holds, but for the commit."""

    journal: Journal
    keeper: CartKeeper
    clock: TillClock
    store_id: StoreId
    settings: Callable[[], DeviceSettings]

    def write(
        self, uow: UnitOfWork, payment: Payment, *, context: SaleContext, place: Place | None = None
    ) -> CompletedSale:
        """Sale row, journal entry (at ``place``, where it was read), receipt and drawer jobs, end of the cart."""
        sale = freeze(payment.priced, payment.tenders, settlement=payment.settlement, context=context)
        entry = self.journal.record(uow, "sale", body={"sale": sale}, place=place)
        uow.sales.add(sale, payment.cart_id, entry=entry)
        self._queue(uow, sale)
        self.keeper.removed_with(uow, payment.cart_id)
        return CompletedSale(sale, entry.hash, check_code(entry.hash))

    def _queue(self, uow: UnitOfWork, sale: Sale) -> None:
        settings, at_ms = self.settings(), sale.occurred_at_ms
        if settings.printer.kind is PrinterKind.NONE:
            return
        jobs = []
        if settings.drawer.enabled and any(t.kind is TenderKind.CASH for t in sale.tenders):
            jobs.append(NewJob(JobKind.DRAWER, _KICK, at_ms, sale.sale_id))
        if settings.printer.print_sales:
            jobs.append(NewJob(JobKind.RECEIPT, _ORIGINAL, at_ms, sale.sale_id))
        print_jobs.add_all(uow.raw, jobs)


class Checkout:
    """One payment at a time. ``complete`` runs on the database worker, all else on the UI thread."""

    def __init__(
        self, database: TillDatabase, catalog: Catalog, *, selling: Selling, writer: SaleWriter, ids: IdFactory
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._selling = selling
        self._writer = writer
        self._ids = ids
        self._lock = threading.Lock()
        self._payment: Payment | None = None
        self._sale_id = SaleId("")
        self._completed: CompletedSale | None = None

    @property
    def payment(self) -> Payment | None:
        """The running payment, or None; tenders already taken survive a restart."""
        return None if self._completed else self._payment

    def start(self, priced: PricedCart) -> Payment:
        """Begin to pay the cart, or go on with the tenders already taken for it; ``sale.empty``."""
        if priced.cart.is_empty:
            raise DomainError("sale.empty")
        payment = self._set(priced, self._writer.keeper.tenders(priced.cart.cart_id))
        self._sale_id, self._completed = SaleId(self._ids.new_id()), None
        return payment

    def add_tender(self, kind: TenderKind, amount_minor: int, *, reference: str = "") -> Payment:
        """Take a payment; ``tender.exceeds_due``, ``tender.amount_not_positive``, ``checkout.not_started``."""
        payment = self._running()
        tenders = (*payment.tenders, Tender(kind, amount_minor, reference))
        settle(payment.priced.due_minor, tenders, payment.cash_rounding_unit_minor)
        return self._take(payment, tenders)

    def remove_tender(self, index: int) -> Payment:
        """Take back a payment that was not real."""
        payment = self._running()
        if not 0 <= index < len(payment.tenders):
            raise DomainError("checkout.no_such_tender")
        return self._take(payment, payment.tenders[:index] + payment.tenders[index + 1 :])

    def back(self) -> None:
        """Return to the sale screen; tenders taken stay with the cart."""
        if not self._completed:
            self._payment = None

    def complete(self, operator: Operator) -> CompletedSale:
        """Commit the sale: sale row, journal entry, receipt and drawer jobs, end of the cart, all or nothing.

        A second call for the same cart returns the first result. ``sale.not_paid``, StorageError.
        """
        with self._lock:
            if self._completed:
                return self._completed
            payment = self._running()
            if payment.settlement.remaining_minor < 0:
                raise DomainError("checkout.card_exceeds_due")
            with self._selling.completing(payment.priced):
                self._completed = self._commit(payment, operator.operator_id)
            return self._completed

    def _commit(self, payment: Payment, operator_id: OperatorId) -> CompletedSale:
        try:
            with self._database.write() as uow:
                place = self._writer.journal.next_place(uow)
                context = self._context(uow, operator_id, place=place)
                completed = self._writer.write(uow, payment, context=context, place=place)
                uow.commit()
                return completed
        except SaleExists:
            # The disk said that an earlier commit of this cart failed, and it had not.
            return self._earlier(payment.cart_id)

    def _earlier(self, cart_id: CartId) -> CompletedSale:
        with self._database.write() as uow:
            row = uow.sales.of_cart(cart_id)
            body = uow.sales.body(row) if row else None
            if row is None or body is None:
                raise DomainError("checkout.not_started")
            self._writer.keeper.removed_with(uow, cart_id)
            uow.commit()
        return CompletedSale(sale_from_body(msgspec.json.decode(body)["sale"]), row.hash, check_code(row.hash))

    def _context(self, uow: UnitOfWork, operator_id: OperatorId, *, place: Place) -> SaleContext:
        (terminal, tip), stamp = place
        inc = tip.incarnation
        number = uow.meta.next_receipt_number(inc)
        return SaleContext(
            sale_id=self._sale_id,
            receipt_no=receipt_number(terminal, inc, number),
            store_id=self._writer.store_id,
            terminal_id=terminal,
            operator_id=operator_id,
            business_date=self._business_date(stamp.estimate_ms),
            occurred_at_ms=stamp.at_ms,
        )

    def business_date(self) -> BusinessDate:
        """The store's trading day now."""
        return self._business_date(self._writer.clock.estimate_ms())

    def _business_date(self, at_ms: int) -> BusinessDate:
        store = self._catalog.store()
        return business_date(at_ms, zone_of(store.timezone), day_start_hour=store.day_start_hour)

    def _running(self) -> Payment:
        if self._payment is None or self._completed:
            raise DomainError("checkout.not_started")
        return self._payment

    def _take(self, payment: Payment, tenders: tuple[Tender, ...]) -> Payment:
        changed = self._set(payment.priced, tenders)
        cart: Cart = payment.priced.cart
        kept = KeptCart(cart, CartState.OPEN, OperatorId(""), self._writer.clock.now_ms(), tenders)
        self._writer.keeper.keep_tenders(kept)
        return changed

    def _set(self, priced: PricedCart, tenders: tuple[Tender, ...]) -> Payment:
        unit = self._selling.rule_book.cash_rounding_unit_minor
        payment = Payment(
            cart_id=priced.cart.cart_id,
            priced=priced,
            tenders=tenders,
            settlement=_settlement(priced.due_minor, tenders, unit=unit),
            cash_rounding_unit_minor=unit,
        )
        self._payment = payment
        return payment


def _settlement(due_minor: int, tenders: Sequence[Tender], *, unit: int) -> Settlement:
    """Where the payment stands; a line voided after a card was charged leaves ``remaining_minor`` below zero."""
    other = sum(t.amount_minor for t in tenders if t.kind is not TenderKind.CASH)
    if other > due_minor:
        paid = sum(t.amount_minor for t in tenders)
        return Settlement(due_minor, paid, 0, 0, due_minor - paid)
    return settle(due_minor, tenders, unit)


@cache
def zone_of(name: str) -> ZoneInfo:
    """A time zone by its IANA name; China's where the name is unknown."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError):
        return ZoneInfo("Asia/Shanghai")
