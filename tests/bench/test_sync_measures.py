"""The measures of sync in small: each runs through, and each asserts itself that what it measures really happened."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.bench import (
    bootstrap_1m,
    bootstrap_10k,
    change_to_replica,
    feed_1000_changes,
    idle_tills,
    price_change_to_paint,
    upload_backlog,
)
from tests.bench.chain import Chain, running_chain
from tests.bench.harness import Result
from tests.postgres import PostgresServer

ITEMS = 3_000
"""Enough for both feeds to come as files."""


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVERTILL_KEY_STORE", "file")
        with running_chain(tmp_path_factory.mktemp("chain"), ITEMS) as made:
            yield made


def check(results: Sequence[Result], *names: str) -> None:
    """All fields are there and are figures."""
    assert [one.name for one in results] == list(names)
    for one in results:
        data = one.as_data()
        assert set(data) == {"unit", "n", "p50", "p99", "raw_p50", "goal", "met"}
        assert data["n"] == len(one.samples) > 0 and data["met"] in (True, False)
        assert all(math.isfinite(sample) for sample in one.samples) and one.p50 <= one.p99
        assert one.raw_p50 is None or one.raw_p50 >= 0


def test_bootstrap(chain: Chain) -> None:
    check(list(bootstrap_10k.measure(chain, tills=1)), "bootstrap_10k")
    check(list(bootstrap_1m.measure(chain, tills=1)), "bootstrap_1m")


def test_feed(chain: Chain) -> None:
    check(list(feed_1000_changes.measure(chain, changes=700, rounds=1)), "feed_1000_changes")
    check(list(change_to_replica.measure(chain, changes=2)), "change_to_replica")


def test_paint(chain: Chain) -> None:
    check(list(price_change_to_paint.measure(chain, changes=2)), "price_change_to_paint")


def test_upload(chain: Chain) -> None:
    results = list(upload_backlog.measure(chain, "upload_backlog", sales=30, tills=1))
    check(results, "upload_backlog", "upload_backlog_applied")


def test_upload_on_postgresql(tmp_path: Path, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVERTILL_KEY_STORE", "file")
    with (
        postgres_server.database() as url,
        postgres_server.database() as bare_url,
        running_chain(tmp_path, 10, database_url=url) as chain,
    ):
        results = list(upload_backlog.measure(chain, "upload_backlog_pg", sales=30, tills=1, bare_url=bare_url))
    check(results, "upload_backlog_pg", "upload_backlog_pg_applied")


def test_idle_tills(chain: Chain) -> None:
    results = list(idle_tills.measure(chain, tills=5, window_s=0.3))
    check(results, "idle_tills", "idle_tills_cpu")
