"""R6: a clock that is set in the middle of anything reorders, loses and doubles nothing, and is told at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pos_app.db.engine import connect
from pos_app.viewmodels.status import TICK_MS, StatusViewModel
from pos_app.wiring import Outside, TillApp, open_till
from sync import journal_store
from sync.replica.store import write_state
from sync.timekeeping import Offset, Reading, facts_of
from tests.builders import NOW_MS, WATER, TestClock
from tests.kills import Confirmed, assert_all_there
from tests.proof.till.conftest import FreshTill
from tests.proof.till.power import outside
from tests.selling import journaled_sales, pay, scan, sell

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


def at_ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


JUMPS_MS = {
    "an hour on": HOUR_MS,
    "an hour back": -HOUR_MS,
    "a day on": DAY_MS,
    "a day back": -DAY_MS,
    "1970": -NOW_MS,
    "2038": at_ms("2038-01-19T03:14:08") - NOW_MS,
    "2107": at_ms("2107-01-01T00:00:00") - NOW_MS,
    "summer time begins": at_ms("2027-03-28T01:00:00") - NOW_MS,
    "summer time ends": at_ms("2026-10-25T01:00:00") - NOW_MS,
}
POINTS = ("before", "in the cart", "while paying", "in the commit", "over a restart")


class JumpingClock(TestClock):
    """Jumps when it is asked for the so-and-so-many-th time."""

    __test__ = False
    asked_until_jump = -1
    jump_ms = 0

    def now_ms(self) -> int:
        self.asked_until_jump -= 1
        if self.asked_until_jump == 0:
            self.wall_ms += self.jump_ms
        return super().now_ms()


def knows_the_time(directory: Path, clock: TestClock, boot: str) -> None:
    """What the sync agent left: the cloud's time, measured a moment ago."""
    reading = Reading(clock.wall_ms, clock.mono_ms, boot)
    name = (directory / "replica" / "current").read_text("utf-8")
    connection = connect(directory / "replica" / name)
    write_state(connection, **facts_of(Offset(NOW_MS, 20, reading)))
    connection.close()


def one_sale(directory: Path, clock: JumpingClock, *, point: str, jump_ms: int) -> tuple[TillApp, str]:
    """A sale with a jump in it; gives the till as it is open behind it, and the sale's id."""
    given = Outside(clock=clock, boot="boot-1", disk_limits=outside().disk_limits)
    till = open_till(directory, outside=given)
    if point == "before":
        clock.wall_ms += jump_ms
    scan(till, WATER.code)
    if point == "in the cart":
        clock.wall_ms += jump_ms
    if point == "over a restart":
        till.close()
        clock.wall_ms += jump_ms
        clock.mono_ms = 1_000
        till = open_till(directory, outside=replace(given, boot="boot-2"))
    payment_until = {"while paying": 1, "in the commit": 3}.get(point)
    if payment_until:
        clock.jump_ms, clock.asked_until_jump = jump_ms, payment_until
    return till, pay(till).sale_id


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("jump", JUMPS_MS)
def test_a_jump_changes_no_sale_and_is_told(fresh: FreshTill, jump: str, point: str) -> None:
    directory, clock = fresh(), JumpingClock()
    knows_the_time(directory, clock, "boot-1")
    given = Outside(clock=clock, boot="boot-1", disk_limits=outside().disk_limits)
    till = open_till(directory, outside=given)
    confirmed = Confirmed([sell(till, WATER.code).sale_id])
    till.close()
    till, sale_id = one_sale(directory, clock, point=point, jump_ms=JUMPS_MS[jump])
    try:
        confirmed.sale_ids.append(sale_id)
        if point != "over a restart":
            assert "till.clock_off" in till.health.warnings(), "told as soon as anybody looks"
            assert {sale.business_date for sale in journaled_sales(directory / "till.db")} == {"2026-11-03"}
        confirmed.sale_ids.append(sell(till, WATER.code).sale_id)
        clock.wall_ms = NOW_MS
        confirmed.sale_ids.append(sell(till, WATER.code).sale_id)
        facts = _kinds(till)
    finally:
        till.close()
    assert [sale.sale_id for sale in journaled_sales(directory / "till.db")] == confirmed.sale_ids
    assert_all_there(directory, confirmed)
    if point != "over a restart" or JUMPS_MS[jump] < 0:
        assert facts.count("clock_jump") >= 2, "there and back again are in the journal"


def _kinds(till: TillApp) -> list[str]:
    with till.database.read() as uow:
        return [entry.fact.kind for entry in journal_store.iterate(uow.raw, 1)]


@pytest.mark.usefixtures("qapp")
def test_the_pill_tells_within_a_second(fresh: FreshTill) -> None:
    directory, clock = fresh(), JumpingClock()
    knows_the_time(directory, clock, "boot-1")
    till = open_till(directory, outside=Outside(clock=clock, boot="boot-1", disk_limits=outside().disk_limits))
    pill = StatusViewModel(till.clock, wrong_by_ms=till.clock.wrong_by_ms)
    try:
        assert pill.pill.key != "status.clock_off"
        clock.wall_ms -= HOUR_MS
        pill.look()
        assert (pill.pill.key, pill.pill.params) == ("status.clock_off", {"minutes": 60})
        assert TICK_MS <= 1_000, "it looks by itself"
    finally:
        pill.close()
        till.close()


def test_it_can_go_red_where_sales_are_ordered_by_the_clock(fresh: FreshTill) -> None:
    """Self-test: by the time of day the same sales would stand in another order."""
    directory, clock = fresh(), JumpingClock()
    till, first = one_sale(directory, clock, point="before", jump_ms=DAY_MS)
    clock.wall_ms = NOW_MS
    then = sell(till, WATER.code).sale_id
    till.close()
    by_clock = sorted(journaled_sales(directory / "till.db"), key=lambda sale: sale.occurred_at_ms)
    assert [sale.sale_id for sale in by_clock] != [first, then]
    with pytest.raises(AssertionError):
        assert_all_there(directory, Confirmed([sale.sale_id for sale in by_clock]))
