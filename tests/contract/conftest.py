"""Fixtures: a running cloud on either database with a shop in it, and tills that are cleared away."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cloud_api.settings import Settings
from scripts.demo.cloud import Headquarters
from tests.cloud_api.hq import PASSWORD
from tests.contract.counter import Counter
from tests.contract.office import HQ_USER, Office, Shop, make_settings, open_shop
from tests.postgres import PostgresServer

NewCounter = Callable[..., Counter]


@dataclass(frozen=True)
class Prepared:
    """A cloud with a shop in it, stopped: tests begin with a copy."""

    settings: Settings
    items: dict[str, int]
    pins: dict[str, str]


def prepare(folder: Path, database_url: str) -> Prepared:
    office = Office(make_settings(folder, database_url))
    office.start()
    shop = open_shop(office)
    office.stop()
    return Prepared(office.settings, shop.items, shop.pins)


PREPARED: dict[Path, Prepared] = {}
"""What was put into a server's template, for every folder of tests that brings these fixtures in."""


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("prepared"), "")


@pytest.fixture(scope="session")
def prepared_postgresql(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    def fill(url: str) -> None:
        PREPARED[postgres_server.folder] = prepare(tmp_path_factory.mktemp("prepared"), url)

    postgres_server.template("contract", fill)
    return PREPARED[postgres_server.folder]


@pytest.fixture(params=["sqlite", "postgresql"])
def prepared(request: pytest.FixtureRequest) -> Prepared:
    """The test runs once on SQLite and once on PostgreSQL."""
    found: Prepared = request.getfixturevalue(f"prepared_{request.param}")
    return found


@pytest.fixture
def office(tmp_path: Path, prepared: Prepared, request: pytest.FixtureRequest) -> Iterator[Office]:
    """A cloud of this test's own, running, with a shop in it."""
    folder = shutil.copytree(prepared.settings.data_dir, tmp_path / "cloud")
    if not prepared.settings.database_url:
        yield from running(prepared.settings.with_changes(data_dir=folder))
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database(template="contract") as url:
        yield from running(prepared.settings.with_changes(data_dir=folder, database_url=url))


def running(settings: Settings) -> Iterator[Office]:
    office = Office(settings)
    office.start()
    yield office
    office.stop()


@pytest.fixture
def shop(office: Office, prepared: Prepared) -> Shop:
    return Shop(office, Headquarters(office.url, HQ_USER, PASSWORD), prepared.items, prepared.pins)


@pytest.fixture
def new_counter(shop: Shop, tmp_path: Path) -> Iterator[NewCounter]:
    """Makes tills: enrolled, connected and ready to sell, unless told otherwise."""
    made: list[Counter] = []

    def make(*, url: str = "", online: bool = True, like: Counter | None = None) -> Counter:
        directory = tmp_path / f"till-{len(made) + 1}"
        counter = like.copy_to(directory) if like else Counter(directory, shop.pins)
        made.append(counter)
        if like is None:
            counter.enrol(url or shop.office.url, shop.new_till()[1])
        if online:
            counter.connect()
            counter.ready()
        return counter

    yield make
    for counter in made:
        counter.close()


@pytest.fixture
def counter(new_counter: NewCounter) -> Counter:
    """A till that is online and has its goods."""
    return new_counter()
