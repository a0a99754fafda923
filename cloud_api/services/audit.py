"""Reading the audit log: who did what to what, when, from what to what."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from cloud_api.db.master_rows import Row
from cloud_api.db.master_tables import AUDIT_LOG
from cloud_api.services.paging import page


def list_audit(connection: sa.Connection, *, filters: Mapping[str, Any], limit: int) -> tuple[list[Row], int | None]:
    """Entries, newest first; ``after`` goes on behind an entry."""
    query = sa.select(AUDIT_LOG).order_by(AUDIT_LOG.c.id.desc())
    for name in ("who", "entity", "key", "action", "store_id"):
        if filters.get(name) is not None:
            query = query.where(AUDIT_LOG.c[name] == filters[name])
    if filters.get("after") is not None:
        query = query.where(AUDIT_LOG.c.id < filters["after"])
    rows, following = page(connection, query, key=AUDIT_LOG.c.id, limit=limit)
    return [row | {side: _state(row[side]) for side in ("before", "after")} for row in rows], following


def _state(text: str | None) -> Any:
    return None if text is None else json.loads(text)
