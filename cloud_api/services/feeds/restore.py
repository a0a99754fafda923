"""After the cloud came back from a backup: new epochs, so that every till fetches anew and sends again."""

import secrets
from itertools import islice

import sqlalchemy as sa

from cloud_api.db.bulk import insert_rows
from cloud_api.db.changes import GROUP_CHANGES_MAX, insert_pending
from cloud_api.db.engine import reading, writing
from cloud_api.db.master_rows import rows_of_bucket
from cloud_api.db.sync_tables import (
    CHANGE_PENDING,
    FEED_GROUP,
    FEED_PAGE,
    FEED_SNAP,
    SYNC_BUCKET,
    SYNC_STATE,
    TERMINAL_INC,
)
from cloud_api.services.feeds import buckets

_EPOCH_UP = "epoch_up"
FORGOTTEN_INCARNATIONS = 16
"""How many a till may have been given since the backup: none of them may be given again."""


def epoch_up(connection: sa.Connection) -> str:
    """The id of the upward side's life; changes when the cloud was restored. Made at first need."""
    query = sa.select(SYNC_STATE.c.value).where(SYNC_STATE.c.key == _EPOCH_UP)
    value = connection.execute(query).scalar_one_or_none()
    if value is None:
        rows = [{"key": _EPOCH_UP, "value": secrets.token_hex(8)}]
        insert_rows(connection, SYNC_STATE, rows=rows, skip_existing=True)
        value = connection.execute(query).scalar_one()
    return str(value)


def new_epochs(engine: sa.Engine, now_ms: int) -> int:
    """Begin every feed anew from the master rows, and the upward side too; how many feeds.

    Call it once after the database was restored from a backup, before tills are let in.
    """
    with reading(engine) as connection:
        names = connection.execute(sa.select(SYNC_BUCKET.c.bucket).order_by(SYNC_BUCKET.c.bucket)).scalars().all()
    for name in names:
        with writing(engine) as connection:
            new_epoch(connection, name, now_ms=now_ms)
    with writing(engine) as connection:
        epoch_up(connection)
        value = secrets.token_hex(8)
        connection.execute(sa.update(SYNC_STATE).where(SYNC_STATE.c.key == _EPOCH_UP).values(value=value))
        skipped = TERMINAL_INC.c.last_inc + FORGOTTEN_INCARNATIONS
        connection.execute(sa.update(TERMINAL_INC).values(last_inc=skipped))
    return len(names)


def new_epoch(connection: sa.Connection, name: str, *, now_ms: int) -> None:
    """Begin one feed anew: what was is dropped, and every row that HQ has for it is queued as news.

    What waited in the pending table is part of the master rows already.
    """
    bucket = buckets.lock(connection, name, at_ms=now_ms)
    for table in (CHANGE_PENDING, FEED_GROUP, FEED_PAGE, FEED_SNAP):
        connection.execute(sa.delete(table).where(table.c.bucket == name))
    buckets.save(connection, buckets.reborn(bucket, now_ms))
    rows = rows_of_bucket(connection, name)
    while block := list(islice(rows, GROUP_CHANGES_MAX)):
        insert_pending(connection, block, at_ms=now_ms)
