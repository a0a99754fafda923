"""No change of a rule stays unsaid: each field of a benefit or condition alters its sentence in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from enum import Enum
from typing import Any

import pytest
from hypothesis import given

from domain.errors import DomainError
from domain.ids import ItemId
from domain.promotions.benefits import GroupPick, NthPercentOff
from domain.promotions.conditions import Birthday, OrderNumber, Spend, ThresholdBase
from domain.promotions.rule import Rule
from domain.promotions.scope import Scope
from tests.domain.promo_voices import said
from tests.domain.rule_books import Case, cases
from tests.domain.test_sentences import BENEFITS, CONDITIONS, TEN_OFF, rule

OTHER_GOODS = Scope(items=frozenset({ItemId(3)}))
NUMBERS = {"weekdays", "month_days", "numbers"}
WHERE_NONE: dict[str, list[Any]] = {
    "scope": [OTHER_GOODS],
    "goods": [OTHER_GOODS],
    "base": list(ThresholdBase),
    "pick": list(GroupPick),
    "cap_minor": [77],
    "max_minor": [99_999],
    "max_pieces": [99],
    "max_thousandths": [99_000],
}

IDLE = (NthPercentOff(1, 5000), Spend(), OrderNumber(every=1), Birthday(whole_month=True))
"""Where another field has no meaning left: every piece is picked, nothing is asked, each order and each day counts."""


def changes(value: Any) -> Iterator[Any]:
    """The value with one field changed in every way that is allowed."""
    for field in fields(value):
        for other in others(getattr(value, field.name), field.name):
            try:
                yield replace(value, **{field.name: other})
            except DomainError:
                continue


def others(value: Any, name: str) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, Enum):
        return [other for other in type(value) if other is not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    if isinstance(value, Scope):
        return [OTHER_GOODS]
    if isinstance(value, frozenset):
        return [value ^ {4}] if name in NUMBERS else [value ^ {"other"}]
    if isinstance(value, tuple):
        return [value[:-1], *((*value[:-1], other) for other in changes(value[-1]))]
    return WHERE_NONE.get(name, [])


def told(changed: Rule, plain: Rule) -> bool:
    return all(one != other for one, other in zip(said(changed), said(plain), strict=True))


@pytest.mark.parametrize("benefit", [benefit for benefit, *_ in BENEFITS if benefit not in IDLE])
def test_each_field_of_a_benefit_is_said(benefit: Any) -> None:
    found = list(changes(benefit))
    unsaid = [changed for changed in found if not told(rule(changed), rule(benefit))]
    assert unsaid == []


@pytest.mark.parametrize("condition", [condition for condition, *_ in CONDITIONS if condition not in IDLE])
def test_each_field_of_a_condition_is_said(condition: Any) -> None:
    unsaid = [changed for changed in changes(condition) if not told(rule(TEN_OFF, changed), rule(TEN_OFF, condition))]
    assert unsaid == []


@given(cases(most_rules=3))
def test_any_rule_is_said_without_gaps(case: Case) -> None:
    for one in case.book.rules:
        zh, en = said(one)
        assert zh and en and not re.search(r"[{}]|None|  |，，|, ,|（）|\(\)", zh + "|" + en)
        assert zh.count("（") == zh.count("）") and en.count("(") == en.count(")")
        assert en[0].isupper() or one.scope.names_goods or not en[0].isalpha()
