"""Items and their barcodes."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import Field

from cloud_api.auth import asks
from cloud_api.context import Cloud, the_cloud
from cloud_api.db.engine import reading
from cloud_api.idempotency import WriteCall, write_call
from cloud_api.permissions import Permission
from cloud_api.routes.hq.answers import refusals
from cloud_api.routes.hq.fields import (
    Answer,
    Body,
    Code,
    Flag,
    Label,
    Millis,
    Minor,
    OfDivision,
    OfItem,
    Pack,
    Paging,
    ShortId,
    Sku,
    Status,
    Version,
    example,
)
from cloud_api.services import items
from cloud_api.services.catalogue import DIVISION

router = APIRouter(tags=["items"])
OfCode = Annotated[Code, Path()]
LongName = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
_ID = Annotated[str, Field(pattern=r"^[0-9A-Za-z_.-]{0,32}$")]
_BARCODE = {"code": "6901234567892", "pack_thousandths": 1000}
_NEW: dict[str, Any] = {
    "sku": "6901234567892",
    "name_zh": "可口可乐 330ml",
    "name_en": "Coca-Cola 330 ml",
    "unit": "罐",
    "spec": "330ml",
    "department_id": "drinks",
    "tax_code": "vat13",
    "barcodes": [_BARCODE],
}
_STORED = {"code": "06901234567892", "as_typed": "6901234567892", "pack_thousandths": 1000}
_ITEM = _NEW | {
    "item_id": 4711,
    "pinyin": "kkkl330ml",
    "weighed": False,
    "status": "active",
    "override_allowed": True,
    "discount_allowed": True,
    "min_price_minor": 0,
    "barcodes": [_STORED],
    "ver": 1,
    "changed_at_ms": 1780000000000,
}


class BarcodeNew(Body):
    """A code as it is printed; a pack's code sells ``pack_thousandths`` of the item (24 cans: 24000)."""

    model_config = example(_BARCODE)
    code: Code
    pack_thousandths: Pack = 1000


class PackBody(Body):
    """How much of the item the code sells."""

    model_config = example({"pack_thousandths": 24000})
    pack_thousandths: Pack = 1000


class ItemNew(Body):
    """A new item; it needs a name in one language at least."""

    model_config = example(_NEW)
    sku: Sku
    name_zh: LongName = ""
    name_en: LongName = ""
    pinyin: Annotated[str, Field(pattern=r"^[0-9a-z]{0,40}$")] | None = None
    unit: Annotated[Label, Field(max_length=16)] = ""
    spec: Label = ""
    department_id: _ID = ""
    tax_code: _ID = ""
    weighed: Flag = False
    status: Status = Status.ACTIVE
    override_allowed: Flag = True
    discount_allowed: Flag = True
    min_price_minor: Minor = 0
    barcodes: Annotated[list[BarcodeNew], Field(max_length=50)] = Field(default_factory=list)


class ItemChange(Body):
    """What to change; ``ver`` is the version you saw, if you want to be told that it is no longer that."""

    model_config = example({"name_en": "Coke 330 ml", "status": "blocked", "ver": 3})
    sku: Sku | None = None
    name_zh: LongName | None = None
    name_en: LongName | None = None
    pinyin: Annotated[str, Field(pattern=r"^[0-9a-z]{0,40}$")] | None = None
    unit: Annotated[Label, Field(max_length=16)] | None = None
    spec: Label | None = None
    department_id: _ID | None = None
    tax_code: _ID | None = None
    weighed: Flag | None = None
    status: Status | None = None
    override_allowed: Flag | None = None
    discount_allowed: Flag | None = None
    min_price_minor: Minor | None = None
    ver: Version | None = None


class Barcode(Answer):
    """A code that sells the item: ``code`` is the key under which all spellings meet."""

    model_config = example(_STORED)
    code: str
    as_typed: str
    pack_thousandths: int


class Item(Answer):
    """An item of the catalogue."""

    model_config = example(_ITEM)
    item_id: int
    sku: str
    name_zh: str
    name_en: str
    pinyin: str
    unit: str
    spec: str
    department_id: str
    tax_code: str
    weighed: bool
    status: Status
    override_allowed: bool
    discount_allowed: bool
    min_price_minor: int
    barcodes: list[Barcode]
    ver: int
    changed_at_ms: int


class Items(Answer):
    """A page of items; ``next`` goes on behind it."""

    model_config = example({"items": [_ITEM], "next": 4711})
    items: list[Item]
    next: int | None = None


class ItemFilter(Paging):
    """Which items: ``q`` finds code, SKU, piece of a name, beginning of pinyin initials."""

    division: ShortId = DIVISION
    q: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")] | None = None
    department_id: ShortId | None = None
    status: Status | None = None
    changed_since_ms: Annotated[Millis, Field(strict=False)] | None = None


@router.get(
    "/items", summary="商品列表 List items", openapi_extra=asks(Permission.CATALOGUE_READ), responses=refusals()
)
def list_items(query: Annotated[ItemFilter, Query()], cloud: Annotated[Cloud, Depends(the_cloud)]) -> Items:
    """Items by id in pages; with ``changed_since_ms`` what a partner system has to fetch again."""
    filters = query.model_dump(mode="json")
    with reading(cloud.engine) as connection:
        rows, following = items.list_items(
            connection, query.division, filters=filters, after=query.after, limit=query.limit
        )
    return Items.model_validate({"items": rows, "next": following})


@router.post(
    "/items",
    summary="新建商品 Create an item",
    status_code=201,
    openapi_extra=asks(Permission.CATALOGUE_WRITE),
    response_model=Item,
    responses=refusals(404, 409),
)
def create_item(
    body: ItemNew, call: Annotated[WriteCall, Depends(write_call)], *, division: OfDivision = DIVISION
) -> Response:
    """With its barcodes; the price is set apart. Pinyin initials come by themselves."""
    values = body.model_dump(mode="json")
    return call.run(lambda act: items.create_item(act, division, values), Item, status=201)


@router.get(
    "/items/{item_id}",
    summary="商品 Get an item",
    openapi_extra=asks(Permission.CATALOGUE_READ),
    responses=refusals(404),
)
def get_item(item_id: OfItem, cloud: Annotated[Cloud, Depends(the_cloud)]) -> Item:
    """One item with its barcodes."""
    with reading(cloud.engine) as connection:
        return Item.model_validate(items.get_item(connection, item_id))


@router.patch(
    "/items/{item_id}",
    summary="修改商品 Change an item",
    openapi_extra=asks(Permission.CATALOGUE_WRITE),
    response_model=Item,
    responses=refusals(404, 409),
)
def update_item(item_id: OfItem, body: ItemChange, *, call: Annotated[WriteCall, Depends(write_call)]) -> Response:
    """Tills show it at once; sales keep the name they were made with."""
    changes = body.model_dump(mode="json", exclude_none=True)
    return call.run(lambda act: items.update_item(act, item_id, changes), Item)


@router.put(
    "/items/{item_id}/barcodes/{code}",
    summary="添加条码 Put a barcode",
    openapi_extra=asks(Permission.CATALOGUE_WRITE),
    response_model=Item,
    responses=refusals(404, 409),
)
def put_barcode(
    item_id: OfItem, code: OfCode, *, body: PackBody, call: Annotated[WriteCall, Depends(write_call)]
) -> Response:
    """The code sells this item; 409 where it sells another."""
    return call.run(lambda act: items.put_barcode(act, item_id, code, pack_thousandths=body.pack_thousandths), Item)


@router.delete(
    "/items/{item_id}/barcodes/{code}",
    summary="删除条码 Delete a barcode",
    openapi_extra=asks(Permission.CATALOGUE_WRITE),
    response_model=Item,
    responses=refusals(404),
)
def delete_barcode(item_id: OfItem, code: OfCode, *, call: Annotated[WriteCall, Depends(write_call)]) -> Response:
    """The code no longer sells anything."""
    return call.run(lambda act: items.delete_barcode(act, item_id, code), Item)
