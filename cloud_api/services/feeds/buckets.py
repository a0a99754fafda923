"""A bucket's row: its epoch, its head and where its open tail begins; also the lock of its sequencer."""

import secrets
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from cloud_api.db.bulk import insert_rows
from cloud_api.db.sync_tables import SYNC_BUCKET
from sync.feed import chain_start

EPOCH_BYTES = 16


_NAMED = SYNC_BUCKET.c.bucket == sa.bindparam("name")
_LOCK = sa.select(SYNC_BUCKET).where(_NAMED).with_for_update()
_SAVE = (
    sa.update(SYNC_BUCKET)
    .where(_NAMED)
    .values({column.name: sa.bindparam(column.name) for column in SYNC_BUCKET.columns if not column.primary_key})
)


@dataclass(frozen=True, slots=True)
class Bucket:
    """``sync_bucket`` as a value; field by field its columns."""

    bucket: str
    epoch: str
    epoch_no: int
    head_seq: int
    head_hash: str
    low_seq: int
    tail_from: int
    tail_prev: str
    tail_bytes: int
    total_bytes: int
    changed_at_ms: int


def new_bucket(bucket: str, epoch_no: int, *, at_ms: int) -> Bucket:
    """An empty feed under a new epoch that nobody can guess."""
    epoch = f"{epoch_no}-{secrets.token_hex(EPOCH_BYTES)}"
    start = chain_start(bucket, epoch)
    return Bucket(bucket, epoch, epoch_no, 0, start, 1, 1, start, 0, 0, at_ms)


def of_row(row: sa.Row[Any]) -> Bucket:
    """The bucket of a row of ``sync_bucket``."""
    return Bucket(*tuple(row))


def lock(connection: sa.Connection, bucket: str, *, at_ms: int) -> Bucket:
    """The bucket's row, locked until the transaction ends; made where it is missing."""
    row = connection.execute(_LOCK, {"name": bucket}).one_or_none()
    if row is None:
        _create(connection, new_bucket(bucket, 1, at_ms=at_ms))
        row = connection.execute(_LOCK, {"name": bucket}).one()
    return of_row(row)


def save(connection: sa.Connection, bucket: Bucket) -> None:
    """Write a bucket's row back."""
    connection.execute(_SAVE, asdict(bucket) | {"name": bucket.bucket})


def reborn(bucket: Bucket, at_ms: int) -> Bucket:
    """The same bucket under its next epoch, empty."""
    return new_bucket(bucket.bucket, bucket.epoch_no + 1, at_ms=at_ms)


def _create(connection: sa.Connection, bucket: Bucket) -> None:
    insert_rows(connection, SYNC_BUCKET, rows=[asdict(bucket)], skip_existing=True)
