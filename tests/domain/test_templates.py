"""Templates of promotions: each with a cart, what it costs by hand-made sums, and its sentence in both languages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from domain.cart import CartLine
from domain.errors import DomainError
from domain.ids import ItemId
from domain.members import MemberTier, Shopper
from domain.points import PointsRules
from domain.pricing import price_cart
from domain.pricing_context import Coupon, PricingContext
from domain.promotions.checks import rule_book_problems
from domain.promotions.rule import RuleStage
from domain.promotions.templates.catalogue import ALL_TEMPLATES, TEMPLATES, template_from_data
from domain.promotions.templates.parameters import Unit, parameters_of
from domain.quantity import ONE
from domain.rulebook import RuleBook
from domain.strict_json import to_data
from resources import texts
from tests.builders import NOW_MS, cart, line
from tests.domain.promo_voices import said

TUESDAY_18_22 = NOW_MS
"""2026-11-03 18:22 in Shanghai."""
GOLD = Shopper("m", "gold", birthday="11-05", order_number=1)
DELIVERY = 9
DOCUMENT = (Path(__file__).parents[2] / "docs" / "pricing.md").read_text("utf-8")
DRINKS, COLA, UMBRELLA = {"categories": ["drinks"]}, {"items": [4]}, {"items": [3]}


@dataclass(frozen=True)
class Example:
    """What HQ enters, a cart, and what the cart costs then."""

    template: str
    data: dict[str, Any]
    lines: tuple[CartLine, ...]
    due_minor: int
    zh: str
    en: str
    shopper: Shopper | None = None
    points: int = 0


def goods(item_id: int, price_minor: int, count: int = 1, **changes: Any) -> CartLine:
    one = line(item_id, price_minor, quantity=count * ONE, **changes)
    return one if item_id != 2 else replace(one, item=replace(one.item, department_id="snacks"))


EXAMPLES = (
    Example(
        "spend_save", {"spend_minor": 20_000, "amount_minor": 5000},
        (goods(1, 10_000), goods(2, 10_000)), 15_000,
        "满200元减50元", "¥50 off when you spend ¥200",
    ),
    Example(
        "spend_save_tiers",
        {"steps": [{"at": 10_000, "amount_minor": 1000}, {"at": 20_000, "amount_minor": 3000}], "goods": DRINKS},
        (goods(1, 9000, 2), goods(4, 2500), goods(2, 5000)), 20_500 - 3000 + 5000,
        "饮料满100元减10元、满200元减30元",
        "Drinks: ¥10 off when you spend ¥100, ¥30 off when you spend ¥200",
    ),
    Example(
        "every_spend_save", {"spend_minor": 10_000, "amount_minor": 1000, "max_times": 3},
        (goods(1, 45_000),), 42_000,
        "每满100元减10元，最多减3次", "¥10 off for every ¥100 you spend, at most 3 times",
    ),
    Example(
        "spend_discount", {"spend_minor": 10_000, "percent": "12", "cap_minor": 1500},
        (goods(1, 10_000), goods(2, 10_000)), 18_500,
        "满100元88折，最高优惠15元", "12% off when you spend ¥100 (at most ¥15)",
    ),
    Example(
        "pieces_discount",
        {"steps": [{"at": 2, "percent": "10"}, {"at": 3, "percent": "20"}], "goods": DRINKS},
        (goods(1, 1000, 2), goods(4, 500), goods(2, 800)), 1600 + 400 + 800,
        "饮料满2件9折、满3件8折", "Drinks: 10% off when you buy 2 or more, 20% off when you buy 3 or more",
    ),
    Example(
        "nth_discount", {"goods": DRINKS},
        (goods(1, 1000, 2), goods(4, 700)), 1000 + 500 + 700,
        "饮料第二件半价", "Drinks: 2nd item half price",
    ),
    Example(
        "nth_discount", {"nth": 3, "percent": "100", "max_times": 1},
        (goods(1, 1000, 6),), 5000,
        "全场第三件免费，每单最多1次", "3rd item free, at most once per order",
    ),
    Example(
        "buy_get_free", {},
        (goods(1, 1000), goods(2, 800), goods(4, 700), goods(3, 300)), 1000 + 800 + 300,
        "全场买二送一", "Buy 2, get 1 free",
    ),
    Example(
        "any_for_price", {"count": 3, "price_minor": 2990, "goods": DRINKS},
        (goods(1, 1500, 2), goods(4, 1200, 2), goods(2, 500)), 2990 + 1200 + 500,
        "饮料任选3件29.9元", "Drinks: any 3 for ¥29.90",
    ),
    Example(
        "cheapest_free", {"count": 3},
        (goods(1, 1000, 3), goods(2, 800), goods(4, 300, 2)), 3000 + 800 + 300,
        "全场任选3件，最低价的1件免费", "Pick 3, the cheapest is free",
    ),
    Example(
        "set_price",
        {"parts": [{"goods": {"items": [2]}}, {"goods": COLA, "count": 2}], "price_minor": 990},
        (goods(2, 790), goods(4, 300, 3)), 990 + 300,
        "1件乐事薯片+2件可乐 330ml，套餐价9.9元", "1 × Lay's Crisps + 2 × Cola 330ml together for ¥9.90",
    ),
    Example(
        "add_on_purchase", {"spend_minor": 10_000, "add_on_goods": UMBRELLA, "price_minor": 990},
        (goods(1, 10_000), goods(3, 3900, 2)), 10_000 + 990 + 3900,
        "满100元加9.9元换购1件雨伞", "Add 1 × Umbrella for ¥9.90 when you spend ¥100",
    ),
    Example(
        "spend_gift", {"spend_minor": 10_000, "gift_goods": {"items": [5]}},
        (goods(1, 10_000), goods(5, 500, gift_of="r")), 10_000,
        "满100元送1件纸巾", "Get 1 × Tissues free when you spend ¥100",
    ),
    Example(
        "flash_sale",
        {"goods": COLA, "price_minor": 180, "weekdays": [2], "from_minute": 1080, "until_minute": 1260},
        (goods(4, 300, 3), goods(1, 200)), 540 + 200,
        "可乐 330ml 特价1.8元，每周二，18:00至21:00",
        "Cola 330ml: special price ¥1.80, on Tuesdays, from 18:00 to 21:00",
    ),
    Example(
        "flash_sale", {"goods": COLA, "price_minor": 180, "max_units": 2},
        (goods(4, 300, 3),), 360 + 300,
        "可乐 330ml 特价1.8元，每单限2件", "Cola 330ml: special price ¥1.80, at most 2 items per order",
    ),
    Example(
        "member_price", {"goods": {"items": [1]}, "price_minor": 150, "tiers": ["gold"]},
        (goods(1, 200, 2), goods(2, 800)), 300 + 800,
        "农夫山泉特价1.5元，限金卡会员", "Nongfu Spring: special price ¥1.50, Gold members only",
        shopper=GOLD,
    ),
    Example(
        "member_day", {"percent": "12", "month_days": [3, 13, 23]},
        (goods(1, 199), goods(2, 800)), 175 + 704,
        "全场88折，限会员，每月3日、13日、23日", "12% off, members only, on the 3rd, 13th and 23rd of the month",
        shopper=GOLD,
    ),
    Example(
        "more_points", {"times": "2.5", "weekdays": [2], "goods": DRINKS},
        (goods(1, 1000), goods(2, 800)), 1800,
        "饮料积分2.5倍，限会员，每周二", "Drinks: 2.5× points, members only, on Tuesdays",
        shopper=GOLD, points=25 + 8,
    ),
    Example(
        "free_delivery", {"spend_minor": 9900},
        (goods(1, 9900), goods(DELIVERY, 800)), 9900,
        "满99元包邮", "Free delivery when you spend ¥99",
    ),
    Example(
        "amount_coupon", {"amount_minor": 1000, "spend_minor": 5000},
        (goods(1, 3000), goods(2, 2000)), 4000,
        "凭券满50元减10元", "¥10 off when you spend ¥50, with the coupon",
    ),
    Example(
        "percent_coupon", {"percent": "15", "cap_minor": 2000, "goods": DRINKS},
        (goods(1, 10_000), goods(2, 1000)), 8500 + 1000,
        "凭券饮料85折，最高优惠20元", "Drinks: 15% off (at most ¥20), with the coupon",
    ),
    Example(
        "goods_coupon", {"goods": COLA},
        (goods(4, 300, 2), goods(1, 200)), 300 + 200,
        "凭券可乐 330ml 1件免费", "Cola 330ml: 1 free, with the coupon",
    ),
    Example(
        "delivery_coupon", {"cap_minor": 500},
        (goods(1, 200), goods(DELIVERY, 800)), 200 + 300,
        "凭券全场减运费，最高优惠5元", "Delivery charge taken off (at most ¥5), with the coupon",
    ),
    Example(
        "newcomer_coupon", {"amount_minor": 1500, "spend_minor": 4900},
        (goods(1, 4900),), 3400,
        "凭券满49元减15元，限首单", "¥15 off when you spend ¥49, with the coupon, on your first order",
        shopper=GOLD,
    ),
    Example(
        "birthday_coupon", {"percent": "20", "days_around": 3, "cap_minor": 3000},
        (goods(1, 9990),), 9990 - 1998,
        "凭券全场8折，最高优惠30元，限生日前后3天内",
        "20% off (at most ¥30), with the coupon, within 3 days of your birthday",
        shopper=GOLD,
    ),
)  # fmt: skip


def book_of(example: Example) -> RuleBook:
    rule = template_from_data(example.template, example.data).rule("r")
    tiers = (MemberTier("gold", "金卡", "Gold"),)
    points = PointsRules(earn_minor_per_point=100)
    return RuleBook(1, tiers=tiers, points=points, rules=(rule,), delivery_items=frozenset({ItemId(DELIVERY)}))


def context_of(book: RuleBook, shopper: Shopper | None) -> PricingContext:
    is_coupon = book.rules[0].stage is RuleStage.COUPON
    coupons = (Coupon("c", "r"),) if is_coupon else ()
    return PricingContext(TUESDAY_18_22, shopper=shopper, coupons=coupons)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.template)
def test_an_example_costs_what_was_worked_out_by_hand(example: Example) -> None:
    book = book_of(example)
    assert rule_book_problems(book, {ItemId(number) for number in (1, 2, 3, 4, 5, DELIVERY)}) == []
    priced = price_cart(cart(*example.lines), book, context=context_of(book, example.shopper))
    assert priced.due_minor == example.due_minor
    assert [one.rule_id for one in priced.applied] == (["r"] if book.rules[0].stage is not RuleStage.ITEM_PRICE else [])
    if example.points:
        assert priced.points_earned == example.points


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.template)
def test_an_example_costs_the_list_price_when_the_offer_is_over_or_for_others(example: Example) -> None:
    book = book_of(example)
    listed = sum(line.price.list_price_minor * line.quantity_thousandths // ONE for line in example.lines if line.price)
    ended = replace(book, rules=(replace(book.rules[0], valid_until_ms=TUESDAY_18_22),))
    whole = price_cart(cart(*example.lines), ended, context=context_of(ended, example.shopper))
    assert whole.due_minor == listed and not whole.applied
    if example.shopper and not example.points:
        stranger = price_cart(cart(*example.lines), book, context=context_of(book, None))
        assert stranger.due_minor == listed


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.template)
def test_an_example_is_said_in_both_languages(example: Example) -> None:
    rule = template_from_data(example.template, example.data).rule("r", version=7)
    assert said(rule) == (example.zh, example.en)
    assert (rule.rule_id, rule.version) == ("r", 7)


def test_every_template_has_an_example_names_and_a_way_back_to_its_data() -> None:
    assert {example.template for example in EXAMPLES} == set(TEMPLATES)
    assert len(TEMPLATES) == len(ALL_TEMPLATES)
    assert [one for one in TEMPLATES if f"`{one}`" not in DOCUMENT] == []
    known = set(texts.keys())
    for template in ALL_TEMPLATES:
        wanted = {f"template.{template.ID}"}
        for parameter in parameters_of(template):
            wanted |= {f"template.parameter.{parameter.name}", f"template.unit.{parameter.form.unit}"}
        assert wanted <= known
    for example in EXAMPLES:
        made = template_from_data(example.template, example.data)
        assert template_from_data(example.template, to_data(made)) == made


def test_parameters_tell_unit_bounds_and_what_must_be_given() -> None:
    found = {one.name: one for one in parameters_of(TEMPLATES["any_for_price"])}
    count, goods_asked = found["count"], found["goods"]
    assert (count.form.unit, count.form.least, count.form.most, count.required) == (Unit.COUNT, 2, 1000, True)
    assert (goods_asked.form.unit, goods_asked.required) == (Unit.GOODS, False)
    used = {parameter.form.unit for template in ALL_TEMPLATES for parameter in parameters_of(template)}
    assert used == set(Unit)


@pytest.mark.parametrize(
    ("code", "template", "data"),
    [
        ("rules.template_unknown", "magic", {}),
        ("document.field_missing", "spend_save", {"spend_minor": 1}),
        ("document.unknown_field", "buy_get_free", {"colour": 1}),
        ("document.wrong_type", "spend_save", {"spend_minor": "200", "amount_minor": 5}),
        ("rules.parameter_out_of_range", "spend_save", {"spend_minor": 0, "amount_minor": 5}),
        ("rules.parameter_out_of_range", "spend_save", {"spend_minor": 10**9 + 1, "amount_minor": 5}),
        ("rules.parameter_out_of_range", "nth_discount", {"nth": 1}),
        ("rules.parameter_out_of_range", "nth_discount", {"percent": "100.01"}),
        ("rules.parameter_out_of_range", "member_day", {"percent": "5", "weekdays": [0]}),
        ("rules.parameter_out_of_range", "member_price", {"goods": {}, "price_minor": 1}),
        ("rules.tiers_overlap", "pieces_discount", {"steps": []}),
        ("rules.count_out_of_range", "set_price", {"parts": [], "price_minor": 1}),
        ("rules.count_out_of_range", "cheapest_free", {"count": 2, "free": 3}),
        ("rules.parameter_out_of_range", "flash_sale", {"goods": COLA, "price_minor": 1, "from_minute": 1440}),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_both_languages(code: str, template: str, data: dict[str, Any]) -> None:
    with pytest.raises(DomainError) as caught:
        template_from_data(template, data).rule("r")
    assert caught.value.code == code
    words = [str(texts.error_text(code, language, caught.value.params)) for language in ("zh", "en")]
    assert words[0] != words[1]
