"""Hints of what is nearly reached, and the reckoning in words of both languages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from domain.choices import Choices
from domain.explanation import Said, explain, explain_line, say_hint
from domain.ids import ItemId
from domain.members import Shopper
from domain.points import PointsRules
from domain.pricing import price_cart
from domain.pricing_context import Coupon
from domain.promotions import benefits as b
from domain.promotions import conditions as c
from domain.promotions.groups import RuleGroup
from domain.promotions.outcome import Hint
from domain.promotions.rule import Limits, Rule
from domain.promotions.scope import Scope
from resources import texts
from tests.domain.rule_books import Case, cases
from tests.domain.test_promotions import FIRST, ORDER, SECOND, book, line, priced, rule

HINTS = Choices()
TIERS = b.Tiers(b.By.SPEND, (b.Step(20_000, 5_000), b.Step(30_000, 9_000)))


def hints(offer: Rule, *lines: Any, **changes: Any) -> list[tuple[int, int]]:
    found = priced(book(offer, choices=HINTS, **changes), *lines)
    return [(hint.missing_minor, hint.missing_pieces) for hint in found.hints]


@pytest.mark.parametrize(
    ("wanted", "offer", "price", "pieces"),
    [
        ([(1_200, 0)], rule(TIERS, ORDER), 18_800, 1),
        ([], rule(TIERS, ORDER), 13_999, 1),
        ([(6_000, 0)], rule(TIERS, ORDER), 14_000, 1),
        ([(9_000, 0)], rule(TIERS, ORDER), 21_000, 1),
        ([], rule(TIERS, ORDER), 30_000, 1),
        ([(500, 0)], rule(b.Every(b.By.SPEND, 1_000, 100), ORDER), 1_500, 1),
        ([], rule(b.Every(b.By.SPEND, 1_000, 100, 1), ORDER), 1_500, 1),
        ([], rule(b.Every(b.By.SPEND, 1_000, 100), ORDER, limits=Limits(max_times=1)), 1_500, 1),
        ([(0, 1)], rule(b.Every(b.By.PIECES, 4, 100), ORDER), 100, 3),
        ([(0, 1)], rule(b.NthPercentOff(2, 5_000)), 100, 3),
        ([], rule(b.NthPercentOff(2, 5_000)), 100, 4),
        ([], rule(b.NthPercentOff(2, 5_000), limits=Limits(max_times=1)), 100, 3),
        ([(0, 1)], rule(b.BuyGet(2, 1)), 100, 2),
        ([], rule(b.BuyGet(5, 1)), 100, 2),
        ([(0, 1)], rule(b.NForPrice(3, 100)), 100, 2),
        ([(0, 1)], rule(b.CheapestFree(3)), 100, 2),
        ([], rule(b.CheapestFree(3)), 100, 5),
        ([(0, 2)], rule(b.NForPrice(8, 100)), 100, 6),
        ([(100, 0)], rule(b.PercentOff(100), ORDER, conditions=(c.Spend(1_000),)), 900, 1),
        ([], rule(b.PercentOff(100), ORDER, conditions=(c.Spend(900),)), 900, 1),
        ([(101, 0)], rule(b.PercentOff(100), ORDER, conditions=(c.Spend(1_000, above=True),)), 900, 1),
        ([], rule(b.PercentOff(100), ORDER, conditions=(c.Spend(1_000, 2_000),)), 900, 1),
        ([], rule(b.PercentOff(100), ORDER, conditions=(c.Spend(1_000), c.Spend(1_001))), 900, 1),
    ],
)  # fmt: skip
def test_what_is_nearly_reached(wanted: list[tuple[int, int]], offer: Rule, price: int, pieces: int) -> None:
    found = hints(offer, line(1, price, pieces))
    assert [one for one in found if one in wanted or not wanted] == wanted


def test_a_hint_counts_what_goods_cost_at_that_stage() -> None:
    half = rule(b.PercentOff(5_000), rule_id="half")
    found = priced(book(half, rule(TIERS, ORDER), choices=HINTS), line(1, 39_000))
    assert [(hint.rule_id, hint.missing_minor) for hint in found.hints] == [("r", 500)]


def test_no_hint_for_what_a_used_rule_excludes_and_not_more_than_wanted() -> None:
    group = (RuleGroup("g"),)
    used = rule(b.AmountOff(5_000), ORDER, rule_id="used", group_id="g")
    assert (
        priced(book(used, rule(TIERS, ORDER, group_id="g"), groups=group, choices=HINTS), line(1, 19_900)).hints == ()
    )
    many = [rule(TIERS, ORDER, rule_id=f"r{number}") for number in range(5)]
    found = priced(book(*many, choices=HINTS), line(1, 19_900)).hints
    assert [hint.rule_id for hint in found] == ["r0", "r1", "r2"]
    assert priced(book(*many), line(1, 19_900)).hints == ()


def say(said: Said, language: str) -> str:
    return texts.text(said.key, language, **said.params)


def test_hints_speak_both_languages() -> None:
    spend = say_hint(Hint("r", "满200减50", "¥50 off ¥200", 1_200), "CNY")
    assert (say(spend, "zh"), say(spend, "en")) == ("再买 ￥12.00 享满200减50", "￥12.00 more for ¥50 off ¥200")
    pieces = say_hint(Hint("r", "第二件半价", "Second half price", 0, 1), "CNY")
    assert (say(pieces, "zh"), say(pieces, "en")) == ("再买 1 件享第二件半价", "1 more piece for Second half price")


def test_a_reckoning_is_told_from_list_to_due() -> None:
    shop = book(
        rule(b.AmountOff(9_999), rule_id="low", scope=FIRST, limits=Limits(floor_price_minor=900)),
        rule(b.UnitPrice(500), rule_id="few", scope=SECOND, limits=Limits(max_units=1)),
        rule(b.Gift(Scope(items=frozenset({ItemId(3)})), 1), ORDER, rule_id="gift"),
        points=PointsRules(100, 100, 1_000),
    )
    found = priced(shop, line(1, 1_000), line(2, 1_000, 2, special=800), shopper=Shopper("m", points=900), points_wanted=900, coupons=(Coupon("g", "x"),))  # fmt: skip # noqa: E501
    told = [say(said, "zh") for said in explain(found)]
    assert told == [
        "原价合计 ￥30.00",
        "特价与改价 ￥-4.00",
        "规则 ￥-3.00",
        "规则：限量，只减部分件数",
        "规则 ￥-1.00",
        "规则：￥98.99 因最低价未减",
        "规则 ￥0.00",
        "积分抵扣 ￥-2.00",
        "应付 ￥20.00",
        "想用 900 积分，可用 200",
        "规则：可领赠品 1 件",
        "券 g 没有对应的规则",
    ]
    steps = [say(said, "en") for one in found.lines for said in explain_line(one, "CNY")]
    assert steps[0] == "Offer low ￥-1.00 (of ￥10.00)"


@settings(max_examples=100)
@given(cases())
def test_every_reckoning_has_words_and_its_figures_sum(one: Case) -> None:
    found = price_cart(one.cart, one.book, context=one.context)
    for language in ("zh", "en"):
        assert all(say(said, language) for said in explain(found))
        assert all(say(said, language) for priced_ in found.lines for said in explain_line(priced_, "CNY"))
    summed = ("pricing.rule", "pricing.stage.")
    shown = [said.params["amount"] for said in explain(found) if said.key.startswith(summed)]
    assert sum(round(float(text.lstrip("￥")) * 100) for text in shown) == -found.saved_minor


def test_gifts_that_are_on_the_cart_need_no_reminder() -> None:
    shop = book(rule(b.Gift(Scope(), 1), ORDER, rule_id="gift"))
    for claimed, wanted in ((line(3, 50), 1), (line(3, 50, gift_of="gift"), 0)):
        told = [said.key for said in explain(priced(shop, line(1, 1_000), claimed))]
        assert told.count("pricing.gift") == wanted
