"""What is wrong with a rule book as a whole, beyond what each part refuses by itself."""

from collections.abc import Container, Iterable, Iterator

from domain.errors import DomainError
from domain.ids import ItemId
from domain.promotions.benefits import AddOn, Bundle, BuyGet, Gift
from domain.promotions.conditions import MemberIs, Pieces, Quantity, Spend
from domain.promotions.effects import conditions_without_effect, limits_without_effect
from domain.promotions.rule import Rule, RuleStage
from domain.promotions.scope import Scope
from domain.rulebook import RuleBook

MAX_RULES = 5_000


def rule_book_problems(book: RuleBook, items: Container[ItemId] | None = None) -> list[DomainError]:
    """Everything that forbids publishing the book; ``items`` are those that exist, None where that is not known."""
    found = [*_ids_twice(book), *_names_unknown(book), *_limits_out_of_place(book)]
    if items is not None:
        found += _items_unknown(book, items)
    if book.version < 1 or book.cash_rounding_unit_minor < 1:
        found.append(DomainError("rules.count_out_of_range"))
    if len(book.rules) > MAX_RULES:
        found.append(DomainError("rules.too_many", most=MAX_RULES))
    return found


def check_rule_book(book: RuleBook, items: Container[ItemId] | None = None) -> None:
    """Raise the first problem."""
    for problem in rule_book_problems(book, items):
        raise problem


def scopes_of(rule: Rule) -> Iterator[Scope]:
    """Every scope that the rule names goods in."""
    yield rule.scope
    benefit = rule.benefit
    if isinstance(benefit, AddOn | Gift | BuyGet):
        if benefit.goods:
            yield benefit.goods
    elif isinstance(benefit, Bundle):
        yield from (part.goods for part in benefit.parts)
    for condition in rule.conditions:
        if isinstance(condition, Spend | Pieces | Quantity) and condition.scope:
            yield condition.scope


def _ids_twice(book: RuleBook) -> Iterator[DomainError]:
    kinds: tuple[Iterable[str], ...] = (
        [rule.rule_id for rule in book.rules],
        [group.group_id for group in book.groups],
        [tier.tier_id for tier in book.tiers],
    )
    for ids in kinds:
        seen: set[str] = set()
        for one in ids:
            if one in seen:
                yield DomainError("rules.id_twice", id=one)
            seen.add(one)


def _names_unknown(book: RuleBook) -> Iterator[DomainError]:
    groups = {group.group_id for group in book.groups}
    tiers = {tier.tier_id for tier in book.tiers}
    coupon_groups = {rule.coupon_group for rule in book.rules if rule.stage is RuleStage.COUPON}
    for rule in book.rules:
        if rule.group_id and rule.group_id not in groups:
            yield DomainError("rules.group_unknown", group_id=rule.group_id, rule_id=rule.rule_id)
        for condition in rule.conditions:
            if isinstance(condition, MemberIs) and condition.tiers - tiers:
                yield DomainError("rules.tier_unknown", tier_id=min(condition.tiers - tiers), rule_id=rule.rule_id)
    for price in book.member_prices:
        if price.tiers - tiers:
            yield DomainError("rules.tier_unknown", tier_id=min(price.tiers - tiers), rule_id="")
    for pair in book.choices.coupons_combine:
        for name in (pair.one, pair.other):
            if name not in coupon_groups:
                yield DomainError("rules.coupon_group_unknown", group_id=name)


def _limits_out_of_place(book: RuleBook) -> Iterator[DomainError]:
    for rule in book.rules:
        if rule.stage is RuleStage.ITEM_PRICE and rule.limits.max_units is not None:
            yield DomainError("rules.benefit_not_in_stage", rule_id=rule.rule_id)
        elif useless := limits_without_effect(rule):
            yield DomainError("rules.limit_without_effect", rule_id=rule.rule_id, limit=useless[0])
        if conditions := conditions_without_effect(rule):
            yield DomainError("rules.condition_without_effect", rule_id=rule.rule_id, condition=conditions[0].KIND)


def _items_unknown(book: RuleBook, items: Container[ItemId]) -> Iterator[DomainError]:
    for rule in book.rules:
        for scope in scopes_of(rule):
            for item_id in sorted(scope.items | scope.not_items):
                if item_id not in items:
                    yield DomainError("rules.item_unknown", item_id=item_id, rule_id=rule.rule_id)
    for item_id in sorted({price.item_id for price in book.member_prices} | book.delivery_items):
        if item_id not in items:
            yield DomainError("rules.item_unknown", item_id=item_id, rule_id="")
