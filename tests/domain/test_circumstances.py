"""Conditions about who, when and where, and limits of use."""

from __future__ import annotations

from typing import Any

import pytest

from domain.members import Shopper
from domain.pricing_context import RuleUse
from domain.promotions import benefits as b
from domain.promotions import conditions as c
from domain.promotions.rule import Limits
from tests.domain.test_promotions import SHOPPER, A, priced, rule

NOON = 1_793_678_400_000
"""2026-11-03 12:00 in Shanghai, a Tuesday."""
CALENDAR = c.Calendar


@pytest.mark.parametrize(
    ("holds", "condition", "context"),
    [
        (True, c.MemberIs(), {}), (False, c.MemberIs(), {"shopper": None}),
        (True, c.MemberIs(frozenset({"gold"}), frozenset({"vip"})), {}), (False, c.MemberIs(frozenset({"blue"})), {}),
        (False, c.MemberIs(tags=frozenset({"new"})), {}),
        (True, c.OrderNumber(frozenset({1})), {"shopper": Shopper("m", order_number=1)}),
        (True, c.OrderNumber(frozenset({4})), {}), (True, c.OrderNumber(every=2), {}),
        (False, c.OrderNumber(frozenset({1}), 3), {}), (False, c.OrderNumber(every=1), {"shopper": None}),
        (True, c.Birthday(2), {}), (False, c.Birthday(1), {}), (True, c.Birthday(whole_month=True), {}),
        (True, c.Birthday(70), {"shopper": Shopper("m", birthday="01-10")}),
        (False, c.Birthday(67), {"shopper": Shopper("m", birthday="01-10")}),
        (True, c.Birthday(9), {"shopper": Shopper("m", birthday="12-28"), "at_ms": NOON + 64 * 86_400_000}),
        (False, c.Birthday(100), {"shopper": Shopper("m")}), (False, c.Birthday(100), {"shopper": None}),
        (True, c.Birthday(0), {"shopper": Shopper("m", birthday="02-29"), "at_ms": NOON + 118 * 86_400_000}),
        (True, c.ChannelIs(frozenset({"till"})), {}), (False, c.ChannelIs(frozenset({"web"})), {}),
        (True, c.StoreIs(frozenset({"0102"})), {}), (False, c.StoreIs(frozenset({"0103"})), {}),
        (True, CALENDAR(frozenset({2})), {}), (False, CALENDAR(frozenset({3})), {}),
        (True, CALENDAR(month_days=frozenset({3})), {}), (False, CALENDAR(month_days=frozenset({4})), {}),
        (True, CALENDAR(from_minute=720, until_minute=721), {}), (False, CALENDAR(from_minute=721), {}),
        (False, CALENDAR(until_minute=720), {}), (True, CALENDAR(from_minute=700, until_minute=60), {}),
        (False, CALENDAR(from_minute=800, until_minute=60), {}),
        (True, CALENDAR(frozenset({1}), from_minute=1_380, until_minute=721), {}),
        (False, CALENDAR(frozenset({2}), from_minute=1_380, until_minute=721), {}),
        (True, c.HasCode(frozenset({"Autumn"})), {"codes": frozenset({"AUTUMN"})}),
        (False, c.HasCode(frozenset({"x"})), {}),
    ],
)  # fmt: skip
def test_a_condition_about_who_when_and_where(holds: bool, condition: c.Condition, context: dict[str, Any]) -> None:
    circumstances = {"at_ms": NOON, "store_id": "0102", "shopper": SHOPPER} | context
    found = priced(rule(b.PercentOff(1_000), conditions=(condition,)), A, **circumstances)
    assert bool(found.applied) is holds


@pytest.mark.parametrize(
    ("holds", "limits", "use"),
    [
        (True, Limits(max_uses=4), RuleUse("r", 3)), (False, Limits(max_uses=3), RuleUse("r", 3)),
        (False, Limits(max_per_day=1), RuleUse("r", today=1)),
        (False, Limits(max_per_member=1), RuleUse("r", by_member=1)),
        (False, Limits(max_per_member_day=1), RuleUse("r", by_member_today=1)),
        (True, Limits(max_per_member_day=1), RuleUse("r")),
        (True, Limits(budget_minor=1_300), RuleUse("r", spent_minor=1_000)),
        (False, Limits(budget_minor=1_299), RuleUse("r", spent_minor=1_000)),
    ],
)  # fmt: skip
def test_a_use_or_budget_that_would_be_overrun_leaves_the_rule_out(holds: bool, limits: Limits, use: RuleUse) -> None:
    found = priced(rule(b.PercentOff(1_000), limits=limits), A, shopper=SHOPPER, uses=(use,))
    assert bool(found.applied) is holds


def test_a_limit_per_member_needs_a_member() -> None:
    assert not priced(rule(b.PercentOff(1_000), limits=Limits(max_per_member=1)), A).applied


def test_a_rule_has_its_time() -> None:
    timed = rule(b.PercentOff(1_000), valid_from_ms=10, valid_until_ms=20)
    assert [bool(priced(timed, A, at_ms=at_ms).applied) for at_ms in (9, 10, 19, 20)] == [False, True, True, False]
