"""R17: what any released version left on a disk is taken over whole; what is newer is refused, and selling goes on."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest

from cloud_api.services.intake.applier import HANDLERS
from domain.errors import DomainError
from pos_app.db.migrate import migrate, version_of
from pos_app.db.schema import STEPS
from resources.texts import LANGUAGES, error_text
from sync.replica.files import current_replica
from sync.replica.tables import SCHEMA
from tests import selling
from tests.contract.counter import Counter, books_agree
from tests.contract.office import COLA, Office, Shop
from tests.proof.network.conftest import sqlite_only
from tests.proof.network.lines import passes
from tests.proof.network.released import SALES, TERMINAL, stored, unpack
from tests.selling import assert_sound, journaled_sales

NEXT = (*STEPS, "ALTER TABLE sale ADD COLUMN shift TEXT NOT NULL DEFAULT ''; CREATE INDEX sale_shift ON sale (shift)")
Upgrade = Callable[[Path, Sequence[str]], object]


def missing(till_versions: int, replica_versions: int) -> list[str]:
    """Released schemas without a stored file."""
    wanted = [stored("till", version) for version in range(1, till_versions + 1)]
    wanted += [stored("replica", version) for version in range(1, replica_versions + 1)]
    return [path.name for path in wanted if not path.exists()]


def test_every_schema_has_its_files() -> None:
    """Whoever makes the next one keeps its files: python -m tests.proof.network.released."""
    assert missing(len(STEPS), SCHEMA) == []
    assert missing(len(STEPS) + 1, SCHEMA + 1) == [
        f"till-{len(STEPS) + 1}.db.gz",
        f"replica-{SCHEMA + 1}.db.gz",
    ], "the proof can go red"


@pytest.mark.parametrize("version", range(1, len(STEPS) + 1))
def test_an_old_till_is_taken_over(office: Office, shop: Shop, *, tmp_path: Path, version: int) -> None:
    """It is upgraded, sells on, and the cloud takes every entry that the old version wrote."""
    counter = Counter(tmp_path / "till", shop.pins)
    assert counter.enrol(office.url, shop.new_till()[1]) == TERMINAL
    path = counter.directory / "till.db"
    unpack("till", version, path)
    before = journaled_sales(path)
    assert len(before) == len(SALES)
    counter.connect()
    counter.ready()
    assert version_of(path) == len(STEPS)
    counter.sell(COLA)
    counter.sent()
    assert books_agree(office, counter)
    assert journaled_sales(path)[: len(before)] == before
    assert_sound(path)
    known = {(row["kind"], row["version"]) for row in office.rows("SELECT kind, version FROM event_raw")}
    assert known <= HANDLERS.keys() and ("sale", 1) in known
    counter.close()


@sqlite_only
@pytest.mark.parametrize("version", range(1, SCHEMA + 1))
def test_an_old_replica_sells_and_is_brought_up(office: Office, shop: Shop, *, tmp_path: Path, version: int) -> None:
    """Upgraded without a line the till sells from what it has; with one it gets the present goods."""
    counter = Counter(tmp_path / "till", shop.pins)
    counter.enrol(office.url, shop.new_till()[1])
    unpack("replica", version, counter.directory / "replica" / "replica-1.db")
    (counter.directory / "replica" / "current").write_text("replica-1.db")
    assert counter.price() == 350
    shop.set_price(COLA, 377)
    counter.connect()
    counter.wait_until(lambda: counter.app.catalog.is_ready and counter.price() == 377, "the goods do not come")
    counter.sell()
    counter.sent()
    assert books_agree(office, counter)
    counter.close()


def set_version(path: Path, version: int, *statements: str) -> None:
    connection = sqlite.connect(path, isolation_level=None)
    for statement in (*statements, f"PRAGMA user_version = {version}"):
        connection.execute(statement)
    connection.close()


ADDS = (
    "ALTER TABLE item ADD COLUMN hologram TEXT NOT NULL DEFAULT ''",
    "CREATE TABLE hologram (item_id INTEGER PRIMARY KEY, shine INTEGER)",
)
CHANGES = ("ALTER TABLE price RENAME COLUMN price_minor TO price_micro", "UPDATE price SET price_micro = 10000")
LACKS = ("ALTER TABLE item DROP COLUMN min_price_minor", "DROP TABLE quick_key")
OTHERS = {  # what another release left: its schema, what differs, whether this one can sell from it
    "newer_adds": (SCHEMA + 1, ADDS, True),
    "newer_changes": (SCHEMA + 1, CHANGES, False),
    "older_lacks": (SCHEMA - 1, LACKS, True),
    "unknown": (99, (), True),
}


def left_by_another(shop: Shop, folder: Path, case: str) -> tuple[Counter, Path]:
    """A till, not yet on the line, whose goods another release wrote."""
    counter = Counter(folder / "till", shop.pins)
    counter.enrol(shop.office.url, shop.new_till()[1])
    path = counter.directory / "replica" / "replica-1.db"
    unpack("replica", SCHEMA, path)
    schema, statements, _ = OTHERS[case]
    set_version(path, schema, *statements, "DELETE FROM sync_ack")  # of a journal that is not here
    (path.parent / "current").write_text(path.name)
    return counter, path


def prove_other_replica(shop: Shop, folder: Path, case: str) -> None:
    """Before the line is there it sells from what can be read, or says why not; with one it gets its own goods."""
    counter, path = left_by_another(shop, folder, case)
    before = path.read_bytes()
    try:
        if OTHERS[case][2]:
            assert counter.price() == 350
            assert selling.scan(counter.app, COLA).priced.due_minor == 350
        else:
            with pytest.raises(DomainError) as refusal:
                counter.price()
            assert refusal.value.code == "till.catalogue_of_other_release"
            assert all(str(error_text(refusal.value.code, language)) for language in LANGUAGES)
            assert refusal.value.code in counter.app.health.warnings()
        shop.set_price(COLA, 377)
        counter.connect()
        counter.wait_until(lambda: counter.app.catalog.is_ready and counter.price() == 377, "the goods do not come")
        assert current_replica(counter.directory) != path
        assert path.read_bytes() == before, "another release's file was written to"
        counter.sell()
        counter.sent()
        assert books_agree(shop.office, counter)
        assert "till.catalogue_of_other_release" not in counter.app.health.warnings()
    finally:
        counter.close()


@sqlite_only
@pytest.mark.parametrize("case", OTHERS)
def test_another_releases_replica(shop: Shop, tmp_path: Path, *, case: str) -> None:
    prove_other_replica(shop, tmp_path, case)


@sqlite_only
def test_an_app_or_an_agent_that_does_not_look_is_found(
    shop: Shop, tmp_path: Path, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof can go red: one asks for a figure that is not there, the other writes into what it does not know."""
    with monkeypatch.context() as planted:
        planted.setattr("pos_app.db.replica.stand_in", lambda _: None)
        with pytest.raises(sqlite.OperationalError, match="price_minor"):
            prove_other_replica(shop, tmp_path / "1", "newer_changes")
    monkeypatch.setattr("sync.replica.writer.is_own_file", lambda _: True)
    assert not passes(lambda: prove_other_replica(shop, tmp_path / "2", "unknown"))


@sqlite_only
def test_a_newer_till_db_is_refused_by_name(shop: Shop, tmp_path: Path) -> None:
    """And untouched, so that the newer app goes on with it."""
    counter = Counter(tmp_path / "till", shop.pins)
    counter.enrol(shop.office.url, shop.new_till()[1])
    path = counter.directory / "till.db"
    unpack("till", len(STEPS), path)
    set_version(path, len(STEPS) + 1)
    before = path.read_bytes()
    with pytest.raises(DomainError) as refusal:
        counter.app  # noqa: B018 opening it is the act
    assert refusal.value.code == "till.newer_database"
    assert all(str(error_text(refusal.value.code, language, refusal.value.params)) for language in LANGUAGES)
    assert path.read_bytes() == before
    set_version(path, len(STEPS))
    assert len(journaled_sales(path)) == len(SALES)


# Killed while it upgrades ------------------------------------------------------------------------------------


def in_place(path: Path, steps: Sequence[str]) -> None:
    """How not to do it: one statement after the other in the file itself."""
    connection = sqlite.connect(path, isolation_level=None)
    for statement in steps[-1].split(";"):
        connection.execute(statement)
        time.sleep(0.05)
    connection.execute(f"PRAGMA user_version = {len(steps)}")
    connection.close()


def upgrade_and_die(path: Path, upgrade: Upgrade, latest_s: float) -> None:
    """Upgrade in a process that is killed at a random moment."""
    begun, said = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_upgrade, args=(path, upgrade, said), daemon=True)
    process.start()
    begun.recv()
    time.sleep(random.uniform(0, latest_s))
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    begun.close()
    said.close()


def _upgrade(path: Path, upgrade: Upgrade, said: multiprocessing.connection.Connection) -> None:
    said.send(True)
    upgrade(path, NEXT)


def assert_old_or_new(path: Path) -> None:
    """The file is wholly of one version, with everything that was sold."""
    connection = sqlite.connect(path)
    columns = {row[1] for row in connection.execute("PRAGMA table_info(sale)")}
    connection.close()
    assert ("shift" in columns) == (version_of(path) == len(NEXT)), "half of an upgrade"
    assert len(journaled_sales(path)) == len(SALES)


def prove_kills(folder: Path, times: int, *, upgrade: Upgrade = migrate, latest_s: float = 0.02) -> None:
    outcomes = []
    for number in range(times):
        path = folder / f"{number}" / "till.db"
        unpack("till", len(STEPS), path)
        upgrade_and_die(path, upgrade, latest_s)
        assert_old_or_new(path)
        outcomes.append(version_of(path))
        assert migrate(path, NEXT) in (len(STEPS), len(NEXT))
        assert_sound(path)
        assert len(journaled_sales(path)) == len(SALES)
    print(f"{times} kills: {outcomes.count(len(STEPS))} old, {outcomes.count(len(NEXT))} new")


def test_killed_while_upgrading(tmp_path: Path) -> None:
    prove_kills(tmp_path, 5)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_killed_while_upgrading_100_times(tmp_path: Path) -> None:
    prove_kills(tmp_path, 100)


def test_an_upgrade_in_place_is_found(tmp_path: Path) -> None:
    """The proof can go red."""
    assert not passes(lambda: prove_kills(tmp_path, 20, upgrade=in_place))
