"""What a measurement is, how its figures are told, and the table and JSON that come out."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pysqlite3.dbapi2 as sqlite

RESULTS = Path(__file__).resolve().parents[2] / "build" / "bench" / "results.json"
NS_PER_MS = 1_000_000


@dataclass(frozen=True)
class Goal:
    """What is to be reached: limits on the median, on p99, or on the median against that of the raw limit."""

    p50: float | None = None
    p99: float | None = None
    times_raw: float | None = None
    over_raw: float | None = None
    """How much more than the raw limit, in the measure's unit."""

    def __str__(self) -> str:
        limits = (self.p50, self.p99, self.times_raw, self.over_raw)
        parts = dict(zip(("p50 ≤ {}", "p99 ≤ {}", "≤ {} × raw", "≤ raw + {}"), limits, strict=True))
        return ", ".join(form.format(f"{limit:g}") for form, limit in parts.items() if limit is not None) or "told"


@dataclass(frozen=True)
class Result:
    """Samples of one measure; ``raw`` are those of the bare limit, taken in turn with them."""

    name: str
    unit: str
    samples: Sequence[float]
    goal: Goal = field(default_factory=Goal)
    raw: Sequence[float] = ()

    def __post_init__(self) -> None:
        is_relative = self.goal.times_raw is not None or self.goal.over_raw is not None
        assert self.raw or not is_relative, f"{self.name}: a goal beside a raw limit that was not measured"

    @property
    def p50(self) -> float:
        return statistics.median(self.samples)

    @property
    def p99(self) -> float:
        ordered = sorted(self.samples)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]

    @property
    def raw_p50(self) -> float | None:
        return statistics.median(self.raw) if self.raw else None

    @property
    def met(self) -> bool:
        raw = self.raw_p50
        pairs = [(self.p50, self.goal.p50), (self.p99, self.goal.p99)]
        if self.goal.times_raw is not None and raw is not None:
            pairs.append((self.p50, self.goal.times_raw * raw))
        if self.goal.over_raw is not None and raw is not None:
            pairs.append((self.p50, self.goal.over_raw + raw))
        return all(found <= limit for found, limit in pairs if limit is not None)

    def as_data(self) -> dict[str, object]:
        """The form of results.json."""
        return {
            "unit": self.unit,
            "n": len(self.samples),
            "p50": round(self.p50, 4),
            "p99": round(self.p99, 4),
            "raw_p50": None if self.raw_p50 is None else round(self.raw_p50, 4),
            "goal": str(self.goal),
            "met": self.met,
        }


Bench = Callable[[Path], Iterator[Result]]
"""A measurement: gets an empty folder, gives its results; a module of this folder offers it as ``bench``."""


class Stopwatch:
    """Collects milliseconds."""

    def __init__(self) -> None:
        self.samples: list[float] = []

    @contextmanager
    def once(self) -> Iterator[None]:
        """Time what happens inside."""
        start = time.perf_counter_ns()
        yield
        self.samples.append((time.perf_counter_ns() - start) / NS_PER_MS)


def machine() -> dict[str, object]:
    """Where the figures come from."""
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite.sqlite_version,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def table(results: Sequence[Result]) -> str:
    """The results as people read them."""
    rows = [("measure", "unit", "n", "p50", "p99", "raw p50", "goal", "met")]
    for one in results:
        raw = "" if one.raw_p50 is None else f"{one.raw_p50:.3f}"
        figures = (f"{one.p50:.3f}", f"{one.p99:.3f}", raw)
        rows.append((one.name, one.unit, str(len(one.samples)), *figures, str(one.goal), "yes" if one.met else "NO"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def missed(results: Sequence[Result]) -> str:
    """The goals that were not reached, in one line; empty where all were."""
    told = [f"{one.name} ({one.goal})" for one in results if not one.met]
    return f"missed: {', '.join(told)}" if told else ""


def write_results(results: Sequence[Result], path: Path = RESULTS) -> None:
    """Add the results to the file; those of earlier runs under other names stay."""
    path.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known |= {one.name: one.as_data() for one in results}
    path.write_text(json.dumps(known, ensure_ascii=False, indent=2), encoding="utf-8")
    path.with_name("machine.json").write_text(json.dumps(machine(), indent=2), encoding="utf-8")
