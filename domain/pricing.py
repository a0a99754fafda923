"""What a basket costs: the stages in order, each reduction kept on its line as a PriceModifier.

Stages built here: 1 item price (with override), manual discounts of a line, manual discount of the cart,
tax, totals. Stages 2 to 5 (promotions, coupons, points) take their places between them; tenders and
cash rounding are ``domain.tender``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.cart import Cart, CartLine, DiscountKind, ManualDiscount
from domain.errors import DomainError
from domain.money import allocate, line_amount_minor, percent_minor
from domain.price_modifier import Cause as Cause
from domain.price_modifier import PriceModifier as PriceModifier
from domain.price_modifier import Stage as Stage
from domain.rulebook import RuleBook
from domain.tax import TaxedAmount, split_inclusive


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with every stage; list + Σ modifiers = amount."""

    line: CartLine
    unit_price_minor: int
    list_minor: int
    amount_minor: int
    modifiers: tuple[PriceModifier, ...]
    taxed: TaxedAmount

    def __post_init__(self) -> None:
        steps = sum(modifier.amount_minor for modifier in self.modifiers)
        assert self.list_minor + steps == self.amount_minor, "modifiers must explain the amount"
        assert self.taxed.gross_minor == self.amount_minor >= 0


@dataclass(frozen=True, slots=True)
class PricedCart:
    """What the cart costs now; ``due_minor`` is before cash rounding."""

    cart: Cart
    rule_book_version: int
    lines: tuple[PricedLine, ...]

    @property
    def list_total_minor(self) -> int:
        """Σ of the lines at list price."""
        return sum(line.list_minor for line in self.lines)

    @property
    def due_minor(self) -> int:
        """Σ of the lines as paid."""
        return sum(line.amount_minor for line in self.lines)

    @property
    def saved_minor(self) -> int:
        """How much less than list; negative where overrides raised prices."""
        return self.list_total_minor - self.due_minor

    @property
    def tax_minor(self) -> int:
        """Tax contained in the due amount."""
        return sum(line.taxed.tax_minor for line in self.lines)


def price_cart(cart: Cart, rule_book: RuleBook, *, known: PricedCart | None = None) -> PricedCart:
    """Price every line, spread the cart's discount, split the tax; raises where a line has no price.

    Lines that stand unchanged in ``known``, an earlier result, are taken from there: a scan costs one line.
    """
    usable = known.lines if known and not known.cart.discount else ()
    done = {id(priced.line): priced for priced in usable}
    lines = [done.get(id(line)) or _with_line_discount(_item_price(line)) for line in cart.lines]
    if cart.discount:
        lines = _with_cart_discount(lines, cart.discount)
    return PricedCart(cart, rule_book.version, tuple(lines))


def _item_price(line: CartLine) -> PricedLine:
    if line.override:
        return _overridden(line)
    if line.price is None:
        raise DomainError("cart.price_missing", **line.item.names)
    listed = line_amount_minor(line.price.list_price_minor, line.quantity_thousandths)
    if line.label_amount_minor is not None:
        return _priced(
            line, line.price.price_minor, listed=listed, cause=Cause.LABEL_AMOUNT, amount=line.label_amount_minor
        )
    amount = line_amount_minor(line.price.price_minor, line.quantity_thousandths)
    return _priced(line, line.price.price_minor, listed=listed, cause=Cause.SPECIAL_PRICE, amount=amount)


def _overridden(line: CartLine) -> PricedLine:
    assert line.override is not None
    amount = line_amount_minor(line.override.price_minor, line.quantity_thousandths)
    listed = line_amount_minor(line.price.list_price_minor, line.quantity_thousandths) if line.price else amount
    return _priced(line, line.override.price_minor, listed=listed, cause=Cause.PRICE_OVERRIDE, amount=amount)


def _priced(line: CartLine, unit_price_minor: int, *, listed: int, cause: Cause, amount: int) -> PricedLine:
    step = PriceModifier(Stage.ITEM_PRICE, cause, amount - listed, listed)
    if line.override:
        by_hand = line.override
        step = replace(step, reason=by_hand.reason, operator_id=by_hand.operator_id, approved_by=by_hand.approved_by)
    steps = (step,) if amount != listed or line.override else ()
    return PricedLine(line, unit_price_minor, listed, amount, steps, split_inclusive(amount, line.tax_rate_bp))


def _with_line_discount(priced: PricedLine) -> PricedLine:
    discount = priced.line.discount
    if not discount:
        return priced
    return _reduced(
        priced, Stage.MANUAL_LINE, discount=discount, reduction_minor=_reduction(discount, priced.amount_minor)
    )


def _with_cart_discount(lines: Sequence[PricedLine], discount: ManualDiscount) -> list[PricedLine]:
    """Spread over the lines that may be discounted, in proportion to what they cost now."""
    weights = [line.amount_minor if line.line.item.discount_allowed else 0 for line in lines]
    scope = sum(weights)
    if scope == 0:
        return list(lines)
    parts = allocate(_reduction(discount, scope), weights)
    return [
        _reduced(line, Stage.MANUAL_CART, discount=discount, reduction_minor=part) if part else line
        for line, part in zip(lines, parts, strict=True)
    ]


def _reduction(discount: ManualDiscount, base_minor: int) -> int:
    if discount.kind is DiscountKind.PERCENT:
        return percent_minor(base_minor, discount.value)
    return min(discount.value, base_minor)


def _reduced(priced: PricedLine, stage: Stage, *, discount: ManualDiscount, reduction_minor: int) -> PricedLine:
    step = PriceModifier(
        stage,
        Cause.MANUAL_DISCOUNT,
        -reduction_minor,
        priced.amount_minor,
        reason=discount.reason,
        operator_id=discount.operator_id,
        approved_by=discount.approved_by,
    )
    amount = priced.amount_minor - reduction_minor
    taxed = split_inclusive(amount, priced.line.tax_rate_bp)
    return replace(priced, amount_minor=amount, modifiers=(*priced.modifiers, step), taxed=taxed)
