"""R21: the restore drill: till and cloud lose their files and go on from a backup, which is worth what comes back."""

from __future__ import annotations

import shutil
import time
from collections import Counter as Tally
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloud_api.cli import main as cloud_command
from cloud_api.settings import Settings
from domain.errors import DomainError
from pos_app.db import migrate
from pos_app.services import housekeeping
from pos_app.services.housekeeping import BACKUPS_KEPT, backups
from pos_app.wiring import open_till
from tests.builders import CRISPS, WATER
from tests.contract.counter import Counter, books_agree
from tests.contract.office import COLA, Office, Shop, open_shop
from tests.contract.office import WATER as CLOUD_WATER
from tests.proof.till.conftest import FreshTill
from tests.proof.till.power import outside
from tests.selling import assert_sound, journaled_sales, sell

RTO_S = 600


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A cloud as ``evertill-cloud init`` makes it, on a SQLite file."""
    database_url = f"sqlite:///{tmp_path / 'cloud.db'}"
    monkeypatch.setenv("EVERTILL_CLOUD_DATA_DIR", str(tmp_path / "cloud"))
    monkeypatch.setenv("EVERTILL_CLOUD_DATABASE_URL", database_url)
    assert cloud_command(["init"]) == 0
    cheap: dict[str, Any] = {"argon2_time": 1, "argon2_memory_kib": 8, "pin_argon2_memory_kib": 8}
    made = Office(Settings(data_dir=tmp_path / "cloud", database_url=database_url, **cheap))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def store(office: Office) -> Shop:
    return open_shop(office)


@pytest.fixture
def counter(office: Office, store: Shop, tmp_path: Path) -> Iterator[Counter]:
    """A till that is enrolled and connected."""
    made = Counter(tmp_path / "till", store.pins)
    made.enrol(office.url, store.new_till()[1])
    made.connect()
    made.ready()
    yield made
    made.close()


def lose_database(directory: Path) -> None:
    for name in ("till.db", "till.db-wal", "till.db-shm"):
        (directory / name).unlink(missing_ok=True)


def test_a_till_that_lost_its_file_goes_on_from_yesterdays_backup(office: Office, counter: Counter) -> None:
    """RPO: nothing that the cloud has; RTO: one start."""
    counter.sell(times=20)
    counter.app.housekeeping.daily()
    counter.sell(COLA, CLOUD_WATER, times=10)
    counter.sent()
    counter.close()
    lose_database(counter.directory)
    began = time.monotonic()
    assert counter.app.was_restored
    counter.sell()
    assert time.monotonic() - began < RTO_S
    assert len(journaled_sales(counter.directory / "till.db")) == 21, "the backup's, and the one behind it"
    counter.connect()
    counter.sell(times=2)
    counter.wait_until(lambda: office.number("SELECT count(*) FROM sale") == 33, "not all sales are in the cloud")
    counter.sent()
    assert office.number("SELECT count(*) FROM event WHERE state <> 'applied'") == 0
    known = Tally(row["receipt_no"] for row in office.rows("SELECT receipt_no FROM sale"))
    assert known == Tally(number for number, _ in counter.confirmed), "each once, none of them lost"


def test_a_cloud_that_lost_its_disk_is_brought_back_by_its_own_commands(
    office: Office, counter: Counter, tmp_path: Path
) -> None:
    """``backup``, the disk is lost, the file is put back, ``restored``, serve: tills send again what is missing."""
    counter.sell(times=5)
    counter.sent()
    assert cloud_command(["backup", str(tmp_path / "backup.db")]) == 0
    counter.sell(COLA, CLOUD_WATER, times=5)
    counter.sent()
    office.stop()
    for path in tmp_path.glob("cloud.db*"):
        path.unlink()
    began = time.monotonic()
    shutil.copyfile(tmp_path / "backup.db", tmp_path / "cloud.db")
    assert cloud_command(["restored"]) == 0
    office.start()
    counter.sell()
    counter.sent()
    assert books_agree(office, counter)
    assert time.monotonic() - began < RTO_S
    assert office.number("SELECT count(*) FROM sale") == 11


def test_every_daily_backup_can_be_sold_on(fresh: FreshTill) -> None:
    """Each of the seven that are kept is opened, checked, and sells; what came later is not in it."""
    directory, given = fresh(), outside()
    till = open_till(directory, outside=given)
    for _ in range(BACKUPS_KEPT + 1):
        given.clock.pass_ms(86_400_000)  # type: ignore[attr-defined]
        sell(till, WATER.code)
        till.housekeeping.daily()
    till.close()
    kept = backups(directory / "backup")
    assert len(kept) == BACKUPS_KEPT
    for count, backup in zip(range(BACKUPS_KEPT + 1, 0, -1), kept, strict=False):
        assert_sound(backup)
        lose_database(directory)
        shutil.copyfile(backup, directory / "till.db")
        again = open_till(directory, outside=given)
        assert not again.was_restored
        assert len(journaled_sales(directory / "till.db")) == count
        assert sell(again, CRISPS.code).receipt_no == f"0102-2A-{count + 1:06d}"
        again.close()


def test_it_can_go_red_with_a_backup_that_is_none(fresh: FreshTill, monkeypatch: pytest.MonkeyPatch) -> None:
    """Self-test: a copy that lost a byte on its way is not taken for a backup."""
    real = migrate.copy_database

    def copy(source: Path, target: Path) -> None:
        real(source, target)
        data = bytearray(target.read_bytes())
        data[data.index(b'"due_minor"') + 13] ^= 1
        target.write_bytes(data)

    till = open_till(fresh(), outside=outside())
    try:
        sell(till, WATER.code)
        monkeypatch.setattr(housekeeping, "copy_database", copy)
        with pytest.raises(DomainError, match=r"till[.]backup_failed"):
            till.housekeeping.backup()
        assert backups(till.directory / "backup") == []
    finally:
        till.close()
