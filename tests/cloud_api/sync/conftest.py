"""A shop to sync with: a store, its till's key, goods with prices, and the tills' side of the cloud by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from cloud_api.context import Cloud
from cloud_api.services.background import Background
from tests.cloud_api.conftest import SettableClock
from tests.cloud_api.sync.shop import Shop, TestTill, make_shop


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
