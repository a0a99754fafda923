"""Sales priced again by the book they name: what agrees is silent, what differs is a case, and the sale stands."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from cloud_api.db.engine import writing
from cloud_api.db.master_tables import ITEM, SALE
from cloud_api.services import rule_books
from cloud_api.services.act import Act
from cloud_api.services.background import Background
from cloud_api.services.intake.sold_cart import contexts, fitting_book, sold_cart
from domain.cart import Cart, CartLine
from domain.catalog import CurrentPrice, Item
from domain.ids import CartId, ItemId, StoreId
from domain.pricing import price_cart
from domain.pricing_context import PricingContext
from domain.promotions.benefits import By, NthPercentOff, Step, Tiers, UnitPrice
from domain.promotions.conditions import HasCode
from domain.promotions.rule import Limits, Rule, RuleStage
from domain.promotions.scope import Scope
from domain.rulebook import RuleBook
from domain.sale import Sale, complete, sale_from_body
from domain.tender import Tender, TenderKind, settle
from tests.cloud_api.sync.shop import ITEM_PRICES, STORE, Shop, TestTill
from tests.cloud_api.sync.test_apply import cases, take_in
from tests.domain.rule_books import Case, case
from tests.domain.test_sale import CONTEXT

GRACE_MS = 60_000
HALF = Rule("half", 1, RuleStage.ITEM, NthPercentOff(2, 5_000))
CODE = Rule(
    "code", 1, RuleStage.ORDER, Tiers(By.SPEND, (Step(100, amount_minor=50),)), conditions=(HasCode(frozenset("x")),)
)


def sale_of(one: Case) -> Sale:
    """What a till journals of a case."""
    priced = price_cart(one.cart, one.book, context=one.context)
    member_id = one.context.shopper.member_id if one.context.shopper else ""
    who = replace(
        CONTEXT, store_id=StoreId(one.context.store_id), occurred_at_ms=one.context.at_ms, member_id=member_id
    )
    paid = (Tender(TenderKind.CASH, priced.due_minor),)
    return complete(priced, paid, settlement=settle(priced.due_minor, paid, 1), context=who)


def written(sale: Sale) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(json.dumps(asdict(sale)))
    return body


def is_told_by_the_sale(one: Case) -> bool:
    """Gifts that were offered and not free, and two kinds of goods under one number, leave no trace in a sale."""
    items = {line.item.item_id: line.item for line in one.cart.lines}
    alike = all(items[line.item.item_id] == line.item for line in one.cart.lines)
    return bool(one.cart.lines) and alike and not any(line.gift_of for line in one.cart.lines)


def test_a_sale_tells_enough_to_be_priced_again() -> None:
    priced = promoted = 0
    for number in range(300):
        one = case(Random(number))
        if not is_told_by_the_sale(one):
            continue
        sale = sale_from_body(written(sale_of(one)))
        book = fitting_book(sale, one.book)
        cart = sold_cart(sale, {line.item.item_id: line.item for line in one.cart.lines})
        offset = one.context.utc_offset_min
        amounts = [line.amount_minor for line in sale.lines]
        again = (
            [line.amount_minor for line in price_cart(cart, book, context=context).lines]
            for context in contexts(sale, book, utc_offset_min=offset, grace_ms=GRACE_MS)
        )
        assert amounts in again, number
        priced += 1
        promoted += bool(sale.rules)
    assert priced > promoted > 50


@pytest.fixture
def book(shop: Shop) -> RuleBook:
    """The live rule book: the second at half price, and an amount off for who knows the word."""
    cloud = shop.cloud
    with cloud.unit_of_work() as uow:
        act = Act(uow, "tests", cloud.keys, cloud.settings)
        rule_books.publish(act, "cn", RuleBook(rules=(HALF, CODE)), what="tests")
        uow.commit()
    return replace(RuleBook(rules=(HALF, CODE)), version=2)


def sell(till: TestTill, book: RuleBook, *, codes: str = "", **changes: Any) -> None:
    """Two pieces of A-2 and one of A-1 by the book, as a till sells them."""
    lines = tuple(
        CartLine(
            sku,
            Item(ItemId(till.items[sku]), sku, "牛奶", "Milk", "盒", "d1", "13"),
            thousandths,
            CurrentPrice(ITEM_PRICES[sku], ITEM_PRICES[sku], 0),
            tax_rate_bp=1_300,
        )
        for sku, thousandths in (("A-2", 2_000), ("A-1", 1_000))
    )
    cart = Cart(CartId("c"), "CNY", till.clock.now_ms(), lines)
    context = PricingContext(till.clock.now_ms(), store_id=STORE, codes=frozenset(codes))
    body = written(sale_of(Case(cart, book, context))) | {"terminal_id": till.terminal}
    till.record("sale", {"sale": body | changes})


def test_sales_by_the_published_book_are_silent(
    till: TestTill, background: Background, shop: Shop, book: RuleBook
) -> None:
    sell(till, book)
    sell(till, book, codes="x")
    take_in(till, background)
    assert [row["due_minor"] for row in shop.rows(SALE)] == [2 * 1200 + 350 - 600, 2 * 1200 + 350 - 600 - 50]
    assert cases(shop) == []


def test_a_sale_that_was_priced_otherwise_is_a_case_and_stands(
    till: TestTill, background: Background, shop: Shop, book: RuleBook
) -> None:
    cheaper = replace(book, rules=(replace(HALF, benefit=NthPercentOff(2, 10_000)),))
    sell(till, cheaper)
    sell(till, replace(book, version=9))
    take_in(till, background)
    assert len(shop.rows(SALE)) == 2
    (differs,) = cases(shop, "sale_priced_otherwise")
    assert differs["amount_minor"] == -600
    assert (differs["params"]["rule_book_version"], differs["params"]["cloud_due_minor"]) == (2, 2150)
    assert differs["params"]["items"] == [till.items["A-2"]]
    (unknown,) = cases(shop, "rule_book_unknown")
    assert unknown["params"]["rule_book_version"] == 9


def test_what_cannot_be_told_any_more_is_no_case(
    till: TestTill, background: Background, shop: Shop, book: RuleBook
) -> None:
    sell(till, RuleBook(version=2))
    with writing(shop.cloud.engine) as connection:
        connection.execute(sa.update(ITEM).values(changed_at_ms=shop.clock.now_ms() + 1))
    take_in(till, background)
    assert cases(shop) == []


def test_a_price_of_the_book_is_not_a_price_out_of_date(till: TestTill, background: Background, shop: Shop) -> None:
    special = Rule(
        "special",
        1,
        RuleStage.ITEM_PRICE,
        UnitPrice(300),
        scope=Scope(price_from_minor=1),
        limits=Limits(max_per_day=9),
    )
    cloud = shop.cloud
    with cloud.unit_of_work() as uow:
        act = Act(uow, "tests", cloud.keys, cloud.settings)
        rule_books.publish(act, "cn", RuleBook(rules=(special,)), what="tests")
        uow.commit()
    shop.clock.at_ms += 120_000
    sell(till, RuleBook(2, rules=(special,)))
    take_in(till, background)
    assert cases(shop) == []
