"""What the cloud has of a crowd's sales, read from its database: each once, applied, and nothing waiting."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from cloud_api.db.engine import make_engine, reading
from cloud_api.db.master_tables import CASE_FILE, SALE, SALE_LINE
from cloud_api.db.sync_tables import EVENT, TERMINAL_STREAM
from tests.bench.chain import Chain
from tests.proof.load.crowd import LINES, Member

SETTLE_S = 120.0


def wait_until_applied(chain: Chain, crowd: Sequence[Member], *, within_s: float = SETTLE_S) -> None:
    """Until each entry of each till took effect or is held."""
    wanted = sum(len(one.entries) for one in crowd)
    applied = sa.func.coalesce(sa.func.sum(TERMINAL_STREAM.c.applied_seq), 0)
    query = sa.select(applied).where(TERMINAL_STREAM.c.terminal_id.in_([one.who.terminal for one in crowd]))
    engine = make_engine(chain.cloud.database_url)
    end_s = time.monotonic() + within_s
    try:
        while True:
            with reading(engine) as connection:
                if connection.execute(query).scalar_one() >= wanted or time.monotonic() > end_s:
                    return
            time.sleep(0.02)
    finally:
        engine.dispose()


def wrong_in_books(chain: Chain, crowd: Sequence[Member]) -> Iterator[str]:
    """What is not as the tills sold it."""
    engine = make_engine(chain.cloud.database_url)
    names = [one.who.terminal for one in crowd]
    of_crowd = SALE.c.terminal_id.in_(names)
    figures = sa.select(
        sa.func.count(), sa.func.count(sa.distinct(SALE.c.receipt_no)), sa.func.sum(SALE.c.payable_minor)
    )
    lines = sa.select(sa.func.count()).select_from(SALE_LINE.join(SALE, SALE.c.event_id == SALE_LINE.c.event_id))
    filed = sa.select(sa.func.count()).where(CASE_FILE.c.terminal_id.in_(names))
    late = sa.select(sa.func.count()).where(EVENT.c.terminal_id.in_(names), EVENT.c.state != "applied")
    try:
        with reading(engine) as connection:
            found = tuple(connection.execute(figures.where(of_crowd)).one())
            line_count = connection.execute(lines.where(of_crowd)).scalar_one()
            waiting = connection.execute(late).scalar_one()
            cases = connection.execute(filed).scalar_one()
    finally:
        engine.dispose()
    count = sum(len(one.entries) for one in crowd)
    if found[:2] != (count, count):
        yield f"{count} were sold, {found[0]} are in the books under {found[1]} numbers"
    if line_count != count * LINES:
        yield f"{count * LINES} lines were sold, {line_count} are in the books"
    if waiting or cases:
        yield f"{waiting} entries wait, {cases} cases are open"
