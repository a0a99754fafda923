"""The goods of a cart as the rules see them: plain columns of integers, in an order that scanning does not change."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from domain.catalog import Item
from domain.ids import ItemId
from domain.money import line_amount_minor
from domain.promotions.scope import Scope
from domain.quantity import ONE

K = TypeVar("K")


@dataclass(slots=True)
class Goods:
    """One line as it comes out of item price and manual discount; ``number`` is its place in the cart."""

    number: int
    item: Item
    quantity_thousandths: int
    unit_price_minor: int
    list_minor: int
    amount_minor: int
    gift_of: str = ""

    @property
    def pieces(self) -> int:
        """How many pieces; what is weighed is one."""
        return 1 if self.item.weighed else max(1, self.quantity_thousandths // ONE)

    @property
    def floor_minor(self) -> int:
        """Below this no rule takes it, nor below what it costs already."""
        floor = line_amount_minor(self.item.min_price_minor, self.quantity_thousandths)
        return min(floor, self.amount_minor)


@dataclass(slots=True)
class Basket:
    """Columns by position; masks have a bit for each position. Charges and gifts are in no scope."""

    goods: tuple[Goods, ...]
    amounts: list[int]
    listed: list[int]
    pieces: list[int]
    floors: list[int]
    everything: int
    """What rules may reduce."""
    countable: int
    """What thresholds may count."""
    delivery: int
    has_floors: bool
    by_item: dict[ItemId, int] = field(default_factory=dict)
    by_category: dict[str, int] = field(default_factory=dict)
    by_brand: dict[str, int] = field(default_factory=dict)
    by_tag: dict[str, int] = field(default_factory=dict)
    _masks: dict[int, int] = field(default_factory=dict)

    def mask(self, scope: Scope) -> int:
        """Every position whose goods the scope means, reducible or not."""
        found = self._masks.get(id(scope))
        if found is None:
            found = self._masks[id(scope)] = self._mask(scope)
        return found

    def _mask(self, scope: Scope) -> int:
        if scope.names_goods:
            named = _union(self.by_item, scope.items) | _union(self.by_category, scope.categories)
            named |= _union(self.by_brand, scope.brands) | _union(self.by_tag, scope.tags)
        else:
            named = self.everything | self.countable
        named &= ~(_union(self.by_item, scope.not_items) | _union(self.by_category, scope.not_categories))
        named &= ~(_union(self.by_brand, scope.not_brands) | _union(self.by_tag, scope.not_tags))
        if scope.price_from_minor or scope.price_until_minor is not None:
            for at in positions(named):
                if not scope.holds(self.goods[at].item, self.goods[at].unit_price_minor):
                    named ^= 1 << at
        return named


def fill_basket(goods: Sequence[Goods], delivery_items: frozenset[ItemId], *, banned_count: bool) -> Basket:
    """Sort the goods by what they are, so that equal carts are equal however they were scanned."""
    ordered = tuple(sorted(goods, key=_by_content))
    basket = Basket(
        goods=ordered,
        amounts=[one.amount_minor for one in ordered],
        listed=[one.list_minor for one in ordered],
        pieces=[one.pieces for one in ordered],
        floors=[one.floor_minor if one.item.min_price_minor else 0 for one in ordered],
        everything=0,
        countable=0,
        delivery=0,
        has_floors=any(one.item.min_price_minor for one in ordered),
    )
    for at, one in enumerate(ordered):
        bit, item = 1 << at, one.item
        if item.item_id in delivery_items:
            basket.delivery |= bit
        elif not one.gift_of:
            _place(basket, item, bit)
            if item.discount_allowed:
                basket.everything |= bit
            if item.discount_allowed or banned_count:
                basket.countable |= bit
    return basket


def positions(mask: int) -> list[int]:
    """The positions of a mask, in order."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


def _by_content(one: Goods) -> tuple[int, int, int, int, str, int]:
    return (one.item.item_id, one.quantity_thousandths, one.amount_minor, one.list_minor, one.gift_of, one.number)


def _place(basket: Basket, item: Item, bit: int) -> None:
    basket.by_item[item.item_id] = basket.by_item.get(item.item_id, 0) | bit
    basket.by_category[item.department_id] = basket.by_category.get(item.department_id, 0) | bit
    if item.brand:
        basket.by_brand[item.brand] = basket.by_brand.get(item.brand, 0) | bit
    for tag in item.tags:
        basket.by_tag[tag] = basket.by_tag.get(tag, 0) | bit


def _union(masks: dict[K, int], names: frozenset[K]) -> int:
    found = 0
    if names and masks:
        for name in names if len(names) < len(masks) else masks:
            if name in names:
                found |= masks.get(name, 0)
    return found
