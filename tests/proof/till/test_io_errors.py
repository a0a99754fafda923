"""R3: whichever call to the disk fails during a sale, nothing is confirmed that is not there, and selling goes on."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pysqlite3.dbapi2 as sqlite
import pytest

from pos_app.db import engine
from pos_app.db.unit_of_work import UnitOfWork
from resources.texts import has_error
from tests.proof.till.conftest import FreshTill
from tests.proof.till.faults import KINDS, FaultyDisk, fail_one_sale, fail_one_start

FOR_GOOD = 1_000_000
NEVER = 1_000_000


@pytest.fixture(params=[1000, 4], ids=["log", "checkpoints"])
def pages(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How seldom the log is taken into the file: as the product has it, and with each act of the sale."""
    real = engine._connect_durable

    def connect(*path: Any) -> Any:
        made = real(*path)
        made.execute(f"PRAGMA wal_autocheckpoint = {request.param}")
        return made

    monkeypatch.setattr(engine, "_connect_durable", connect)
    return int(request.param)


def acts_of_a_sale(fresh: FreshTill) -> int:
    disk = FaultyDisk("ioerr", NEVER, 1)
    fail_one_sale(fresh(), disk)
    return disk.acts


def fail_each(fresh: FreshTill, step: int) -> set[str]:
    """Every ``step``-th call fails, in every kind, once and for good; gives what the cashier was told."""
    last = acts_of_a_sale(fresh)
    assert last > 40
    told: set[str] = set()
    for kind in KINDS:
        for times in (1, FOR_GOOD):
            for first in range(1, last + 1, step):
                told.update(fail_one_sale(fresh(), FaultyDisk(kind, first, times)).refusals)
    return told


def test_some_failing_calls(fresh: FreshTill, pages: int) -> None:
    told = fail_each(fresh, step=13)
    assert {"till.disk_failed", "till.disk_full"} <= told
    assert all(has_error(code) for code in told)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_every_failing_call(fresh: FreshTill, pages: int) -> None:
    told = fail_each(fresh, step=1)
    assert {"till.disk_failed", "till.disk_full", "till.cart_not_kept"} <= told
    assert all(has_error(code) for code in told)


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.long)])
def test_failing_calls_of_a_start(fresh: FreshTill, step: int) -> None:
    """A disk that fails while the till starts is told, and not taken for damage."""
    counting = FaultyDisk("ioerr", NEVER, 1)
    fail_one_start(fresh(), counting)
    assert counting.acts > 20
    for first in range(1, counting.acts + 1, step):
        for times in (1, FOR_GOOD):
            fail_one_start(fresh(), FaultyDisk("full" if first % 2 else "ioerr", first, times))


def test_it_can_go_red_where_a_failed_commit_is_confirmed(fresh: FreshTill, monkeypatch: pytest.MonkeyPatch) -> None:
    """Self-test: a till that passes over the driver's error says "complete" of nothing."""

    def commit(self: UnitOfWork) -> None:
        with suppress(sqlite.Error):
            self.raw.commit()
        for act in self._after:
            act()

    monkeypatch.setattr(UnitOfWork, "commit", commit)
    caught = 0
    for first in range(1, 80, 3):
        try:
            fail_one_sale(fresh(), FaultyDisk("full", first, FOR_GOOD))
        except AssertionError:
            caught += 1
    assert caught > 5
