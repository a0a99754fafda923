"""R1: kill -9 of a till that sells: nothing it confirmed is lost, nothing is there twice, the cart is there again."""

from __future__ import annotations

import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from pos_app.db.unit_of_work import UnitOfWork
from pos_app.services.checkout import CompletedSale, Payment, SaleWriter
from pos_app.wiring import open_till
from tests.kills import Confirmed, assert_all_there, kill_again_and_again, sell_for_ever
from tests.proof.till.conftest import FreshTill
from tests.proof.till.power import outside
from tests.selling import journaled_sales


def test_twenty_kills_lose_nothing(fresh: FreshTill) -> None:
    directory = fresh()
    confirmed = kill_again_and_again(directory, 20)
    assert len(confirmed.sale_ids) > 2, "it did sell, even on a busy machine"
    again = open_till(directory, outside=outside())
    assert not again.was_restored
    again.close()


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(2, 12))
def test_a_thousand_kills_lose_nothing(fresh: FreshTill, seed: int) -> None:
    """A hundred for each of ten tills."""
    assert len(kill_again_and_again(fresh(), 100, seed=seed).sale_ids) > 30


class _Quiet:
    """Says everything but that a sale is complete: that has been said already."""

    def __init__(self, said: Connection) -> None:
        self._said = said

    def send(self, message: tuple[str, Any]) -> None:
        if message[0] != "sale":
            self._said.send(message)


def confirm_too_early(directory: Path, said: Connection, seed: int) -> None:
    """A till with the one bug there must not be: it says "complete" before the commit, on a disk that takes 5 ms."""
    real = SaleWriter.write

    def write(self: SaleWriter, uow: UnitOfWork, payment: Payment, **context: Any) -> CompletedSale:
        done = real(self, uow, payment, **context)
        said.send(("sale", done.sale_id))
        time.sleep(0.005)
        return done

    SaleWriter.write = write  # type: ignore[method-assign]
    sell_for_ever(directory, _Quiet(said), seed)  # type: ignore[arg-type]


def test_it_can_go_red_where_a_sale_is_confirmed_before_the_commit(fresh: FreshTill) -> None:
    """Self-test: a kill finds a sale that was confirmed and is not there."""
    with pytest.raises(AssertionError, match="confirmed and lost"):
        kill_again_and_again(fresh(), 60, seed=4, child=confirm_too_early)


def test_the_check_can_go_red(fresh: FreshTill) -> None:
    """Self-test: a sale that was confirmed and is not there, and one that is there twice, are seen."""
    directory = fresh()
    confirmed = kill_again_and_again(directory, 2, seed=3)
    with pytest.raises(AssertionError):
        assert_all_there(directory, Confirmed([*confirmed.sale_ids, "confirmed, and lost"]))
    till = open_till(directory, outside=outside())
    with till.database.write() as uow:
        uow.raw.execute("UPDATE sale SET number = number + 1 WHERE number = (SELECT max(number) FROM sale)")
        uow.commit()
    till.close()
    with pytest.raises(AssertionError):
        assert_all_there(directory, Confirmed([sale.sale_id for sale in journaled_sales(directory / "till.db")]))
