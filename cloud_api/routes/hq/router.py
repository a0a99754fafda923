"""All routes of HQ under one guard."""

from fastapi import APIRouter, Depends

from cloud_api.auth import authorise
from cloud_api.routes.hq import (
    audit,
    cases,
    catalogue,
    imports,
    items,
    prices,
    quick_keys,
    rules,
    sales,
    session,
    staff,
    stores,
    tills,
    users,
)

router = APIRouter(prefix="/v1/hq", dependencies=[Depends(authorise)])
for part in (
    session,
    users,
    stores,
    tills,
    staff,
    quick_keys,
    catalogue,
    items,
    prices,
    rules,
    imports,
    sales,
    cases,
    audit,
):
    router.include_router(part.router)

open_router = session.open_router
