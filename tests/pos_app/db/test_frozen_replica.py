"""A replica in a folder that nobody may write: the till sells from it, and sees later writes once that works again."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest

from pos_app.db.replica import CatalogReads
from tests.builders import Replica

NOBODY = 65534
FIND = "SELECT count(*) FROM item"


@contextmanager
def closed_to_us(folder: Path) -> Iterator[None]:
    """The folder takes no new file from this process, which may be the superuser, whom no mode stops."""
    folder.chmod(0o555)
    was = os.geteuid()
    try:
        if was == 0:
            os.seteuid(NOBODY)
        yield
    finally:
        os.seteuid(was)
        folder.chmod(0o755)


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that another account can look into, which a test's own is not."""
    made = Path(tempfile.mkdtemp())
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def replica(folder: Path) -> Iterator[Replica]:
    made = Replica(folder, 1)
    made.add_shop()
    made.publish()
    made.close()
    for file in folder.iterdir():
        file.chmod(0o644)
    yield made
    made.close()


def test_a_till_reads_where_it_may_not_write(folder: Path, replica: Replica) -> None:
    assert not replica.path.with_name(f"{replica.path.name}-wal").exists()
    with closed_to_us(folder):
        reads = CatalogReads(folder)
        assert reads.is_open
        assert reads.rows(FIND)[0][0] > 0
        assert reads.version() == reads.version()
        reads.close()
    assert sorted(file.name for file in folder.iterdir() if file.name.startswith(replica.path.name)) == [
        replica.path.name
    ]


def test_what_is_written_after_the_folder_opened_is_seen(folder: Path, replica: Replica) -> None:
    with closed_to_us(folder):
        reads = CatalogReads(folder)
        before = reads.version()
        assert reads.state("a_fact") is None
    writer = sqlite.connect(str(replica.path), isolation_level=None)
    writer.execute("INSERT INTO sync_state (key, value) VALUES ('a_fact', '1')")
    assert reads.state("a_fact") == "1"
    assert reads.version() != before
    writer.close()
    reads.close()
