"""The cloud under test: a real app on a real database, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from cloud_api.context import Cloud
from cloud_api.db.engine import make_engine
from cloud_api.db.migrate import migrate
from cloud_api.keys import create_master_key
from cloud_api.main import create_app
from cloud_api.permissions import HqRole
from cloud_api.settings import Settings
from tests.cloud_api.hq import OTHER_STORE_BODY, STORE_BODY, Hq, add_user, made, sign_in
from tests.postgres import PostgresServer

START_MS = 1_780_000_000_000
"""2026-05-28: where the test clock begins."""


class SettableClock:
    """A clock that moves only when a test says so."""

    def __init__(self, at_ms: int = START_MS) -> None:
        self.at_ms = at_ms

    def now_ms(self) -> int:
        return self.at_ms

    def monotonic_ms(self) -> int:
        return self.at_ms - START_MS

    def forward(self, *, seconds: int = 0, ms: int = 0) -> None:
        self.at_ms += seconds * 1000 + ms


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


def migrated(url: str) -> None:
    """Bring an empty database to the present schema, as ``init`` does."""
    engine = make_engine(url)
    migrate(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "cloud.db"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def ready_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated database: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        copy = shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "cloud.db")
        yield f"sqlite:///{copy}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.emptied(server.template("migrated_cloud", migrated)) as url:
        yield url


@pytest.fixture
def cloud_settings(tmp_path: Path, ready_database_url: str) -> Settings:
    """Settings on a migrated database; hashing is made cheap."""
    settings = Settings(
        data_dir=tmp_path / "cloud",
        database_url=ready_database_url,
        docs=True,
        background=False,
        argon2_time=1,
        argon2_memory_kib=8,
        pin_argon2_memory_kib=8,
    )
    create_master_key(settings.master_key_path)
    return settings


@pytest.fixture
def app(cloud_settings: Settings, clock: SettableClock) -> FastAPI:
    return create_app(cloud_settings, clock=clock)


@pytest.fixture
def cloud(app: FastAPI) -> Iterator[Cloud]:
    """The wiring; its connections are closed at the end."""
    wired: Cloud = app.state.cloud
    yield wired
    wired.engine.dispose()


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """An HTTP client of the running app (lifespan included)."""
    with TestClient(app, base_url="https://cloud.test") as running:
        yield running


@pytest.fixture
def admin(cloud: Cloud, client: TestClient) -> Hq:
    """A signed-in administrator."""
    add_user(cloud, "root.admin", HqRole.ADMIN)
    return sign_in(client, "root.admin")


@pytest.fixture
def shop(admin: Hq) -> Hq:
    """The administrator of a chain with two stores and an item with a price."""
    for body in (STORE_BODY, OTHER_STORE_BODY):
        made(admin.post("/stores", body))
    made(admin.put("/departments/drinks", {"name_zh": "饮料", "name_en": "Drinks"}), 200)
    made(admin.put("/taxes/vat13", {"rate_bp": 1300, "name_zh": "增值税 13%", "name_en": "VAT 13%"}), 200)
    cola = {
        "sku": "COLA",
        "name_zh": "可口可乐",
        "name_en": "Coca-Cola",
        "department_id": "drinks",
        "tax_code": "vat13",
        "barcodes": [{"code": "6928804014570"}],
    }
    item = made(admin.post("/items", cola))
    made(admin.put("/prices/cn", {"item_id": item["item_id"], "price_minor": 350, "valid_from_ms": 0}), 200)
    return admin
