"""R10: the database is stopped, full or locked: the cloud says so and is back by itself; nothing is posted twice."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest

from cloud_api.db import engine
from cloud_api.idempotency import WriteCall
from tests.contract.counter import Counter, books_agree
from tests.contract.office import Office, Shop, make_settings, open_shop, wait_until
from tests.proof.network.chief import Chief, chief_of
from tests.proof.network.databases import CrashingPostgres, crashing_postgres
from tests.proof.network.lines import connect_impatiently

BACK_WITHIN_S = 30
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""A connection that is lost while the pool still asks who it is is closed by nobody but the collector."""
EXPECTED = {0, 201, 503}
"""No answer, done, or "busy, try again": never a bug's 500."""


@contextmanager
def at_work(folder: Path, url: str, *, pauses: bool) -> Iterator[tuple[Office, Counter, Chief]]:
    """A cloud on a database, a till that sells and somebody at HQ; with ``pauses`` the agent waits as in a shop."""
    office = Office(make_settings(folder / "cloud", url))
    office.start()
    try:
        shop: Shop = open_shop(office)
        counter = Counter(folder / "till", shop.pins)
        counter.enrol(office.url, shop.new_till()[1])
        counter.connect() if pauses else connect_impatiently(counter)
        counter.ready()
        chief = chief_of(shop)
        try:
            yield office, counter, chief
        finally:
            chief.end()
            counter.close()
    finally:
        office.stop()
        gc.collect()


def back_after_s(counter: Counter, chief: Chief) -> float:
    """How long until HQ's acts and the till's sales go through again; no new sale comes and sends at once."""
    begun_s = time.monotonic()
    counter.wait_until(lambda: chief.succeeded_s > begun_s, "the cloud is not back")
    wait_until(lambda: not counter.unsent, "the till's sales do not arrive", 90)
    return time.monotonic() - begun_s


def assert_once(office: Office, counter: Counter, chief: Chief) -> None:
    chief.end()
    counter.sent()
    assert books_agree(office, counter)
    assert chief.faults(office) == []
    assert set(chief.statuses) <= EXPECTED, chief.statuses
    assert office.number("SELECT count(*) FROM case_file") == 0


def prove_stops(folder: Path, times: int, *, pauses: bool = False) -> None:
    chance, longest_s = random.Random(times), 0.0
    with (
        crashing_postgres() as server,
        at_work(folder, server.url(server.create_database()), pauses=pauses) as (office, till, chief),
    ):
        for _ in range(times):
            till.sell(times=2)
            time.sleep(chance.uniform(0, 0.1))
            server.crash()
            till.sell()
            time.sleep(chance.uniform(0, 0.2))
            server.start()
            longest_s = max(longest_s, back_after_s(till, chief))
        assert longest_s <= BACK_WITHIN_S
        assert_once(office, till, chief)
        assert chief.statuses[503]
        print(f"{times} stops: back within {longest_s:.1f} s, {chief.statuses}, {len(till.confirmed)} sales")


def test_stopped_at_once(tmp_path: Path) -> None:
    prove_stops(tmp_path, 3)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_stopped_at_once_50_times(tmp_path: Path) -> None:
    prove_stops(tmp_path, 50, pauses=True)


def prove_starvation(server: CrashingPostgres, folder: Path, *, seconds: float, pauses: bool = False) -> None:
    with at_work(folder, server.url(server.create_database()), pauses=pauses) as (office, till, chief):
        hogged = []
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            # What the cloud's pool holds already would go on, and one that was in use comes back to it later:
            # each turn drops them again, so that what the cloud must open anew is refused.
            office.cloud.engine.dispose()
            hogged += server.hog()
            till.sell()
            time.sleep(0.1)
        assert chief.statuses[503] and till.unsent
        for one in hogged:
            one.close()
        took_s = back_after_s(till, chief)
        assert took_s <= BACK_WITHIN_S
        assert_once(office, till, chief)
        print(f"{seconds} s without a connection: back after {took_s:.1f} s, {chief.statuses}")


def test_out_of_connections(tmp_path: Path) -> None:
    with crashing_postgres("max_connections=16") as server:
        prove_starvation(server, tmp_path, seconds=1)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_out_of_connections_for_half_a_minute(tmp_path: Path) -> None:
    with crashing_postgres("max_connections=16") as server:
        prove_starvation(server, tmp_path, seconds=30, pauses=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Somebody else holds the database."""
    other = sqlite.connect(path, isolation_level=None, timeout=20)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def prove_lock(folder: Path, seconds: float, *, pauses: bool = False) -> None:
    path = folder / "cloud.db"
    with at_work(folder, f"sqlite:///{path}", pauses=pauses) as (office, till, chief):
        with locked(path):
            end_s = time.monotonic() + seconds
            while time.monotonic() < end_s:
                till.sell()
                time.sleep(0.1)
            assert chief.statuses[503] and till.unsent
        took_s = back_after_s(till, chief)
        assert took_s <= BACK_WITHIN_S
        assert_once(office, till, chief)
        print(f"locked for {seconds} s: back after {took_s:.1f} s, {chief.statuses}")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cloud that gives a lock up after a moment, so that a second is long."""
    monkeypatch.setattr(engine, "SQLITE_BUSY_TIMEOUT_MS", 200)


@pytest.mark.usefixtures("hasty")
def test_locked(tmp_path: Path) -> None:
    prove_lock(tmp_path, 1)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_locked_for_half_a_minute(tmp_path: Path) -> None:
    prove_lock(tmp_path, 30, pauses=True)


@pytest.mark.usefixtures("hasty")
def test_a_cloud_that_forgets_its_answers_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof can go red: an act that is tried again is there twice."""
    monkeypatch.setattr(WriteCall, "_stored", lambda *_: None)
    monkeypatch.setattr(WriteCall, "_keep", lambda *_: None)
    with pytest.raises(AssertionError, match="is there 2 times"):
        prove_lock(tmp_path, 1)
