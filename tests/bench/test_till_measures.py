"""Every measurement of the till in a small form: it gives its figures, and what it measures really happened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from pos_app.db.engine import connect_to_read
from sync.replica.files import current_replica
from tests.bench import app_start, memory, sale_commit, scan_to_paint_busy, scan_to_paint_quiet, search_page
from tests.bench.harness import Result
from tests.bench.scanning import LINES

ITEMS, SALES = 2_000, 20


@pytest.fixture(autouse=True, scope="module")
def a_cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.bench.million.CACHE", tmp_path_factory.mktemp("cache"))
        yield


def is_whole(result: Result, samples: int) -> bool:
    """All fields are there, and every sample is a time or a size."""
    data = result.as_data()
    fields = {"unit", "n", "p50", "p99", "raw_p50", "goal", "met"}
    return data.keys() == fields and data["n"] == samples and min(result.samples) > 0


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = connect_to_read(path)
    try:
        found: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
        return found
    finally:
        connection.close()


def test_sale_commit(tmp_path: Path) -> None:
    assert is_whole(sale_commit.measure(tmp_path, sales=5, warm_up=1), 5)
    for path in (tmp_path / "till" / "till.db", tmp_path / "bare.db"):
        assert rows(path, "SELECT count(*), sum(lines) FROM sale") == [(6, 30)]
        assert rows(path, "SELECT count(*) FROM journal WHERE kind = 'sale'") == [(6,)]
        assert rows(path, "SELECT count(*) FROM cart") == [(0,)]


@pytest.mark.usefixtures("qapp")
def test_scan_to_paint_quiet(tmp_path: Path) -> None:
    assert is_whole(scan_to_paint_quiet.measure(tmp_path / "till", items=ITEMS, scans=6, warm_up=2), 6)
    ((cart,),) = rows(tmp_path / "till" / "till.db", "SELECT json FROM cart")
    lines = msgspec.json.decode(cart)["lines"]
    assert len(lines) == LINES
    assert sum(line["quantity_thousandths"] for line in lines) == (LINES + 4) * 1_000, "four scans joined a line"


@pytest.mark.usefixtures("qapp")
def test_scan_to_paint_busy(tmp_path: Path) -> None:
    result = scan_to_paint_busy.measure(tmp_path / "till", items=ITEMS, scans=2, changes=15_000)
    assert is_whole(result, len(result.samples)) and len(result.samples) >= 2
    replica = current_replica(tmp_path / "till")
    assert replica is not None
    ((changed,),) = rows(replica, "SELECT count(*) FROM price WHERE ver > 1")
    assert changed > ITEMS * 0.9, "the agent applied the changes"


def test_search_page(tmp_path: Path) -> None:
    result = search_page.measure(tmp_path / "till", items=ITEMS, words=5)
    assert is_whole(result, len(result.samples)) and len(result.samples) > 20


def test_app_start_and_memory(tmp_path: Path) -> None:
    assert is_whole(app_start.measure(tmp_path / "a", items=ITEMS, sales=SALES, starts=1), 1)
    ((sales,),) = rows(tmp_path / "a" / "till.db", "SELECT count(*) FROM sale")
    assert sales >= SALES
    assert is_whole(memory.measure(tmp_path / "b", items=ITEMS, sales=SALES, starts=1, rest_s=0), 1)
