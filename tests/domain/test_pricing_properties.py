"""What holds for every cart, rule book and circumstance, and the best total against trying everything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.choices import TaxPer
from domain.price_modifier import Cause, Stage
from domain.pricing import PricedCart, price_cart
from domain.pricing_json import (
    cart_from_data,
    cart_to_data,
    context_from_data,
    context_to_data,
    rule_book_from_data,
    rule_book_to_data,
)
from domain.promotions.basket import Goods, fill_basket
from domain.promotions.candidates import offers_of
from domain.promotions.groups import GroupMode
from domain.promotions.offers import Offer
from domain.promotions.reckoning import Reckoning
from domain.promotions.rule import RuleStage
from domain.rulebook import RuleBook
from domain.strict_json import parse_json
from domain.tax import split_inclusive
from tests.domain.rule_books import Case, case, cases

FEW = settings(max_examples=150)
BY_RULES = {Stage.ITEM_PROMOTION, Stage.ORDER_PROMOTION, Stage.COUPON}


def priced(one: Case) -> PricedCart:
    return price_cart(one.cart, one.book, context=one.context)


def elsewhere(one: Case) -> Case:
    """The case as another machine reads it."""
    cart, book, context = (
        json.dumps(data) for data in (cart_to_data(one.cart), rule_book_to_data(one.book), context_to_data(one.context))
    )
    read = (
        cart_from_data(parse_json(cart)),
        rule_book_from_data(parse_json(book)),
        context_from_data(parse_json(context)),
    )
    return Case(*read)


def check_sums(one: Case, found: PricedCart) -> None:
    """Parts sum to wholes; nothing falls below zero or its floor; tax is inside; each rule's steps are its saving."""
    assert found.due_minor <= sum(line.amount_minor for line in found.before_rules)
    assert found.list_total_minor - found.saved_minor == found.due_minor
    by_rule: dict[tuple[str, str], int] = {}
    for before, line in zip(found.before_rules, found.lines, strict=True):
        assert line.amount_minor >= 0
        assert line.list_minor + sum(step.amount_minor for step in line.modifiers) == line.amount_minor
        assert line.taxed.net_minor + line.taxed.tax_minor == line.amount_minor
        assert 0 <= line.taxed.tax_minor <= line.amount_minor
        amount = line.list_minor
        for step in line.modifiers:
            assert step.stage is Stage.ITEM_PRICE or step.base_minor == amount or step.stage is Stage.MANUAL_LINE
            amount += step.amount_minor
            if step.stage in BY_RULES:
                assert step.amount_minor < 0 and step.rule_version == 1
                by_rule[step.rule_id, step.coupon_id] = (
                    by_rule.get((step.rule_id, step.coupon_id), 0) - step.amount_minor
                )
        assert sum(step.stage is Stage.MANUAL_CART for step in line.modifiers) <= 1
        by_hand = sum(step.amount_minor for step in line.modifiers if step.stage is Stage.MANUAL_CART)
        floor = line.line.item.min_price_minor * line.line.quantity_thousandths // 1000
        is_gift = any(step.cause is Cause.GIFT for step in line.modifiers)
        assert is_gift or line.amount_minor >= min(floor, before.amount_minor) + by_hand
    saved = {(rule.rule_id, rule.coupon_id): rule.saved_minor for rule in found.applied if rule.saved_minor}
    assert saved == by_rule
    if one.book.choices.tax_per is TaxPer.LINE:
        assert all(line.taxed == split_inclusive(line.amount_minor, line.line.tax_rate_bp) for line in found.lines)


def check_order(one: Case, found: PricedCart, random: Random) -> None:
    lines = list(one.cart.lines)
    random.shuffle(lines)
    assert priced(replace(one, cart=replace(one.cart, lines=tuple(lines)))).due_minor == found.due_minor


def check_more_never_costs_more(one: Case, found: PricedCart) -> None:
    """Without the last coupon, or without points, it is not cheaper; unless duty forces a coupon on the customer."""
    if one.context.coupons and not any(rule.mandatory for rule in one.book.rules):
        fewer = replace(one.context, coupons=one.context.coupons[:-1])
        assert found.due_minor <= priced(replace(one, context=fewer)).due_minor
    assert found.due_minor <= priced(replace(one, context=replace(one.context, points_wanted=0))).due_minor


def check_again(one: Case, found: PricedCart) -> None:
    assert price_cart(one.cart, one.book, context=one.context, known=found) == found
    assert priced(elsewhere(one)) == found


@FEW
@given(cases())
def test_parts_sum_to_wholes(one: Case) -> None:
    check_sums(one, priced(one))


@FEW
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_scanning_changes_no_total(one: Case, random: Random) -> None:
    check_order(one, priced(one), random)


@FEW
@given(cases())
def test_coupons_and_points_never_cost_more(one: Case) -> None:
    check_more_never_costs_more(one, priced(one))


@FEW
@given(cases())
def test_pricing_twice_or_elsewhere_gives_the_same(one: Case) -> None:
    check_again(one, priced(one))


def reckoning_of(one: Case) -> tuple[Reckoning, list[Offer]]:
    """The goods before rules, and the offers on them."""
    before = price_cart(one.cart, one.book, context=one.context).before_rules
    goods = [
        Goods(
            at,
            p.line.item,
            p.line.quantity_thousandths,
            p.unit_price_minor,
            p.list_minor,
            p.amount_minor,
            p.line.gift_of,
        )
        for at, p in enumerate(before)
    ]
    basket = fill_basket(goods, one.book.delivery_items, banned_count=one.book.choices.banned_goods_count)
    return Reckoning(basket, one.book, one.context, one.cart.discount), offers_of(one.book, basket, one.context)


def apart(one: Offer, other: Offer, book: RuleBook) -> bool:
    """Whether two offers exclude each other, by climbing the groups."""
    if one.rule.exclusive or other.rule.exclusive:
        return True
    if one.rule.stage is other.rule.stage is RuleStage.COUPON:
        pair = {one.rule.coupon_group, other.rule.coupon_group}
        if not any({combine.one, combine.other} == pair for combine in book.choices.coupons_combine):
            return True
    known = {group.group_id: group for group in book.groups}
    above: list[list[str]] = []
    for offer in (one, other):
        path, group_id = [], offer.rule.group_id
        while group_id:
            path.append(group_id)
            group_id = known[group_id].within
        above.append(path)
    shared = next((group_id for group_id in above[0] if group_id in above[1]), None)
    return shared is not None and known[shared].mode is GroupMode.BEST


def every_selection(offers: list[Offer], book: RuleBook) -> Iterator[tuple[Offer, ...]]:
    for count in range(len(offers) + 1):
        for some in combinations(offers, count):
            if not any(apart(one, other, book) for one, other in combinations(some, 2)):
                yield some


def lowest_due(one: Case) -> int:
    """The lowest amount due of all allowed selections, each priced from its beginning."""
    reckoning, offers = reckoning_of(one)
    duty = [offer for offer in offers if offer.rule.mandatory and reckoning.after(reckoning.start(), offer)]
    dues = (due_of(some, offers, duty, reckoning=reckoning) for some in every_selection(offers, one.book))
    return min(due for due in dues if due is not None)


def due_of(some: tuple[Offer, ...], offers: list[Offer], duty: list[Offer], *, reckoning: Reckoning) -> int | None:
    """What is due by a selection; None where one of it is idle, or a mandatory one that is not is left out."""
    now, idle = reckoning.start(), []
    for offer in offers:
        after = reckoning.after(now, offer)
        if offer in some:
            if after is None:
                return None
            now = after
        elif after is None and not any(
            apart(offer, other, reckoning.book) for other in some[: place(offer, some, offers)]
        ):
            idle.append(offer)
    for offer in duty:
        rivals = [other for other in some if other in duty and apart(offer, other, reckoning.book)]
        if offer not in some and offer not in idle and not rivals:
            return None
    return reckoning.due(now)


def place(offer: Offer, some: tuple[Offer, ...], offers: list[Offer]) -> int:
    """How many of the selection come before an offer."""
    return sum(offers.index(other) < offers.index(offer) for other in some)


@settings(max_examples=120)
@given(cases(most_rules=8, most_lines=12))
def test_the_best_total_is_the_best_of_all(one: Case) -> None:
    assert priced(one).due_minor == lowest_due(one)


def greedy_due(one: Case) -> int:
    """Whatever fits, by duty, priority, saving alone and id: no search at all."""
    reckoning, offers = reckoning_of(one)
    start = reckoning.start()
    rank = {}
    for offer in offers:
        after = reckoning.after(start, offer)
        saving = start.total - after.total if after else 0
        is_duty = offer.rule.mandatory and after is not None
        rank[id(offer)] = (not is_duty, -offer.rule.priority, -saving, offer.rule.rule_id, offer.coupon_id)
    some: list[Offer] = []
    for offer in sorted(offers, key=lambda offer: rank[id(offer)]):
        if not any(apart(offer, other, one.book) for other in some):
            some.append(offer)
    now = start
    for offer in offers:
        now = (reckoning.after(now, offer) or now) if offer in some else now
    return reckoning.due(now)


@settings(max_examples=25, deadline=None)
@given(cases(most_rules=40, most_lines=25))
def test_many_rules_are_never_worse_than_greedy(one: Case) -> None:
    found = priced(one)
    check_sums(one, found)
    assert found.due_minor <= greedy_due(one)


@pytest.mark.long
def test_a_hundred_thousand_carts() -> None:
    for seed in range(100_000):
        random = Random(seed)
        one = case(random, most_rules=8, most_lines=10)
        found = priced(one)
        check_sums(one, found)
        check_order(one, found, random)
        check_more_never_costs_more(one, found)
        if seed % 10 == 0:
            check_again(one, found)
            assert found.due_minor == lowest_due(one), seed
