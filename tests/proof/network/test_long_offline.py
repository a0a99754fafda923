"""R16: a week without a line; then 3,500 sales are in the cloud within a minute, and the till stays as quick."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest

from pos_app.db import engine
from pos_app.db.faults import StorageError
from sync.uploader import Uploader
from tests.contract.conftest import NewCounter
from tests.contract.counter import Counter, books_agree
from tests.contract.office import COLA, NOODLES, WATER, Office, Shop
from tests.proof.network.conftest import sqlite_only
from tests.proof.network.lines import passes
from tests.proof.network.pace import Paces, measure, p95, till_at_work

WITHIN_S = 60
WEEK, SHORT = 7 * 500, 150
RISES_AT_MOST = 0.10


def timed_sales(counter: Counter, count: int) -> list[float]:
    """Sell so often; how long each sale took, in milliseconds."""
    took_ms = []
    for _ in range(count):
        begun_s = time.perf_counter()
        counter.sell(COLA, WATER, NOODLES)
        took_ms.append((time.perf_counter() - begun_s) * 1000)
    return took_ms


def prove_week(office: Office, shop: Shop, counter: Counter, *, sales: int) -> None:
    """Sell so long without a line, then connect, and sell on while the backlog goes."""
    counter.disconnect()
    offline_ms = timed_sales(counter, sales)
    shop.set_price(COLA, 377)
    begun_s = time.monotonic()
    counter.connect()
    online_ms = timed_sales(counter, max(20, sales // 20))
    counter.wait_until(lambda: not counter.unsent and counter.price() == 377, "the week does not arrive")
    took_s = time.monotonic() - begun_s
    assert took_s <= WITHIN_S
    assert books_agree(office, counter)
    assert office.number("SELECT count(*) FROM sale") == len(counter.confirmed) == sales + len(online_ms)
    told = f"p95 {p95(offline_ms):.1f} ms offline, {p95(online_ms):.1f} ms while {sales} sales go up"
    print(f"{sales} sales in the cloud and applied within {took_s:.1f} s; {told}")


@pytest.fixture
def unwaiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A till that gives up at once where it meets a lock: none of its sales may have to wait for the agent."""
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_S", 0)


@pytest.mark.usefixtures("unwaiting")
def test_a_day(office: Office, shop: Shop, counter: Counter) -> None:
    prove_week(office, shop, counter, sales=SHORT)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_week(office: Office, shop: Shop, counter: Counter) -> None:
    prove_week(office, shop, counter, sales=WEEK)


@sqlite_only
def test_a_till_that_skips_what_it_could_not_send_is_found(
    office: Office, shop: Shop, new_counter: NewCounter, *, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The proof can go red: an agent that begins at the newest entry leaves the week behind."""
    counter = new_counter()
    monkeypatch.setattr(Uploader, "step", lambda _: 5.0)
    monkeypatch.setattr("tests.contract.counter.Counter.unsent", property(lambda _: 0))
    assert not passes(lambda: prove_week(office, shop, counter, sales=20))


@sqlite_only
@pytest.mark.usefixtures("unwaiting")
def test_an_agent_that_writes_where_the_till_does_is_found(
    office: Office, shop: Shop, counter: Counter, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof can go red: a sale meets its lock."""
    step = Uploader.step

    def noting_what_it_sent(uploader: Uploader) -> float:
        with locking(counter.directory / "till.db", 0.02):
            return step(uploader)

    monkeypatch.setattr(Uploader, "step", noting_what_it_sent)
    with pytest.raises(StorageError, match=r"till[.]busy"):
        prove_week(office, shop, counter, sales=20)


@contextmanager
def locking(path: Path, for_s: float) -> Iterator[None]:
    """Somebody writes into the file for so long, then does something else."""
    other = sqlite.connect(path, isolation_level=None, timeout=20)
    other.execute("BEGIN IMMEDIATE")
    time.sleep(for_s)
    other.execute("ROLLBACK")
    other.close()
    yield


# What a sale takes meanwhile ---------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_sale_stays_as_quick_while_a_week_goes_up(tmp_path: Path) -> None:
    """Till, agent and cloud in processes of their own."""
    with till_at_work(tmp_path) as till:
        paces = measure(till, backlog=WEEK, rounds=24)
    print(paces.told())
    assert len(paces.rounds) == 24
    assert not paces.surely_rises(RISES_AT_MOST)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_till_that_waits_for_its_agent_is_found(tmp_path: Path) -> None:
    """The proof can go red: an agent that keeps the till from writing for some milliseconds again and again."""
    with till_at_work(tmp_path) as till:
        path = till.app.database.path
        paces = measure(till, backlog=WEEK, rounds=12, hindrance=lambda: hindering(path))
    print(paces.told())
    assert paces.surely_rises(RISES_AT_MOST)


@contextmanager
def hindering(path: Path) -> Iterator[None]:
    """From another thread, as long as the turn lasts."""
    ended = threading.Event()

    def hinder() -> None:
        while not ended.wait(0.005):
            with locking(path, 0.02):
                pass

    thread = threading.Thread(target=hinder)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.mark.parametrize(("slower_by", "is_found"), [(0.0, False), (0.1, False), (0.35, True)])
def test_a_rise_is_told_from_noise(slower_by: float, is_found: bool) -> None:
    """As measured on a busy machine: most sales quick, some that wait for the disk, each round another machine."""
    chance = random.Random(7)

    def turns(factor: float) -> list[float]:
        return [factor * (chance.uniform(2, 3) + (chance.random() < 0.1) * chance.uniform(5, 9)) for _ in range(200)]

    rounds = [(turns(noise), turns(noise * (1 + slower_by))) for noise in (chance.uniform(1, 5) for _ in range(24))]
    assert Paces(rounds).surely_rises(RISES_AT_MOST) == is_found
