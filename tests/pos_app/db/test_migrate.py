"""Making and upgrading till.db: copy, migrate, check, swap; and what stops it leaves the old file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest
import sqlalchemy as sa

from domain.errors import DomainError
from pos_app.db.engine import connect, make_engine
from pos_app.db.faults import StorageError
from pos_app.db.migrate import migrate, version_of
from pos_app.db.schema import STEPS
from pos_app.db.tables import METADATA
from pos_app.wiring import TillApp
from tests.builders import WATER
from tests.selling import assert_sound, journaled_sales, sell

NEXT = (*STEPS, "ALTER TABLE sale ADD COLUMN shift TEXT NOT NULL DEFAULT ''; CREATE INDEX sale_shift ON sale (shift)")


def columns(path: Path) -> list[str]:
    connection = connect(path)
    try:
        return [row[1] for row in connection.execute("PRAGMA table_info(sale)").fetchall()]
    finally:
        connection.close()


def test_a_new_file_has_this_versions_schema_and_is_durable(tmp_path: Path) -> None:
    path = tmp_path / "till.db"
    assert migrate(path) == 0
    assert migrate(path) == len(STEPS) == version_of(path)
    with make_engine(path).connect() as connection:
        found = sa.inspect(connection)
        for table in METADATA.sorted_tables:
            real = {column["name"]: column for column in found.get_columns(table.name)}
            assert list(real) == [column.name for column in table.columns], table.name
            assert found.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key]
            assert all(not real[c.name]["nullable"] for c in table.columns)
        settings = [connection.exec_driver_sql(f"PRAGMA {p}").scalar_one() for p in ("journal_mode", "synchronous")]
    connection.engine.dispose()
    assert settings == ["wal", 2]
    assert [one.name for one in tmp_path.iterdir() if "migrating" in one.name] == []


def test_an_upgrade_keeps_every_sale_and_the_old_file(till: TillApp) -> None:
    done = [sell(till, WATER.code).sale for _ in range(3)]
    path = till.database.path
    till.close()
    assert migrate(path, NEXT) == 1
    assert version_of(path) == 2
    assert columns(path)[-1] == "shift"
    assert journaled_sales(path) == done
    assert_sound(path)
    old = path.with_name("till.db.v1")
    assert version_of(old) == 1
    assert journaled_sales(old) == done


@pytest.mark.parametrize(
    "step",
    ["CREATE TABLE sale (x)", "DELETE FROM journal WHERE seq = 2", "UPDATE journal SET body = 'x' WHERE seq = 3"],
)
def test_a_step_that_fails_or_breaks_the_chain_leaves_the_file_alone(till: TillApp, step: str) -> None:
    done = [sell(till, WATER.code).sale for _ in range(3)]
    path = till.database.path
    till.close()
    with pytest.raises((StorageError, sqlite.OperationalError)):
        migrate(path, (*STEPS, step))
    assert version_of(path) == 1
    assert journaled_sales(path) == done
    assert migrate(path, NEXT) == 1


def test_a_newer_file_is_not_touched(till: TillApp) -> None:
    path = till.database.path
    till.close()
    migrate(path, NEXT)
    before = path.read_bytes()
    with pytest.raises(DomainError, match=r"till[.]newer_database"):
        migrate(path)
    assert path.read_bytes() == before


def test_a_kill_at_any_moment_leaves_the_old_or_the_new(till: TillApp) -> None:
    """R17: the next start finishes it."""
    done = [sell(till, WATER.code).sale for _ in range(20)]
    path = till.database.path
    till.close()
    before = path.read_bytes()
    code = (
        "import sys; from pathlib import Path; from pos_app.db.migrate import migrate\n"
        f"print(1, flush=True); migrate(Path(sys.argv[1]), {NEXT!r})"
    )
    for attempt in range(6):
        path.write_bytes(before)
        process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE)
        assert process.stdout
        process.stdout.readline()
        time.sleep(attempt * 0.006)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert version_of(path) in (1, 2)
        assert journaled_sales(path) == done
        assert migrate(path, NEXT) in (1, 2)
        assert_sound(path)
