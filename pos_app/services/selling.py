"""The open cart: every act of the sale screen, applied in memory at once and kept in till.db behind it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.cart import DiscountKind
from domain.ids import CartId, ItemId, OperatorId
from domain.permissions import Authority
from domain.pricing import PricedCart
from domain.quantity import ONE
from domain.scan import Scan


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

    @property
    def cart(self) -> PricedCart:
        """The open cart as priced now."""
        raise NotImplementedError

    @property
    def can_undo(self) -> bool:
        """Whether ``undo`` has something to take back."""
        raise NotImplementedError

    def scan(self, scan: Scan, quantity_thousandths: int | None = None) -> CartChange:
        """Add what was scanned; ``quantity_thousandths`` is how many of the code (``3*``), None for one.

        Raises what ``Catalog.resolve`` raises, ``cart.price_missing`` (params item, item_id),
        ``selling.weight_needed`` (params item, item_id) for weighed goods without a weight.
        """
        raise NotImplementedError

    def add_item(self, item_id: ItemId, quantity_thousandths: int | None = None) -> CartChange:
        """Add an item from a tile or the search; raises as ``scan``."""
        raise NotImplementedError

    def add_at_price(
        self,
        item_id: ItemId,
        price_minor: int,
        *,
        reason: str,
        authority: Authority,
        quantity_thousandths: int = ONE,
    ) -> CartChange:
        """Add an item at a price set by hand: the way out of ``cart.price_missing``; needs OVERRIDE_PRICE."""
        raise NotImplementedError

    def set_quantity(self, line_id: str, quantity_thousandths: int) -> CartChange:
        """Give a line another quantity."""
        raise NotImplementedError

    def void_line(self, line_id: str, authority: Authority) -> CartChange:
        """Take a line out; notice ``line_voided`` (params name_zh, name_en)."""
        raise NotImplementedError

    def void_cart(self, reason: str, authority: Authority) -> CartChange:
        """Give up the whole cart; journaled with its lines; cannot be undone."""
        raise NotImplementedError

    def override_price(self, line_id: str, price_minor: int, *, reason: str, authority: Authority) -> CartChange:
        """Set a line's unit price by hand (改价); needs OVERRIDE_PRICE."""
        raise NotImplementedError

    def discount_line(
        self, line_id: str, kind: DiscountKind, *, value: int, reason: str, authority: Authority
    ) -> CartChange:
        """Discount a line by hand: ``value`` in basis points off or minor units off; needs DISCOUNT."""
        raise NotImplementedError

    def discount_cart(self, kind: DiscountKind, value: int, *, reason: str, authority: Authority) -> CartChange:
        """Discount the whole cart by hand; needs DISCOUNT."""
        raise NotImplementedError

    def clear_discount(self, line_id: str | None = None) -> CartChange:
        """Take back the manual discount of a line, or of the cart where no line is named."""
        raise NotImplementedError

    def undo(self) -> CartChange:
        """The cart as it was before the last act; DomainError ``selling.nothing_to_undo``."""
        raise NotImplementedError

    def suspend(self, operator_id: OperatorId, label: str = "") -> CartChange:
        """Set the cart aside (挂单) and open an empty one; ``sale.empty`` where there is nothing on it."""
        raise NotImplementedError

    def suspended(self) -> list[SuspendedCart]:
        """The carts set aside, oldest first."""
        raise NotImplementedError

    def recall(self, cart_id: CartId) -> CartChange:
        """Take a cart back (取单) at today's prices; ``selling.cart_open`` while another has lines."""
        raise NotImplementedError

    def reprice(self, item_ids: Collection[ItemId] | None = None) -> CartChange:
        """Follow HQ's word on open lines (None: all), but for overridden ones; notice ``prices_changed`` (count)."""
        raise NotImplementedError
