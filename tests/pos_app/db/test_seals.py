"""Rows that no journal entry vouches for: a changed byte in them is seen, and what was whole is."""

from __future__ import annotations

from pathlib import Path

import pytest

from pos_app.db import print_jobs
from pos_app.db.check import OK, check_all, check_seals
from pos_app.db.engine import connect
from pos_app.db.print_jobs import JobKind, NewJob
from pos_app.db.seals import is_whole, sealed
from pos_app.settings import DeviceSettings, ScreenSettings
from pos_app.wiring import Outside, TillApp, open_till
from tests.builders import CASHIER, CRISPS, WATER
from tests.selling import scan, sell

CHANGES = (
    "UPDATE cart SET json = CAST(replace(json, '790', '190') AS BLOB) WHERE state = 'open'",
    'UPDATE cart SET tenders = CAST(\'[{"kind":"cash","amount_minor":900}]\' AS BLOB)',
    "UPDATE cart SET operator_id = '1008' WHERE state = 'suspended'",
    "UPDATE device SET json = replace(json, '\"en\"', '\"zh\"')",
    "UPDATE meta SET value = '1' WHERE key LIKE 'receipt_number%'",
    "UPDATE sale SET business_date = '2026-11-02' WHERE number = 2",
    "UPDATE sale SET operator_id = '1001' WHERE number = 2",
    "UPDATE sale SET hash = replace(hash, 'a', 'b') WHERE number = 2",
    "UPDATE sale SET number = 7 WHERE number = 2",
    "UPDATE sale SET lines = 7 WHERE number = 2",
    "UPDATE sale SET sale_id = CAST(x'ff41' AS TEXT) WHERE number = 2",
)


def test_a_seal_is_of_the_document_and_of_its_row() -> None:
    document = sealed(b'{"a":1}', "open", 7)
    assert is_whole(document, "open", 7)
    assert not is_whole(document, "open", 8)
    for at in range(len(document)):
        changed = bytearray(document)
        changed[at] ^= 1
        assert not is_whole(bytes(changed), "open", 7), at
    assert not is_whole(b'{"a":1}', "open", 7), "what lost its seal's name has lost its seal"
    assert is_whole(sealed(b"{}"))
    assert not is_whole(sealed(b"{}"), "row")


@pytest.mark.parametrize("change", CHANGES)
def test_a_row_that_was_changed_is_found_and_set_right(
    directory: Path, till: TillApp, outside: Outside, change: str
) -> None:
    done = [sell(till, WATER.code).sale for _ in range(3)]
    till.settings.save(DeviceSettings(screen=ScreenSettings(language="en")))
    scan(till, WATER.code)
    till.selling.suspend(CASHIER.operator_id)
    scan(till, CRISPS.code)
    till.close()
    connection = connect(directory / "till.db")
    assert check_all(connection) == (OK, OK)
    assert connection.execute(change).rowcount
    assert check_all(connection)[1] != OK
    connection.close()
    again = open_till(directory, outside=outside)
    try:
        assert again.was_restored
        assert [again.receipts.get(one.sale_id) for one in done] == done
        assert again.selling.cart.due_minor in (0, 790), "a cart that cannot be trusted is not shown"
        assert sell(again, WATER.code).receipt_no == "0102-2A-000004"
        assert again.housekeeping.check().is_ok
    finally:
        again.close()
    third = open_till(directory, outside=outside)
    assert not third.was_restored
    third.close()


@pytest.mark.parametrize("change", ["at_ms = at_ms - 1", "body = CAST(replace(body, 'seal', 'seel') AS BLOB)"])
def test_a_print_job_is_sealed_with_its_time_also_when_it_is_queued_anew(till: TillApp, change: str) -> None:
    with till.database.write() as uow:
        job = print_jobs.add(uow.raw, NewJob(JobKind.RECEIPT, b'{"copy":true}', 5))
        print_jobs.mark_failed(uow.connection, job, error="printer.away")
        assert print_jobs.requeue(uow.connection, job, at_ms=9)
        assert not print_jobs.requeue(uow.connection, job, at_ms=10), "it waits already"
        assert check_seals(uow.raw) == OK
        uow.raw.execute(f"UPDATE print_job SET {change}")
        assert check_seals(uow.raw) != OK
