"""A shop to sync with: a store, its till's key, goods with prices, and the tills' side of the cloud by hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from cloud_api.context import Cloud
from cloud_api.db.engine import make_engine
from cloud_api.db.schema import METADATA
from cloud_api.services.background import Background
from tests.cloud_api.conftest import SettableClock
from tests.cloud_api.sync.shop import Shop, TestTill, make_shop
from tests.postgres import PostgresServer


def make_tables(url: str) -> None:
    engine = make_engine(url)
    METADATA.create_all(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def empty_cloud_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, to be copied: making them anew for each test takes most of its time."""
    path = tmp_path_factory.mktemp("cloud") / "empty.db"
    make_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def cloud_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with empty tables: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("empty_cloud_file"), tmp_path / "cloud.db")
        yield f"sqlite:///{tmp_path / 'cloud.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.emptied(server.template("cloud_tables", make_tables)) as url:
        yield url


@pytest.fixture
def cloud(app: FastAPI) -> Iterator[Cloud]:
    """The wiring; its connections are closed at the end."""
    wired: Cloud = app.state.cloud
    yield wired
    wired.engine.dispose()


@pytest.fixture
def background(app: FastAPI) -> Background:
    """The tills' side; its workers do not run by themselves: a test calls ``turn``."""
    side: Background = app.state.background
    return side


@pytest.fixture
def shop(cloud: Cloud, clock: SettableClock) -> Shop:
    """A store with one till waiting for its code, three items and their prices; nothing sequenced yet."""
    return make_shop(cloud, clock)


@pytest.fixture
def till(shop: Shop, background: Background) -> TestTill:
    """The store's till, enrolled."""
    return shop.enrolled_till(background)


@pytest.fixture
def pass_(till: TestTill, client: TestClient) -> dict[str, str]:
    """The header with the till's token."""
    return till.sign_in(client)
