"""Which goods a rule or a condition looks at."""

from dataclasses import dataclass

from domain.catalog import Item
from domain.errors import DomainError
from domain.ids import ItemId

_NO_ITEMS: frozenset[ItemId] = frozenset()
_NO_WORDS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """Goods that are any of what is named (nothing named: all goods), in the price range, less what is left out.

    A category is the item's department. The price range is of the unit price after the item-price stage, both ends
    included. ``reduced`` False leaves out lines that already cost less than list when the rule comes to them.
    """

    items: frozenset[ItemId] = _NO_ITEMS
    brands: frozenset[str] = _NO_WORDS
    categories: frozenset[str] = _NO_WORDS
    tags: frozenset[str] = _NO_WORDS
    not_items: frozenset[ItemId] = _NO_ITEMS
    not_brands: frozenset[str] = _NO_WORDS
    not_categories: frozenset[str] = _NO_WORDS
    not_tags: frozenset[str] = _NO_WORDS
    price_from_minor: int = 0
    price_until_minor: int | None = None
    reduced: bool = True

    def __post_init__(self) -> None:
        if self.price_from_minor < 0 or (self.price_until_minor or 0) < 0:
            raise DomainError("rules.amount_negative")
        if self.price_until_minor is not None and self.price_until_minor < self.price_from_minor:
            raise DomainError("rules.range_contradicts")

    @property
    def names_goods(self) -> bool:
        """Whether anything is named, so that an index can find it."""
        return bool(self.items or self.brands or self.categories or self.tags)

    def holds(self, item: Item, unit_price_minor: int) -> bool:
        """Whether an item at that unit price is meant; ``reduced`` is judged where amounts are known."""
        if unit_price_minor < self.price_from_minor:
            return False
        if self.price_until_minor is not None and unit_price_minor > self.price_until_minor:
            return False
        return self._is_named(item) and not self._is_left_out(item)

    def _is_named(self, item: Item) -> bool:
        return (
            item.item_id in self.items
            or not self.names_goods
            or item.department_id in self.categories
            or item.brand in self.brands
            or not self.tags.isdisjoint(item.tags)
        )

    def _is_left_out(self, item: Item) -> bool:
        return (
            item.item_id in self.not_items
            or item.department_id in self.not_categories
            or item.brand in self.not_brands
            or not self.not_tags.isdisjoint(item.tags)
        )


ALL_GOODS = Scope()
