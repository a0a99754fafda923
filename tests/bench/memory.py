"""[memory]: what app and agent hold after a start with a million goods and 100,000 sales, in touch with a cloud."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from pos_app.db.engine import connect_to_read
from sync.replica.files import current_replica
from tests.bench.app_process import App, memory_mb, running_app
from tests.bench.feed_source import FeedSource
from tests.bench.harness import Goal, Result
from tests.bench.million import MILLION
from tests.bench.sales import SALES, till_with_sales, tip_of

STARTS = 3
REST_S = 5
_WITHIN_S = 60


def bench(folder: Path) -> Iterator[Result]:
    """Three starts; the sum of both processes' proportional shares (PSS) once the agent is level."""
    yield measure(folder / "till", items=MILLION, sales=SALES, starts=STARTS, rest_s=REST_S)


def measure(directory: Path, *, items: int, sales: int, starts: int, rest_s: float) -> Result:
    """So many starts, each given a while to come to rest after the agent first was level with the cloud."""
    tip = tip_of(sales)
    source = FeedSource(items, 0, tip=(tip.seq, tip.hash))
    till_with_sales(directory, sales, items=items, cloud_url=source.url)
    samples = []
    for _ in range(starts):
        with running_app(directory) as app:
            _wait_until_level(directory)
            time.sleep(rest_s)
            samples.append(_both_mb(app))
    source.close()
    return Result("memory", "MB", samples, Goal(p50=300))


def _both_mb(app: App) -> float:
    assert app.agent_pid, "the agent runs"
    return memory_mb(app.process.pid) + memory_mb(app.agent_pid)


def _wait_until_level(directory: Path) -> None:
    """The agent notes when it last was level with the cloud."""
    path = current_replica(directory)
    assert path is not None
    begun_ms = time.time_ns() // 1_000_000
    end_s = time.monotonic() + _WITHIN_S
    connection = connect_to_read(path)
    try:
        sql = "SELECT value FROM sync_state WHERE key = 'last_contact_ms'"
        while not any(value >= begun_ms for (value,) in connection.execute(sql).fetchall()):
            assert time.monotonic() < end_s, "the agent never was level"
            time.sleep(0.05)
    finally:
        connection.close()
