"""The handler of sales: the sale, its lines and tenders as rows, and a case where its sums do not agree."""

from typing import Any

import msgspec

from cloud_api.db.master_tables import SALE, SALE_LINE, SALE_TENDER
from cloud_api.services.intake.cases import Case
from cloud_api.services.intake.effects import Effects, PricedLine, StoredEvent
from cloud_api.services.rule_books import PLAIN_VERSION

_NOT_CATALOGUE = frozenset({"price_override", "label_amount", "member_price", "member_rate"})
"""Causes of a unit price that the catalogue's does not explain; so is a promotion at the stage of item prices."""


class LineBody(msgspec.Struct, frozen=True):
    """A line of ``sale`` version 1; fields that a newer till adds are left to the raw entry."""

    item_id: int
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
    modifiers: list[dict[str, Any]]


class TenderBody(msgspec.Struct, frozen=True):
    """A payment of ``sale`` version 1."""

    kind: str
    amount_minor: int
    reference: str = ""


class SaleBody(msgspec.Struct, frozen=True):
    """``sale`` version 1 as it lies in the journal. ``domain.sale.Sale`` would refuse sums that differ;
    what a till has sold is not refused, so this reads the same fields without judging them."""

    sale_id: str
    receipt_no: str
    store_id: str
    terminal_id: str
    operator_id: str
    business_date: str
    occurred_at_ms: int
    currency: str
    rule_book_version: int
    lines: list[LineBody]
    tenders: list[TenderBody]
    due_minor: int
    rounding_minor: int
    paid_minor: int
    change_minor: int
    voided: list[dict[str, Any]] = []
    rules: list[dict[str, Any]] = []


class Envelope(msgspec.Struct, frozen=True):
    """The body of a ``sale`` entry."""

    sale: SaleBody


_decoder = msgspec.json.Decoder(Envelope)
_encode = msgspec.json.Encoder().encode


def sale_effects(event: StoredEvent) -> Effects:
    """Rows of the sale; a body that cannot be read raises msgspec's error and is held."""
    sale = _decoder.decode(event.body).sale
    rows: dict[Any, list[dict[str, object]]] = {
        SALE: [_sale_row(event, sale)],
        SALE_LINE: [_line_row(event, number, line=line) for number, line in enumerate(sale.lines, 1)],
        SALE_TENDER: [_tender_row(event, number, tender=tender) for number, tender in enumerate(sale.tenders, 1)],
    }
    priced = [
        PricedLine(line.item_id, line.unit_price_minor, line.quantity_thousandths)
        for line in sale.lines
        if not any(map(_sets_unit_price, line.modifiers))
    ]
    is_promoted = bool(sale.rules) or sale.rule_book_version != PLAIN_VERSION
    return Effects(rows, _cases(event, sale), priced, sale.sale_id, is_promoted)


def _sets_unit_price(step: dict[str, Any]) -> bool:
    cause = step.get("cause")
    return cause in _NOT_CATALOGUE or (cause == "promotion" and step.get("stage") == "item_price")


def _sale_row(event: StoredEvent, sale: SaleBody) -> dict[str, object]:
    return {
        "event_id": event.event_id,
        "sale_id": sale.sale_id,
        "receipt_no": sale.receipt_no,
        "store_id": event.store_id,
        "terminal_id": event.terminal_id,
        "inc": event.inc,
        "seq": event.seq,
        "hash": event.hash,
        "operator_id": sale.operator_id,
        "business_date": sale.business_date,
        "occurred_at_ms": sale.occurred_at_ms,
        "estimated_at_ms": event.estimated_at_ms,
        "received_at_ms": event.received_at_ms,
        "currency": sale.currency,
        "rule_book_version": sale.rule_book_version,
        "due_minor": sale.due_minor,
        "rounding_minor": sale.rounding_minor,
        "payable_minor": sale.due_minor - sale.rounding_minor,
        "paid_minor": sale.paid_minor,
        "change_minor": sale.change_minor,
        "tax_minor": sum(line.tax_minor for line in sale.lines),
        "line_count": len(sale.lines),
        "voided": _json(sale.voided),
    }


def _line_row(event: StoredEvent, number: int, *, line: LineBody) -> dict[str, object]:
    return {
        "event_id": event.event_id,
        "line": number,
        "item_id": line.item_id,
        "sku": line.sku,
        "name_zh": line.name_zh,
        "name_en": line.name_en,
        "unit": line.unit,
        "scanned_code": line.scanned_code,
        "quantity_thousandths": line.quantity_thousandths,
        "unit_price_minor": line.unit_price_minor,
        "list_minor": line.list_minor,
        "amount_minor": line.amount_minor,
        "tax_code": line.tax_code,
        "tax_rate_bp": line.tax_rate_bp,
        "net_minor": line.net_minor,
        "tax_minor": line.tax_minor,
        "modifiers": _json(line.modifiers),
    }


def _tender_row(event: StoredEvent, number: int, *, tender: TenderBody) -> dict[str, object]:
    row: dict[str, object] = {"event_id": event.event_id, "line": number, "kind": tender.kind}
    return row | {"amount_minor": tender.amount_minor, "reference": tender.reference}


def _json(steps: list[dict[str, Any]]) -> str:
    return _encode(steps).decode() if steps else "[]"


def _cases(event: StoredEvent, sale: SaleBody) -> list[Case]:
    cases = []
    for what, difference in _differences(sale):
        if difference:
            found = event.case(
                "sale_sums_differ", amount_minor=difference, sale_id=sale.sale_id, what=what, receipt_no=sale.receipt_no
            )
            cases.append(found)
            break
    if (sale.terminal_id, sale.store_id) != (event.terminal_id, event.store_id):
        told = f"{sale.store_id} {sale.terminal_id}"
        cases.append(event.case("sale_identity_differs", sale_id=sale.sale_id, receipt_no=sale.receipt_no, told=told))
    return cases


def _differences(sale: SaleBody) -> list[tuple[str, int]]:
    """The sums that must agree, each with what is missing; the tests of ``domain.sale`` and ``domain.pricing``."""
    amount = tax = unexplained = 0
    for line in sale.lines:  # in one go: a cloud does this for every line that is sold
        amount += line.amount_minor
        tax += abs(line.net_minor + line.tax_minor - line.amount_minor)
        unexplained += abs(_unexplained(line))
    return [
        ("due", sale.due_minor - amount),
        ("paid", sale.paid_minor - sum(tender.amount_minor for tender in sale.tenders)),
        ("change", sale.paid_minor - sale.change_minor - sale.due_minor + sale.rounding_minor),
        ("rounding", min(sale.rounding_minor, 0)),
        ("tax", tax),
        ("modifiers", unexplained),
    ]


def _unexplained(line: LineBody) -> int:
    steps = sum(int(step["amount_minor"]) for step in line.modifiers) if line.modifiers else 0
    return line.list_minor + steps - line.amount_minor
