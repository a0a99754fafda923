"""[scan_to_paint_quiet]: from a scan's Enter to its line painted, 100 lines in the cart, nothing else running."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.bench.harness import Goal, Result
from tests.bench.million import MILLION, till_of
from tests.bench.scanning import counter

SCANS, WARM_UP = 1_000, 50


def bench(folder: Path) -> Iterator[Result]:
    """A thousand scans among a million goods."""
    yield measure(folder / "till", items=MILLION, scans=SCANS, warm_up=WARM_UP)


def measure(directory: Path, *, items: int, scans: int, warm_up: int) -> Result:
    """So many scans among so many goods."""
    till_of(directory, items)
    with counter(directory, items, with_agent=False) as till:
        done = [till.scan() for _ in range(scans + warm_up)][warm_up:]
    return Result("scan_to_paint_quiet", "ms", [one.ms for one in done], Goal(p99=8), raw=[one.raw_ms for one in done])
