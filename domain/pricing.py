"""What a basket costs: the stages in order, the best total that the rules allow, each step kept as a PriceModifier.

Stages: item price (with override and label), manual discount of the line, item promotions, order promotions, manual
discount of the cart, coupons, points; tax and totals. Tenders and cash rounding are ``domain.tender``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.cart import Cart, ManualDiscount
from domain.item_price import ItemPrices, PricedLine, by_hand, item_prices, price_line, reduced, reduction
from domain.money import allocate
from domain.points import PointsUsed
from domain.price_modifier import Stage
from domain.pricing_context import PLAIN_CONTEXT, PricingContext
from domain.promoted import Promoted, promote
from domain.promotions.candidates import CouponRefused
from domain.promotions.outcome import AppliedRule, GiftOffer, Hint
from domain.rulebook import RuleBook

_NO_PRICES = ItemPrices(0, None, False, ())


@dataclass(frozen=True, slots=True)
class PricedCart:
    """What the cart costs now; ``due_minor`` is before cash rounding."""

    cart: Cart
    rule_book_version: int
    lines: tuple[PricedLine, ...]
    applied: tuple[AppliedRule, ...] = ()
    coupons_refused: tuple[CouponRefused, ...] = ()
    gifts: tuple[GiftOffer, ...] = ()
    hints: tuple[Hint, ...] = ()
    points: PointsUsed | None = None
    points_earned: int = 0
    before_rules: tuple[PricedLine, ...] = field(default=(), repr=False, compare=False)
    """The lines after item price and their own discounts: what the next pricing may take over."""
    prices: ItemPrices = field(default=_NO_PRICES, repr=False, compare=False)

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


def price_cart(
    cart: Cart, rule_book: RuleBook, *, context: PricingContext = PLAIN_CONTEXT, known: PricedCart | None = None
) -> PricedCart:
    """Price a cart by the best selection of rules that the book allows; raises where a line has no price.

    Lines that stand unchanged in ``known``, an earlier result, keep their item price: a scan costs one line.
    """
    prices = item_prices(rule_book, context, cart.lines)
    usable = known if known and known.prices == prices else None
    done = {id(priced.line): priced for priced in usable.before_rules} if usable else {}
    before = [done.get(id(line)) or price_line(line, prices, rule_book) for line in cart.lines]
    finished = dict(zip(map(id, usable.before_rules), usable.lines, strict=True)) if usable else {}
    promoted = promote(before, cart, rule_book, context=context, known=finished)
    if promoted is None:
        lines = _with_cart_discount(before, cart.discount) if cart.discount else before
        promoted = Promoted(lines)
    return PricedCart(
        cart,
        rule_book.version,
        tuple(promoted.lines),
        promoted.applied,
        promoted.coupons_refused,
        promoted.gifts,
        promoted.hints,
        promoted.points,
        promoted.points_earned,
        before_rules=tuple(before),
        prices=prices,
    )


def _with_cart_discount(lines: Sequence[PricedLine], discount: ManualDiscount) -> list[PricedLine]:
    """Spread over the lines that may be discounted, in proportion to what they cost now."""
    weights = [line.amount_minor if line.line.item.discount_allowed else 0 for line in lines]
    scope = sum(weights)
    if scope == 0:
        return list(lines)
    parts = allocate(reduction(discount, scope), weights)
    return [
        reduced(line, by_hand(Stage.MANUAL_CART, discount, -part, base_minor=line.amount_minor)) if part else line
        for line, part in zip(lines, parts, strict=True)
    ]
