"""R4: a disk that is full, again and again: no sale lost, clear words, and selling goes on when there is room."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest

from domain.errors import DomainError
from pos_app.db.faults import StorageError
from pos_app.db.unit_of_work import UnitOfWork
from pos_app.services.housekeeping import DiskLimits
from pos_app.wiring import TillApp, open_till
from resources.texts import error_text
from tests.builders import CASHIER, CRISPS, WATER
from tests.kills import Confirmed, assert_all_there
from tests.proof.till.conftest import FreshTill
from tests.proof.till.power import outside
from tests.proof.till.small_disk import MIB, Filler, kinds, mounted
from tests.selling import journaled_sales, pay, scan, sell

RESUME_S = 5
TRIES_ON_A_FULL_DISK = 400


def sell_until_refused(till: TillApp, confirmed: Confirmed) -> str:
    """The code that ended it; what was begun is gone on with the next time."""
    for _ in range(TRIES_ON_A_FULL_DISK):
        try:
            go_on(till, confirmed)
        except DomainError as error:
            return error.code
    return ""


def go_on(till: TillApp, confirmed: Confirmed) -> None:
    if till.checkout.payment:
        till.checkout.back()
    if till.selling.cart.cart.is_empty:
        scan(till, WATER.code)
    if till.keeper.tenders(till.selling.cart.cart.cart_id):
        till.checkout.start(till.selling.cart)
        done = till.checkout.complete(CASHIER)
    else:
        done = pay(till)
    confirmed.sale_ids.append(done.sale_id)


def fill_and_free(directory: Path, filler: Filler, times: int) -> Confirmed:
    till = open_till(directory, outside=outside())
    confirmed = Confirmed()
    try:
        for _ in range(times):
            filler.fill()
            assert sell_until_refused(till, confirmed) in ("till.disk_full", "till.cart_not_kept")
            filler.free()
            began = time.monotonic()
            go_on(till, confirmed)
            assert time.monotonic() - began < RESUME_S
    finally:
        till.close()
    assert_all_there(directory, confirmed)
    return confirmed


@pytest.mark.parametrize("times", [4, pytest.param(50, marks=pytest.mark.long)])
def test_full_and_free_again(fresh: FreshTill, tmp_path: Path, times: int) -> None:
    for kind in kinds(tmp_path):
        with mounted(tmp_path, kind, 8) as place:
            directory = shutil.copytree(fresh(), place / "till")
            assert len(fill_and_free(directory, Filler(place), times).sale_ids) >= times
            again = open_till(directory, outside=outside())
            assert not again.was_restored
            again.close()


def test_full_by_sqlites_own_limit(fresh: FreshTill) -> None:
    """Where nothing may be mounted: a file that may grow no more is as good as a disk that is full."""
    directory = fresh()
    till = open_till(directory, outside=outside())
    confirmed = Confirmed()
    try:
        with till.database.read() as uow:
            pages = uow.raw.execute("PRAGMA page_count").fetchall()[0][0]
            uow.raw.execute(f"PRAGMA max_page_count = {pages + 5}")
        assert sell_until_refused(till, confirmed) in ("till.disk_full", "till.cart_not_kept")
        assert confirmed.sale_ids
        with till.database.read() as uow:
            uow.raw.execute("PRAGMA max_page_count = 1000000")
        go_on(till, confirmed)
    finally:
        till.close()
    assert_all_there(directory, confirmed)


def test_thresholds_on_a_real_disk(fresh: FreshTill, tmp_path: Path) -> None:
    """Below 200 MB it warns and sells, below 50 MB it begins no sale; a begun one is finished; both ends at once."""
    assert DiskLimits() == DiskLimits(200 * MIB, 50 * MIB)
    if "ext4" not in kinds(tmp_path):
        return
    with mounted(tmp_path, "ext4", 400) as place:
        filler = Filler(place)
        directory = shutil.copytree(fresh(), place / "till")
        till = open_till(directory, outside=replace(outside(), disk_limits=DiskLimits()))
        try:
            assert (till.housekeeping.disk().level, till.health.warnings()) == ("ok", ())
            filler.leave(150 * MIB)
            assert (till.housekeeping.disk().level, till.health.warnings()) == ("low", ("till.disk_low",))
            sell(till, WATER.code)
            scan(till, WATER.code)
            filler.leave(40 * MIB)
            assert till.health.warnings() == ("till.disk_full",)
            scan(till, CRISPS.code)
            assert pay(till).sale.due_minor == 990, "what has begun may be finished"
            with pytest.raises(StorageError, match=r"till[.]disk_full"):
                scan(till, WATER.code)
            filler.free()
            assert sell(till, WATER.code).sale.due_minor == 200, "without a restart, at the next scan"
            assert till.health.warnings() == ()
        finally:
            till.close()
        assert len(journaled_sales(directory / "till.db")) == 3


def test_the_words_are_whole_in_both_languages() -> None:
    for code in ("till.disk_full", "till.disk_low", "till.cart_not_kept"):
        for language in ("zh", "en"):
            words = error_text(code, language)
            assert all((words.what, words.safe, words.do))


def test_it_can_go_red_where_a_full_disk_is_passed_over(
    fresh: FreshTill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Self-test: a till that says "complete" though the commit failed has fewer sales than it said."""

    def commit(self: UnitOfWork) -> None:
        with suppress(sqlite.Error):
            self.raw.commit()
        for act in self._after:
            act()

    monkeypatch.setattr(UnitOfWork, "commit", commit)
    for kind in kinds(tmp_path):
        with mounted(tmp_path, kind, 8) as place:
            directory = shutil.copytree(fresh(), place / "till")
            till, filler, confirmed = open_till(directory, outside=outside()), Filler(place), Confirmed()
            filler.fill()
            sell_until_refused(till, confirmed)
            filler.free()
            till.close()
            assert confirmed.sale_ids
            with pytest.raises(AssertionError, match="confirmed and lost"):
                assert_all_there(directory, confirmed)
