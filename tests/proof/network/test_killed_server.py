"""R9: the server is killed amid requests, again and again; each sale and each act of HQ is there exactly once."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cloud_api.idempotency import WriteCall
from scripts.demo.cloud import Headquarters
from tests.cloud_api.hq import PASSWORD
from tests.contract.conftest import Prepared
from tests.contract.counter import Counter, books_agree
from tests.contract.office import COLA, HQ_USER, NOODLES, WATER, Office, Shop
from tests.postgres import PostgresServer
from tests.proof.network.chief import Chief, chief_of
from tests.proof.network.killed import KilledOffice
from tests.proof.network.lines import connect_impatiently, passes

LATEST_KILL_S = 0.15
SHORT_TIMES, LONG_TIMES = 8, 300


@contextmanager
def shop_to_kill(
    folder: Path, prepared: Prepared, *, url: str, breakage: Callable[[], None] | None = None
) -> Iterator[tuple[KilledOffice, Shop]]:
    """The prepared shop on a server that can be killed."""
    data = shutil.copytree(prepared.settings.data_dir, folder / "cloud")
    office = KilledOffice(prepared.settings.with_changes(data_dir=data, database_url=url), breakage=breakage)
    office.start()
    try:
        yield office, Shop(office, Headquarters(office.url, HQ_USER, PASSWORD), prepared.items, prepared.pins)
    finally:
        office.stop()


@pytest.fixture
def killable(tmp_path: Path, prepared: Prepared, request: pytest.FixtureRequest) -> Iterator[tuple[KilledOffice, Shop]]:
    if not prepared.settings.database_url:
        with shop_to_kill(tmp_path, prepared, url="") as made:
            yield made
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database(template="contract") as url, shop_to_kill(tmp_path, prepared, url=url) as made:
        yield made


def kill_again_and_again(office: KilledOffice, shop: Shop, counter: Counter, *, times: int, seed: int) -> Chief:
    """Sell and make tills while the server dies so many times at random moments, then let all heal."""
    chance = random.Random(seed)
    chief = chief_of(shop)
    for _ in range(times):
        for _ in range(chance.randint(1, 4)):
            counter.sell(*chance.sample((COLA, WATER, NOODLES), chance.randint(1, 3)))
        time.sleep(chance.uniform(0, LATEST_KILL_S))
        office.kill()
        office.start()
    counter.sent()
    chief.end()
    return chief


def assert_once(office: Office, counter: Counter, chief: Chief) -> None:
    """Nothing lost, nothing twice, on either side."""
    assert books_agree(office, counter)
    assert counter.tip.incarnation == 1
    assert office.number("SELECT count(*) FROM case_file") == 0
    assert chief.faults(office) == []


def till_of(shop: Shop, folder: Path) -> Counter:
    counter = Counter(folder / "till", shop.pins)
    counter.enrol(shop.office.url, shop.new_till()[1])
    connect_impatiently(counter)
    counter.ready()
    return counter


def prove(killable: tuple[KilledOffice, Shop], folder: Path, *, times: int) -> None:
    office, shop = killable
    counter = till_of(shop, folder)
    try:
        chief = kill_again_and_again(office, shop, counter, times=times, seed=times)
        assert_once(office, counter, chief)
        with office.cloud.engine.connect() as link:
            if link.dialect.name == "sqlite":
                assert link.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        print(f"{times} kills, {len(counter.confirmed)} sales, {len(chief.answers)} acts in {chief.tries} tries")
    finally:
        counter.close()


def test_killed_amid_requests(killable: tuple[KilledOffice, Shop], tmp_path: Path) -> None:
    prove(killable, tmp_path, times=SHORT_TIMES)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_killed_amid_requests_300_times(killable: tuple[KilledOffice, Shop], tmp_path: Path) -> None:
    prove(killable, tmp_path, times=LONG_TIMES)


def forget_answers() -> None:
    """A cloud that keeps no answer under its key."""
    WriteCall._stored = lambda *_: None  # type: ignore[method-assign]
    WriteCall._keep = lambda *_: None  # type: ignore[method-assign]


def test_a_cloud_that_forgets_its_answers_is_found(prepared_sqlite: Prepared, tmp_path: Path) -> None:
    """The proof can go red; that a lost or doubled sale is found is proven in tests/e2e/test_books.py."""
    with shop_to_kill(tmp_path, prepared_sqlite, url="", breakage=forget_answers) as killable:
        assert not passes(lambda: prove(killable, tmp_path, times=2))
