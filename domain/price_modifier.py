"""One step from a line's list amount to what is paid for it, with its stage and cause."""

from dataclasses import dataclass
from enum import StrEnum

from domain.ids import OperatorId


class Stage(StrEnum):
    """Where in the order of computing a modifier was made."""

    ITEM_PRICE = "item_price"
    MANUAL_LINE = "manual_line"
    ITEM_PROMOTION = "item_promotion"
    ORDER_PROMOTION = "order_promotion"
    MANUAL_CART = "manual_cart"
    COUPON = "coupon"
    POINTS = "points"


class Cause(StrEnum):
    """Why a line costs other than its list price."""

    SPECIAL_PRICE = "special_price"
    MEMBER_PRICE = "member_price"
    MEMBER_RATE = "member_rate"
    PRICE_OVERRIDE = "price_override"
    LABEL_AMOUNT = "label_amount"
    MANUAL_DISCOUNT = "manual_discount"
    PROMOTION = "promotion"
    ADD_ON = "add_on"
    GIFT = "gift"
    COUPON = "coupon"
    POINTS = "points"


@dataclass(frozen=True, slots=True)
class PriceModifier:
    """One step from list amount to what is paid; ``amount_minor`` is negative for a reduction.

    ``rule_id`` and ``rule_version`` name the rule that made it, both empty for what no rule made; ``coupon_id`` is
    the coupon that was used.
    """

    stage: Stage
    cause: Cause
    amount_minor: int
    base_minor: int
    reason: str = ""
    operator_id: OperatorId | None = None
    approved_by: OperatorId | None = None
    rule_id: str = ""
    rule_version: int = 0
    coupon_id: str = ""
