"""Fixtures: the cloud's own, on SQLite unless a proof asks for PostgreSQL, and an estate to attack."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.cloud_api.conftest import admin, app, client, clock, cloud, cloud_settings, migrated, shop, sqlite_template
from tests.cloud_api.hq import Hq
from tests.postgres import PostgresServer
from tests.proof.security.estate import Estate, open_estate

__all__ = ["admin", "app", "client", "clock", "cloud", "cloud_settings", "shop", "sqlite_template"]


@pytest.fixture
def ready_database_url(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Iterator[str]:
    """The URL of a migrated database: SQLite, or what an indirect parameter names."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'cloud.db')}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.emptied(server.template("migrated_cloud", migrated)) as url:
        yield url


@pytest.fixture
def estate(app: FastAPI, client: TestClient, shop: Hq) -> Estate:
    """Everything there is to attack."""
    return open_estate(app, client, admin=shop)
