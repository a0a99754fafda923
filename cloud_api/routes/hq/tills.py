"""Tills: prepared, enrolled, watched, drained, revoked."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from cloud_api.auth import asks, authorise
from cloud_api.context import Cloud, the_cloud
from cloud_api.db.engine import reading
from cloud_api.idempotency import WriteCall, write_call
from cloud_api.permissions import Permission, Principal
from cloud_api.routes.hq.answers import refusals
from cloud_api.routes.hq.fields import Answer, Body, InStore, Label, OfTerminal, StoreId, example
from cloud_api.services import tills

router = APIRouter(tags=["tills"])
_TILL: dict[str, Any] = {
    "terminal_id": "0101-1",
    "store_id": "0101",
    "number": 1,
    "label": "门口 entrance",
    "state": "active",
    "device": "Debian 12",
    "app_ver": "0.1.0",
    "enrolled_at_ms": 1780000000000,
    "last_seen_ms": 1780000060000,
    "tip_inc": 1,
    "tip_seq": 120,
    "received_seq": 118,
    "unsent": 2,
    "public_key": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "confirmed": ["1:118:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
}
_CODE = {"code": "7F3A9-1C2KM", "code_expires_at_ms": 1780000600000}


class Till(Answer):
    """A till; ``unsent`` = entries of its journal that the cloud has not, by what it last said.

    ``public_key`` and ``confirmed`` are what ``evertill-verify`` checks an exported journal by.
    """

    model_config = example(_TILL)
    terminal_id: str
    store_id: str
    number: int
    label: str
    state: str
    device: str
    app_ver: str
    enrolled_at_ms: int | None = None
    last_seen_ms: int | None = None
    tip_inc: int
    tip_seq: int
    received_seq: int
    unsent: int
    public_key: str | None = None
    confirmed: list[str]


class TillWithCode(Till):
    """A till and its one-time enrolment code, shown only now."""

    model_config = example(_TILL | _CODE | {"state": "new"})
    code: str
    code_expires_at_ms: int


class Tills(Answer):
    """Tills by id."""

    model_config = example({"tills": [_TILL]})
    tills: list[Till]


class TillNew(Body):
    """A new till; the next free number unless given."""

    model_config = example({"label": "门口 entrance"})
    number: Annotated[int, Field(strict=True, ge=1, le=999)] | None = None
    label: Label = ""


class Drain(Body):
    """``drain`` = no news down, uploads to the end; ``active`` takes it back."""

    model_config = example({"state": "drain"})
    state: Literal["drain", "active"] = "drain"


class Revocation(Body):
    """``revoked`` or ``lost``: no news down; what it still sends is kept for review."""

    model_config = example({"state": "lost"})
    state: Literal["revoked", "lost"] = "revoked"


class TillFilter(Body):
    """Which tills."""

    store_id: StoreId | None = None


@router.get("/tills", summary="收银机列表 List tills", openapi_extra=asks(Permission.TILL_READ), responses=refusals())
def list_tills(
    query: Annotated[TillFilter, Query()],
    principal: Annotated[Principal, Depends(authorise)],
    *,
    cloud: Annotated[Cloud, Depends(the_cloud)],
) -> Tills:
    """Last contact, version, state and how much each has not sent yet."""
    with reading(cloud.engine) as connection:
        return Tills.model_validate({"tills": tills.list_tills(connection, principal.narrowed(query.store_id))})


@router.post(
    "/stores/{store_id}/tills",
    summary="新建收银机 Create a till",
    status_code=201,
    openapi_extra=asks(Permission.TILL_WRITE),
    response_model=TillWithCode,
    responses=refusals(404, 409),
)
def create_till(store_id: InStore, body: TillNew, *, call: Annotated[WriteCall, Depends(write_call)]) -> Response:
    """Answers with the one-time code to type at the till; valid for ten minutes."""
    return call.run(
        lambda act: tills.create_till(act, store_id, number=body.number, label=body.label), TillWithCode, status=201
    )


@router.get(
    "/tills/{terminal_id}",
    summary="收银机 Get a till",
    openapi_extra=asks(Permission.TILL_READ),
    responses=refusals(404),
)
def get_till(terminal_id: OfTerminal, cloud: Annotated[Cloud, Depends(the_cloud)]) -> Till:
    """One till."""
    with reading(cloud.engine) as connection:
        return Till.model_validate(tills.get_till(connection, terminal_id))


@router.post(
    "/tills/{terminal_id}/code",
    summary="新注册码 New enrolment code",
    status_code=201,
    openapi_extra=asks(Permission.TILL_WRITE),
    response_model=TillWithCode,
    responses=refusals(404),
)
def new_code(terminal_id: OfTerminal, call: Annotated[WriteCall, Depends(write_call)]) -> Response:
    """A new one-time code, also for a device that takes a till's place; earlier codes die."""
    return call.run(lambda act: tills.new_code(act, terminal_id), TillWithCode, status=201)


@router.post(
    "/tills/{terminal_id}/drain",
    summary="停用前排空 Drain a till",
    openapi_extra=asks(Permission.TILL_WRITE),
    response_model=Till,
    responses=refusals(404, 409),
)
def drain_till(terminal_id: OfTerminal, body: Drain, *, call: Annotated[WriteCall, Depends(write_call)]) -> Response:
    """The till gets no more news and sends what it still has."""
    return call.run(lambda act: tills.set_state(act, terminal_id, body.state), Till)


@router.post(
    "/tills/{terminal_id}/revoke",
    summary="吊销 Revoke a till",
    openapi_extra=asks(Permission.TILL_WRITE),
    response_model=Till,
    responses=refusals(404, 409),
)
def revoke_till(
    terminal_id: OfTerminal, body: Revocation, *, call: Annotated[WriteCall, Depends(write_call)]
) -> Response:
    """At once: its key is refused; sales that it still holds are kept for review, none is lost."""
    return call.run(lambda act: tills.set_state(act, terminal_id, body.state), Till)
