"""What the tills were told: the pending changes of a bucket, the last word of each key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from cloud_api.context import Cloud
from cloud_api.db.engine import reading
from cloud_api.db.sync_tables import CHANGE_PENDING


@dataclass(frozen=True)
class Sent:
    op: str
    ver: int
    row: dict[str, Any] | None
    group: int


def published(cloud: Cloud, bucket: str) -> dict[tuple[Any, ...], Sent]:
    """``(table, *key)`` → the last change; checks on the way that versions rise."""
    found: dict[tuple[Any, ...], Sent] = {}
    query = sa.select(CHANGE_PENDING).where(CHANGE_PENDING.c.bucket == bucket).order_by(CHANGE_PENDING.c.id)
    with reading(cloud.engine) as connection:
        for block in connection.execute(query).mappings():
            for op, table, pk, ver, row in msgspec.json.decode(block["body"]):
                before = found.get((table, *pk))
                assert before is None or before.ver < ver, (table, pk)
                found[(table, *pk)] = Sent(op, ver, row, block["id"])
    return found
