"""Rule books as a whole: what may be published."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.ids import ItemId
from domain.pricing import price_cart
from domain.pricing_json import rule_book_from_data, rule_book_to_data
from domain.promotions import benefits as b
from domain.promotions import conditions as c
from domain.promotions.checks import MAX_RULES, check_rule_book, rule_book_problems
from domain.promotions.scope import Scope
from resources import texts
from tests.domain.rule_books import Case, cases
from tests.domain.test_promotions import FIRST, ORDER, SECOND, book, rule


def test_a_sound_book_is_published_whether_or_not_the_items_are_known() -> None:
    sound = book(
        rule(b.BuyGet(1, 1), rule_id="own"),
        rule(b.BuyGet(1, 1, goods=SECOND), rule_id="other", scope=FIRST, conditions=(c.Quantity(500),)),
    )
    check_rule_book(sound)
    check_rule_book(sound, {ItemId(1), ItemId(2)})
    assert [found.params["item_id"] for found in rule_book_problems(sound, {ItemId(1)})] == [2]


def test_a_book_has_an_end() -> None:
    one = rule(b.PercentOff(100), ORDER)
    full = book(*(replace(one, rule_id=str(number)) for number in range(MAX_RULES + 1)))
    with pytest.raises(DomainError, match=r"rules\.too_many"):
        check_rule_book(full)


@pytest.mark.parametrize("wrong", [{"version": 0}, {"cash_rounding_unit_minor": 0}])
def test_a_book_has_a_version_and_a_unit_of_cash(wrong: dict[str, int]) -> None:
    with pytest.raises(DomainError, match=r"rules\.count_out_of_range"):
        check_rule_book(replace(book(), **wrong))  # type: ignore[arg-type]


json_values = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 10_000), st.sampled_from(["", "5", "0.5", "item", "spend", "gift", "a"]),
    st.just([]), st.just({}), st.lists(st.integers(0, 3), max_size=2), st.just({"kind": "percent_off", "percent": "5"}),
)  # fmt: skip


@settings(max_examples=150)
@given(cases(), st.randoms(use_true_random=False), json_values)
def test_any_book_is_refused_by_name_or_prices(one: Case, random: Random, value: object) -> None:
    data = rule_book_to_data(one.book)
    place: Any = data
    while True:
        key = random.choice([*place] if isinstance(place, dict) else range(len(place)))
        if not isinstance(place[key], dict | list) or not place[key] or random.random() < 0.2:
            break
        place = place[key]
    place[key] = value
    refused = ""
    try:
        price_cart(one.cart, rule_book_from_data(data), context=one.context)
    except DomainError as error:
        refused = error.code
    assert not refused or texts.has_error(refused)


def test_no_maximum_may_be_said() -> None:
    data = rule_book_to_data(book(rule(b.PercentOff(100), conditions=(c.Quantity(1_500, 2_000),))))
    condition = data["rules"][0]["conditions"][0]
    assert condition == {"kind": "quantity", "min": "1.5", "max": "2"}
    condition["max"] = None
    assert rule_book_from_data(data).rules[0].conditions == (c.Quantity(1_500, None),)


def test_a_scope_holds_goods_by_any_name_within_its_prices() -> None:
    scope = Scope(
        items=frozenset({ItemId(1)}), brands=frozenset({"Nongfu"}), price_from_minor=100, price_until_minor=200
    )
    own = rule(b.PercentOff(1_000), scope=scope)
    assert own.names == {"name_zh": "规则", "name_en": "Rule"}
    assert replace(own, name_zh="", name_en="").names == {"name_zh": "r", "name_en": "r"}
    assert scope.names_goods and not Scope().names_goods
