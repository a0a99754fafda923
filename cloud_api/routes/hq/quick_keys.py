"""The tiles of a store's sale screen."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from cloud_api.auth import asks
from cloud_api.context import Cloud, the_cloud
from cloud_api.db.engine import reading
from cloud_api.idempotency import WriteCall, write_call
from cloud_api.permissions import Permission
from cloud_api.routes.hq.answers import refusals
from cloud_api.routes.hq.fields import Answer, Body, InStore, ItemId, Label, Position, example
from cloud_api.services import quick_keys

router = APIRouter(tags=["stores"])
_KEY: dict[str, Any] = {"position": 1, "item_id": 4711, "label_zh": "可乐", "label_en": "Coke"}


class QuickKeyBody(Body):
    """A tile; empty labels show the item's name."""

    model_config = example(_KEY)
    position: Position
    item_id: ItemId
    label_zh: Label = ""
    label_en: Label = ""


class QuickKeysBody(Body):
    """All tiles of the store."""

    model_config = example({"keys": [_KEY]})
    keys: Annotated[list[QuickKeyBody], Field(max_length=500)]


class QuickKey(Answer):
    """A tile."""

    model_config = example(_KEY)
    position: int
    item_id: int
    label_zh: str
    label_en: str


class QuickKeys(Answer):
    """The tiles of a store by position."""

    model_config = example({"keys": [_KEY]})
    keys: list[QuickKey]


@router.get(
    "/stores/{store_id}/quick-keys",
    summary="快捷键列表 List quick keys",
    openapi_extra=asks(Permission.CATALOGUE_READ),
    responses=refusals(404),
)
def list_quick_keys(store_id: InStore, cloud: Annotated[Cloud, Depends(the_cloud)]) -> QuickKeys:
    """The tiles by position."""
    with reading(cloud.engine) as connection:
        return QuickKeys.model_validate({"keys": quick_keys.list_quick_keys(connection, store_id)})


@router.put(
    "/stores/{store_id}/quick-keys",
    summary="设定快捷键 Set the quick keys",
    openapi_extra=asks(Permission.QUICK_KEY_WRITE),
    response_model=QuickKeys,
    responses=refusals(404, 409),
)
def replace_quick_keys(
    store_id: InStore, body: QuickKeysBody, *, call: Annotated[WriteCall, Depends(write_call)]
) -> Response:
    """These and no others."""
    keys = [key.model_dump() for key in body.keys]
    return call.run(lambda act: {"keys": quick_keys.replace_quick_keys(act, store_id, keys)}, QuickKeys)
