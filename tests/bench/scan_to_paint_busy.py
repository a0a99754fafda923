"""[scan_to_paint_busy]: from a scan's Enter to its line painted, while the agent applies 100,000 price changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from pos_app.db.engine import connect_to_read
from sync.replica.files import current_replica
from tests.bench.feed_source import FeedSource
from tests.bench.harness import Goal, Result
from tests.bench.million import MILLION, PRICE, till_of
from tests.bench.scanning import ScanBench, Scanned, counter, wait_until

SCANS, WARM_UP, CHANGES = 1_000, 50, 100_000


def bench(folder: Path) -> Iterator[Result]:
    """As many rounds of changes as a thousand scans take; only scans within a round count."""
    yield measure(folder / "till", items=MILLION, scans=SCANS, changes=CHANGES)


def measure(directory: Path, *, items: int, scans: int, changes: int) -> Result:
    """So many scans among so many goods, each while the agent is at work on a round of so many changes."""
    source = FeedSource(items, changes)
    till_of(directory, items, cloud_url=source.url)
    with counter(directory, items, with_agent=True) as till, _price_seq(directory) as seq:
        for _ in range(WARM_UP):
            till.scan()
        done: list[Scanned] = []
        while len(done) < scans:
            done += _scans_of_round(till, source.publish(), seq)
    source.close()
    return Result(
        "scan_to_paint_busy", "ms", [one.ms for one in done], Goal(p50=4, p99=16), raw=[one.raw_ms for one in done]
    )


def _scans_of_round(till: ScanBench, target: int, seq: Callable[[], int]) -> list[Scanned]:
    begun = seq()
    wait_until(lambda: seq() > begun)
    done: list[Scanned] = []
    while True:
        one = till.scan()
        if seq() >= target:
            return done
        done.append(one)


class _price_seq:  # noqa: N801 reads as a function
    """Where the replica stands in the price feed, asked by a connection of its own."""

    def __init__(self, directory: Path) -> None:
        path = current_replica(directory)
        assert path is not None
        self._connection = connect_to_read(path)

    def __enter__(self) -> Callable[[], int]:
        return self._read

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def _read(self) -> int:
        (found,) = self._connection.execute("SELECT seq FROM sync_bucket WHERE bucket = ?", (PRICE,)).fetchall()
        return int(found[0])
