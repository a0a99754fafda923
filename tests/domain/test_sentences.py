"""The sentence of a rule: true for every kind of benefit, condition, limit and switch, in both languages."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Any

import pytest

from domain.ids import ItemId
from domain.money import CURRENCY_DIGITS
from domain.promotions import benefits as b
from domain.promotions import conditions as c
from domain.promotions.rule import Limits, PercentBase, Rule, RuleStage, UnitPick
from domain.promotions.scope import ALL_GOODS, Scope
from domain.promotions.sentences import figures
from domain.promotions.sentences.rule_sentence import MAX_NAME, sentence, with_names
from domain.promotions.sentences.voice import Voice
from resources import texts
from tests.domain.promo_voices import NAMES, said

DRINKS, CRISPS = Scope(categories=frozenset({"drinks"})), Scope(items=frozenset({ItemId(2)}))
COLA = Scope(items=frozenset({ItemId(4)}))
TEN_OFF = b.PercentOff(1000)
SPEND, PIECES = b.By.SPEND, b.By.PIECES
PARTS = (b.BundlePart(CRISPS), b.BundlePart(COLA, 2))


def rule(benefit: b.Benefit = TEN_OFF, *conditions: c.Condition, **changes: Any) -> Rule:
    return replace(Rule("r", 1, RuleStage.ORDER, benefit, conditions=conditions), **changes)


BENEFITS: list[tuple[b.Benefit, str, str]] = [
    (TEN_OFF, "全场9折", "10% off"),
    (b.PercentOff(1200, 2000), "全场88折，最高优惠20元", "12% off (at most ¥20)"),
    (b.PercentOff(1250), "全场8.75折", "12.5% off"),
    (b.PercentOff(9500), "全场0.5折", "95% off"),
    (b.PercentOff(10_000), "全场免费", "Free"),
    (b.AmountOff(500), "全场减5元", "¥5 off"),
    (b.AmountOff(550, b.Per.UNIT), "全场每件减5.5元", "¥5.50 off each"),
    (b.AmountOff(500, b.Per.LINE), "全场每种减5元", "¥5 off each product"),
    (b.UnitPrice(990), "全场特价9.9元", "Special price ¥9.90"),
    (b.ScopePrice(9900), "合起来只要99元", "All together for ¥99"),
    (b.NForPrice(3, 2990), "全场任选3件29.9元", "Any 3 for ¥29.90"),
    (b.NForPrice(1, 2990), "全场每件29.9元", "¥29.90 each"),
    (b.NAmountOff(2, 500), "全场每2件减5元", "¥5 off every 2"),
    (b.NAmountOff(1, 500), "全场每件减5元", "¥5 off each"),
    (b.NPercentOff(2, 1500), "全场任选2件85折", "Any 2 at 15% off"),
    (b.NPercentOff(2, 5000), "全场任选2件半价", "Any 2 at half price"),
    (b.NPercentOff(2, 10_000), "全场任选2件免费", "Any 2 free"),
    (b.NPercentOff(1, 1500), "全场每件85折", "15% off on each"),
    (b.NthPercentOff(2, 5000), "全场第二件半价", "2nd item half price"),
    (b.NthPercentOff(3, 10_000), "全场第三件免费", "3rd item free"),
    (b.NthPercentOff(12, 3000), "全场第12件7折", "12th item 30% off"),
    (b.NthPercentOff(1, 5000), "全场每件半价", "Half price on each"),
    (b.NthPercentOff(2, 5000, b.GroupPick.DEAREST), "全场第二件半价（价高者）", "2nd item half price (the dearest)"),
    (b.BuyGet(2, 1), "全场买二送一", "Buy 2, get 1 free"),
    (b.BuyGet(12, 1), "全场买12送1", "Buy 12, get 1 free"),
    (b.BuyGet(2, 1, 5000), "全场买2件，另1件半价", "Buy 2, get 1 at half price"),
    (b.BuyGet(2, 1, goods=COLA), "全场买2件送1件可乐 330ml", "Buy 2, get 1 × Cola 330ml free"),
    (b.BuyGet(2, 1, 3000, COLA), "全场买2件，另购1件可乐 330ml 7折", "Buy 2, get 1 × Cola 330ml at 30% off"),
    (
        b.BuyGet(2, 1, pick=b.GroupPick.BASKET_CHEAPEST),
        "全场买二送一（全部中价低者）", "Buy 2, get 1 free (the cheapest of all)",
    ),
    (b.CheapestFree(3), "全场任选3件，最低价的1件免费", "Pick 3, the cheapest is free"),
    (b.CheapestFree(5, 2), "全场任选5件，最低价的2件免费", "Pick 5, the 2 cheapest are free"),
    (b.CheapestFree(3, 1, True), "全场任选3件，最高价的1件免费", "Pick 3, the dearest is free"),
    (b.CheapestFree(5, 2, True), "全场任选5件，最高价的2件免费", "Pick 5, the 2 dearest are free"),
    (b.CheapestFree(1), "全场1件免费", "1 free"),
    (b.CheapestFree(2, 2, True), "全场2件免费（价高者）", "2 free (the dearest)"),
    (
        b.Bundle(PARTS, 990),
        "1件乐事薯片+2件可乐 330ml，套餐价9.9元", "1 × Lay's Crisps + 2 × Cola 330ml together for ¥9.90",
    ),
    (b.AddOn(COLA, 100), "加1元换购1件可乐 330ml", "Add 1 × Cola 330ml for ¥1"),
    (b.AddOn(COLA, 100, 2), "可换购最多2件可乐 330ml，每件1元", "Add up to 2 × Cola 330ml for ¥1 each"),
    (b.Tiers(SPEND, (b.Step(20_000, 5000),)), "满200元减50元", "¥50 off when you spend ¥200"),
    (
        b.Tiers(SPEND, (b.Step(20_000, 0, 1000),), 3000),
        "满200元9折，最高优惠30元", "10% off when you spend ¥200 (at most ¥30)",
    ),
    (
        b.Tiers(PIECES, (b.Step(2, 0, 1000), b.Step(3, 500))),
        "满2件9折、满3件减5元", "10% off when you buy 2 or more, ¥5 off when you buy 3 or more",
    ),
    (b.Every(SPEND, 10_000, 1000), "每满100元减10元", "¥10 off for every ¥100 you spend"),
    (
        b.Every(SPEND, 10_000, 1000, 3),
        "每满100元减10元，最多减3次", "¥10 off for every ¥100 you spend, at most 3 times",
    ),
    (b.Every(PIECES, 3, 500, 1), "每满3件减5元，最多减1次", "¥5 off for every 3 items, at most once"),
    (b.Every(PIECES, 1, 500, 2), "每满1件减5元，最多减2次", "¥5 off for every 1 item, at most twice"),
    (b.Gift(CRISPS), "送1件乐事薯片", "Get 1 × Lay's Crisps free"),
    (b.Gift(ALL_GOODS, 2), "送2件商品", "Get 2 × goods free"),
    (b.PointsTimes(1500), "全场积分1.5倍", "1.5× points"),
    (b.FreeDelivery(), "全场包邮", "Free delivery"),
    (b.FreeDelivery(1000), "全场减运费，最高优惠10元", "Delivery charge taken off (at most ¥10)"),
]  # fmt: skip

CONDITIONS: list[tuple[c.Condition, str, str]] = [
    (c.Spend(10_000), "满100元9折", "10% off when you spend ¥100"),
    (c.Spend(10_000, above=True), "超过100元9折", "10% off when you spend more than ¥100"),
    (
        c.Spend(10_000, 20_000, above=True),
        "超过100元且不超过200元9折", "10% off when you spend more than ¥100 and up to ¥200",
    ),
    (c.Spend(10_000, 20_000), "满100元且不超过200元9折", "10% off when you spend ¥100 to ¥200"),
    (c.Spend(0, 20_000), "不超过200元9折", "10% off when you spend up to ¥200"),
    (c.Spend(), "全场9折", "10% off"),
    (
        c.Spend(10_000, base=c.ThresholdBase.LIST),
        "满100元（按原价计）9折", "10% off when you spend ¥100 (at list prices)",
    ),
    (c.Spend(10_000, scope=COLA), "购买可乐 330ml 满100元，9折", "10% off when you spend ¥100 on Cola 330ml"),
    (c.Pieces(2), "满2件9折", "10% off when you buy 2 or more"),
    (c.Pieces(2, 5), "满2件且不超过5件9折", "10% off when you buy 2 to 5"),
    (c.Pieces(0, 5), "不超过5件9折", "10% off when you buy up to 5"),
    (c.Pieces(2, on_one_line=True), "同一商品满2件9折", "10% off when you buy 2 or more of one product"),
    (c.Pieces(2, scope=DRINKS), "购买饮料满2件，9折", "10% off when you buy 2 or more of Drinks"),
    (c.Quantity(2500), "数量满2.5 9折", "10% off for a quantity of 2.5 or more"),
    (c.Quantity(1000, 2500), "数量满1且不超过2.5 9折", "10% off for a quantity of 1 to 2.5"),
    (c.Quantity(0, 2500, scope=DRINKS), "购买饮料数量不超过2.5，9折", "10% off for a quantity of up to 2.5 of Drinks"),
    (c.MemberIs(), "全场9折，限会员", "10% off, members only"),
    (c.MemberIs(frozenset({"gold", "silver"})), "全场9折，限金卡、银卡会员", "10% off, Gold and Silver members only"),
    (c.MemberIs(tags=frozenset({"staff"})), "全场9折，限“staff”会员", "10% off, members marked “staff” only"),
    (c.OrderNumber(frozenset({1})), "全场9折，限首单", "10% off, on your first order"),
    (c.OrderNumber(frozenset({3})), "全场9折，限第三单", "10% off, on your 3rd order"),
    (c.OrderNumber(frozenset({2, 3})), "全场9折，限第二、三单", "10% off, on your 2nd and 3rd orders"),
    (c.OrderNumber(every=5), "全场9折，会员每五单可用一次", "10% off, on every 5th order"),
    (
        c.OrderNumber(frozenset({2}), 5),
        "全场9折，会员每五单可用一次，第二单也可用", "10% off, on every 5th order and on the 2nd",
    ),
    (c.OrderNumber(every=1), "全场9折，限会员", "10% off, members only"),
    (c.Birthday(), "全场9折，限生日当天", "10% off, on your birthday"),
    (c.Birthday(whole_month=True), "全场9折，限生日当月", "10% off, in the month of your birthday"),
    (c.Birthday(1), "全场9折，限生日前后1天内", "10% off, within 1 day of your birthday"),
    (c.Birthday(7), "全场9折，限生日前后7天内", "10% off, within 7 days of your birthday"),
    (c.ChannelIs(frozenset({"web"})), "全场9折，限网店购买", "10% off, online only"),
    (c.ChannelIs(frozenset({"till", "kiosk"})), "全场9折，限kiosk或门店购买", "10% off, kiosk or in our shops only"),
    (
        c.StoreIs(frozenset({"0102", "0103"})),
        "全场9折，限人民路店或中山路店", "10% off, only at Renmin Road or Zhongshan Road",
    ),
    (c.Calendar(), "全场9折", "10% off"),
    (c.Calendar(frozenset({2})), "全场9折，每周二", "10% off, on Tuesdays"),
    (c.Calendar(frozenset({1, 3, 5})), "全场9折，每周一、三、五", "10% off, on Mondays, Wednesdays and Fridays"),
    (c.Calendar(frozenset({1, 2, 3, 4, 5})), "全场9折，周一至周五", "10% off, Monday to Friday"),
    (c.Calendar(frozenset(range(1, 8))), "全场9折", "10% off"),
    (
        c.Calendar(month_days=frozenset({1, 2, 3, 11, 22})),
        "全场9折，每月1日、2日、3日、11日、22日", "10% off, on the 1st, 2nd, 3rd, 11th and 22nd of the month",
    ),
    (c.Calendar(from_minute=1080, until_minute=1290), "全场9折，18:00至21:30", "10% off, from 18:00 to 21:30"),
    (
        c.Calendar(from_minute=1320, until_minute=360),
        "全场9折，22:00至次日6:00", "10% off, from 22:00 to 6:00 the next day",
    ),
    (c.HasCode(frozenset({"SUN"})), "全场9折，凭口令“SUN”", "10% off, with the code “SUN”"),
]  # fmt: skip

LIMITS: list[tuple[Limits, str, str]] = [
    (Limits(max_uses=100), "限前100次", "for the first 100 uses"),
    (Limits(max_uses=1), "限前1次", "for the first 1 use"),
    (Limits(max_per_member=1), "每位会员限1次", "at most once per member"),
    (Limits(max_per_member_day=2), "每位会员每天限2次", "at most twice per member and day"),
    (Limits(max_per_day=30), "每天限30次", "at most 30 times a day"),
    (Limits(max_times=3), "每单最多3次", "at most 3 times per order"),
    (Limits(max_units=2), "每单限2件", "at most 2 items per order"),
    (Limits(max_units=1), "每单限1件", "at most 1 item per order"),
    (Limits(budget_minor=100_000), "总额1000元，用完为止", "until ¥1000 has been given in all"),
    (Limits(floor_price_minor=150), "每件最低1.5元", "never below ¥1.50 each"),
]


@pytest.mark.parametrize(("benefit", "zh", "en"), BENEFITS)
def test_every_benefit_is_said(benefit: b.Benefit, zh: str, en: str) -> None:
    assert said(rule(benefit)) == (zh, en)


@pytest.mark.parametrize(("condition", "zh", "en"), CONDITIONS)
def test_every_condition_is_said(condition: c.Condition, zh: str, en: str) -> None:
    assert said(rule(TEN_OFF, condition)) == (zh, en)


@pytest.mark.parametrize(("limits", "zh", "en"), LIMITS)
def test_every_limit_is_said(limits: Limits, zh: str, en: str) -> None:
    benefit: b.Benefit = TEN_OFF if limits.max_times is None else b.NAmountOff(1, 500)
    zh_offer, en_offer = said(rule(benefit))
    assert said(rule(benefit, limits=limits)) == (f"{zh_offer}，{zh}", f"{en_offer}, {en}")


def test_no_kind_and_no_field_is_missing() -> None:
    assert {type(benefit) for benefit, *_ in BENEFITS} == set(b.Benefit.__args__)
    assert {type(condition) for condition, *_ in CONDITIONS} == set(c.Condition.__args__)
    plain = Limits()
    told = {
        f.name for limits, *_ in LIMITS for f in fields(limits) if getattr(limits, f.name) != getattr(plain, f.name)
    }
    assert told == {f.name for f in fields(Limits)}
    silent = {"rule_id", "version", "name_zh", "name_en", "group_id", "priority", "mandatory", "coupon_group"}
    assert {f.name for f in fields(Rule)} - silent == set(CHANGES) | {"benefit", "conditions", "limits"}
    assert {f.name for f in fields(Scope)} == set(SCOPES)


CHANGES: dict[str, tuple[Any, str, str]] = {
    "stage": (RuleStage.COUPON, "凭券饮料满10元9折", "Drinks: 10% off when you spend ¥10, with the coupon"),
    "scope": (CRISPS, "乐事薯片满10元9折", "Lay's Crisps: 10% off when you spend ¥10"),
    "exclusive": (True, "饮料满10元9折，不与其他优惠同享", "Drinks: 10% off when you spend ¥10, not with other offers"),
    "valid_from_ms": (
        1_793_462_400_000,
        "饮料满10元9折，2026年11月1日起", "Drinks: 10% off when you spend ¥10, from 1 Nov 2026",
    ),
    "valid_until_ms": (
        1_796_054_400_000,
        "饮料满10元9折，2026年11月30日止", "Drinks: 10% off when you spend ¥10, until 30 Nov 2026",
    ),
    "threshold_base": (
        c.ThresholdBase.LIST,
        "饮料满10元9折，门槛按原价计", "Drinks: 10% off when you spend ¥10, the threshold counts list prices",
    ),
    "percent_base": (
        PercentBase.LIST,
        "饮料满10元9折，按原价打折", "Drinks: 10% off when you spend ¥10, the percentage counts list prices",
    ),
    "unit_pick": (
        UnitPick.DEAREST,
        "饮料满10元9折，每单限3件（价高者）",
        "Drinks: 10% off when you spend ¥10, at most 3 items per order (the dearest)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_every_switch_of_a_rule_is_said(name: str) -> None:
    value, zh, en = CHANGES[name]
    limits = Limits(max_units=3) if name == "unit_pick" else Limits()
    assert said(rule(TEN_OFF, c.Spend(1000), **{"scope": DRINKS, "limits": limits, name: value})) == (zh, en)


SCOPES: dict[str, tuple[Scope, str, str]] = {
    "items": (Scope(items=frozenset({ItemId(1), ItemId(99)})), "农夫山泉、99 9折", "Nongfu Spring and 99: 10% off"),
    "brands": (Scope(brands=frozenset({"Lay's"})), "Lay's品牌9折", "Lay's: 10% off"),
    "categories": (
        Scope(categories=frozenset({"a", "b", "c", "drinks", "snacks"})),
        "a、b、c及其他2种9折", "a, b, c and 2 others: 10% off",
    ),
    "tags": (Scope(tags=frozenset({"organic"})), "“organic”商品9折", "goods marked “organic”: 10% off"),
    "not_items": (
        Scope(not_items=frozenset({ItemId(1)})),
        "全场（农夫山泉除外）9折", "Everything (except Nongfu Spring): 10% off",
    ),
    "not_brands": (Scope(not_brands=frozenset({"X"})), "全场（X品牌除外）9折", "Everything (except X): 10% off"),
    "not_categories": (
        Scope(not_categories=frozenset({"tobacco"})),
        "全场（香烟除外）9折", "Everything (except Tobacco): 10% off",
    ),
    "not_tags": (
        Scope(frozenset({ItemId(1)}), not_tags=frozenset({"new"})),
        "农夫山泉（“new”商品除外）9折", "Nongfu Spring (except goods marked “new”): 10% off",
    ),
    "price_from_minor": (Scope(price_from_minor=1000), "单价10元起的商品9折", "Goods from ¥10 each: 10% off"),
    "price_until_minor": (
        Scope(categories=frozenset({"drinks"}), price_from_minor=500, price_until_minor=2000),
        "单价5元至20元的饮料9折", "Drinks from ¥5 to ¥20 each: 10% off",
    ),
    "reduced": (
        Scope(not_categories=frozenset({"tobacco"}), price_until_minor=2000, reduced=False),
        "单价不超过20元的商品（香烟、已降价商品除外）9折",
        "Goods up to ¥20 each (except Tobacco and goods already reduced): 10% off",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SCOPES)
def test_goods_are_called_by_their_names(name: str) -> None:
    scope, zh, en = SCOPES[name]
    assert said(rule(scope=scope)) == (zh, en)


def test_a_switch_without_effect_is_not_said() -> None:
    switched = rule(b.AmountOff(500), threshold_base=c.ThresholdBase.LIST, percent_base=PercentBase.LIST)
    assert said(switched) == ("全场减5元", "¥5 off")
    by_pieces = rule(
        b.Tiers(PIECES, (b.Step(2, 0, 500),)), threshold_base=c.ThresholdBase.LIST, percent_base=PercentBase.RUNNING
    )
    assert said(by_pieces) == ("满2件95折，折上折", "5% off when you buy 2 or more, on top of other offers")
    by_spend = rule(b.Every(SPEND, 100, 1), threshold_base=c.ThresholdBase.RUNNING, percent_base=PercentBase.RUNNING)
    assert said(by_spend)[0] == "每满1元减0.01元，门槛按优惠后的价格计"


def test_all_of_a_rule_in_one_sentence() -> None:
    whole = rule(
        b.NthPercentOff(2, 5000),
        c.Spend(5000), c.Spend(3000, scope=COLA), c.MemberIs(),
        stage=RuleStage.COUPON, limits=Limits(max_times=2), exclusive=True,
        valid_from_ms=1_794_355_200_000, valid_until_ms=1_794_398_400_000,
    )  # fmt: skip
    assert said(whole) == (
        "凭券购买可乐 330ml 满30元，满50元，第二件半价，限会员，每单最多2次，不与其他优惠同享，"
        "2026年11月11日 8:00至2026年11月11日 20:00",
        "2nd item half price when you spend ¥50 and when you spend ¥30 on Cola 330ml, with the coupon, members only, "
        "at most twice per order, not with other offers, 11 Nov 2026 8:00 to 11 Nov 2026 20:00",
    )
    one_day = rule(valid_from_ms=1_794_326_400_000, valid_until_ms=1_794_412_800_000)
    assert said(one_day) == ("全场9折，限2026年11月11日", "10% off, on 11 Nov 2026")


def test_a_rule_without_names_is_called_by_what_it_gives() -> None:
    members = rule(b.Tiers(SPEND, (b.Step(20_000, 5000),)), c.MemberIs(), limits=Limits(max_uses=9))
    zh, en = (Voice(language, "CNY", texts.text, NAMES) for language in ("zh", "en"))
    assert said(replace(members, limits=Limits())) == (
        "满200元减50元，限会员",
        "¥50 off when you spend ¥200, members only",
    )
    named = with_names(members, zh, en)
    assert (named.name_zh, named.name_en) == ("满200元减50元", "¥50 off when you spend ¥200")
    assert replace(named, name_zh="", name_en="") == members
    kept = replace(members, name_zh="双十一", name_en="Singles' Day")
    assert with_names(kept, zh, en) == kept
    long = rule(scope=Scope(tags=frozenset("x" * 90 + str(at) for at in range(4))))
    assert len(with_names(long, zh, en).name_en) == MAX_NAME


def test_amounts_carry_the_sign_of_their_currency() -> None:
    saving = rule(b.Tiers(SPEND, (b.Step(20_050, 5000),)))
    assert said(saving, "CNY") == ("满200.5元减50元", "¥50 off when you spend ¥200.50")
    assert said(saving, "HKD") == ("满HK$200.50减HK$50", "HK$50 off when you spend HK$200.50")
    assert said(saving, "JPY") == ("满JPY 20050减JPY 5000", "JPY 5000 off when you spend JPY 20050")
    for currency in CURRENCY_DIGITS:
        assert "200.0" not in "".join(said(saving, currency))


def test_small_numbers_are_written_as_they_are_spoken() -> None:
    en = Voice("en", "CNY", texts.text)
    assert [figures.ordinal(en, n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 101, 111)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "101st", "111th",
    ]  # fmt: skip
    zh = Voice("zh", "CNY", texts.text)
    assert [figures.counted(zh, n) for n in (1, 10, 11)] == ["一", "十", "11"]


def test_every_word_is_used_and_nothing_is_left_open() -> None:
    """A word no sentence needs is one nobody keeps true."""
    used: set[str] = set()
    words = texts.keys()

    def text(key: str, language: str, **params: object) -> str:
        used.add(key)
        return texts.text(key, language, **params)

    rules = [rule(benefit) for benefit, *_ in BENEFITS]
    rules += [rule(TEN_OFF, condition) for condition, *_ in CONDITIONS]
    rules += [rule(limits=limits) for limits, *_ in LIMITS] + [rule(b.NAmountOff(1, 5), limits=Limits(max_times=3))]
    rules += [rule(scope=scope) for scope, *_ in SCOPES.values()]
    rules += [rule(TEN_OFF, c.Spend(1), **{name: value}) for name, (value, *_) in CHANGES.items()]
    rules += [rule(TEN_OFF, c.Spend(1), threshold_base=base) for base in c.ThresholdBase]
    rules += [rule(TEN_OFF, c.Spend(1, base=base), percent_base=PercentBase.RUNNING) for base in c.ThresholdBase]
    rules += [rule(limits=Limits(max_units=2), unit_pick=pick) for pick in UnitPick]
    rules += [rule(b.NthPercentOff(2, 1, pick)) for pick in b.GroupPick]
    rules += [rule(b.NForPrice(2, 1), c.Spend(1), c.Pieces(1), c.Pieces(2, scope=COLA), c.Quantity(1, scope=COLA))]
    rules += [
        rule(b.Tiers(SPEND, (b.Step(1, 1),)), c.Spend(1), c.Calendar(weekdays=frozenset({day}))) for day in range(1, 8)
    ]
    rules += [
        rule(valid_from_ms=1, valid_until_ms=10**12),
        rule(valid_from_ms=1_794_326_400_000, valid_until_ms=1_794_412_800_000),
    ]
    said_of_all = "".join(
        sentence(one, Voice(language, "CNY", text, NAMES)) + "|" for one in rules for language in ("zh", "en")
    )
    assert not re.search(r"[{}]|None|  |，，|, ,", said_of_all)
    assert {key for key in words if key.startswith("promo.")} == used
