"""Which rules can touch a cart, found by its goods, so that all others cost nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.catalog import Item
from domain.ids import ItemId
from domain.members import MemberPrice
from domain.promotions.benefits import AddOn, Bundle
from domain.promotions.groups import Path, RuleGroup, group_paths
from domain.promotions.rule import Rule, RuleStage
from domain.promotions.scope import Scope

Positions = tuple[int, ...]
_NONE: Positions = ()


@dataclass(frozen=True, slots=True)
class Shelf:
    """Positions of rules by what their goods are named by; ``open`` are those that any goods may meet."""

    open: Positions
    items: Mapping[ItemId, Positions]
    brands: Mapping[str, Positions]
    categories: Mapping[str, Positions]
    tags: Mapping[str, Positions]

    def touching(self, items: Iterable[Item]) -> list[int]:
        """The positions of the rules that name any of these goods, in order."""
        found: set[int] = set(self.open)
        for item in items:
            found.update(self.items.get(item.item_id, _NONE))
            found.update(self.categories.get(item.department_id, _NONE))
            if item.brand:
                found.update(self.brands.get(item.brand, _NONE))
            for tag in item.tags:
                found.update(self.tags.get(tag, _NONE))
        return sorted(found)

    @property
    def is_empty(self) -> bool:
        """Whether no rule stands here."""
        return not (self.open or self.items or self.brands or self.categories or self.tags)


@dataclass(frozen=True, slots=True)
class RuleIndex:
    """The rules of a book by stage, goods and id."""

    item_prices: Shelf
    promotions: Shelf
    by_id: Mapping[str, int]
    paths: Mapping[str, Path]
    member_prices: Mapping[ItemId, tuple[MemberPrice, ...]]


def index_of(
    rules: tuple[Rule, ...], groups: tuple[RuleGroup, ...], member_prices: tuple[MemberPrice, ...]
) -> RuleIndex:
    """Build the index; raises where groups hold each other."""
    if not (rules or groups or member_prices):
        return EMPTY_INDEX
    by_item: dict[ItemId, tuple[MemberPrice, ...]] = {}
    for price in member_prices:
        by_item[price.item_id] = (*by_item.get(price.item_id, ()), price)
    prices = [at for at, rule in enumerate(rules) if rule.stage is RuleStage.ITEM_PRICE]
    others = [at for at, rule in enumerate(rules) if rule.stage in (RuleStage.ITEM, RuleStage.ORDER)]
    by_id = {rule.rule_id: at for at, rule in enumerate(rules)}
    return RuleIndex(_shelf(rules, prices), _shelf(rules, others), by_id, group_paths(groups), by_item)


def goods_needed(rule: Rule) -> Scope:
    """The goods without which the rule can do nothing."""
    if isinstance(rule.benefit, AddOn):
        return rule.benefit.goods
    if isinstance(rule.benefit, Bundle):
        return next((part.goods for part in rule.benefit.parts if part.goods.names_goods), rule.scope)
    return rule.scope


def _shelf(rules: tuple[Rule, ...], positions: list[int]) -> Shelf:
    items: dict[ItemId, list[int]] = {}
    words: tuple[dict[str, list[int]], ...] = ({}, {}, {})
    anywhere = []
    for at in positions:
        goods = goods_needed(rules[at])
        if not goods.names_goods:
            anywhere.append(at)
        for item_id in goods.items:
            items.setdefault(item_id, []).append(at)
        for place, names in zip(words, (goods.brands, goods.categories, goods.tags), strict=True):
            for name in names:
                place.setdefault(name, []).append(at)
    brands, categories, tags = ({name: tuple(found) for name, found in place.items()} for place in words)
    return Shelf(tuple(anywhere), {key: tuple(found) for key, found in items.items()}, brands, categories, tags)


_EMPTY_SHELF = Shelf((), {}, {}, {}, {})
EMPTY_INDEX = RuleIndex(_EMPTY_SHELF, _EMPTY_SHELF, {}, {}, {})
