"""L3: under steady work nothing grows: not memory, not open files, not the write-ahead logs, not the time it takes.

``EVERTILL_SOAK_S`` says how many seconds the long form runs (7,200); the first quarter is warm-up.
"""

from __future__ import annotations

import math
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from cloud_api.db.engine import make_engine
from tests.e2e.books import compare
from tests.e2e.shopfloor import wait_until
from tests.proof.load.soak import HOUR_S, Floor, Limits, Soaked, cost_ms, faults, fill_memory, soak, soak_floor, told
from tests.proof.load.trend import fit

SOAK_S = float(os.environ.get("EVERTILL_SOAK_S", "7200"))
WARM_SHARE = 0.25
SALE_EACH_S = 0.5
SHORT_S, SHORT_EACH_S, SHORT_WARM_S = 7.0, 0.1, 4.0
COARSE = Limits(memory_mb_h=HOUR_S, drift=None)
"""What seconds can show: a megabyte a second, not one an hour; and no time is judged."""


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    with soak_floor(tmp_path_factory.mktemp("soak")) as made:
        yield made


def assert_all_arrived(floor: Floor, done: Soaked) -> None:
    """The work was really done: every sale is in both books, every price was taken."""
    engine = make_engine(floor.cloud.database_url)
    till_db = floor.till.directory / "till.db"

    def wrong() -> list[str]:
        return compare([till_db], engine, "0101-1", confirmed=floor.till.confirmed)

    try:
        wait_until(lambda: not wrong(), "the books do not come to agree")
        with engine.connect() as link:
            assert link.execute(sa.text("SELECT count(*) FROM case_file")).scalar_one() == 0
    finally:
        engine.dispose()
    assert len(floor.till.confirmed) >= len(done.sale_ms) > 0 < len(done.price_ms)
    assert floor.till.forks == 0


def test_steady_work_for_seconds(floor: Floor) -> None:
    done = soak(floor, for_s=SHORT_S, warm_s=SHORT_WARM_S, each_s=SHORT_EACH_S)
    assert_all_arrived(floor, done)
    assert set(done.watch.seen) == {"cloud", "till", "agent"}
    assert all(len(seen.fds) > 20 and min(seen.memory_mb) > 10 for _, seen in done.processes())
    assert not list(faults(done, COARSE))


def test_a_planted_leak_is_found(floor: Floor) -> None:
    """Half a megabyte and an open file an upload; and a limit on logs that any log exceeds."""
    floor.restart_cloud("leak")
    done = soak(floor, for_s=SHORT_S, warm_s=SHORT_WARM_S, each_s=SHORT_EACH_S)
    found = list(faults(done, Limits(memory_mb_h=HOUR_S, wal_mb=0.0, drift=None)))
    assert any(fault.startswith("cloud grows by") for fault in found), found
    assert any(fault.startswith("cloud had") and "files open" in fault for fault in found), found
    assert any("write-ahead log" in fault for fault in found), found
    assert not any(fault.startswith(("till", "agent")) for fault in found), found


def noise(chance: random.Random, count: int) -> list[float]:
    """Memory as it looks: steps that stay for a while, and spikes."""
    level, values = 0.0, []
    for _ in range(count):
        if chance.random() < 0.02:
            level = chance.gauss(0, 0.15)
        values.append(90 + level + (2.0 if chance.random() < 0.01 else 0.0))
    return values


def test_noise_is_told_from_slope_and_slopes_are_found() -> None:
    """Ninety minutes at a sample each 5 s: a flat line is nearly never red, three megabytes an hour always."""
    times_s = [5.0 * number for number in range(1_080)]
    false_alarms = missed = 0
    for seed in range(200):
        flat = noise(random.Random(seed), len(times_s))
        leaking = [value + 3.0 * at / HOUR_S for at, value in zip(times_s, flat, strict=True)]
        false_alarms += fit(times_s, flat).surely_above(1 / HOUR_S)
        missed += not fit(times_s, leaking).surely_above(1 / HOUR_S)
    assert (false_alarms, missed) == (0, 0)


def test_drift_is_found() -> None:
    chance = random.Random(3)
    times_s = [0.5 * number for number in range(2_000)]
    steady = [chance.lognormvariate(1, 0.3) for _ in times_s]
    slower = [value * (1 + 0.5 * at / times_s[-1]) for at, value in zip(times_s, steady, strict=True)]
    assert not fit(times_s, steady, quantile=0.95).surely_rose(0.1)
    assert fit(times_s, slower, quantile=0.95).surely_rose(0.1)
    assert math.isclose(fit(times_s, times_s).slope, 1.0)


def test_work_that_grows_with_what_was_sold_is_found() -> None:
    """Thirty milliseconds a sale and a hundredth of one more with each, told from the coarse ticks of the clock."""
    sold_s = [0.5 * number for number in range(2_000)]
    seen_s = [5.0 * number for number in range(1, 200)]

    def used_s(at: float, more_ms: float) -> float:
        count = int(at / 0.5) + 1
        return round((30 * count + more_ms * count * count / 2) / 1000, 2)

    steady, growing = (cost_ms(seen_s, [used_s(at, more) for at in seen_s], sold_s=sold_s) for more in (0.0, 0.01))
    assert math.isclose(steady.first, 30.0, abs_tol=0.5) and not steady.surely_rose(0.1)
    assert math.isclose(growing.last, 50.0, rel_tol=0.05) and growing.surely_rose(0.1)


@pytest.mark.long
@pytest.mark.timeout(SOAK_S + 900)
def test_steady_work_for_hours(tmp_path: Path) -> None:
    with soak_floor(tmp_path) as floor:
        fill_memory(floor, random.Random(5))
        done = soak(floor, for_s=SOAK_S, warm_s=SOAK_S * WARM_SHARE, each_s=SALE_EACH_S)
        print(told(done))
        assert_all_arrived(floor, done)
        assert not list(faults(done, Limits()))
