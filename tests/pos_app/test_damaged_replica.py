"""A replica damaged to the core must not keep the till from starting: only a running till fetches another one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from domain.errors import DomainError
from pos_app.wiring import Outside, TillApp, open_till
from tests.builders import WATER, Replica
from tests.selling import scan, sell

PAGE = 4096


def all_but_the_first_page(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb+") as file:
        file.seek(PAGE)
        file.write(random.Random(7).randbytes(size - PAGE))


def test_a_till_opens_beside_a_damaged_replica_and_sells_from_the_next(
    directory: Path, replica: Replica, till: TillApp, outside: Outside
) -> None:
    sell(till, WATER.code)
    till.close()
    replica.close()
    all_but_the_first_page(replica.path)
    again = open_till(directory, outside=outside)
    try:
        assert not again.catalog.is_ready
        assert again.reads.acked(1) == (0, 0)
        assert again.reads.offset() is None
        for _ in range(2):
            with pytest.raises(DomainError, match=r"till[.]catalogue_damaged"):
                scan(again, WATER.code)
        better = Replica(directory / "replica", 2)
        better.add_shop()
        better.publish()
        again.catalog.reopen()
        assert sell(again, WATER.code).receipt_no == "0102-2A-000002"
        better.close()
    finally:
        again.close()
