"""[app_start]: from the start of the app's process until it takes keys: a million goods, 100,000 sales behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sync.replica.files import current_replica
from tests.bench.app_process import bare_start_ms, running_app
from tests.bench.harness import Goal, Result
from tests.bench.million import MILLION
from tests.bench.sales import SALES, till_with_sales

STARTS = 11
NOWHERE = "http://127.0.0.1:9"
"""No cloud: a till starts without one."""


def bench(folder: Path) -> Iterator[Result]:
    """Eleven starts, each in turn with the bare one."""
    yield measure(folder / "till", items=MILLION, sales=SALES, starts=STARTS)


def measure(directory: Path, *, items: int, sales: int, starts: int) -> Result:
    """So many starts after one that warms the system up."""
    till_with_sales(directory, sales, items=items, cloud_url=NOWHERE)
    replica = current_replica(directory)
    assert replica is not None
    ours, raw = [], []
    for _ in range(starts + 1):
        raw.append(bare_start_ms(replica, directory / "till.db"))
        with running_app(directory) as app:
            ours.append(app.started_ms)
    return Result("app_start", "ms", ours[1:], Goal(p50=1_000), raw[1:])
