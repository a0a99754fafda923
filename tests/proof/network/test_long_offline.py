"""R16: a week without a line; then 3,500 sales are in the cloud within a minute, and the till stays as quick."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import quantiles

import pytest

from sync.uploader import Uploader
from tests.contract.conftest import NewCounter
from tests.contract.counter import Counter, books_agree
from tests.contract.office import COLA, NOODLES, WATER, Office, Shop
from tests.proof.network.conftest import sqlite_only
from tests.proof.network.lines import passes

WITHIN_S = 60
WEEK, SHORT = 7 * 500, 150


def timed_sales(counter: Counter, count: int) -> list[float]:
    """Sell so often; how long each sale took, in milliseconds."""
    took_ms = []
    for _ in range(count):
        begun_s = time.perf_counter()
        counter.sell(COLA, WATER, NOODLES)
        took_ms.append((time.perf_counter() - begun_s) * 1000)
    return took_ms


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


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
