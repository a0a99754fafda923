"""Opening a till: what is checked at once, what is left for later, and what an unreadable piece may not stop."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from domain.errors import DomainError
from pos_app import wiring
from pos_app.db.engine import connect
from pos_app.db.seals import sealed
from pos_app.paths import TillPaths, default_directory
from pos_app.services.enrolment import Enrolment
from pos_app.wiring import Outside, TillApp, open_till
from resources.texts import has_error
from tests.builders import CASHIER, CRISPS, WATER, Replica
from tests.selling import scan, sell


def change(path: Path, statement: str) -> None:
    connection = connect(path)
    connection.execute(statement)
    connection.close()


def test_a_large_file_is_checked_at_its_end_first(
    directory: Path, till: TillApp, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(8):
        sell(till, WATER.code)
    till.close()
    monkeypatch.setattr(wiring, "CHECKED_AT_START_BYTES", 1)
    monkeypatch.setattr(wiring, "CHECKED_AT_START_ENTRIES", 3)
    change(directory / "till.db", "UPDATE journal SET kind = 'x' WHERE seq = 2")
    again = open_till(directory, outside=outside)
    assert not again.was_restored
    assert again.health.check().chain == "1/2: hash differs", "what the start left out the daily check finds"
    again.close()
    change(directory / "till.db", "UPDATE journal SET kind = 'x' WHERE seq = 8")
    third = open_till(directory, outside=outside)
    assert third.was_restored
    third.close()


def test_a_file_of_somebody_else_is_set_aside(directory: Path, replica: Replica, outside: Outside) -> None:
    change(directory / "till.db", "CREATE TABLE recipes (name)")
    till = open_till(directory, outside=outside)
    assert till.was_restored
    assert sell(till, WATER.code).receipt_no == "0102-2A-000001"
    assert len(list((directory / "damaged").iterdir())) == 1
    till.close()


def test_a_cart_that_cannot_be_read_stays_in_the_file_and_stops_nothing(
    directory: Path, till: TillApp, outside: Outside
) -> None:
    scan(till, WATER.code)
    till.selling.suspend(CASHIER.operator_id)
    scan(till, CRISPS.code)
    till.close()
    connection = connect(directory / "till.db")
    row = connection.execute("SELECT * FROM cart WHERE state = 'suspended'").fetchone()
    document = sealed(b'{"cart_id":1}', *row[:2], *row[3:])
    connection.execute("UPDATE cart SET json = ? WHERE cart_id = ?", (document, row[0]))
    connection.close()
    again = open_till(directory, outside=outside)
    assert again.selling.suspended() == []
    assert again.selling.cart.due_minor == 790
    with again.database.read() as uow:
        assert uow.raw.execute("SELECT count(*) FROM cart").fetchall() == [(2,)]
    again.close()


def test_writes_wait_for_the_worker_and_only_the_newest_cart_is_written(
    directory: Path, replica: Replica, outside: Outside
) -> None:
    queued: list[object] = []
    till = open_till(directory, outside=Outside(queued.append, outside.clock, "b", outside.disk_limits))
    for _ in range(3):
        scan(till, WATER.code)
    assert len(queued) == 3
    with till.database.read() as uow:
        assert uow.carts.all() == [], "a scan waits for no disk"
    till.keeper.flush()
    with till.database.read() as uow:
        assert [one.cart for one in uow.carts.all()] == [till.selling.cart.cart]
    scan(till, CRISPS.code)
    till.close()
    again = open_till(directory, outside=outside)
    assert again.selling.cart.due_minor == 1390, "closing writes what was still queued"
    again.close()


def test_a_code_that_reaches_no_cloud_leaves_an_unenrolled_directory(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    enrolment = Enrolment(tmp_path / "till")
    with pytest.raises(DomainError) as caught:
        enrolment.enrol(f"http://127.0.0.1:{port}", "ABCD-EFGH-JK")
    assert has_error(caught.value.code)
    assert not enrolment.is_enrolled
    assert TillPaths(tmp_path / "till").logs.is_dir()


def test_the_default_directory_is_the_users_own(private_user_folders: Path) -> None:
    assert default_directory().is_relative_to(private_user_folders)
    paths = TillPaths(Path("x"))
    assert paths.identity == Path("x/identity.json")
