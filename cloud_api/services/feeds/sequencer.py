"""The sequencer: whole transactions from the pending table become groups numbered 1, 2, 3 … of their bucket."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import sqlalchemy as sa

from cloud_api.db.bulk import insert_rows
from cloud_api.db.engine import reading, writing
from cloud_api.db.sync_tables import CHANGE_PENDING, FEED_GROUP
from cloud_api.services.feeds import buckets
from cloud_api.services.feeds.buckets import Bucket
from cloud_api.services.feeds.pages import (
    PAGE_BYTES_MAX,
    PAGE_GROUPS_MAX,
    StoredGroup,
    Stretch,
    group_bytes,
    read_groups,
    seal,
)
from sync.feed import chain

ROUND_GROUPS_MAX = 64
ROUND_CHANGES_MAX = 8_000
"""What one round takes of a bucket, so that its transaction stays short however much is pending."""


class Pending(NamedTuple):
    """The changes of one transaction in one bucket."""

    id: int
    at_ms: int
    changes: bytes


# Built once: building a statement costs more than running it.
_OF_BUCKET = CHANGE_PENDING.c.bucket == sa.bindparam("bucket")
_WAITING = sa.select(CHANGE_PENDING.c.bucket).distinct()
_WEIGHTS = (
    sa.select(CHANGE_PENDING.c.id, CHANGE_PENDING.c.changes)
    .where(_OF_BUCKET)
    .order_by(CHANGE_PENDING.c.id)
    .limit(ROUND_GROUPS_MAX)
)
_TAKE = (
    sa.delete(CHANGE_PENDING)
    .where(_OF_BUCKET, CHANGE_PENDING.c.id <= sa.bindparam("last_id"))
    .returning(CHANGE_PENDING.c.id, CHANGE_PENDING.c.at_ms, CHANGE_PENDING.c.body)
)


def run(engine: sa.Engine, at_ms: int) -> set[str]:
    """One round over every bucket with pending changes; the buckets whose heads moved (empty: nothing to do).

    One transaction, buckets locked in one order: two sequencers wait for each other and both are right.
    """
    with reading(engine) as connection:
        waiting = connection.execute(_WAITING).scalars().all()
    if not waiting:
        return set()
    with writing(engine) as connection:
        return {bucket for bucket in sorted(waiting) if _advance(connection, bucket, at_ms=at_ms)}


def _advance(connection: sa.Connection, name: str, *, at_ms: int) -> bool:
    bucket = buckets.lock(connection, name, at_ms=at_ms)
    taken = _take(connection, name)
    if not taken:
        return False
    groups = _numbered(bucket, taken)
    bucket = replace(
        bucket,
        head_seq=groups[-1].seq,
        head_hash=groups[-1].hash,
        total_bytes=bucket.total_bytes + sum(len(group.body) for group in groups),
        changed_at_ms=at_ms,
    )
    buckets.save(connection, _stored(connection, bucket, groups=groups))
    return True


def _take(connection: sa.Connection, bucket: str) -> list[Pending]:
    """Remove and return the next pending transactions in the order of their ids.

    A smaller id may still appear later, from a transaction that was slower to commit: it touched no row that
    these touched, else its id would be known, so the order between them is free.
    """
    weights = connection.execute(_WEIGHTS, {"bucket": bucket}).all()
    changes, last_id = 0, None
    for row_id, weight in weights:
        if last_id is not None and changes + weight > ROUND_CHANGES_MAX:
            break
        changes, last_id = changes + weight, row_id
    if last_id is None:
        return []
    taken = connection.execute(_TAKE, {"bucket": bucket, "last_id": last_id})
    return sorted(Pending(*row) for row in taken)


def _numbered(bucket: Bucket, taken: Sequence[Pending]) -> list[StoredGroup]:
    groups, digest = [], bucket.head_hash
    for seq, pending in enumerate(taken, bucket.head_seq + 1):
        body = group_bytes(seq, pending.at_ms, changes=pending.changes)
        digest = chain(digest, body)
        groups.append(StoredGroup(seq, digest, body))
    return groups


def _stored(connection: sa.Connection, bucket: Bucket, *, groups: Sequence[StoredGroup]) -> Bucket:
    """Put the groups into the tail and seal what is full of it; the bucket with its new tail."""
    new_bytes = sum(len(group.body) for group in groups)
    count = groups[-1].seq - bucket.tail_from + 1
    if count < PAGE_GROUPS_MAX and bucket.tail_bytes + new_bytes < PAGE_BYTES_MAX:
        _keep(connection, bucket, groups=groups)
        return replace(bucket, tail_bytes=bucket.tail_bytes + new_bytes)
    tail = [*read_groups(connection, bucket.bucket, epoch=bucket.epoch, first=bucket.tail_from), *groups]
    first, prev, page = bucket.tail_from, bucket.tail_prev, list[StoredGroup]()
    for group in tail:
        page.append(group)
        full = Stretch(bucket.bucket, bucket.epoch, first, prev, page)
        if len(page) >= PAGE_GROUPS_MAX or full.size_bytes >= PAGE_BYTES_MAX:
            seal(connection, full, at_ms=bucket.changed_at_ms)
            first, prev, page = group.seq + 1, group.hash, []
    fresh = [group for group in page if group.seq >= groups[0].seq]
    _keep(connection, bucket, groups=fresh)
    return replace(bucket, tail_from=first, tail_prev=prev, tail_bytes=sum(len(group.body) for group in page))


def _keep(connection: sa.Connection, bucket: Bucket, *, groups: Sequence[StoredGroup]) -> None:
    rows = [
        {"bucket": bucket.bucket, "epoch": bucket.epoch, "seq": group.seq, "hash": group.hash, "body": group.body}
        for group in groups
    ]
    insert_rows(connection, FEED_GROUP, rows=rows)
