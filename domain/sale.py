"""The completed sale: an immutable fact and its exact form in the journal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.cart import VoidedLine
from domain.clock import BusinessDate
from domain.errors import DomainError
from domain.ids import ItemId, OperatorId, SaleId, StoreId, TerminalId
from domain.item_price import PricedLine
from domain.money import CURRENCY_DIGITS
from domain.price_modifier import Cause, PriceModifier, Stage
from domain.pricing import PricedCart
from domain.promotions.outcome import AppliedRule
from domain.tender import Settlement, Tender, TenderKind


@dataclass(frozen=True, slots=True)
class SaleLine:
    """A sold line with all that a receipt, a return or an audit needs of it."""

    item_id: ItemId
    sku: str
    name_zh: str
    name_en: str
    unit: str
    scanned_code: str
    quantity_thousandths: int
    unit_price_minor: int
    list_minor: int
    amount_minor: int
    tax_code: str
    tax_rate_bp: int
    net_minor: int
    tax_minor: int
    modifiers: tuple[PriceModifier, ...] = ()


@dataclass(frozen=True, slots=True)
class SaleVoid:
    """A line that was taken out before payment."""

    sku: str
    quantity_thousandths: int
    unit_price_minor: int
    operator_id: OperatorId
    at_ms: int


@dataclass(frozen=True, slots=True)
class Sale:
    """A finished sale; refuses sums that do not agree. The journal keeps it by the names of these fields."""

    sale_id: SaleId
    receipt_no: str
    store_id: StoreId
    terminal_id: TerminalId
    operator_id: OperatorId
    business_date: BusinessDate
    occurred_at_ms: int
    currency: str
    rule_book_version: int
    lines: tuple[SaleLine, ...]
    tenders: tuple[Tender, ...]
    due_minor: int
    rounding_minor: int
    paid_minor: int
    change_minor: int
    voided: tuple[SaleVoid, ...] = ()
    rules: tuple[AppliedRule, ...] = ()
    """The promotions and coupons that were used, with their names: a receipt needs no rule book."""
    member_id: str = ""
    points_used: int = 0
    points_used_minor: int = 0
    points_earned: int = 0

    def __post_init__(self) -> None:
        assert self.lines, "a sale has lines"
        assert self.currency in CURRENCY_DIGITS
        assert sum(line.amount_minor for line in self.lines) == self.due_minor
        assert sum(tender.amount_minor for tender in self.tenders) == self.paid_minor
        assert self.paid_minor - self.change_minor == self.due_minor - self.rounding_minor
        assert self.rounding_minor >= 0
        assert self.change_minor >= 0

    @property
    def payable_minor(self) -> int:
        """What was really paid."""
        return self.due_minor - self.rounding_minor

    @property
    def list_total_minor(self) -> int:
        """Σ of the lines at list price."""
        return sum(line.list_minor for line in self.lines)

    @property
    def tax_minor(self) -> int:
        """Tax contained in the due amount."""
        return sum(line.tax_minor for line in self.lines)


@dataclass(frozen=True, slots=True)
class SaleContext:
    """Who, where, when: what completing a cart needs besides the cart."""

    sale_id: SaleId
    receipt_no: str
    store_id: StoreId
    terminal_id: TerminalId
    operator_id: OperatorId
    business_date: BusinessDate
    occurred_at_ms: int
    member_id: str = ""


def complete(priced: PricedCart, tenders: tuple[Tender, ...], *, settlement: Settlement, context: SaleContext) -> Sale:
    """Freeze a priced and fully paid cart into a Sale."""
    if priced.cart.is_empty:
        raise DomainError("sale.empty")
    if not settlement.is_complete:
        raise DomainError("sale.not_paid", remaining_minor=settlement.remaining_minor)
    return Sale(
        **_fields(context),
        currency=priced.cart.currency,
        rule_book_version=priced.rule_book_version,
        lines=tuple(_sale_line(line) for line in priced.lines),
        tenders=tenders,
        due_minor=priced.due_minor,
        rounding_minor=settlement.rounding_minor,
        paid_minor=settlement.paid_minor,
        change_minor=settlement.change_minor,
        voided=tuple(_sale_void(voided) for voided in priced.cart.voided),
        rules=priced.applied,
        points_used=priced.points.used if priced.points else 0,
        points_used_minor=priced.points.amount_minor if priced.points else 0,
        points_earned=priced.points_earned,
    )


def sale_from_body(body: Mapping[str, Any]) -> Sale:
    """The sale as the journal kept it, also before there were rules; another field raises TypeError or KeyError."""
    return Sale(
        **{
            **body,
            "lines": tuple(_line_from(line) for line in body["lines"]),
            "tenders": tuple(Tender(**{**t, "kind": TenderKind(t["kind"])}) for t in body["tenders"]),
            "voided": tuple(SaleVoid(**void) for void in body["voided"]),
            "rules": tuple(AppliedRule(**{**rule, "stage": Stage(rule["stage"])}) for rule in body.get("rules", ())),
        }
    )


def _fields(value: Any) -> dict[str, Any]:
    """The fields of a slotted dataclass as they are: asdict copies deep, and takes ten times as long."""
    return {name: getattr(value, name) for name in value.__slots__}


def _sale_line(priced: PricedLine) -> SaleLine:
    item = priced.line.item
    return SaleLine(
        item_id=item.item_id,
        sku=item.sku,
        name_zh=item.name_zh,
        name_en=item.name_en,
        unit=item.unit,
        scanned_code=priced.line.scanned_code,
        quantity_thousandths=priced.line.quantity_thousandths,
        unit_price_minor=priced.unit_price_minor,
        list_minor=priced.list_minor,
        amount_minor=priced.amount_minor,
        tax_code=item.tax_code,
        tax_rate_bp=priced.line.tax_rate_bp,
        net_minor=priced.taxed.net_minor,
        tax_minor=priced.taxed.tax_minor,
        modifiers=priced.modifiers,
    )


def _sale_void(voided: VoidedLine) -> SaleVoid:
    line = voided.line
    price = line.override.price_minor if line.override else line.price.price_minor if line.price else 0
    return SaleVoid(line.item.sku, line.quantity_thousandths, price, voided.operator_id, voided.at_ms)


def _line_from(data: Mapping[str, Any]) -> SaleLine:
    modifiers = tuple(
        PriceModifier(**{**m, "stage": Stage(m["stage"]), "cause": Cause(m["cause"])}) for m in data["modifiers"]
    )
    return SaleLine(**{**data, "modifiers": modifiers})
