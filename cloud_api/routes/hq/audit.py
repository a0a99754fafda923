"""The audit log: it can be read, never changed."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from cloud_api.auth import asks
from cloud_api.context import Cloud, the_cloud
from cloud_api.db.engine import reading
from cloud_api.permissions import Permission
from cloud_api.routes.hq.answers import refusals
from cloud_api.routes.hq.fields import Answer, Paging, StoreId, UserName, example
from cloud_api.services import audit

router = APIRouter(tags=["audit"])
_ENTRY: dict[str, Any] = {
    "id": 42,
    "at_ms": 1780000000000,
    "who": "hq.buyer",
    "action": "set",
    "entity": "price",
    "key": "cn/4711//list/1780000000000",
    "store_id": "",
    "before": None,
    "after": {"price_minor": 350},
}
_Word = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]


class AuditEntry(Answer):
    """Who did what to what, when; ``before`` and ``after`` show what differs, never a secret."""

    model_config = example(_ENTRY)
    id: int
    at_ms: int
    who: str
    action: str
    entity: str
    key: str
    store_id: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class AuditLog(Answer):
    """A page of entries; ``next`` goes on behind it."""

    model_config = example({"entries": [_ENTRY], "next": 42})
    entries: list[AuditEntry]
    next: int | None = None


class AuditFilter(Paging):
    """Which entries."""

    who: UserName | None = None
    action: _Word | None = None
    entity: _Word | None = None
    key: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] | None = None
    store_id: StoreId | None = None


@router.get("/audit", summary="操作日志 Audit log", openapi_extra=asks(Permission.AUDIT_READ), responses=refusals())
def list_audit(query: Annotated[AuditFilter, Query()], cloud: Annotated[Cloud, Depends(the_cloud)]) -> AuditLog:
    """Newest first, in pages."""
    with reading(cloud.engine) as connection:
        rows, following = audit.list_audit(connection, filters=query.model_dump(), limit=query.limit)
    return AuditLog.model_validate({"entries": rows, "next": following})
