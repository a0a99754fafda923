"""The sale: frozen from a paid cart, to the journal and back, and nothing that does not sum."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.cart import Cart, PriceOverride, void_line
from domain.clock import BusinessDate
from domain.errors import DomainError
from domain.ids import OperatorId, SaleId
from domain.pricing import price_cart
from domain.rulebook import RuleBook
from domain.sale import Sale, SaleContext, complete, sale_from_body
from domain.tender import Tender, TenderKind, settle
from sync.journal import canonical
from tests.builders import NOW_MS, STORE, TERMINAL, cart, line
from tests.strategies import carts

RULES = RuleBook()
CONTEXT = SaleContext(
    sale_id=SaleId("sale-1"),
    receipt_no="0102-2A-000001",
    store_id=STORE,
    terminal_id=TERMINAL,
    operator_id=OperatorId("1007"),
    business_date=BusinessDate("2026-11-03"),
    occurred_at_ms=NOW_MS,
)


def sold(basket: Cart, *tenders: Tender) -> Sale:
    priced = price_cart(basket, RULES)
    settlement = settle(priced.due_minor, tenders, RULES.cash_rounding_unit_minor)
    return complete(priced, tenders, settlement=settlement, context=CONTEXT)


@given(carts(least=1), st.integers(0, 1000), st.booleans())
def test_a_sale_says_what_the_cart_cost_and_survives_the_journal(basket: Cart, more: int, by_card: bool) -> None:
    assume(basket.lines)
    priced = price_cart(basket, RULES)
    due = priced.due_minor
    card = due // 3 if by_card else 0
    tenders = (
        *([Tender(TenderKind.CARD_EXTERNAL, card, "881203")] if card else []),
        Tender(TenderKind.CASH, due + more),
    )
    sale = sold(basket, *tenders)
    assert sale.due_minor == due == sum(one.amount_minor for one in sale.lines)
    assert sale.payable_minor == sale.paid_minor - sale.change_minor
    assert (sale.tax_minor, sale.list_total_minor) == (priced.tax_minor, priced.list_total_minor)
    assert all(one.net_minor + one.tax_minor == one.amount_minor for one in sale.lines)
    assert sale_from_body(json.loads(canonical(sale))) == sale
    assert canonical(sale_from_body(json.loads(canonical(sale)))) == canonical(sale)


def test_voided_lines_are_on_record_at_the_price_they_had() -> None:
    basket = cart(line(1), line(2, 790), line(3, price=None))
    for line_id in ("L2", "L3"):
        basket = void_line(basket, line_id, operator_id=OperatorId("1007"), at_ms=NOW_MS)
    sale = sold(basket, Tender(TenderKind.CASH, 200))
    assert [(one.sku, one.unit_price_minor) for one in sale.voided] == [("S000002", 790), ("S000003", 0)]


def test_an_override_is_the_voided_price() -> None:
    by_hand = PriceOverride(500, 200, "价签错", OperatorId("1007"))
    basket = void_line(cart(line(1), line(2, override=by_hand)), "L2", operator_id=OperatorId("1007"), at_ms=NOW_MS)
    assert sold(basket, Tender(TenderKind.CASH, 200)).voided[0].unit_price_minor == 500


def test_nothing_is_sold_empty_or_unpaid() -> None:
    with pytest.raises(DomainError, match=r"sale\.empty"):
        sold(cart())
    with pytest.raises(DomainError, match=r"sale\.not_paid"):
        sold(cart(line(1)), Tender(TenderKind.CASH, 100))


@pytest.mark.parametrize(
    "lie",
    [
        {"due_minor": 1},
        {"paid_minor": 1},
        {"change_minor": 5},
        {"rounding_minor": -1},
        {"lines": ()},
        {"currency": "XXX"},
    ],
)
def test_sums_that_do_not_agree_are_a_bug(lie: dict[str, object]) -> None:
    good = sold(cart(line(1)), Tender(TenderKind.CASH, 200))
    with pytest.raises(AssertionError):
        replace(good, **lie)  # type: ignore[arg-type]


def test_a_body_with_an_unknown_field_is_not_guessed_at() -> None:
    body = json.loads(canonical(sold(cart(line(1)), Tender(TenderKind.CASH, 200))))
    with pytest.raises(TypeError):
        sale_from_body({**body, "points": 3})
