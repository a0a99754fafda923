"""A chain with a cloud process for the proofs of load, on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bench.chain import running_chain
from tests.postgres import running_server
from tests.proof.load.crowd import Casting, casting

ITEMS = 20


@pytest.fixture(scope="package", autouse=True)
def keys_in_files() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVERTILL_KEY_STORE", "file")
        yield


@pytest.fixture(scope="package")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Casting]:
    with running_chain(tmp_path_factory.mktemp("chain"), ITEMS) as chain:
        yield casting(chain)


@pytest.fixture(scope="package")
def on_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Casting]:
    """A server that must survive a power cut, as one that is measured."""
    with (
        running_server(durable=True) as server,
        server.database() as url,
        running_chain(tmp_path_factory.mktemp("chain-pg"), ITEMS, database_url=url) as chain,
    ):
        yield casting(chain)
