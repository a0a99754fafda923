"""What a disk can do to a till: full, read-only, gone, held by another; each said clearly, nothing lost."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest
import sqlalchemy as sa

from domain.errors import DomainError
from pos_app.db.engine import connect
from pos_app.db.faults import StorageError, storage_error
from pos_app.db.migrate import migrate
from pos_app.db.unit_of_work import TillDatabase
from pos_app.wiring import Outside, TillApp, open_till
from resources.texts import error_text, has_error
from tests.builders import CRISPS, WATER, Replica
from tests.selling import assert_sound, journaled_sales, scan, sell

CODES = {
    5: "busy",
    6: "busy",
    8: "read_only",
    10: "disk_failed",
    11: "database_damaged",
    13: "disk_full",
    14: "cannot_open",
}
RAISED = re.compile(r"""(?:Error|NotFound|NotPermitted)\(\s*["']([a-z_.]+)["']""")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[TillDatabase]:
    migrate(tmp_path / "till.db")
    made = TillDatabase(tmp_path / "till.db")
    yield made
    made.close()


def test_a_unit_that_is_not_committed_did_not_happen(database: TillDatabase) -> None:
    after: list[str] = []
    with database.write() as uow:
        uow.meta.put("a", 1)
        uow.after_commit(lambda: after.append("never"))
    with pytest.raises(ZeroDivisionError), database.write() as uow:
        uow.meta.put("a", 1 // 0)
    with database.write() as uow:
        assert uow.meta.get("a") is None
        uow.meta.put("a", 2)
        uow.after_commit(lambda: after.append("done"))
        uow.commit()
    with database.read() as uow:
        assert uow.meta.get_int("a") == 2
        with pytest.raises(AssertionError):
            uow.commit()
    assert after == ["done"]


def test_a_reader_sees_one_state_while_another_writes(database: TillDatabase) -> None:
    with database.read() as reading:
        assert reading.meta.get("a") is None
        with database.write() as writing:
            writing.meta.put("a", 1)
            writing.commit()
        assert reading.meta.get("a") is None
    with database.read() as reading:
        assert reading.meta.get("a") == "1"


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_fault_has_its_code_and_words_in_both_languages(code: int) -> None:
    error = sqlite.OperationalError("no matter")
    error.sqlite_errorcode = code | 0x100
    found = storage_error(sa.exc.DBAPIError("SELECT", {}, error))
    assert found
    assert found.code == f"till.{CODES[code]}"
    for language in ("zh", "en"):
        words = error_text(found.code, language)
        assert all((words.what, words.safe, words.do))


def test_what_is_our_own_bug_stays_one(database: TillDatabase) -> None:
    assert storage_error(ValueError()) is None
    assert storage_error(sqlite.OperationalError("no such table")) is None
    with pytest.raises(sa.exc.OperationalError), database.write() as uow:
        uow.connection.exec_driver_sql("SELECT * FROM nowhere")


def test_a_file_held_by_another_is_busy(database: TillDatabase) -> None:
    with database.read() as uow:
        uow.raw.execute("PRAGMA busy_timeout = 10")
    other = connect(database.path)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StorageError, match=r"till[.]busy"), database.write():
            raise AssertionError
    finally:
        other.execute("ROLLBACK")
        other.close()
    with database.write() as uow:
        uow.meta.put("a", 1)
        uow.commit()


def test_a_read_only_file_says_so_and_the_cart_stays(till: TillApp) -> None:
    done = sell(till, WATER.code)
    with till.database.read() as uow:
        uow.raw.execute("PRAGMA query_only = ON")
    with pytest.raises(StorageError, match=r"till[.]cart_not_kept"):
        scan(till, CRISPS.code)
    assert till.selling.cart.due_minor == 790
    was_behind = till.keeper.is_behind
    with till.database.read() as uow:
        uow.raw.execute("PRAGMA query_only = OFF")
    till.keeper.flush()
    assert (was_behind, till.keeper.is_behind) == (True, False)
    assert sell(till, WATER.code).sale.due_minor == 990
    assert journaled_sales(till.database.path)[0] == done.sale
    assert_sound(till.database.path)


def test_a_path_that_is_no_folder_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"till[.]cannot_open"):
        migrate(tmp_path / "missing" / "till.db")


def test_a_second_app_on_the_same_data_is_refused(directory: Path, till: TillApp, outside: Outside) -> None:
    with pytest.raises(DomainError, match=r"till[.]already_open"):
        open_till(directory, outside=outside)
    code = "import sys, pathlib; from pos_app.instance import InstanceLock; InstanceLock(pathlib.Path(sys.argv[1]))"
    other = subprocess.run([sys.executable, "-c", code, directory / "lock"], capture_output=True, text=True)
    assert "till.already_open" in other.stderr
    assert sell(till, WATER.code).receipt_no == "0102-2A-000001"
    till.close()
    again = open_till(directory, outside=outside)
    assert len(again.receipts.today()) == 1
    again.close()


def test_a_directory_that_is_not_enrolled_is_told(tmp_path: Path, outside: Outside) -> None:
    with pytest.raises(DomainError, match=r"sync[.]not_enrolled"):
        open_till(tmp_path, outside=outside)
    assert list(tmp_path.iterdir()) == []


def test_a_replica_that_is_damaged_or_gone_stops_no_till(
    directory: Path, replica: Replica, till: TillApp, outside: Outside
) -> None:
    sell(till, WATER.code)
    till.close()
    replica.close()
    replica.path.write_bytes(b"not a database at all" * 500)
    again = open_till(directory, outside=outside)
    try:
        with pytest.raises(DomainError, match=r"till[.]no_catalogue"):
            scan(again, WATER.code)
        assert "till.no_catalogue" in again.health.warnings()
        better = Replica(directory / "replica", 2)
        better.add_shop()
        better.publish()
        again.catalog.reopen()
        assert sell(again, WATER.code).receipt_no == "0102-2A-000002"
        better.close()
    finally:
        again.close()


def test_every_code_of_the_till_has_words() -> None:
    folders = [Path("pos_app/db"), Path("pos_app/services")]
    paths = [*(path for folder in folders for path in folder.glob("*.py")), *Path("pos_app").glob("*.py")]
    found = {code for path in paths for code in RAISED.findall(path.read_text(encoding="utf-8"))}
    assert len(found) > 20
    assert [code for code in sorted(found) if not has_error(code)] == []
