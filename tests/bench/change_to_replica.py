"""[change_to_replica]: one new price, HQ's commit → read out of a till's replica by another connection."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.bench.chain import AgentProcess, Chain, Event, reading_replica, running_chain
from tests.bench.harness import NS_PER_MS, Goal, Result

ITEMS, CHANGES, WARM_UP = 10_000, 500, 20
MOST_PAUSE_S = 0.05


def bench(folder: Path) -> Iterator[Result]:
    """10,000 goods."""
    with running_chain(folder, ITEMS) as chain:
        yield from measure(chain)


def measure(chain: Chain, changes: int = CHANGES) -> Iterator[Result]:
    """One change at a time, at moments that nobody expects."""
    rng, samples = random.Random(5), []
    till = chain.new_till()
    with AgentProcess(till) as agent:
        agent.wait_until_level()
        with reading_replica(till) as conn:
            for number in range(changes + WARM_UP):
                time.sleep(rng.random() * MOST_PAUSE_S)
                item_id, price_minor = rng.randint(1, chain.items), 50_000 + number
                chain.set_price(item_id, price_minor)
                agent.wait_for(partial(_is_change_of, item_id))
                query = "SELECT 1 FROM price WHERE item_id = ? AND price_minor = ?"
                assert conn.execute(query, (item_id, price_minor)).fetchall() == [(1,)], "the change is readable"
                samples.append((time.perf_counter_ns() - chain.cloud.bell_ns) / NS_PER_MS)
    yield Result("change_to_replica", "ms", samples[WARM_UP:], Goal(p50=5, p99=15))


def _is_change_of(item_id: int, event: Event) -> bool:
    return event["ev"] == "changed" and item_id in event["tables"].get("price", ())
