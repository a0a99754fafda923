"""A goal that was missed is told as missed, by the table, the JSON and the last line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench.harness import Goal, Result, missed, table, write_results

MET = Result("quick", "ms", [1, 2, 3], Goal(p50=2, times_raw=2), [1, 1, 1])
MISSED = Result("slow", "ms", [1, 2, 9], Goal(p99=8))


@pytest.mark.parametrize(
    ("goal", "is_met"),
    [
        (Goal(), True),
        (Goal(p50=2), True),
        (Goal(p50=1.9), False),
        (Goal(p99=9), True),
        (Goal(p99=8), False),
        (Goal(times_raw=2), True),
        (Goal(times_raw=1.9), False),
        (Goal(over_raw=1), True),
        (Goal(over_raw=0.9), False),
        (Goal(p50=2, p99=8), False),
    ],
)
def test_a_goal_is_met_or_not(goal: Goal, is_met: bool) -> None:
    assert Result("one", "ms", [1, 2, 9], goal, [1, 1, 1]).met is is_met


def test_a_goal_beside_a_raw_limit_needs_one() -> None:
    with pytest.raises(AssertionError, match="raw limit that was not measured"):
        Result("one", "ms", [1], Goal(times_raw=2))


def test_what_was_missed_is_named(tmp_path: Path) -> None:
    rows = table([MET, MISSED]).splitlines()[1:]
    assert [row.split()[-1] for row in rows] == ["yes", "NO"]
    assert missed([MET, MISSED]) == "missed: slow (p99 ≤ 8)"
    assert not missed([MET])
    write_results([MET], tmp_path / "results.json")
    write_results([MISSED], tmp_path / "results.json")
    told = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert {name: one["met"] for name, one in told.items()} == {"quick": True, "slow": False}
