"""What somebody else sends is priced as it stands or refused with a code; the answer says every step."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domain.cart import Cart, CartLine, PriceOverride
from domain.catalog import CurrentPrice
from domain.errors import DomainError
from domain.ids import CartId, ItemId
from domain.members import Shopper
from domain.points import PointsRules
from domain.priced_json import priced_to_data
from domain.pricing import price_cart
from domain.pricing_context import PLAIN_CONTEXT, Coupon, PricingContext
from domain.pricing_json import cart_to_data, context_to_data, rule_book_to_data
from domain.promotions.benefits import AmountOff, By, Gift, Step, Tiers
from domain.promotions.rule import Rule, RuleStage
from domain.promotions.scope import Scope
from domain.quoting import LATEST_MS, cart_asked, context_asked, rule_book_asked
from domain.rulebook import RuleBook
from resources.texts import text
from tests.domain.rule_books import BY, item_of

OFF = Rule("off", 1, RuleStage.ORDER, Tiers(By.SPEND, (Step(10_000, amount_minor=1_000),)), "满100减10", "¥10 off ¥100")
GIFT = Rule("gift", 1, RuleStage.ORDER, Gift(Scope(items=frozenset({ItemId(9)}))), "赠品", "A gift")
BOOK = RuleBook(7, rules=(OFF, GIFT), points=PointsRules(100, 100, redeem_max_bp=100, earn_minor_per_point=100))
CONTEXT = PricingContext(
    LATEST_MS - 1, shopper=Shopper("m", points=900), coupons=(Coupon("c", "none"),), points_wanted=900
)


def line(number: int, **changes: Any) -> CartLine:
    made = CartLine(str(number), item_of(number), 2_000, CurrentPrice(6_000, 5_000, 0), tax_rate_bp=1_300)
    return replace(made, **changes)


def cart(*lines: CartLine) -> Cart:
    return Cart(CartId("c"), "CNY", 0, lines or (line(1),))


def test_documents_are_priced_and_told_to_the_last_unit() -> None:
    documents = [cart_to_data(cart()), context_to_data(CONTEXT), rule_book_to_data(BOOK)]
    asked, context, book = json.loads(json.dumps(documents))
    priced = price_cart(cart_asked(asked), rule_book_asked(book), context=context_asked(context))
    told = json.loads(json.dumps(priced_to_data(priced, text)))
    assert (told["format"], told["rule_book_version"]) == ("evertill.priced-cart", 7)
    assert (told["list_total_minor"], told["saved_minor"], told["due_minor"]) == (12_000, 3_000, 9_000)
    (one,) = told["lines"]
    assert one["quantity"] == "2"
    assert one["list_minor"] + sum(step["amount_minor"] for step in one["modifiers"]) == one["amount_minor"] == 9_000
    assert one["net_minor"] + one["tax_minor"] == 9_000 == told["tax_minor"] + one["net_minor"]
    assert {rule["rule_id"] for rule in told["applied"]} == {"off", "gift"}
    assert told["coupons_refused"] == [{"coupon_id": "c", "reason": "unknown"}]
    assert told["gifts"][0]["rule_id"] == "gift"
    assert told["points"] == {"wanted": 900, "used": 0, "amount_minor": 0}
    assert told["points_earned"] == 90
    said = [(one["text_zh"], one["text_en"]) for one in told["explanation"]]
    assert ("满100减10 ￥-10.00", "¥10 off ¥100 ￥-10.00") in said
    assert one["explanation"][0]["key"] == "pricing.step.special_price"


def test_the_documented_answer_is_that_of_the_documented_question() -> None:
    written = (Path(__file__).parents[2] / "docs" / "pricing.md").read_text("utf-8")
    book, asked, context, told = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", written, re.S))
    priced = price_cart(cart_asked(asked), rule_book_asked(book), context=context_asked(context))
    assert priced_to_data(priced, text) == told


def test_a_cart_without_points_or_circumstances_is_priced_plain() -> None:
    assert context_asked(None) is PLAIN_CONTEXT
    assert priced_to_data(price_cart(cart(), RuleBook()), text)["points"] is None


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("money.currency_unknown", replace(cart(), currency="XXX")),
        ("cart.too_many_lines", cart(*(line(number) for number in range(501)))),
        ("document.member_twice", cart(line(1), line(1))),
        ("quantity.out_of_range", cart(line(1, quantity_thousandths=0))),
        ("cart.price_negative", cart(line(1, price=CurrentPrice(-1, 0, 0)))),
        ("cart.price_negative", cart(line(1, price=None, label_amount_minor=-1))),
        ("money.too_large", cart(line(1, override=PriceOverride(10**12 + 1, None, "", BY)))),
    ],
)
def test_a_cart_that_no_till_could_have_is_refused(code: str, asked: Cart) -> None:
    with pytest.raises(DomainError) as refused:
        cart_asked(cart_to_data(asked))
    assert refused.value.code == code


@pytest.mark.parametrize("changes", [{"at_ms": LATEST_MS}, {"at_ms": -1}, {"utc_offset_min": 1441}])
def test_a_moment_without_a_date_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(DomainError, match=r"document\.wrong_type"):
        context_asked(context_to_data(replace(CONTEXT, **changes)))


def test_a_book_that_could_not_be_published_is_refused() -> None:
    twice = replace(BOOK, rules=(OFF, replace(OFF, benefit=AmountOff(1))))
    with pytest.raises(DomainError, match=r"rules\.id_twice"):
        rule_book_asked(rule_book_to_data(twice))
