"""Fixtures of the till: a small shop in a folder, opened with a clock of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_app.services.housekeeping import DiskLimits
from pos_app.wiring import Outside, TillApp, open_till
from tests.builders import CASHIER, PINS, Replica, TestClock, shop


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "till"


@pytest.fixture
def replica(directory: Path) -> Iterator[Replica]:
    """An enrolled directory with the replica of a small shop."""
    made = shop(directory)
    yield made
    made.close()


@pytest.fixture
def outside(clock: TestClock) -> Outside:
    """A till whose disk is never too full for a test, on a machine that was started once."""
    return Outside(clock=clock, boot="boot-1", disk_limits=DiskLimits(0, 0))


@pytest.fixture
def till(directory: Path, replica: Replica, outside: Outside) -> Iterator[TillApp]:
    """The open till; writes run at once."""
    made = open_till(directory, outside=outside)
    yield made
    made.close()


@pytest.fixture
def open_for_business(till: TillApp) -> TillApp:
    """The till with a cashier signed on."""
    till.operators.sign_on(CASHIER.operator_id, PINS[CASHIER.operator_id])
    return till
