"""[feed_1000_changes]: 1,000 new prices, HQ's commit → in a till's replica of 100,000, beside a bare upsert of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite

from sync.replica.tables import TABLES, create_statements
from tests.bench.chain import AgentProcess, Chain, Event, reading_replica, running_chain
from tests.bench.harness import NS_PER_MS, Goal, Result, Stopwatch
from tests.bench.stock import LISTED_FROM_MS, ZONE

ITEMS, CHANGES, ROUNDS, WARM_UP = 100_000, 1_000, 60, 5
_UPSERT = (
    "INSERT INTO price VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (item_id, channel, kind, valid_from_ms) "
    "DO UPDATE SET price_minor = excluded.price_minor, ver = excluded.ver WHERE excluded.ver > price.ver"
)


def bench(folder: Path) -> Iterator[Result]:
    """100,000 goods."""
    with running_chain(folder, ITEMS) as chain:
        yield from measure(chain)


def measure(chain: Chain, changes: int = CHANGES, rounds: int = ROUNDS) -> Iterator[Result]:
    """Rounds of changes spread over the list; each time the till's copy must have become HQ's."""
    ours: list[float] = []
    raw = Stopwatch()
    till = chain.new_till()
    with AgentProcess(till) as agent:
        agent.wait_until_level()
        bare = _bare_copy(till, till / "bare.db")
        for number in range(rounds + WARM_UP):
            ids = [1 + (number + step * (chain.items // changes)) % chain.items for step in range(changes)]
            ours.append(_change(chain, agent, ids, price_minor=10_000 + number))
            with reading_replica(till) as conn:
                rows = _rows(conn, 10_000 + number)
            assert sorted(row[0] for row in rows) == sorted(ids), "all of them are readable"
            with raw.once():
                bare.execute("BEGIN IMMEDIATE")
                bare.executemany(_UPSERT, rows)
                bare.execute("COMMIT")
        bare.close()
    yield Result("feed_1000_changes", "ms", ours[WARM_UP:], Goal(p50=50, times_raw=3), raw.samples[WARM_UP:])


def _change(chain: Chain, agent: AgentProcess, ids: list[int], *, price_minor: int) -> float:
    """Milliseconds from the bell after HQ's commit to the agent's word that the rows are committed here."""
    prices = [{"item_id": one, "price_minor": price_minor, "valid_from_ms": LISTED_FROM_MS} for one in ids]
    chain.hq.call("POST", f"/prices/{ZONE}/bulk", {"prices": prices})

    def has_prices(event: Event) -> bool:
        return event["ev"] == "changed" and "price" in event["tables"]

    return (agent.wait_for(has_prices) - chain.cloud.bell_ns) / NS_PER_MS


def _bare_copy(till: Path, path: Path) -> Any:
    """A file with the same price table, in the mode of the replica."""
    bare = sqlite.connect(str(path), isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = NORMAL")
    bare.execute(create_statements(TABLES["price"]))
    with reading_replica(till) as conn:
        rows = conn.execute("SELECT * FROM price").fetchall()
    bare.execute("BEGIN")
    bare.executemany(_UPSERT, rows)
    bare.execute("COMMIT")
    return bare


def _rows(conn: Any, price_minor: int) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = conn.execute("SELECT * FROM price WHERE price_minor = ?", (price_minor,)).fetchall()
    return found
