"""The first stage: the lowest price that applies to an item now, and what was done to its line by hand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from domain.cart import CartLine, DiscountKind, ManualDiscount
from domain.catalog import CurrentPrice
from domain.errors import DomainError
from domain.members import MemberTier
from domain.money import line_amount_minor, percent_minor
from domain.price_modifier import Cause, PriceModifier, Stage
from domain.pricing_context import PricingContext
from domain.promotions.benefits import UnitPrice
from domain.promotions.circumstances import circumstances_fit
from domain.promotions.rule import Rule
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
class ItemPrices:
    """What sets item prices in these circumstances: equal ones give equal lines."""

    book_version: int
    tier: MemberTier | None
    is_member: bool
    rules: tuple[Rule, ...]


def item_prices(book: RuleBook, context: PricingContext, lines: Iterable[CartLine]) -> ItemPrices:
    """The member's tier and the live price rules that the goods of a cart meet."""
    shelf, shopper = book.index.item_prices, context.shopper
    rules: tuple[Rule, ...] = ()
    if not shelf.is_empty:
        uses = {use.rule_id: use for use in context.uses}
        found = (book.rules[at] for at in shelf.touching(line.item for line in lines))
        rules = tuple(rule for rule in found if circumstances_fit(rule, context, uses.get(rule.rule_id)))
    tier = next((one for one in book.tiers if shopper and one.tier_id == shopper.tier_id), None)
    return ItemPrices(book.version, tier, shopper is not None, rules)


def price_line(line: CartLine, prices: ItemPrices, book: RuleBook) -> PricedLine:
    """The line at its item price and less its manual discount; raises where it has no price."""
    priced = _item_price(line, prices, book)
    if not line.discount:
        return priced
    cut = reduction(line.discount, priced.amount_minor)
    return reduced(priced, by_hand(Stage.MANUAL_LINE, line.discount, -cut, base_minor=priced.amount_minor))


def reduction(discount: ManualDiscount, base_minor: int) -> int:
    """What a manual discount takes off of an amount."""
    if discount.kind is DiscountKind.PERCENT:
        return percent_minor(base_minor, discount.value)
    return min(discount.value, base_minor)


def by_hand(stage: Stage, discount: ManualDiscount, amount_minor: int, *, base_minor: int) -> PriceModifier:
    """The step of a manual discount."""
    return PriceModifier(
        stage,
        Cause.MANUAL_DISCOUNT,
        amount_minor,
        base_minor,
        reason=discount.reason,
        operator_id=discount.operator_id,
        approved_by=discount.approved_by,
    )


def reduced(priced: PricedLine, *steps: PriceModifier) -> PricedLine:
    """The line after further steps."""
    amount = priced.amount_minor + sum(step.amount_minor for step in steps)
    taxed = split_inclusive(amount, priced.line.tax_rate_bp)
    return PricedLine(
        priced.line, priced.unit_price_minor, priced.list_minor, amount, (*priced.modifiers, *steps), taxed
    )


def _item_price(line: CartLine, prices: ItemPrices, book: RuleBook) -> PricedLine:
    if line.override:
        return _overridden(line)
    if line.price is None:
        raise DomainError("cart.price_missing", **line.item.names)
    listed = line_amount_minor(line.price.list_price_minor, line.quantity_thousandths)
    unit = line.price.price_minor
    if line.label_amount_minor is not None:
        return _priced(line, unit, listed=listed, steps=_steps(Cause.LABEL_AMOUNT, line.label_amount_minor, listed))
    amount = line_amount_minor(unit, line.quantity_thousandths)
    plain = _priced(line, unit, listed=listed, steps=_steps(Cause.SPECIAL_PRICE, amount, listed))
    if not (prices.is_member or prices.rules):
        return plain
    return min([plain, *_other_prices(line, line.price, plain, prices=prices, book=book)], key=_amount)


def _amount(priced: PricedLine) -> int:
    return priced.amount_minor


def _other_prices(
    line: CartLine, price: CurrentPrice, plain: PricedLine, *, prices: ItemPrices, book: RuleBook
) -> list[PricedLine]:
    """The line at each member price, tier rate and live rule, none below the item's lowest price."""
    listed, floor = plain.list_minor, line_amount_minor(line.item.min_price_minor, line.quantity_thousandths)
    found = []
    for unit in _member_units(line, prices, book):
        found.append(_at_unit(line, unit, listed, floor_minor=floor, cause=Cause.MEMBER_PRICE))
    for rule in prices.rules:
        if isinstance(rule.benefit, UnitPrice) and rule.scope.holds(line.item, price.price_minor):
            unit = max(rule.benefit.price_minor, rule.limits.floor_price_minor)
            one = _at_unit(line, unit, listed, floor_minor=floor, cause=Cause.PROMOTION)
            named = [replace(step, rule_id=rule.rule_id, rule_version=rule.version) for step in one.modifiers]
            found.append(replace(one, modifiers=tuple(named)))
    tier = prices.tier
    if tier and tier.off_bp:
        base = _priced(line, price.list_price_minor, listed=listed, steps=())
        found += [_at_tier(one, tier, floor) for one in ([base, plain, *found] if tier.on_special_prices else [base])]
    return found


def _member_units(line: CartLine, prices: ItemPrices, book: RuleBook) -> Sequence[int]:
    if not prices.is_member:
        return ()
    tier_id = prices.tier.tier_id if prices.tier else ""
    known = book.index.member_prices.get(line.item.item_id, ())
    return [one.price_minor for one in known if not one.tiers or tier_id in one.tiers]


def _at_unit(line: CartLine, unit: int, listed: int, *, floor_minor: int, cause: Cause) -> PricedLine:
    amount = max(line_amount_minor(unit, line.quantity_thousandths), floor_minor)
    return _priced(line, unit, listed=listed, steps=_steps(cause, amount, listed))


def _at_tier(priced: PricedLine, tier: MemberTier, floor_minor: int) -> PricedLine:
    amount = max(priced.amount_minor - percent_minor(priced.amount_minor, tier.off_bp), floor_minor)
    step = PriceModifier(
        Stage.ITEM_PRICE, Cause.MEMBER_RATE, amount - priced.amount_minor, priced.amount_minor, reason=tier.tier_id
    )
    unit = priced.unit_price_minor - percent_minor(priced.unit_price_minor, tier.off_bp)
    return replace(reduced(priced, step), unit_price_minor=unit) if amount < priced.amount_minor else priced


def _overridden(line: CartLine) -> PricedLine:
    by = line.override
    assert by is not None
    amount = line_amount_minor(by.price_minor, line.quantity_thousandths)
    listed = line_amount_minor(line.price.list_price_minor, line.quantity_thousandths) if line.price else amount
    step = PriceModifier(
        Stage.ITEM_PRICE,
        Cause.PRICE_OVERRIDE,
        amount - listed,
        listed,
        reason=by.reason,
        operator_id=by.operator_id,
        approved_by=by.approved_by,
    )
    return _priced(line, by.price_minor, listed=listed, steps=(step,))


def _steps(cause: Cause, amount: int, listed: int) -> tuple[PriceModifier, ...]:
    return (PriceModifier(Stage.ITEM_PRICE, cause, amount - listed, listed),) if amount != listed else ()


def _priced(line: CartLine, unit: int, *, listed: int, steps: tuple[PriceModifier, ...]) -> PricedLine:
    amount = listed + sum(step.amount_minor for step in steps)
    return PricedLine(line, unit, listed, amount, steps, split_inclusive(amount, line.tax_rate_bp))
