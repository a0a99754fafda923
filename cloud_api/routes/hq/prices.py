"""Prices of a zone."""

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
    LATEST_MS,
    Answer,
    Body,
    ItemId,
    Millis,
    Minor,
    OfItem,
    Paging,
    ShortId,
    example,
)
from cloud_api.services import prices
from domain.catalog import PriceKind

router = APIRouter(tags=["prices"])
OfZone = Annotated[ShortId, Path()]
Channel = Annotated[str, Field(pattern=r"^[a-z_]{0,16}$", description="till, web … ; 空=全部 empty = any")]
_SET: dict[str, Any] = {"item_id": 4711, "price_minor": 350}
_PRICE = _SET | {
    "zone": "cn",
    "channel": "",
    "kind": "list",
    "valid_from_ms": 1780000000000,
    "valid_until_ms": 0,
    "currency": "CNY",
    "ver": 1,
    "changed_at_ms": 1780000000000,
    "changed_by": "hq.buyer",
}


class PriceSet(Body):
    """A price: minor units; without ``valid_from_ms`` from now on; ``valid_until_ms`` 0 = open end."""

    model_config = example(_SET | {"kind": "special", "valid_until_ms": 1780600000000})
    item_id: ItemId
    price_minor: Minor
    kind: PriceKind = PriceKind.LIST
    channel: Channel = ""
    valid_from_ms: Millis | None = None
    valid_until_ms: Millis = 0


class PriceBulk(Body):
    """Many prices that show at the tills in one piece."""

    model_config = example({"prices": [_SET, {"item_id": 4712, "price_minor": 990}]})
    prices: Annotated[list[PriceSet], Field(min_length=1, max_length=prices.BULK_MAX)]


class Price(Answer):
    """A price of a zone."""

    model_config = example(_PRICE)
    zone: str
    item_id: int
    channel: str
    kind: PriceKind
    valid_from_ms: int
    valid_until_ms: int
    price_minor: int
    currency: str
    ver: int
    changed_at_ms: int
    changed_by: str


class Prices(Answer):
    """A page of prices; ``next`` goes on behind the last item."""

    model_config = example({"prices": [_PRICE], "next": None})
    prices: list[Price]
    next: int | None = None


class PriceFilter(Paging):
    """Which prices: of an item; at a moment and after it."""

    item_id: Annotated[ItemId, Field(strict=False)] | None = None
    at_ms: Annotated[Millis, Field(strict=False)] | None = None


class PriceKey(Body):
    """Which of an item's prices."""

    kind: PriceKind = PriceKind.LIST
    channel: Channel = ""
    valid_from_ms: Annotated[int, Field(ge=0, le=LATEST_MS)]


@router.get(
    "/prices/{zone}",
    summary="价格列表 List prices",
    openapi_extra=asks(Permission.PRICE_READ),
    responses=refusals(404),
)
def list_prices(
    zone: OfZone, query: Annotated[PriceFilter, Query()], *, cloud: Annotated[Cloud, Depends(the_cloud)]
) -> Prices:
    """Prices by item, past and planned ones too; a page ends with a whole item."""
    filters = query.model_dump()
    with reading(cloud.engine) as connection:
        rows, following = prices.list_prices(connection, zone, filters=filters, after=query.after, limit=query.limit)
    return Prices.model_validate({"prices": rows, "next": following})


@router.put(
    "/prices/{zone}",
    summary="改价 Set a price",
    openapi_extra=asks(Permission.PRICE_WRITE),
    response_model=Price,
    responses=refusals(404, 409),
)
def set_price(zone: OfZone, body: PriceSet, *, call: Annotated[WriteCall, Depends(write_call)]) -> Response:
    """Shows on open tills within a second, or at ``valid_from_ms``."""
    return call.run(lambda act: prices.set_prices(act, zone, [body.model_dump(mode="json")])[0], Price)


@router.post(
    "/prices/{zone}/bulk",
    summary="批量改价 Set many prices",
    openapi_extra=asks(Permission.PRICE_WRITE),
    response_model=Prices,
    responses=refusals(404, 409),
)
def set_prices(zone: OfZone, body: PriceBulk, *, call: Annotated[WriteCall, Depends(write_call)]) -> Response:
    """All or none; tills see all of them at one moment."""
    rows = [price.model_dump(mode="json") for price in body.prices]
    return call.run(lambda act: {"prices": prices.set_prices(act, zone, rows)}, Prices)


@router.delete(
    "/prices/{zone}/{item_id}",
    summary="撤回价格 Withdraw a price",
    openapi_extra=asks(Permission.PRICE_WRITE),
    response_model=Price,
    responses=refusals(404),
)
def withdraw_price(
    zone: OfZone,
    item_id: OfItem,
    *,
    query: Annotated[PriceKey, Query()],
    call: Annotated[WriteCall, Depends(write_call)],
) -> Response:
    """Take back one price, such as a special that was planned."""
    key = query.model_dump(mode="json") | {"zone": zone, "item_id": item_id}
    return call.run(lambda act: prices.withdraw_price(act, key), Price)
