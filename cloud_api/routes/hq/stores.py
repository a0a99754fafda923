"""Stores and their settings."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from cloud_api.auth import asks, authorise
from cloud_api.context import Cloud, the_cloud
from cloud_api.db.engine import reading
from cloud_api.idempotency import WriteCall, write_call
from cloud_api.permissions import Permission, Principal
from cloud_api.routes.hq.answers import refusals
from cloud_api.routes.hq.fields import (
    Answer,
    Body,
    Currency,
    Footer,
    InStore,
    Label,
    Name,
    ShortId,
    StoreId,
    Version,
    example,
)
from cloud_api.services import stores
from cloud_api.services.catalogue import DIVISION

router = APIRouter(tags=["stores"])
_FORMAT = {"pattern": "FFWWWWWEEEEEC", "flags": ["21"], "minor_per_unit": 1, "grams_per_unit": 1}
_SETTINGS: dict[str, Any] = {
    "cash_rounding_unit_minor": 10,
    "day_start_hour": 4,
    "scale_formats": [_FORMAT],
    "receipt_header_zh": "人民路店",
    "receipt_header_en": "Renmin Road",
    "receipt_footer_zh": "谢谢惠顾",
    "receipt_footer_en": "Thank you",
    "address": "人民路 1 号",
    "rule_book_version": 1,
    "auto_lock_s": 180,
}
_NEW: dict[str, Any] = {
    "store_id": "0101",
    "name_zh": "人民路店",
    "name_en": "Renmin Road",
    "price_zone": "cn",
    "currency": "CNY",
    "timezone": "Asia/Shanghai",
    "settings": _SETTINGS,
}
_STORE = _NEW | {"division": "main", "sub_ver": 1, "ver": 1, "created_at_ms": 1780000000000}


class ScaleFormat(Body):
    """A layout of scale labels: F flag, W item, E amount, N weight, Q pieces, C check, O other, + add-on."""

    model_config = example(_FORMAT)
    pattern: Annotated[str, Field(pattern=r"^[FWENQCO+]{8,20}$")]
    flags: Annotated[list[Annotated[str, Field(pattern=r"^[0-9]{1,3}$")]], Field(min_length=1, max_length=20)]
    minor_per_unit: Annotated[int, Field(strict=True, ge=1, le=1000)] = 1
    grams_per_unit: Annotated[int, Field(strict=True, ge=1, le=1000)] = 1
    name_zh: Label = ""
    name_en: Label = ""


class Settings(Body):
    """Settings of a store; what is left out keeps its value (or the default)."""

    model_config = example(_SETTINGS)
    cash_rounding_unit_minor: Annotated[int, Field(strict=True, ge=1, le=10_000)] | None = None
    day_start_hour: Annotated[int, Field(strict=True, ge=0, le=12)] | None = None
    scale_formats: Annotated[list[ScaleFormat], Field(max_length=20)] | None = None
    receipt_header_zh: Footer | None = None
    receipt_header_en: Footer | None = None
    receipt_footer_zh: Footer | None = None
    receipt_footer_en: Footer | None = None
    address: Footer | None = None
    rule_book_version: Version | None = None
    auto_lock_s: Annotated[int, Field(strict=True, ge=15, le=86_400)] | None = None


class StoreNew(Body):
    """A new store."""

    model_config = example(_NEW)
    store_id: StoreId
    name_zh: Name
    name_en: Label = ""
    division: ShortId = DIVISION
    price_zone: ShortId
    currency: Currency
    timezone: Name
    settings: Settings = Settings()


class StoreChange(Body):
    """What to change; ``ver`` is the version you saw, if you want to be told that it is no longer that."""

    model_config = example({"price_zone": "hk", "currency": "HKD", "settings": {"auto_lock_s": 120}, "ver": 3})
    name_zh: Name | None = None
    name_en: Label | None = None
    division: ShortId | None = None
    price_zone: ShortId | None = None
    currency: Currency | None = None
    timezone: Name | None = None
    settings: Settings | None = None
    ver: Version | None = None


class Store(Answer):
    """A store; ``sub_ver`` rises when its tills have to change their price zone or catalogue."""

    model_config = example(_STORE)
    store_id: str
    name_zh: str
    name_en: str
    division: str
    price_zone: str
    currency: str
    timezone: str
    settings: dict[str, Any]
    sub_ver: int
    ver: int
    created_at_ms: int


class Stores(Answer):
    """Stores by id."""

    model_config = example({"stores": [_STORE]})
    stores: list[Store]


@router.get("/stores", summary="门店列表 List stores", openapi_extra=asks(Permission.STORE_READ), responses=refusals())
def list_stores(
    principal: Annotated[Principal, Depends(authorise)], cloud: Annotated[Cloud, Depends(the_cloud)]
) -> Stores:
    """All stores, for a store manager their own."""
    with reading(cloud.engine) as connection:
        return Stores.model_validate({"stores": stores.list_stores(connection, principal.narrowed(None))})


@router.post(
    "/stores",
    summary="新建门店 Create a store",
    status_code=201,
    openapi_extra=asks(Permission.STORE_WRITE),
    response_model=Store,
    responses=refusals(409),
)
def create_store(body: StoreNew, call: Annotated[WriteCall, Depends(write_call)]) -> Response:
    """A price zone is made on its first use and keeps its currency."""
    values = body.model_dump(exclude_none=True)
    return call.run(lambda act: stores.create_store(act, body.store_id, values), Store, status=201)


@router.get(
    "/stores/{store_id}",
    summary="门店 Get a store",
    openapi_extra=asks(Permission.STORE_READ),
    responses=refusals(404),
)
def get_store(store_id: InStore, cloud: Annotated[Cloud, Depends(the_cloud)]) -> Store:
    """One store with all settings."""
    with reading(cloud.engine) as connection:
        return Store.model_validate(stores.get_store(connection, store_id))


@router.patch(
    "/stores/{store_id}",
    summary="修改门店 Change a store",
    openapi_extra=asks(Permission.STORE_WRITE),
    response_model=Store,
    responses=refusals(404, 409),
)
def update_store(store_id: InStore, body: StoreChange, *, call: Annotated[WriteCall, Depends(write_call)]) -> Response:
    """Its tills hear of it at once; another zone or division makes them fetch that first, then switch."""
    changes = body.model_dump(exclude_none=True)
    return call.run(lambda act: stores.update_store(act, store_id, changes), Store)
