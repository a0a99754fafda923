"""A till.db whose first page is lost and that was never backed up: what it holds is read all the same."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pos_app.db.engine import connect
from pos_app.db.migrate import migrate
from pos_app.db.salvage import readable
from pos_app.wiring import Outside, TillApp, open_till
from tests.builders import CRISPS, WATER
from tests.selling import assert_sound, journaled_sales, scan, sell

PAGE = 4096


def overwrite(path: Path, first: int, count: int) -> None:
    with path.open("rb+") as file:
        file.seek(first)
        file.write(random.Random(5).randbytes(count))


@pytest.mark.parametrize("count", [16, 60, 100, 512, PAGE])
def test_a_lost_first_page_without_a_backup_loses_no_sale(
    directory: Path, till: TillApp, outside: Outside, count: int
) -> None:
    done = [sell(till, WATER.code, CRISPS.code).sale for _ in range(40)]
    scan(till, WATER.code)
    cart, path = till.selling.cart, till.database.path
    till.close()
    overwrite(path, 0, count)
    broken = path.read_bytes()
    again = open_till(directory, outside=outside)
    try:
        assert again.was_restored
        assert journaled_sales(path) == done
        assert again.selling.cart == cart
        assert sell(again, WATER.code).receipt_no == "0102-2A-000041"
    finally:
        again.close()
    assert_sound(path)
    kept = list((directory / "damaged").iterdir())
    assert [one.read_bytes() for one in kept] == [broken], "kept as it was found, and nothing beside it"


def test_a_log_beside_the_lost_page_is_read_too(directory: Path, till: TillApp, outside: Outside) -> None:
    sell(till, WATER.code)
    path = till.database.path
    holds_the_log = connect(path)
    try:
        holds_the_log.execute("SELECT count(*) FROM sale").fetchall()
        done = [sell(till, CRISPS.code).sale for _ in range(3)]
        copies = {suffix: Path(f"{path}{suffix}").read_bytes() for suffix in ("", "-wal")}
    finally:
        holds_the_log.close()
    till.close()
    for suffix, data in copies.items():
        Path(f"{path}{suffix}").write_bytes(data)
    overwrite(path, 0, 60)
    again = open_till(directory, outside=outside)
    try:
        assert journaled_sales(path)[1:] == done
    finally:
        again.close()


def test_a_whole_page_is_taken_only_where_all_else_is_sound(tmp_path: Path, till: TillApp) -> None:
    for _ in range(40):
        sell(till, WATER.code)
    path, sample = till.database.path, tmp_path / "sample.db"
    till.close()
    migrate(sample)
    overwrite(path, 0, PAGE)
    overwrite(path, 6 * PAGE, PAGE)
    assert readable(path, sample) == path
    assert [one.name for one in path.parent.glob("repairing*")] == []


def test_what_is_no_database_at_all_stays_as_it_is(tmp_path: Path) -> None:
    sample, broken = tmp_path / "sample.db", tmp_path / "broken.db"
    migrate(sample)
    for data in (b"", b"x", random.Random(6).randbytes(9 * PAGE)):
        broken.write_bytes(data)
        assert readable(broken, sample) == broken
        assert broken.read_bytes() == data
