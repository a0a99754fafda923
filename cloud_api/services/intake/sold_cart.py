"""The cart and the circumstances behind a sale, as far as the sale itself tells them, to be priced once more."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from domain.cart import Cart, CartLine, DiscountKind, ManualDiscount, PriceOverride
from domain.catalog import TILL_CHANNEL, CurrentPrice, Item
from domain.ids import CartId, ItemId
from domain.members import Shopper
from domain.money import divide_half_up, line_amount_minor
from domain.price_modifier import Cause, PriceModifier, Stage
from domain.pricing_context import Coupon, PricingContext
from domain.promotions.conditions import Birthday, Condition, HasCode, MemberIs, OrderNumber
from domain.promotions.rule import Rule
from domain.quantity import THOUSAND
from domain.rulebook import RuleBook
from domain.sale import Sale, SaleLine


def sold_cart(sale: Sale, items: Mapping[ItemId, Item]) -> Cart:
    """The cart at the prices that the till had, with what was done by hand."""
    lines = tuple(_line(number, sold, items[sold.item_id]) for number, sold in enumerate(sale.lines, 1))
    steps = [step for sold in sale.lines for step in sold.modifiers if step.stage is Stage.MANUAL_CART]
    cart = Cart(CartId(sale.sale_id), sale.currency, sale.occurred_at_ms, lines)
    return replace(cart, discount=_discount(steps))


def fitting_book(sale: Sale, book: RuleBook) -> RuleBook:
    """The book less the rules that the till did not use for reasons that only the till knew: codes, uses, birthdays."""
    used = _used(sale)
    rules = tuple(rule for rule in book.rules if rule.rule_id in used or not _is_unknowable(rule))
    return book if len(rules) == len(book.rules) else replace(book, rules=rules)


def contexts(sale: Sale, book: RuleBook, *, utc_offset_min: int, grace_ms: int) -> Iterator[PricingContext]:
    """Every circumstance that the sale may have been priced in, the likeliest first."""
    conditions = _conditions(sale, book)
    plain = PricingContext(
        sale.occurred_at_ms,
        utc_offset_min,
        TILL_CHANNEL,
        sale.store_id,
        coupons=tuple(Coupon(rule.coupon_id, rule.rule_id) for rule in sale.rules if rule.coupon_id),
        codes=frozenset(code for one in conditions if isinstance(one, HasCode) for code in one.codes),
        points_wanted=sale.points_used,
    )
    for at_ms in (sale.occurred_at_ms, sale.occurred_at_ms - grace_ms):
        for shopper in _shoppers(sale, book):
            yield replace(plain, at_ms=at_ms, shopper=shopper)


def _shoppers(sale: Sale, book: RuleBook) -> Iterator[Shopper | None]:
    if not sale.member_id:
        yield None
        return
    tags = frozenset(tag for one in _conditions(sale, book) if isinstance(one, MemberIs) for tag in one.tags)
    told = [step.reason for line in sale.lines for step in line.modifiers if step.cause is Cause.MEMBER_RATE]
    for tier_id in told[:1] or ("", *(tier.tier_id for tier in book.tiers)):
        yield Shopper(sale.member_id, tier_id, tags, points=sale.points_used)


def _used(sale: Sale) -> set[str]:
    """Promotions by their list, rules of item prices by their steps."""
    steps = {step.rule_id for line in sale.lines for step in line.modifiers}
    return steps | {rule.rule_id for rule in sale.rules}


def _conditions(sale: Sale, book: RuleBook) -> list[Condition]:
    """Of the rules that the till used: all of them held."""
    used = _used(sale)
    return [one for rule in book.rules if rule.rule_id in used for one in rule.conditions]


def _is_unknowable(rule: Rule) -> bool:
    limits = rule.limits
    counted = (limits.max_uses, limits.max_per_member, limits.max_per_member_day, limits.max_per_day)
    if limits.budget_minor is not None or any(count is not None for count in counted):
        return True
    return any(isinstance(one, HasCode | OrderNumber | Birthday) or _asks_tags(one) for one in rule.conditions)


def _asks_tags(condition: Condition) -> bool:
    return isinstance(condition, MemberIs) and bool(condition.tags)


def _line(number: int, sold: SaleLine, item: Item) -> CartLine:
    steps = {step.cause: step for step in sold.modifiers if step.stage is Stage.ITEM_PRICE}
    by_hand = [step for step in sold.modifiers if step.stage is Stage.MANUAL_LINE]
    label, override = steps.get(Cause.LABEL_AMOUNT), steps.get(Cause.PRICE_OVERRIDE)
    gifts = [step.rule_id for step in sold.modifiers if step.cause is Cause.GIFT]
    return CartLine(
        str(number),
        item,
        sold.quantity_thousandths,
        _price(sold, steps),
        label_amount_minor=sold.list_minor + label.amount_minor if label else None,
        override=_override(override, sold.unit_price_minor) if override else None,
        discount=_discount(by_hand),
        tax_rate_bp=sold.tax_rate_bp,
        gift_of=gifts[0] if gifts else "",
    )


def _price(sold: SaleLine, steps: Mapping[Cause, PriceModifier]) -> CurrentPrice:
    """List and special price per unit: what they were, or what comes to the same amounts."""
    listed = _unit(sold, sold.list_minor)
    special = steps.get(Cause.SPECIAL_PRICE)
    if Cause.LABEL_AMOUNT in steps:
        return CurrentPrice(listed, sold.unit_price_minor, 0)
    return CurrentPrice(listed, _unit(sold, sold.list_minor + special.amount_minor) if special else listed, 0)


def _unit(sold: SaleLine, amount_minor: int) -> int:
    quantity = sold.quantity_thousandths
    nearest = divide_half_up(amount_minor * THOUSAND, quantity)
    likely = (sold.unit_price_minor, nearest, nearest - 1)
    return next((unit for unit in likely if line_amount_minor(unit, quantity) == amount_minor), nearest)


def _override(step: PriceModifier, price_minor: int) -> PriceOverride:
    assert step.operator_id is not None
    return PriceOverride(price_minor, None, step.reason, step.operator_id, step.approved_by)


def _discount(steps: list[PriceModifier]) -> ManualDiscount | None:
    """The same amount off, however it was meant."""
    total = -sum(step.amount_minor for step in steps)
    if not total:
        return None
    first = steps[0]
    assert first.operator_id is not None
    return ManualDiscount(DiscountKind.AMOUNT, total, first.reason, first.operator_id, first.approved_by)
