"""What a domain transaction tells the tills: post-images, put into the pending table as its last act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from cloud_api.db.sync_tables import CHANGE_PENDING

GROUP_CHANGES_MAX = 2_000
"""A transaction with more changes in one bucket becomes several groups, which tills may apply apart."""

_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a replicated table: ``op`` "put" with the full new ``row``, or "del" with None."""

    bucket: str
    table: str
    op: str
    pk: tuple[Any, ...]
    ver: int
    row: Mapping[str, Any] | None


def insert_pending(connection: sa.Connection, changes: Sequence[Change], *, at_ms: int) -> None:
    """Queue the changes for the sequencer: call it once and last in a transaction.

    Rows of one transaction and bucket stay together in one pending row, in the form the wire carries. Its id is
    taken while the changed rows are still locked, so ids order any two transactions that touched the same row.
    """
    by_bucket: dict[str, list[Change]] = {}
    for change in changes:
        by_bucket.setdefault(change.bucket, []).append(change)
    rows = [
        {"bucket": bucket, "at_ms": at_ms, "changes": len(block), "body": wire_form(block)}
        for bucket in sorted(by_bucket)
        for block in _blocks(by_bucket[bucket])
    ]
    if rows:
        connection.execute(sa.insert(CHANGE_PENDING), rows)


def wire_form(changes: Sequence[Change]) -> bytes:
    """The ``c`` of a group: a JSON array of ``[op, table, pk, ver, row]``."""
    return _encoder.encode([(c.op, c.table, c.pk, c.ver, c.row) for c in changes])


def _blocks(changes: Sequence[Change]) -> list[Sequence[Change]]:
    return [changes[start : start + GROUP_CHANGES_MAX] for start in range(0, len(changes), GROUP_CHANGES_MAX)]
