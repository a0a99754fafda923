"""Past sales: today's list, one sale, reprints, and what the cloud has of them; also over a fork."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from domain.errors import NotFound, NotPermitted
from domain.ids import SaleId
from pos_app.db.print_jobs import JobKind, list_jobs
from pos_app.wiring import TillApp
from sync.journal_store import incarnation, iterate, tip
from sync.verify import SOUND
from sync.verify import main as verify_main
from tests.builders import CASHIER, CRISPS, SUPERVISOR, WATER, Replica, TestClock, authority
from tests.selling import assert_sound, journaled_sales, sell


def test_todays_sales_newest_first_in_pages(till: TillApp, clock: TestClock) -> None:
    assert till.receipts.last() is None
    yesterday = sell(till, WATER.code)
    clock.pass_ms(86_400_000)
    made = [sell(till, WATER.code, CRISPS.code) for _ in range(3)]
    numbers = [one.receipt_no for one in reversed(made)]
    assert [one.receipt_no for one in till.receipts.today()] == numbers
    assert [one.receipt_no for one in till.receipts.today(1, 1)] == numbers[1:2]
    last = till.receipts.last()
    assert last
    assert (last.receipt_no, last.payable_minor, last.lines, last.currency) == (numbers[0], 990, 2, "CNY")
    assert till.receipts.get(yesterday.sale_id) == yesterday.sale


@pytest.mark.parametrize(
    ("query", "found"), [("000002", 1), ("a-00000", 3), ("9.90", 1), ("990", 1), ("2", 2), ("%", 0), ("x", 0), (" ", 3)]
)
def test_the_list_is_searched_by_number_and_amount(till: TillApp, query: str, found: int) -> None:
    sell(till, WATER.code)
    sell(till, WATER.code, CRISPS.code)
    sell(till, CRISPS.code)
    assert len(till.receipts.today(query=query)) == found


def test_uploaded_is_what_the_cloud_has(till: TillApp, replica: Replica) -> None:
    for _ in range(2):
        sell(till, WATER.code)
    assert [one.uploaded for one in till.receipts.today()] == [False, False]
    replica.acknowledge(1, 2)
    assert [one.uploaded for one in till.receipts.today()] == [False, True]
    assert till.health.unsent() == 1


def test_a_reprint_is_queued_as_a_copy_and_journaled(till: TillApp) -> None:
    done = sell(till, WATER.code)
    till.receipts.reprint(done.sale_id, authority(CASHIER))
    with till.database.read() as uow:
        (job,) = list_jobs(uow.connection)
        facts = [entry.fact.body for entry in iterate(uow.raw, 1) if entry.fact.kind == "reprint"]
    assert (job.kind, job.sale_id) == (JobKind.RECEIPT, done.sale_id)
    assert json.loads(job.body)["copy"] is True
    assert facts == [b'{"operator_id":"1007","receipt_no":"0102-2A-000001"}']


def test_an_unknown_receipt(till: TillApp) -> None:
    for ask in (till.receipts.get, till.receipts.check_code):
        with pytest.raises(NotFound):
            ask(SaleId("gone"))
    with pytest.raises(NotFound):
        till.receipts.reprint(SaleId("gone"), authority())


def test_the_drawer_opens_for_who_may_and_says_why(till: TillApp) -> None:
    with pytest.raises(NotPermitted):
        till.drawer.open("换零钱", authority(CASHIER))
    till.drawer.open("换零钱", authority(CASHIER, SUPERVISOR))
    with till.database.read() as uow:
        (job,) = list_jobs(uow.connection)
        body = next(entry.fact.body for entry in iterate(uow.raw, 1) if entry.fact.kind == "drawer_open")
    assert job.kind is JobKind.DRAWER
    assert body.decode() == '{"approved_by":"1001","operator_id":"1007","reason":"换零钱"}'


def test_a_fork_keeps_every_sale_and_numbers_anew(till: TillApp, replica: Replica) -> None:
    """R13: what the cloud does not have for good goes on under the new incarnation, with the same receipts."""
    made = [sell(till, WATER.code) for _ in range(5)]
    codes = [till.receipts.check_code(one.sale_id) for one in made]
    assert till.adopt_fork(2, 3) == 3
    assert till.adopt_fork(2, 3) == 0, "asked twice, done once"
    made.append(sell(till, WATER.code))
    assert made[-1].receipt_no == "0102-2B-000001"
    assert [till.receipts.get(one.sale_id) for one in made] == [one.sale for one in made]
    assert [till.receipts.check_code(one.sale_id) for one in made[:5]] == codes, "as printed"
    assert [one.sale_id for one in journaled_sales(till.database.path)] == [one.sale_id for one in made[2:]]
    with till.database.read() as uow:
        assert incarnation(uow.raw) == 2
        assert [entry.fact.kind for entry in iterate(uow.raw, 2)] == ["sale", "sale", "sale", "fork_adopted", "sale"]
        assert tip(uow.raw).seq == 5
    replica.acknowledge(1, 3)
    replica.acknowledge(2, 1)
    assert [one.uploaded for one in till.receipts.today()] == [False, False, False, True, True, True]
    assert_sound(till.database.path)


def test_a_fork_of_nothing_but_the_first_entry(till: TillApp) -> None:
    assert till.adopt_fork(2, 1) == 0
    assert sell(till, WATER.code).receipt_no == "0102-2B-000001"
    assert_sound(till.database.path)


def test_the_journal_goes_out_as_a_file_of_its_own(till: TillApp, tmp_path: Path) -> None:
    done = sell(till, WATER.code)
    path = tmp_path / "journal.jsonl"
    assert till.health.export_journal(path) == 2
    assert verify_main([str(path), till.identity.public_key]) == SOUND
    *_, sale, _, _ = path.read_text(encoding="utf-8").splitlines()
    assert done.entry_hash in sale
    assert done.receipt_no in sale
