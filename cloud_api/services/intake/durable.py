"""What a restored backup would still hold: only up to there may a till forget its journal."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from cloud_api.db.engine import reading, writing
from cloud_api.db.sync_tables import TERMINAL_STREAM


@dataclass(frozen=True, slots=True)
class StreamTip:
    """How far a stream went when it was looked at."""

    terminal_id: str
    inc: int
    last_seq: int


def tips(engine: sa.Engine) -> list[StreamTip]:
    """Every stream's end: take this before a backup begins, it is what the backup surely holds."""
    columns = TERMINAL_STREAM.c
    with reading(engine) as connection:
        rows = connection.execute(sa.select(columns.terminal_id, columns.inc, columns.last_seq))
        return [StreamTip(*row) for row in rows]


def mark_durable(engine: sa.Engine, held: Sequence[StreamTip], *, now_ms: int) -> None:
    """Say that a verified backup, or a second machine, holds the streams up to ``held``; it never goes back."""
    columns = TERMINAL_STREAM.c
    statement = (
        sa.update(TERMINAL_STREAM)
        .where(
            columns.terminal_id == sa.bindparam("terminal"),
            columns.inc == sa.bindparam("incarnation"),
            columns.durable_seq < sa.bindparam("seq"),
        )
        .values(durable_seq=sa.bindparam("seq"), updated_at_ms=now_ms)
    )
    rows = [{"terminal": tip.terminal_id, "incarnation": tip.inc, "seq": tip.last_seq} for tip in held]
    if rows:
        with writing(engine) as connection:
            connection.execute(statement, rows)
