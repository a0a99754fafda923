"""A small cloud over real HTTP and a till beside it, for the tests of the agent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync import agent as agents
from sync import downloader
from tests.sync.builders import CAT, PRICE, STORE, put_item, put_price
from tests.sync.server import serving
from tests.sync.small_cloud import SmallCloud
from tests.sync.till import Till


@pytest.fixture
def cloud() -> SmallCloud:
    made = SmallCloud(CAT, PRICE, STORE)
    made.publish(CAT, *(put_item(number) for number in range(1, 4)))
    made.publish(PRICE, put_price(1, 100, 1))
    return made


@pytest.fixture
def till(cloud: SmallCloud, tmp_path: Path) -> Iterator[Till]:
    with serving(cloud.answer) as address:
        made = Till(tmp_path, address)
        yield made
        cloud.close_streams()
        made.journal.close()


@pytest.fixture(autouse=True)
def quick_reconnects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agents, "RECONNECT_SPREAD_MS", 10)
    monkeypatch.setattr(downloader, "_REST_S", 0.05)
