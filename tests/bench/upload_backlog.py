"""[upload_backlog], [upload_backlog_pg]: 10,000 sales of five lines from a till's journal to the cloud.

Told apart: ``…`` until the till knows that the cloud has stored the last, ``…_applied`` until it is in the books too;
each beside the same rows written with nothing around them, in as many transactions, just as durable.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa
import uuid_utils

from cloud_api.db.bulk import insert_rows
from cloud_api.db.engine import make_engine, reading, writing
from cloud_api.db.master_tables import SALE, SALE_LINE, SALE_TENDER
from cloud_api.db.metadata import METADATA
from cloud_api.db.sync_tables import EVENT, EVENT_RAW, TERMINAL_STREAM
from pos_app.wiring import open_till
from sync import journal_store
from sync.journal import Entry, Fact
from sync.messages import UP_EVENTS_MAX
from sync.replica.store import read_ack
from tests.bench.chain import WAIT_S, AgentProcess, Chain, reading_replica, running_chain
from tests.bench.harness import Goal, Result, Stopwatch
from tests.bench.repeated_sale import repeated, sell
from tests.postgres import running_server

SALES, LINES, TILLS, ITEMS = 10_000, 5, 5, 100
STORED_GOAL, APPLIED_GOAL = Goal(p50=SALES / 8_000 * 1000), Goal(p50=SALES / 3_000 * 1000)
STORED_TABLES, APPLIED_TABLES = (EVENT_RAW, EVENT), (SALE, SALE_LINE, SALE_TENDER)
LOOK_EACH_S = 0.002


def bench(folder: Path) -> Iterator[Result]:
    """Once with the cloud on SQLite, once on PostgreSQL."""
    with running_chain(folder / "sqlite", ITEMS) as chain:
        yield from measure(chain, "upload_backlog")
    with (
        running_server(durable=True) as server,
        server.database() as url,
        server.database() as bare_url,
        running_chain(folder / "pg", ITEMS, database_url=url) as chain,
    ):
        yield from measure(chain, "upload_backlog_pg", bare_url=bare_url)


def measure(chain: Chain, name: str, *, sales: int = SALES, tills: int = TILLS, bare_url: str = "") -> Iterator[Result]:
    """A new till with a full journal each time; the cloud's tables grow meanwhile, the bare ones with them."""
    stored, applied, raw_stored, raw_applied = Stopwatch(), Stopwatch(), Stopwatch(), Stopwatch()
    engine, bare = make_engine(chain.cloud.database_url), make_engine(bare_url or f"sqlite:///{chain.folder}/bare.db")
    METADATA.create_all(bare)
    for _ in range(tills):
        directory = chain.new_till()
        with AgentProcess(directory) as agent:
            agent.wait_until_level()
            tip = _fill_journal(chain, directory, sales)
            with applied.once():
                with stored.once():
                    agent.tell("wake")
                    _wait_until_known(directory, tip)
                _wait_until_applied(engine, directory.name, tip)
        assert _count(engine, directory.name) == sales, "every sale is in the books"
        _write_bare(engine, bare, directory.name, watches=(raw_stored, raw_applied))
    engine.dispose()
    bare.dispose()
    unit = f"ms/{sales} sales"
    yield Result(name, unit, stored.samples, STORED_GOAL, raw_stored.samples)
    both = [sum(pair) for pair in zip(raw_stored.samples, raw_applied.samples, strict=True)]
    yield Result(f"{name}_applied", unit, applied.samples, APPLIED_GOAL, both)


def _fill_journal(chain: Chain, directory: Path, sales: int) -> int:
    """A sale by the till's own checkout, and the same again and again under names of its own; the journal's end."""
    till = open_till(directory)
    sale = sell(chain, till, lines=LINES)
    with till.database.write() as uow:
        for number in range(1, sales):
            journal_store.append(uow.raw, _again(sale, number))
        seq = journal_store.tip(uow.raw).seq
        uow.commit()
    till.close()
    return seq


def _again(sale: Entry, number: int) -> Fact:
    body = json.loads(sale.fact.body)
    body["sale"] |= {"sale_id": str(uuid_utils.uuid7()), "receipt_no": f"{body['sale']['receipt_no']}/{number}"}
    return repeated(sale.fact, number, body=body)


def _wait_until_known(directory: Path, seq: int) -> None:
    """Until the agent has kept the cloud's word for the journal's end."""
    with reading_replica(directory) as conn:
        _wait_until(lambda: any(ack.seq >= seq for ack in [read_ack(conn, 1)] if ack))


def _wait_until_applied(engine: sa.Engine, terminal_id: str, seq: int) -> None:
    query = sa.select(TERMINAL_STREAM.c.applied_seq).where(TERMINAL_STREAM.c.terminal_id == terminal_id)

    def is_applied() -> bool:
        with reading(engine) as connection:
            return bool(connection.execute(query).scalar_one() >= seq)

    _wait_until(is_applied)


def _wait_until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not reached():
        assert time.monotonic() < end, "the cloud does not come to the journal's end"
        time.sleep(LOOK_EACH_S)


def _count(engine: sa.Engine, terminal_id: str) -> int:
    with reading(engine) as connection:
        query = sa.select(sa.func.count()).select_from(SALE).where(SALE.c.terminal_id == terminal_id)
        return int(connection.execute(query).scalar_one())


def _write_bare(engine: sa.Engine, bare: sa.Engine, terminal_id: str, *, watches: tuple[Stopwatch, Stopwatch]) -> None:
    """The rows that the cloud made of a till's sales, into tables without a cloud."""
    mine = sa.select(SALE.c.event_id).where(SALE.c.terminal_id == terminal_id)
    for tables, watch in zip((STORED_TABLES, APPLIED_TABLES), watches, strict=True):
        with reading(engine) as connection:
            queries = [sa.select(table).where(table.c.event_id.in_(mine)) for table in tables]
            rows = [[dict(row) for row in connection.execute(query).mappings()] for query in queries]
        batches = -(-len(rows[0]) // UP_EVENTS_MAX)
        with watch.once():
            for number in range(batches):
                with writing(bare) as connection:
                    for table, all_of_table in zip(tables, rows, strict=True):
                        size = -(-len(all_of_table) // batches)
                        insert_rows(connection, table, rows=all_of_table[number * size : (number + 1) * size])
