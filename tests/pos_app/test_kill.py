"""kill -9 of a till that sells: nothing it confirmed is lost, nothing is there twice, the cart is there again (R1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from pos_app.wiring import Outside, open_till
from tests.builders import Replica
from tests.kills import Confirmed, assert_all_there, kill_again_and_again
from tests.selling import journaled_sales


def test_thirty_kills_lose_nothing(directory: Path, replica: Replica, outside: Outside) -> None:
    confirmed = kill_again_and_again(directory, 30)
    assert len(confirmed.sale_ids) > 2, "it did sell, even on a busy machine"
    again = open_till(directory, outside=outside)
    assert not again.was_restored
    again.close()


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_thousand_kills_lose_nothing(directory: Path, replica: Replica) -> None:
    assert len(kill_again_and_again(directory, 1000, seed=2).sale_ids) > 300


def test_the_check_can_go_red(directory: Path, replica: Replica, outside: Outside) -> None:
    """A sale that was confirmed and is not there, and one that is there twice, are seen."""
    confirmed = kill_again_and_again(directory, 2, seed=3)
    with pytest.raises(AssertionError):
        assert_all_there(directory, Confirmed([*confirmed.sale_ids, "confirmed, and lost"]))
    till = open_till(directory, outside=outside)
    with till.database.write() as uow:
        uow.raw.execute("UPDATE sale SET number = number + 1 WHERE number = (SELECT max(number) FROM sale)")
        uow.commit()
    till.close()
    with pytest.raises(AssertionError):
        assert_all_there(directory, Confirmed([sale.sale_id for sale in journaled_sales(directory / "till.db")]))
