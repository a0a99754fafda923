"""Rule book, cart and circumstances as documents: both ways without loss, and nothing is guessed."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from domain.cart import Cart
from domain.choices import Choices
from domain.errors import DomainError
from domain.ids import ItemId
from domain.pricing_context import Coupon, PricingContext
from domain.pricing_json import (
    cart_from_data,
    cart_to_data,
    context_from_data,
    context_to_data,
    rule_book_from_data,
    rule_book_to_data,
)
from domain.promotions.benefits import Benefit
from domain.promotions.checks import check_rule_book, rule_book_problems
from domain.promotions.conditions import Condition
from domain.promotions.rule import Limits
from domain.strict_json import parse_json, to_data
from resources import texts
from tests.strategies import carts

DOCUMENT = (Path(__file__).parents[2] / "docs" / "pricing.md").read_text("utf-8")
BOOK, CART, CONTEXT, PRICED = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", DOCUMENT, re.S))

PRICE = {"kind": "unit_price", "price_minor": 1}


def rule(**changes: Any) -> dict[str, Any]:
    """A book of the document's first rule, changed."""
    book: dict[str, Any] = BOOK | {"rules": [BOOK["rules"][0] | changes], "choices": {}}
    return book


def benefit(**changes: Any) -> dict[str, Any]:
    return rule(benefit=changes)


def test_the_documented_examples_are_read_and_written_as_they_stand() -> None:
    assert rule_book_to_data(rule_book_from_data(BOOK)) == BOOK
    assert cart_to_data(cart_from_data(CART)) == CART
    assert context_to_data(context_from_data(CONTEXT)) == CONTEXT
    assert rule_book_problems(rule_book_from_data(BOOK), {ItemId(7)}) == []


def test_every_choice_benefit_condition_and_limit_is_documented() -> None:
    kinds = [one.KIND for one in (*Benefit.__args__, *Condition.__args__)]
    names = [field.name for kind in (Choices, Limits) for field in fields(kind)]
    assert [
        name for name in (*kinds, *names) if f"`{name}`" not in DOCUMENT and f"`limits.{name}`" not in DOCUMENT
    ] == []


@given(carts())
def test_a_cart_survives_its_document(basket: Cart) -> None:
    assert cart_from_data(parse_json(json.dumps(cart_to_data(basket)))) == basket


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("document.other_format", []),
        ("document.other_format", CART),
        ("document.wrong_type", BOOK | {"format_version": "1"}),
        ("document.wrong_type", BOOK | {"format_version": 0}),
        ("document.newer_version", BOOK | {"format_version": 2}),
        ("document.unknown_field", BOOK | {"colour": 1}),
        ("document.unknown_field", rule(colour=1)),
        ("document.field_missing", benefit(kind="unit_price")),
        ("document.unknown_kind", benefit(kind="magic")),
        ("document.unknown_kind", rule(benefit=3)),
        ("document.unknown_kind", rule(stage="late")),
        ("document.wrong_type", BOOK | {"version": True}),
        ("document.wrong_type", BOOK | {"version": 10**16}),
        ("document.wrong_type", rule(name_zh="x" * 501)),
        ("document.wrong_type", rule(scope=[])),
        ("document.wrong_type", rule(conditions={})),
        ("document.member_twice", rule(scope={"items": [1, 1]})),
        ("document.not_a_decimal", benefit(kind="percent_off", percent=12)),
        ("document.not_a_decimal", benefit(kind="percent_off", percent="12.345")),
        ("document.not_a_decimal", benefit(kind="percent_off", percent="-1")),
        ("rules.percent_out_of_range", benefit(kind="percent_off", percent="100.01")),
        ("rules.percent_out_of_range", benefit(kind="percent_off", percent="0")),
        ("rules.amount_negative", benefit(kind="amount_off", amount_minor=-1)),
        ("rules.amount_negative", rule(scope={"price_from_minor": -1})),
        ("rules.amount_negative", rule(conditions=[{"kind": "spend", "min_minor": -1}])),
        ("rules.range_contradicts", rule(conditions=[{"kind": "spend", "min_minor": 5, "max_minor": 4}])),
        ("rules.range_contradicts", rule(scope={"price_from_minor": 5, "price_until_minor": 4})),
        ("rules.count_out_of_range", benefit(kind="n_for_price", count=0, price_minor=1)),
        ("rules.count_out_of_range", benefit(kind="cheapest_free", count=2, free=3)),
        ("rules.count_out_of_range", benefit(kind="bundle", parts=[], price_minor=1)),
        ("rules.count_out_of_range", benefit(kind="every", by="spend", step=0, amount_minor=1)),
        ("rules.count_out_of_range", benefit(kind="points_times", times="1")),
        ("rules.count_out_of_range", rule(limits={"max_uses": 0})),
        ("rules.count_out_of_range", rule(conditions=[{"kind": "order_number"}])),
        ("rules.count_out_of_range", rule(conditions=[{"kind": "birthday", "days_around": 101}])),
        ("rules.count_out_of_range", BOOK | {"choices": {"max_hints": 21}}),
        ("rules.count_out_of_range", BOOK | {"tiers": [{"tier_id": "x", "points_times": "101"}]}),
        ("rules.window_contradicts", rule(valid_from_ms=5, valid_until_ms=5)),
        ("rules.window_contradicts", rule(conditions=[{"kind": "calendar", "from_minute": 60, "until_minute": 60}])),
        ("rules.day_unknown", rule(conditions=[{"kind": "calendar", "weekdays": [8]}])),
        ("rules.day_unknown", rule(conditions=[{"kind": "calendar", "month_days": [0]}])),
        ("rules.tiers_overlap", benefit(kind="tiers", by="spend", steps=[])),
        ("rules.tiers_overlap", benefit(kind="tiers", by="spend", steps=[{"at": 2, "amount_minor": 1}] * 2)),
        ("rules.step_unclear", benefit(kind="tiers", by="spend", steps=[{"at": 2}])),
        ("rules.id_missing", rule(version=0)),
        ("rules.benefit_not_in_stage", rule(stage="item_price")),
        ("rules.benefit_not_in_stage", rule(coupon_group="x")),
        ("rules.benefit_not_in_stage", rule(stage="item_promotion", benefit={"kind": "free_delivery"})),
        ("rules.stages_unknown", BOOK | {"choices": {"stages": ["points"]}}),
        ("rules.groups_in_circle", BOOK | {"groups": [{"group_id": "a", "within": "a"}]}),
        ("rules.group_unknown", BOOK | {"groups": [{"group_id": "a", "within": "b"}]}),
        ("rules.points_step_unclear", BOOK | {"points": {"redeem_step_points": 1}}),
        ("rules.percent_out_of_range", BOOK | {"points": {"redeem_max": "101"}}),
        ("rules.percent_out_of_range", BOOK | {"tiers": [{"tier_id": "x", "off": "101"}]}),
        ("rules.amount_negative", BOOK | {"points": {"earn_minor_per_point": -1}}),
        ("rules.amount_negative", BOOK | {"member_prices": [{"item_id": 1, "price_minor": -1}]}),
        ("rules.amount_negative", CONTEXT | {"points_wanted": -1}),
        ("pricing.coupon_twice", CONTEXT | {"coupons": [{"coupon_id": "c", "rule_id": "r"}] * 2}),
        ("pricing.too_many_coupons", CONTEXT | {"coupons": [{"coupon_id": str(n), "rule_id": "r"} for n in range(9)]}),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_code_in_both_languages(code: str, data: Any) -> None:
    read = context_from_data if isinstance(data, dict) and "context" in data["format"] else rule_book_from_data
    with pytest.raises(DomainError) as caught:
        read(data)
    assert caught.value.code == code
    said = [str(texts.error_text(code, language, caught.value.params)) for language in ("zh", "en")]
    assert said[0] != said[1]


def test_where_it_is_wrong_is_told() -> None:
    with pytest.raises(DomainError) as caught:
        rule_book_from_data(benefit(kind="percent_off", percent="101"))
    assert caught.value.params["where"] == "$.rules[0].benefit"


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("rules.id_twice", {"rules": [BOOK["rules"][0]] * 2, "choices": {}}),
        ("rules.group_unknown", rule(group_id="spring")),
        ("rules.tier_unknown", {"tiers": []}),
        ("rules.tier_unknown", {"member_prices": [{"item_id": 7, "price_minor": 1, "tiers": ["blue"]}]}),
        ("rules.coupon_group_unknown", {"choices": {"coupons_combine": [{"one": "shop", "other": "none"}]}}),
        ("rules.item_unknown", rule(scope={"items": [8]})),
        ("rules.item_unknown", rule(conditions=[{"kind": "pieces", "scope": {"items": [8]}}])),
        ("rules.item_unknown", benefit(kind="gift", goods={"items": [8]})),
        ("rules.item_unknown", benefit(kind="bundle", price_minor=1, parts=[{"goods": {"items": [8]}}] * 2)),
        ("rules.item_unknown", {"delivery_items": [8]}),
        ("rules.benefit_not_in_stage", rule(stage="item_price", benefit=PRICE, limits={"max_units": 1})),
    ],
)  # fmt: skip
def test_a_book_that_cannot_be_published(code: str, changed: dict[str, Any]) -> None:
    book = rule_book_from_data(BOOK | changed)
    with pytest.raises(DomainError) as caught:
        check_rule_book(book, {ItemId(7)})
    assert caught.value.code == code
    assert texts.error_text(code, "zh", caught.value.params).what


@pytest.mark.parametrize("text", ["", "{", '{"a": 1.5}', '{"a": NaN}', '{"a": 1, "a": 2}', "[" * 100_000, b"\xff"])
def test_text_that_is_no_strict_json(text: str | bytes) -> None:
    with pytest.raises(DomainError, match=r"document\.unreadable"):
        parse_json(text)


def test_a_coupon_has_its_time() -> None:
    coupon = Coupon("g", "r", 10, 20)
    assert [coupon.is_live(at_ms) for at_ms in (9, 10, 19, 20)] == [False, True, True, False]
    assert Coupon("g", "r").is_live(0)
    assert to_data(PricingContext(coupons=(coupon,)))["coupons"] == [
        {"coupon_id": "g", "rule_id": "r", "valid_from_ms": 10, "valid_until_ms": 20}
    ]
