"""The open basket: an immutable value with pure acts on it, so that undo is a list of older carts."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.catalog import CurrentPrice, Item
from domain.errors import DomainError, NotFound
from domain.ids import CartId, ItemId, OperatorId
from domain.quantity import THOUSAND, checked

MAX_LINES = 500
MAX_PERCENT_BP = 10_000


class DiscountKind(StrEnum):
    """How a manual discount is meant."""

    PERCENT = "percent"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class ManualDiscount:
    """A discount somebody gave by hand: ``value`` is basis points off or minor units off."""

    kind: DiscountKind
    value: int
    reason: str
    operator_id: OperatorId
    approved_by: OperatorId | None = None

    def __post_init__(self) -> None:
        most = MAX_PERCENT_BP if self.kind is DiscountKind.PERCENT else None
        if self.value <= 0 or (most is not None and self.value > most):
            raise DomainError("cart.discount_out_of_range")


@dataclass(frozen=True, slots=True)
class PriceOverride:
    """A unit price somebody set by hand (改价), with what it replaced (None: the item had no price)."""

    price_minor: int
    replaced_minor: int | None
    reason: str
    operator_id: OperatorId
    approved_by: OperatorId | None = None

    def __post_init__(self) -> None:
        if self.price_minor < 0:
            raise DomainError("cart.price_negative")


@dataclass(frozen=True, slots=True)
class CartLine:
    """One line: what was scanned, the item as it was then, its current price and what was done by hand.

    ``label_amount_minor`` is set only for goods whose label carries the amount: the label's word then
    replaces price × quantity. ``gift_of`` names the rule whose gift the line is: free while that rule holds.
    """

    line_id: str
    item: Item
    quantity_thousandths: int
    price: CurrentPrice | None
    scanned_code: str = ""
    label_amount_minor: int | None = None
    override: PriceOverride | None = None
    discount: ManualDiscount | None = None
    tax_rate_bp: int = 0
    gift_of: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether another scan of the same item may join this line."""
        by_hand = self.override or self.discount or self.label_amount_minor is not None
        return not (self.item.weighed or by_hand or self.gift_of)


@dataclass(frozen=True, slots=True)
class VoidedLine:
    """A line taken out before payment; stays in the sale's record."""

    line: CartLine
    operator_id: OperatorId
    at_ms: int


@dataclass(frozen=True, slots=True)
class Cart:
    """An open basket of one currency."""

    cart_id: CartId
    currency: str
    opened_at_ms: int
    lines: tuple[CartLine, ...] = ()
    voided: tuple[VoidedLine, ...] = field(default=())
    discount: ManualDiscount | None = None
    label: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is on it."""
        return not self.lines

    def line(self, line_id: str) -> CartLine:
        """The line of that id."""
        for line in self.lines:
            if line.line_id == line_id:
                return line
        raise NotFound("cart.line_missing")

    def joining_line(self, item_id: ItemId, price: CurrentPrice | None) -> CartLine | None:
        """The last plain line of the same item and price, which one more piece joins."""
        same = (ln for ln in reversed(self.lines) if ln.item.item_id == item_id and ln.is_plain and ln.price == price)
        return next(same, None)


def add_line(cart: Cart, line: CartLine) -> Cart:
    """Put a line on the cart, joined with a plain line of the same item and price where there is one."""
    _check_quantity(line.item, line.quantity_thousandths)
    twin = cart.joining_line(line.item.item_id, line.price) if line.is_plain else None
    if twin:
        return set_quantity(cart, twin.line_id, twin.quantity_thousandths + line.quantity_thousandths)
    if len(cart.lines) >= MAX_LINES:
        raise DomainError("cart.too_many_lines", most=MAX_LINES)
    return replace(cart, lines=(*cart.lines, line))


def set_quantity(cart: Cart, line_id: str, quantity_thousandths: int) -> Cart:
    """Give a line another quantity; pieces stay whole, a label's amount cannot be multiplied."""
    line = cart.line(line_id)
    if line.label_amount_minor is not None:
        raise DomainError("cart.label_quantity_fixed")
    _check_quantity(line.item, quantity_thousandths)
    return _replaced(cart, replace(line, quantity_thousandths=quantity_thousandths))


def void_line(cart: Cart, line_id: str, *, operator_id: OperatorId, at_ms: int) -> Cart:
    """Take a line out; it stays in ``voided``."""
    line = cart.line(line_id)
    rest = tuple(other for other in cart.lines if other.line_id != line_id)
    return replace(cart, lines=rest, voided=(*cart.voided, VoidedLine(line, operator_id, at_ms)))


def override_price(cart: Cart, line_id: str, override: PriceOverride) -> Cart:
    """Set a line's unit price by hand."""
    line = cart.line(line_id)
    if not line.item.override_allowed and line.price is not None:
        raise DomainError("cart.override_forbidden", item=line.item.sku)
    if override.price_minor < line.item.min_price_minor:
        raise DomainError("cart.below_floor", floor_minor=line.item.min_price_minor)
    return _replaced(cart, replace(line, override=override, label_amount_minor=None))


def discount_line(cart: Cart, line_id: str, discount: ManualDiscount | None) -> Cart:
    """Give a line a manual discount, or take it back with None."""
    line = cart.line(line_id)
    if discount and not line.item.discount_allowed:
        raise DomainError("cart.discount_forbidden", item=line.item.sku)
    return _replaced(cart, replace(line, discount=discount))


def discount_cart(cart: Cart, discount: ManualDiscount | None) -> Cart:
    """Give the whole cart a manual discount, or take it back with None."""
    return replace(cart, discount=discount)


def reprice_line(cart: Cart, line_id: str, price: CurrentPrice | None) -> Cart:
    """Give a line the item's current price; an override or a label's amount stays in force."""
    return _replaced(cart, replace(cart.line(line_id), price=price))


def _check_quantity(item: Item, quantity_thousandths: int) -> None:
    checked(quantity_thousandths)
    if not item.weighed and quantity_thousandths % THOUSAND:
        raise DomainError("quantity.whole_pieces")


def _replaced(cart: Cart, changed: CartLine) -> Cart:
    lines = tuple(changed if line.line_id == changed.line_id else line for line in cart.lines)
    return replace(cart, lines=lines)
