"""Sales as HQ reads them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field

from cloud_api.auth import asks, authorise
from cloud_api.context import Cloud, the_cloud
from cloud_api.db.engine import reading
from cloud_api.permissions import Permission, Principal
from cloud_api.routes.hq.answers import refusals
from cloud_api.routes.hq.fields import Answer, Body, Currency, Date, OperatorId, StoreId, TerminalId, Uuid, example
from cloud_api.services import sales
from cloud_api.services.paging import LIMIT_DEFAULT, LIMIT_MAX

router = APIRouter(tags=["sales"])
OfSale = Annotated[Uuid, Path()]
_SALE: dict[str, Any] = {
    "event_id": "0198c1f2-6b7e-7c52-9d0a-2f4c8f1b5a11",
    "sale_id": "0198c1f2-6b7e-7c52-9d0a-2f4c8f1b5a10",
    "receipt_no": "0101-1A-000001",
    "store_id": "0101",
    "terminal_id": "0101-1",
    "inc": 1,
    "seq": 2,
    "hash": "9f" * 32,
    "operator_id": "1001",
    "business_date": "2026-05-28",
    "occurred_at_ms": 1780000000000,
    "estimated_at_ms": 1780000000000,
    "received_at_ms": 1780000000420,
    "currency": "CNY",
    "rule_book_version": 1,
    "due_minor": 700,
    "rounding_minor": 0,
    "payable_minor": 700,
    "paid_minor": 1000,
    "change_minor": 300,
    "tax_minor": 81,
    "line_count": 1,
}
_LINE: dict[str, Any] = {
    "line": 1,
    "item_id": 4711,
    "sku": "6901234567892",
    "name_zh": "可口可乐 330ml",
    "name_en": "Coca-Cola 330 ml",
    "unit": "罐",
    "scanned_code": "6901234567892",
    "quantity_thousandths": 2000,
    "unit_price_minor": 350,
    "list_minor": 700,
    "amount_minor": 700,
    "tax_code": "vat13",
    "tax_rate_bp": 1300,
    "net_minor": 619,
    "tax_minor": 81,
    "modifiers": [],
}
_TENDER: dict[str, Any] = {"line": 1, "kind": "cash", "amount_minor": 1000, "reference": ""}
_TOTAL: dict[str, Any] = {
    "store_id": "0101",
    "business_date": "2026-05-28",
    "currency": "CNY",
    "sales": 1,
    "due_minor": 700,
    "rounding_minor": 0,
    "payable_minor": 700,
    "tax_minor": 81,
    "tenders": {"cash": 700},
}


class Sale(Answer):
    """A sale; ``inc``, ``seq`` and ``hash`` are its place in the till's journal."""

    model_config = example(_SALE)
    event_id: str
    sale_id: str
    receipt_no: str
    store_id: str
    terminal_id: str
    inc: int
    seq: int
    hash: str
    operator_id: str
    business_date: str
    occurred_at_ms: int
    estimated_at_ms: int
    received_at_ms: int
    currency: str
    rule_book_version: int
    due_minor: int
    rounding_minor: int
    payable_minor: int
    paid_minor: int
    change_minor: int
    tax_minor: int
    line_count: int


class SaleLine(Answer):
    """A sold line with every step of its price."""

    model_config = example(_LINE)
    line: int
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


class SaleTender(Answer):
    """A payment of a sale."""

    model_config = example(_TENDER)
    line: int
    kind: str
    amount_minor: int
    reference: str


class WholeSale(Sale):
    """A sale with everything."""

    model_config = example(_SALE | {"lines": [_LINE], "tenders": [_TENDER], "voided": [], "cases": []})
    lines: list[SaleLine]
    tenders: list[SaleTender]
    voided: list[dict[str, Any]]
    cases: list[int]


class Sales(Answer):
    """A page of sales; ``next`` goes on behind it."""

    model_config = example({"sales": [_SALE], "next": _SALE["event_id"]})
    sales: list[Sale]
    next: str | None = None


class SalesTotal(Answer):
    """A store's day; cash is net of change."""

    model_config = example(_TOTAL)
    store_id: str
    business_date: str
    currency: str
    sales: int
    due_minor: int
    rounding_minor: int
    payable_minor: int
    tax_minor: int
    tenders: dict[str, int]


class SalesTotals(Answer):
    """Totals by store, business date and currency."""

    model_config = example({"totals": [_TOTAL]})
    totals: list[SalesTotal]


class TotalsFilter(Body):
    """Which days of which stores."""

    store_id: StoreId | None = None
    terminal_id: TerminalId | None = None
    from_date: Date
    to_date: Date


class SaleFilter(Body):
    """Which sales."""

    store_id: StoreId | None = None
    terminal_id: TerminalId | None = None
    operator_id: OperatorId | None = None
    receipt_no: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,40}$")] | None = None
    business_date: Date | None = None
    from_date: Date | None = None
    to_date: Date | None = None
    currency: Currency | None = None
    after: Uuid | None = None
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT


@router.get("/sales", summary="销售列表 List sales", openapi_extra=asks(Permission.SALE_READ), responses=refusals())
def list_sales(
    query: Annotated[SaleFilter, Query()],
    principal: Annotated[Principal, Depends(authorise)],
    *,
    cloud: Annotated[Cloud, Depends(the_cloud)],
) -> Sales:
    """Newest first, in pages."""
    only = principal.narrowed(query.store_id)
    with reading(cloud.engine) as connection:
        rows, following = sales.list_sales(connection, only, filters=query.model_dump(), limit=query.limit)
    return Sales.model_validate({"sales": rows, "next": following})


@router.get(
    "/sales-totals",
    summary="日销售合计 Totals by day",
    openapi_extra=asks(Permission.SALE_READ),
    responses=refusals(),
)
def sales_totals(
    query: Annotated[TotalsFilter, Query()],
    principal: Annotated[Principal, Depends(authorise)],
    *,
    cloud: Annotated[Cloud, Depends(the_cloud)],
) -> SalesTotals:
    """By store, business date and currency."""
    only = principal.narrowed(query.store_id)
    with reading(cloud.engine) as connection:
        return SalesTotals.model_validate({"totals": sales.totals(connection, only, filters=query.model_dump())})


@router.get(
    "/sales/{sale_id}",
    summary="销售详情 Get a sale",
    openapi_extra=asks(Permission.SALE_READ),
    responses=refusals(404),
)
def get_sale(
    sale_id: OfSale,
    principal: Annotated[Principal, Depends(authorise)],
    *,
    cloud: Annotated[Cloud, Depends(the_cloud)],
) -> WholeSale:
    """Lines, tenders, what was voided, and where it stands in the till's journal."""
    with reading(cloud.engine) as connection:
        sale = sales.get_sale(connection, sale_id)
    principal.require_store(sale["store_id"])
    return WholeSale.model_validate(sale)
