"""What a transaction tells the tills: the changes that wait for the sequencer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cloud_api.clock import new_id
from cloud_api.db.sync_tables import CHANGE_PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A row's new state in a bucket: ``op`` "put" with the full row (without its key), or "del" with None."""

    bucket: str
    table: str
    op: str
    pk: tuple[Any, ...]
    ver: int
    row: Mapping[str, Any] | None


def insert_pending(connection: sa.Connection, changes: Sequence[Change], at_ms: int) -> None:
    """Write the changes of this transaction; the last thing that it does before its commit."""
    txid = new_id()
    rows = [
        {
            "txid": txid,
            "bucket": change.bucket,
            "tbl": change.table,
            "pk": _json(list(change.pk)),
            "op": change.op,
            "ver": change.ver,
            "row": None if change.row is None else _json(dict(change.row)),
            "at": at_ms,
        }
        for change in changes
    ]
    connection.execute(sa.insert(CHANGE_PENDING), rows)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
