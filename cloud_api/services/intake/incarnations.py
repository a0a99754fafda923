"""Numbers of incarnations: each is given out once, so that receipt numbers stay unique for ever."""

import sqlalchemy as sa

from cloud_api.db.bulk import insert_rows
from cloud_api.db.sync_tables import TERMINAL_INC


def next_incarnation(connection: sa.Connection, terminal_id: str, *, claim: bool) -> int:
    """A number never given before (``claim``), or the one given last."""
    mine, last = TERMINAL_INC.c.terminal_id == terminal_id, TERMINAL_INC.c.last_inc
    if claim:
        note_incarnation(connection, terminal_id, inc=0)
        connection.execute(sa.update(TERMINAL_INC).where(mine).values(last_inc=last + 1))
    number: int = connection.execute(sa.select(last).where(mine)).scalar_one()
    return number


def note_incarnation(connection: sa.Connection, terminal_id: str, *, inc: int) -> None:
    """Remember an incarnation that a till carries, which a restored database may have forgotten it gave."""
    rows = [{"terminal_id": terminal_id, "last_inc": inc}]
    insert_rows(connection, TERMINAL_INC, rows=rows, skip_existing=True)
    connection.execute(
        sa.update(TERMINAL_INC)
        .where(TERMINAL_INC.c.terminal_id == terminal_id, TERMINAL_INC.c.last_inc < inc)
        .values(last_inc=inc)
    )
