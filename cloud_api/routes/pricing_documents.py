"""The documents of pricing as OpenAPI tells them: bodies that are read by ``domain``, with true examples."""

from typing import Annotated, Any

from pydantic import Field

_ITEM: dict[str, Any] = {
    "item_id": 7,
    "sku": "S000007",
    "name_zh": "农夫山泉 550ml",
    "name_en": "Nongfu Spring 550ml",
    "unit": "瓶",
    "department_id": "drinks",
    "tax_code": "V13",
}
CART: dict[str, Any] = {
    "format": "evertill.cart",
    "format_version": 1,
    "cart_id": "c-1",
    "currency": "CNY",
    "opened_at_ms": 1780000000000,
    "lines": [
        {
            "line_id": "1",
            "quantity": "2",
            "tax_rate": "13",
            "item": _ITEM,
            "price": {"list_price_minor": 500, "price_minor": 500, "valid_from_ms": 0},
        }
    ],
}
CONTEXT: dict[str, Any] = {
    "format": "evertill.context",
    "format_version": 1,
    "at_ms": 1780000000000,
    "channel": "web",
    "store_id": "0101",
}
RULE: dict[str, Any] = {
    "stage": "item_promotion",
    "name_zh": "第二件半价",
    "name_en": "Second at half price",
    "benefit": {"kind": "nth_percent_off", "nth": 2, "percent": "50"},
    "scope": {"categories": ["drinks"]},
}
FRAME: dict[str, Any] = {
    "format": "evertill.rule-book",
    "format_version": 1,
    "choices": {"unit_pick": "dearest"},
    "tiers": [{"tier_id": "gold", "name_zh": "金卡", "name_en": "Gold", "off": "5"}],
}
RULE_BOOK: dict[str, Any] = FRAME | {"version": 2, "rules": [RULE | {"rule_id": "second-half", "version": 1}]}
PRICED: dict[str, Any] = {
    "format": "evertill.priced-cart",
    "format_version": 1,
    "rule_book_version": 2,
    "currency": "CNY",
    "list_total_minor": 1000,
    "saved_minor": 250,
    "due_minor": 750,
    "tax_minor": 86,
    "lines": [
        {
            "line_id": "1",
            "item_id": 7,
            "sku": "S000007",
            "name_zh": "农夫山泉 550ml",
            "name_en": "Nongfu Spring 550ml",
            "quantity": "2",
            "unit_price_minor": 500,
            "list_minor": 1000,
            "amount_minor": 750,
            "net_minor": 664,
            "tax_minor": 86,
            "modifiers": [
                {
                    "stage": "item_promotion",
                    "cause": "promotion",
                    "amount_minor": -250,
                    "base_minor": 1000,
                    "rule_id": "second-half",
                    "rule_version": 1,
                }
            ],
            "explanation": [
                {
                    "key": "pricing.step.promotion",
                    "text_zh": "促销 second-half ￥-2.50（按 ￥10.00）",
                    "text_en": "Offer second-half ￥-2.50 (of ￥10.00)",
                }
            ],
        }
    ],
    "applied": [
        {
            "rule_id": "second-half",
            "rule_version": 1,
            "stage": "item_promotion",
            "name_zh": "第二件半价",
            "name_en": "Second at half price",
            "saved_minor": 250,
        }
    ],
    "coupons_refused": [],
    "gifts": [],
    "hints": [],
    "points": None,
    "points_earned": 0,
    "explanation": [
        {"key": "pricing.list_total", "text_zh": "原价合计 ￥10.00", "text_en": "List total ￥10.00"},
        {"key": "pricing.rule", "text_zh": "第二件半价 ￥-2.50", "text_en": "Second at half price ￥-2.50"},
        {"key": "pricing.due", "text_zh": "应付 ￥7.50", "text_en": "Due ￥7.50"},
    ],
}


def _document(name: str, chinese: str) -> Any:
    return Field(description=f"{chinese}，见定价文档 {name}, as the documentation of pricing tells it")


CartDocument = Annotated[dict[str, Any], _document("the cart", "购物车")]
ContextDocument = Annotated[dict[str, Any], _document("the circumstances", "情形")]
RuleDocument = Annotated[dict[str, Any], _document("a rule", "规则")]
RuleBookDocument = Annotated[dict[str, Any], _document("a rule book", "规则书")]
