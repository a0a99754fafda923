"""The open cart: every act of the sale screen, applied in memory at once and kept in till.db behind it."""

import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from domain import cart as acts
from domain.cart import Cart, CartLine, DiscountKind, ManualDiscount, PriceOverride
from domain.errors import DomainError, NotFound
from domain.ids import CartId, IdFactory, ItemId, OperatorId
from domain.permissions import Act, Authority
from domain.pricing import PricedCart, price_cart
from domain.rulebook import RuleBook
from domain.scan import Scan
from pos_app.clock import TillClock
from pos_app.db.carts import CartState, KeptCart
from pos_app.db.faults import StorageError
from pos_app.services.cart_keeper import CartKeeper
from pos_app.services.cart_lines import brought_back, line_of_item, line_of_scan, repriced, void_facts
from pos_app.services.catalog import Catalog, Sellable
from pos_app.services.store_settings import StoreSettings

UNDO_STEPS = 200
_NO_STORE = RuleBook()
_NO_STORE_CURRENCY = "CNY"


@dataclass(frozen=True, slots=True)
class CartChange:
    """The cart after an act, the lines it touched, and a notice to show (text key ``notice.<code>``)."""

    priced: PricedCart
    changed_line_ids: tuple[str, ...] = ()
    notice_code: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SuspendedCart:
    """A cart set aside (挂单), as the list shows it."""

    cart_id: CartId
    label: str
    operator_id: OperatorId
    suspended_at_ms: int
    lines: int
    due_minor: int


class Selling:
    """Holds the open cart and its undo stack. Call from one thread (the UI's); nothing here waits for the disk.

    Each act raises DomainError and changes nothing, or returns the CartChange. The cart is queued to be written
    after each act and is there again after a kill.
    """

    def __init__(
        self,
        catalog: Catalog,
        keeper: CartKeeper,
        *,
        clock: TillClock,
        ids: IdFactory,
        check_room: Callable[[], None],
    ) -> None:
        self._catalog = catalog
        self._keeper = keeper
        self._clock = clock
        self._ids = ids
        self._check_room = check_room
        self._lock = threading.RLock()
        self._frozen = False
        self._undo: deque[tuple[Cart, int]] = deque(maxlen=UNDO_STEPS)
        self._heard = 0
        """How often HQ changed prices: an older cart that has not heard the last of it follows when it comes back."""
        self._aside: dict[CartId, KeptCart] = {}
        self._priced = self._load()

    @property
    def cart(self) -> PricedCart:
        """The open cart as priced now."""
        return self._priced

    @property
    def can_undo(self) -> bool:
        """Whether ``undo`` has something to take back."""
        return bool(self._undo)

    @property
    def rule_book(self) -> RuleBook:
        """The rules that carts are priced by now."""
        return _rule_book_of(self._store())

    def scan(self, scan: Scan, quantity_thousandths: int | None = None) -> CartChange:
        """Add what was scanned; ``quantity_thousandths`` is how many of the code (``3*``), None for one.

        Raises what ``Catalog.resolve`` raises, ``cart.price_missing`` (params item_id and the names),
        ``selling.weight_needed`` (params item, item_id) for weighed goods without a weight.
        """
        found = self._catalog.resolve(scan)
        return self._add(
            line_of_scan(scan, found, quantity_thousandths=quantity_thousandths, currency=self._currency()), found.item
        )

    def add_item(self, item_id: ItemId, quantity_thousandths: int | None = None) -> CartChange:
        """Add an item from a tile or the search; raises as ``scan``."""
        sellable = self._sold(item_id)
        return self._add(line_of_item(sellable, quantity_thousandths), sellable)

    def add_at_price(
        self,
        item_id: ItemId,
        price_minor: int,
        *,
        reason: str,
        authority: Authority,
        quantity_thousandths: int | None = None,
    ) -> CartChange:
        """Add an item at a price set by hand: the way out of ``cart.price_missing``; needs OVERRIDE_PRICE."""
        sellable = self._sold(item_id)
        line = replace(line_of_item(sellable, quantity_thousandths), line_id=self._ids.new_id())
        self._refuse_new_cart_without_room()
        cart = acts.add_line(self._open_cart(), line)
        override = self._override(line, price_minor, reason=reason, authority=authority)
        return self._apply(acts.override_price(cart, cart.lines[-1].line_id, override))

    def set_quantity(self, line_id: str, quantity_thousandths: int) -> CartChange:
        """Give a line another quantity."""
        return self._apply(acts.set_quantity(self._priced.cart, line_id, quantity_thousandths))

    def void_line(self, line_id: str, authority: Authority) -> CartChange:
        """Take a line out; notice ``line_voided`` (params name_zh, name_en)."""
        authority.require(Act.VOID_LINE)
        cart = self._priced.cart
        item = cart.line(line_id).item
        by = authority.operator.operator_id
        voided = acts.void_line(cart, line_id, operator_id=by, at_ms=self._clock.now_ms())
        return self._apply(voided, "line_voided", **item.names)

    def void_cart(self, reason: str, authority: Authority) -> CartChange:
        """Give up the whole cart; journaled with its lines; cannot be undone."""
        authority.require(Act.VOID_CART)
        priced = self._priced
        if priced.cart.is_empty and not priced.cart.voided:
            raise DomainError("sale.empty")
        self._refuse_tenders_taken()
        fact = void_facts(priced, reason=reason, authority=authority)
        with self._acting():
            self._keeper.drop(priced.cart.cart_id, ("cart_void", fact))
            return self._begin("cart_voided")

    def override_price(self, line_id: str, price_minor: int, *, reason: str, authority: Authority) -> CartChange:
        """Set a line's unit price by hand (改价); needs OVERRIDE_PRICE."""
        cart = self._priced.cart
        override = self._override(cart.line(line_id), price_minor, reason=reason, authority=authority)
        return self._apply(acts.override_price(cart, line_id, override))

    def discount_line(
        self, line_id: str, kind: DiscountKind, *, value: int, reason: str, authority: Authority
    ) -> CartChange:
        """Discount a line by hand: ``value`` in basis points off or minor units off; needs DISCOUNT."""
        authority.require(Act.DISCOUNT)
        discount = ManualDiscount(kind, value, reason, authority.operator.operator_id, authority.approved_by)
        return self._apply(acts.discount_line(self._priced.cart, line_id, discount))

    def discount_cart(self, kind: DiscountKind, value: int, *, reason: str, authority: Authority) -> CartChange:
        """Discount the whole cart by hand; needs DISCOUNT."""
        authority.require(Act.DISCOUNT)
        if self._priced.cart.is_empty:
            raise DomainError("sale.empty")
        discount = ManualDiscount(kind, value, reason, authority.operator.operator_id, authority.approved_by)
        return self._apply(acts.discount_cart(self._priced.cart, discount))

    def clear_discount(self, line_id: str | None = None) -> CartChange:
        """Take back the manual discount of a line, or of the cart where no line is named."""
        cart = self._priced.cart
        return self._apply(acts.discount_line(cart, line_id, None) if line_id else acts.discount_cart(cart, None))

    def undo(self) -> CartChange:
        """The cart as it was before the last act; DomainError ``selling.nothing_to_undo``."""
        with self._acting():
            if not self._undo:
                raise DomainError("selling.nothing_to_undo")
            cart, heard = self._undo.pop()
            return self._show(cart if heard == self._heard else self._at_new_prices(cart), "undone")

    def suspend(self, operator_id: OperatorId, label: str = "") -> CartChange:
        """Set the cart aside (挂单) and open an empty one; ``sale.empty`` where there is nothing on it."""
        cart = self._priced.cart
        if cart.is_empty:
            raise DomainError("sale.empty")
        self._refuse_tenders_taken()
        with self._acting():
            kept = self._kept(replace(cart, label=label), CartState.SUSPENDED, operator_id)
            self._aside[cart.cart_id] = kept
            self._keeper.keep(kept)
            return self._begin("suspended")

    def suspended(self) -> list[SuspendedCart]:
        """The carts set aside, oldest first."""
        return [
            SuspendedCart(
                kept.cart.cart_id,
                kept.cart.label,
                kept.operator_id,
                suspended_at_ms=kept.updated_at_ms,
                lines=len(kept.cart.lines),
                due_minor=price_cart(kept.cart, _NO_STORE).due_minor,
            )
            for kept in self._aside.values()
        ]

    def recall(self, cart_id: CartId) -> CartChange:
        """Take a cart back (取单) at today's prices; ``selling.cart_open`` while another has lines."""
        if not self._priced.cart.is_empty:
            raise DomainError("selling.cart_open")
        if cart_id not in self._aside:
            raise NotFound("selling.cart_missing")
        with self._acting():
            self._leave_empty_cart()
            cart = self._aside.pop(cart_id).cart
            self._undo.clear()
            self._show(replace(cart, label=""))
            return replace(self.reprice(), changed_line_ids=tuple(line.line_id for line in cart.lines))

    def reprice(self, item_ids: Collection[ItemId] | None = None) -> CartChange:
        """Follow HQ's word on open lines (None: all), but for overridden ones; notice ``prices_changed`` (count).

        What undo would bring back follows too: an old price does not come back with an old cart.
        """
        with self._acting():
            self._heard += 1
            before = self._priced.cart
            wanted = {line.item.item_id for line in before.lines}
            wanted &= wanted if item_ids is None else set(item_ids)
            cart = repriced(before, self._catalog.prices_of(sorted(wanted)))
            if cart is before:
                return CartChange(self._priced)
            change = self._show(cart)
            return replace(change, notice_code="prices_changed", params={"count": len(change.changed_line_ids)})

    @contextmanager
    def completing(self, priced: PricedCart) -> Iterator[None]:
        """While a sale is being committed its cart stands still; afterwards an empty one is open.

        ``checkout.cart_changed`` where ``priced`` is no longer what is on the screen. Where the commit fails the
        cart stays as it was.
        """
        with self._lock:
            if self._frozen or priced.cart is not self._priced.cart:
                raise DomainError("checkout.cart_changed")
            self._frozen = True
        try:
            following = self._nothing()  # now: once the sale is a fact nothing may go wrong any more
            yield
            with self._lock:
                self._undo.clear()
                self._priced = following
        finally:
            self._frozen = False

    def _add(self, line: CartLine, sellable: Sellable) -> CartChange:
        if line.price is None:
            raise DomainError("cart.price_missing", item_id=sellable.item.item_id, **sellable.item.names)
        self._refuse_new_cart_without_room()
        return self._apply(acts.add_line(self._open_cart(), replace(line, line_id=self._ids.new_id())))

    def _sold(self, item_id: ItemId) -> Sellable:
        sellable = self._catalog.get(item_id)
        if not sellable.is_sold:
            raise DomainError("catalog.item_not_sold", **sellable.item.names)
        return sellable

    def _override(self, line: CartLine, price_minor: int, *, reason: str, authority: Authority) -> PriceOverride:
        authority.require(Act.OVERRIDE_PRICE)
        replaced = line.price.price_minor if line.price else None
        return PriceOverride(price_minor, replaced, reason, authority.operator.operator_id, authority.approved_by)

    def _apply(self, cart: Cart, notice_code: str | None = None, **params: object) -> CartChange:
        """Show a changed cart; undo brings the present one back."""
        with self._acting():
            before = self._priced.cart
            change = self._show(cart, notice_code, **params)
            self._undo.append((before, self._heard))
            return change

    def _show(self, cart: Cart, notice_code: str | None = None, **params: object) -> CartChange:
        before = {id(line) for line in self._priced.cart.lines}
        self._priced = self._priced_anew(cart)
        self._keeper.keep(self._kept(cart, CartState.OPEN))
        changed = tuple(line.line_id for line in cart.lines if id(line) not in before)
        return CartChange(self._priced, changed, notice_code, params)

    def _at_new_prices(self, cart: Cart) -> Cart:
        item_ids = sorted({line.item.item_id for line in cart.lines})
        try:
            prices = self._catalog.prices_of(item_ids)
        except (NotFound, StorageError):
            prices = {}
        return brought_back(cart, self._priced.cart, prices=prices)

    def _begin(self, notice_code: str) -> CartChange:
        """Open an empty cart; nothing leads back."""
        self._undo.clear()
        self._priced = self._nothing()
        return CartChange(self._priced, (), notice_code)

    def _priced_anew(self, cart: Cart) -> PricedCart:
        return price_cart(cart, self.rule_book, known=self._priced)

    @contextmanager
    def _acting(self) -> Iterator[None]:
        with self._lock:
            if self._frozen:
                raise DomainError("selling.completing")
            yield

    def _open_cart(self) -> Cart:
        """The open cart; an untouched one takes the store's currency, which may have come only now."""
        cart, currency = self._priced.cart, self._currency()
        untouched = cart.is_empty and not cart.voided
        return replace(cart, currency=currency) if untouched and cart.currency != currency else cart

    def _nothing(self) -> PricedCart:
        """An empty cart: no rule has anything to say of it."""
        store = self._store()
        cart = Cart(CartId(self._ids.new_id()), _currency_of(store), self._clock.now_ms())
        return PricedCart(cart, store.rule_book_version if store else _NO_STORE.version, ())

    def _currency(self) -> str:
        return _currency_of(self._store())

    def _store(self) -> StoreSettings | None:
        """This till's store, None while its catalogue is not here or cannot be read."""
        try:
            return self._catalog.store()
        except (NotFound, StorageError):
            return None

    def _kept(self, cart: Cart, state: CartState, operator_id: OperatorId | None = None) -> KeptCart:
        tenders = self._keeper.tenders(cart.cart_id)
        return KeptCart(cart, state, operator_id or OperatorId(""), self._clock.now_ms(), tenders)

    def _refuse_new_cart_without_room(self) -> None:
        if self._priced.cart.is_empty:
            self._check_room()

    def _refuse_tenders_taken(self) -> None:
        if self._keeper.tenders(self._priced.cart.cart_id):
            raise DomainError("checkout.tenders_taken")

    def _leave_empty_cart(self) -> None:
        """Voided lines of a cart that ends without a sale go into the journal all the same."""
        priced = self._priced
        facts = [("cart_void", void_facts(priced, reason="", authority=None))] if priced.cart.voided else []
        self._keeper.drop(priced.cart.cart_id, *facts)

    def _load(self) -> PricedCart:
        kept = self._keeper.load()
        opened = [one for one in kept if one.state is CartState.OPEN]
        aside = [one for one in kept if one not in opened[-1:]]
        self._aside = {one.cart.cart_id: one for one in aside}
        return price_cart(opened[-1].cart, self.rule_book) if opened else self._nothing()


def _rule_book_of(store: StoreSettings | None) -> RuleBook:
    return RuleBook(store.rule_book_version, store.cash_rounding_unit_minor) if store else _NO_STORE


def _currency_of(store: StoreSettings | None) -> str:
    return store.currency if store else _NO_STORE_CURRENCY
