"""All templates by id, and a template from what HQ entered."""

from typing import Any

from domain.errors import DomainError
from domain.promotions.templates.coupons import (
    AmountCoupon,
    BirthdayCoupon,
    DeliveryCoupon,
    GoodsCoupon,
    NewcomerCoupon,
    PercentCoupon,
)
from domain.promotions.templates.item_offers import (
    AddOnPurchase,
    AnyForPrice,
    BuyGetFree,
    CheapestOneFree,
    FlashSale,
    MemberDay,
    NthDiscount,
    PiecesDiscount,
    PriceForMembers,
    SetPrice,
)
from domain.promotions.templates.order_offers import (
    EverySpendSave,
    MorePoints,
    SpendDiscount,
    SpendFreeDelivery,
    SpendGift,
    SpendSave,
    SpendSaveTiers,
)
from domain.promotions.templates.parameters import Template
from domain.strict_json import from_data

ALL_TEMPLATES: tuple[type[Template], ...] = (
    SpendSave, SpendSaveTiers, EverySpendSave, SpendDiscount, PiecesDiscount, NthDiscount, BuyGetFree, AnyForPrice,
    CheapestOneFree, SetPrice, AddOnPurchase, SpendGift, FlashSale, PriceForMembers, MemberDay, MorePoints,
    SpendFreeDelivery, AmountCoupon, PercentCoupon, GoodsCoupon, DeliveryCoupon, NewcomerCoupon, BirthdayCoupon,
)  # fmt: skip
"""In the order in which HQ sees them."""
TEMPLATES = {template.ID: template for template in ALL_TEMPLATES}


def template_from_data(template_id: str, data: Any) -> Template:
    """The template with its parameters from JSON data; raises ``document.…`` or ``rules.…`` with ``where``."""
    template = TEMPLATES.get(template_id)
    if template is None:
        raise DomainError("rules.template_unknown", template=template_id)
    return from_data(template, data)
