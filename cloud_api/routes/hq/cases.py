"""The exceptions inbox."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from cloud_api.auth import asks, authorise
from cloud_api.context import Cloud, the_cloud
from cloud_api.db.engine import reading
from cloud_api.db.master_rows import Row
from cloud_api.idempotency import WriteCall, write_call
from cloud_api.permissions import Permission, Principal
from cloud_api.routes.hq.answers import refusals
from cloud_api.routes.hq.fields import Answer, Body, Note, OfCase, Paging, StoreId, example
from cloud_api.services import cases
from cloud_api.services.act import Act

router = APIRouter(tags=["cases"])
_CASE: dict[str, Any] = {
    "case_id": 7,
    "kind": "price_out_of_date",
    "title_zh": "成交价与当时的总部价格不同",
    "title_en": "Sold at another price than headquarters had then",
    "store_id": "0101",
    "terminal_id": "0101-1",
    "event_id": "0198c1f2-6b7e-7c52-9d0a-2f4c8f1b5a11",
    "sale_id": "0198c1f2-6b7e-7c52-9d0a-2f4c8f1b5a10",
    "amount_minor": 50,
    "params": {"sku": "6901234567892"},
    "state": "open",
    "opened_at_ms": 1780000000000,
    "resolved_at_ms": None,
    "resolved_by": "",
    "outcome": "",
    "note": "",
}


class Case(Answer):
    """Something that wants a look; the facts behind it are kept as they came."""

    model_config = example(_CASE)
    case_id: int
    kind: str
    title_zh: str
    title_en: str
    store_id: str
    terminal_id: str
    event_id: str
    sale_id: str
    amount_minor: int
    params: dict[str, Any]
    state: Literal["open", "resolved"]
    opened_at_ms: int
    resolved_at_ms: int | None = None
    resolved_by: str
    outcome: str
    note: str


class Cases(Answer):
    """A page of cases; ``next`` goes on behind it."""

    model_config = example({"cases": [_CASE], "next": None})
    cases: list[Case]
    next: int | None = None


class CaseFilter(Paging):
    """Which cases."""

    store_id: StoreId | None = None
    state: Literal["open", "resolved"] | None = None
    kind: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")] | None = None


class Resolution(Body):
    """What was found and done."""

    model_config = example({"outcome": "accepted", "note": "收银机离线，价格晚到 The till was offline"})
    outcome: Literal["accepted", "corrected", "rejected"]
    note: Note


@router.get("/cases", summary="待办列表 List cases", openapi_extra=asks(Permission.CASE_READ), responses=refusals())
def list_cases(
    query: Annotated[CaseFilter, Query()],
    principal: Annotated[Principal, Depends(authorise)],
    *,
    cloud: Annotated[Cloud, Depends(the_cloud)],
) -> Cases:
    """Newest first, in pages."""
    only = principal.narrowed(query.store_id)
    with reading(cloud.engine) as connection:
        rows, following = cases.list_cases(connection, only, filters=query.model_dump(), limit=query.limit)
    return Cases.model_validate({"cases": rows, "next": following})


@router.get(
    "/cases/{case_id}", summary="待办 Get a case", openapi_extra=asks(Permission.CASE_READ), responses=refusals(404)
)
def get_case(
    case_id: OfCase,
    principal: Annotated[Principal, Depends(authorise)],
    *,
    cloud: Annotated[Cloud, Depends(the_cloud)],
) -> Case:
    """One case."""
    with reading(cloud.engine) as connection:
        case = cases.get_case(connection, case_id)
    principal.require_store(case["store_id"])
    return Case.model_validate(case)


@router.post(
    "/cases/{case_id}/resolve",
    summary="处理待办 Resolve a case",
    openapi_extra=asks(Permission.CASE_RESOLVE),
    response_model=Case,
    responses=refusals(404, 409),
)
def resolve_case(case_id: OfCase, body: Resolution, *, call: Annotated[WriteCall, Depends(write_call)]) -> Response:
    """Close it with an outcome and a note. Facts are never changed; ``accepted`` lets held entries take effect."""

    def resolve(act: Act) -> Row:
        call.principal.require_store(cases.get_case(act.connection, case_id)["store_id"])
        return cases.resolve_case(act, case_id, outcome=body.outcome, note=body.note)

    return call.run(resolve, Case)
