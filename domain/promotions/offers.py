"""A rule that is brought to a certain cart: which positions it reduces, and which its thresholds count."""

from dataclasses import dataclass

from domain.promotions.basket import Basket, positions
from domain.promotions.benefits import (
    AddOn,
    Bundle,
    BuyGet,
    CheapestFree,
    FreeDelivery,
    Gift,
    NAmountOff,
    NForPrice,
    NPercentOff,
    NthPercentOff,
)
from domain.promotions.conditions import Pieces, Quantity, Spend, ThresholdBase
from domain.promotions.rule import Rule


@dataclass(frozen=True, slots=True)
class Threshold:
    """A spend condition with the positions that it counts."""

    condition: Spend
    base: ThresholdBase
    counted: tuple[int, ...]
    reduced: bool


@dataclass(slots=True, eq=False)
class Offer:
    """A live rule, or a coupon of one, whose circumstances fit."""

    rule: Rule
    lines: tuple[int, ...]
    """What it may reduce."""
    counted: tuple[int, ...]
    """What its own thresholds count."""
    touched: int
    """Every position that it reads or reduces."""
    thresholds: tuple[Threshold, ...] = ()
    coupon_id: str = ""
    spent_minor: int = 0
    """What of its budget is gone."""
    pieces: int = 0
    """How many pieces there are of what it may reduce."""

    @property
    def group_size(self) -> int:
        """How many pieces one group of its benefit takes; 1 where it has no groups."""
        benefit = self.rule.benefit
        if isinstance(benefit, NthPercentOff):
            return benefit.nth
        if isinstance(benefit, BuyGet):
            return benefit.buy + (benefit.get if benefit.goods is None else 1)
        if isinstance(benefit, NForPrice | NAmountOff | NPercentOff | CheapestFree):
            return benefit.count
        return sum(part.count for part in benefit.parts) if isinstance(benefit, Bundle) else 1

    @property
    def units_suffice(self) -> bool:
        """Whether there are enough pieces for one group."""
        return self.pieces >= self.group_size

    @property
    def rank(self) -> tuple[int, str, str]:
        """The order within a stage."""
        return (-self.rule.priority, self.rule.rule_id, self.coupon_id)


def bind(rule: Rule, basket: Basket, base: ThresholdBase, *, coupon_id: str = "", spent_minor: int = 0) -> Offer | None:
    """The rule on this basket; None where its goods or partner goods are not there.

    Thresholds of money are left to the moment when the rule comes.
    """
    benefit, own = rule.benefit, basket.mask(rule.scope)
    lines, counted = own & basket.everything, own & basket.countable
    if isinstance(benefit, AddOn):
        lines = basket.mask(benefit.goods) & basket.everything
        counted &= ~lines
    elif isinstance(benefit, FreeDelivery):
        lines = basket.delivery
    elif isinstance(benefit, Gift):
        lines = _gift_lines(rule, benefit, basket)
    elif isinstance(benefit, Bundle):
        lines = 0
        for part in benefit.parts:
            lines |= basket.mask(part.goods)
        lines &= basket.everything
    elif isinstance(benefit, BuyGet) and benefit.goods:
        lines |= basket.mask(benefit.goods) & basket.everything
    needs_own = isinstance(benefit, Gift | FreeDelivery)
    if (needs_own and not counted) or not (lines or isinstance(benefit, Gift)):
        return None
    if rule.conditions and not all(_pieces_are_there(part, counted, basket) for part in rule.conditions):
        return None
    spends = [part for part in rule.conditions if isinstance(part, Spend)]
    thresholds = tuple([_threshold(part, base, counted, basket=basket) for part in spends])
    touched = lines | counted
    for threshold in thresholds:
        for at in threshold.counted:
            touched |= 1 << at
    places = tuple(positions(lines))
    others = places if counted == lines else tuple(positions(counted))
    pieces = sum([basket.pieces[at] for at in places])
    return Offer(rule, places, others, touched, thresholds, coupon_id, spent_minor, pieces)


def _gift_lines(rule: Rule, benefit: Gift, basket: Basket) -> int:
    lines = 0
    for at, one in enumerate(basket.goods):
        if one.gift_of == rule.rule_id and benefit.goods.holds(one.item, one.unit_price_minor):
            lines |= 1 << at
    return lines


def _pieces_are_there(condition: object, counted: int, basket: Basket) -> bool:
    if not isinstance(condition, Pieces | Quantity):
        return True
    if condition.scope:
        counted = basket.mask(condition.scope) & basket.countable
    if isinstance(condition, Pieces):
        counts = [basket.pieces[at] for at in positions(counted)]
        least, most = condition.min_pieces, condition.max_pieces
    else:
        counts = [basket.goods[at].quantity_thousandths for at in positions(counted)]
        least, most = condition.min_thousandths, condition.max_thousandths
    found = max(counts, default=0) if condition.on_one_line else sum(counts)
    return least <= found and (most is None or found <= most)


def _threshold(condition: Spend, base: ThresholdBase, counted: int, *, basket: Basket) -> Threshold:
    if condition.scope:
        counted = basket.mask(condition.scope) & basket.countable
    reduced = condition.scope.reduced if condition.scope else True
    return Threshold(condition, condition.base or base, tuple(positions(counted)), reduced)
