"""Cart lines out of what was scanned or chosen, at new prices, and as a voided cart's record."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.cart import Cart, CartLine
from domain.catalog import CurrentPrice
from domain.errors import DomainError
from domain.ids import ItemId
from domain.money import CURRENCY_DIGITS, divide_half_up, line_amount_minor
from domain.permissions import Authority
from domain.pricing import PricedCart
from domain.quantity import ONE
from domain.scale import ScaleLabel
from domain.scan import Found, GoodsCode, ScaleCandidate, Scan, TypedCode
from pos_app.services.catalog import Sellable


def line_of_item(sellable: Sellable, quantity_thousandths: int | None = None) -> CartLine:
    """A line of an item; ``selling.weight_needed`` for weighed goods without a quantity. It has no id yet."""
    item = sellable.item
    if item.weighed and quantity_thousandths is None:
        raise DomainError("selling.weight_needed", item=item.sku, item_id=item.item_id)
    count = ONE if quantity_thousandths is None else quantity_thousandths
    quantity = count * sellable.pack_thousandths // ONE
    return CartLine("", item, quantity, sellable.price, sellable.code, tax_rate_bp=sellable.tax_rate_bp)


def line_of_scan(scan: Scan, found: Found[Sellable], *, quantity_thousandths: int | None, currency: str) -> CartLine:
    """A line of what was scanned: weight, pieces or amount as the code says, else ``quantity_thousandths``."""
    sellable = replace(found.item, code=_printed(scan))
    label = found.label or _gs1_label(scan, sellable, currency)
    if label is None:
        return line_of_item(sellable, quantity_thousandths)
    if quantity_thousandths not in (None, ONE):
        raise DomainError("cart.label_quantity_fixed")
    quantity = _label_quantity(label, sellable)
    return replace(line_of_item(sellable, quantity), label_amount_minor=label.amount_minor)


def repriced(cart: Cart, prices: Mapping[ItemId, CurrentPrice | None]) -> Cart:
    """The cart at new prices, the same object where none differs.

    Overridden lines stay, and a line whose price is gone keeps the last one.
    """

    def at_new_price(line: CartLine) -> CartLine:
        price = prices.get(line.item.item_id)
        return line if price is None or line.override or price == line.price else replace(line, price=price)

    new = tuple(map(at_new_price, cart.lines))
    same = all(one is other for one, other in zip(new, cart.lines, strict=True))
    return cart if same else replace(cart, lines=new)


def brought_back(old: Cart, shown: Cart, *, prices: Mapping[ItemId, CurrentPrice | None]) -> Cart:
    """An older cart at new prices; what stands on the shown one just so is that one's line, as it was not touched."""
    last = {line.item.item_id: line.price for line in shown.lines}
    cart = repriced(old, last | {item_id: price for item_id, price in prices.items() if price is not None})
    standing = {line.line_id: line for line in shown.lines}
    lines = tuple(standing[one.line_id] if standing.get(one.line_id) == one else one for one in cart.lines)
    return replace(cart, lines=lines)


def void_facts(priced: PricedCart, *, reason: str, authority: Authority | None) -> dict[str, Any]:
    """The journal body of a cart given up: its lines and those voided before."""
    cart = priced.cart
    lines = [_record(one.line, one.amount_minor) for one in priced.lines]
    lines += [_record(one.line, _amount(one.line)) for one in cart.voided]
    by = authority.operator.operator_id if authority else cart.voided[-1].operator_id
    return {
        "cart_id": cart.cart_id,
        "operator_id": by,
        "approved_by": authority.approved_by if authority else None,
        "reason": reason,
        "lines": lines,
    }


def _record(line: CartLine, amount_minor: int) -> dict[str, Any]:
    return {"sku": line.item.sku, "quantity_thousandths": line.quantity_thousandths, "amount_minor": amount_minor}


def _amount(line: CartLine) -> int:
    if line.override:
        return line_amount_minor(line.override.price_minor, line.quantity_thousandths)
    if line.label_amount_minor is not None:
        return line.label_amount_minor
    return line_amount_minor(line.price.price_minor, line.quantity_thousandths) if line.price else 0


def _printed(scan: Scan) -> str:
    return scan.code if isinstance(scan, GoodsCode | ScaleCandidate | TypedCode) else ""


def _gs1_label(scan: Scan, sellable: Sellable, currency: str) -> ScaleLabel | None:
    """Weight, pieces and price of a GS1 message on weighed goods, as a label says them."""
    message = scan.gs1 if isinstance(scan, GoodsCode) else None
    if message is None or not sellable.item.weighed:
        return None
    weight = message.weight_grams
    return None if weight is None else ScaleLabel("", message.price_minor(CURRENCY_DIGITS[currency]), weight)


def _label_quantity(label: ScaleLabel, sellable: Sellable) -> int:
    """The label's own quantity; where it tells only the amount, what that buys, at least a thousandth."""
    said = label.quantity_thousandths
    if not sellable.item.weighed:
        return said if said is not None and label.pieces is not None else ONE
    if said:
        return said
    price = sellable.price.price_minor if sellable.price else 0
    return max(1, divide_half_up((label.amount_minor or 0) * ONE, price)) if price else ONE
