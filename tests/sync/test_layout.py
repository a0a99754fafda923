"""Whose layout a replica file has, and what a reader makes of another release's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sync.replica import layout
from sync.replica.install import assemble, connect
from sync.replica.layout import OtherLayout, is_own, may_become_own, stand_in
from sync.replica.tables import SCHEMA, TABLES
from sync.replica.writer import Replica

ROW = "INSERT INTO price VALUES (7, '', 'list', 1, 0, 350, 4, NULL)"
NEWER = f"PRAGMA user_version = {SCHEMA + 1}"
OLDER = f"PRAGMA user_version = {SCHEMA - 1}"


def made(folder: Path, *statements: str) -> Path:
    path = folder / "replica" / "replica-1.db"
    path.parent.mkdir()
    assemble(path, {})
    (path.parent / "current").write_text(path.name)
    conn = connect(path)
    for statement in (ROW, *statements, "PRAGMA wal_checkpoint(TRUNCATE)"):
        conn.execute(statement)
    conn.close()
    return path


def read(path: Path) -> list[tuple[Any, ...]]:
    """The price as this release asks for it."""
    conn = connect(path)
    try:
        stand_in(conn)
        found: list[tuple[Any, ...]] = conn.execute("SELECT price_minor, valid_until_ms, extra FROM price").fetchall()
        for spec in TABLES.values():
            conn.execute(f"SELECT {', '.join(spec.column_names)}, ver, extra FROM {spec.name} LIMIT 1").fetchall()
    finally:
        conn.close()
    return found


READABLE = {
    "own": ((), (350, 0, None)),
    "newer with more columns": ((NEWER, "ALTER TABLE price ADD COLUMN reason TEXT DEFAULT ''"), (350, 0, None)),
    "newer with more tables": ((NEWER, "CREATE TABLE hologram (x)"), (350, 0, None)),
    "older with fewer columns": ((OLDER, "ALTER TABLE price DROP COLUMN valid_until_ms"), (350, 0, None)),
    "older without extra": ((OLDER, "ALTER TABLE price DROP COLUMN extra"), (350, 0, None)),
    "older with fewer tables": ((OLDER, "DROP TABLE quick_key"), (350, 0, None)),
    "of our number with fewer columns": (("ALTER TABLE item DROP COLUMN min_price_minor",), (350, 0, None)),
}
UNREADABLE = {
    "newer without a column": (NEWER, "ALTER TABLE price DROP COLUMN price_minor"),
    "newer under another name": (NEWER, "ALTER TABLE price RENAME COLUMN price_minor TO amount"),
    "newer of another type": (NEWER, "DROP TABLE tax", "CREATE TABLE tax (tax_code TEXT PRIMARY KEY, rate_bp REAL)"),
    "newer without a table": (NEWER, "DROP TABLE quick_key"),
    "older with another key": (
        OLDER,
        "DROP TABLE tax",
        "CREATE TABLE tax (tax_code TEXT, rate_bp INTEGER PRIMARY KEY)",
    ),
    "older without its key": (OLDER, "DROP TABLE tax", "CREATE TABLE tax (rate_bp INTEGER)"),
}


@pytest.mark.parametrize("case", READABLE)
def test_what_only_adds_is_read(tmp_path: Path, case: str) -> None:
    statements, row = READABLE[case]
    assert read(made(tmp_path, *statements)) == [row]


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_may_be_misread_is_not_read(tmp_path: Path, case: str) -> None:
    with pytest.raises(OtherLayout):
        read(made(tmp_path, *UNREADABLE[case]))


@pytest.mark.parametrize("case", [*READABLE, *UNREADABLE])
def test_no_other_release_s_file_is_written_to(tmp_path: Path, case: str) -> None:
    """The agent begins another file, and the till's stays in force, byte for byte, until that one is whole."""
    path = made(tmp_path, *(READABLE[case][0] if case in READABLE else UNREADABLE[case]))
    before = path.read_bytes()
    replica = Replica.open(tmp_path)
    assert (replica.path == path) == replica.is_live == (case == "own")
    assert not replica.is_awaited
    if case != "own":
        assert replica.cursors() == {}
        assert path.read_bytes() == before
    replica.close()


def test_an_agent_that_does_not_look_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test before can fail."""
    monkeypatch.setattr("sync.replica.writer.is_own_file", lambda _: True)
    replica = Replica.open(made(tmp_path, NEWER).parent.parent)
    assert replica.is_live
    replica.close()


def test_a_snapshot_may_lack_whole_tables_and_nothing_else(tmp_path: Path) -> None:
    conn = connect(made(tmp_path, "DROP TABLE tax"))
    assert may_become_own(conn) and not is_own(conn)
    conn.execute("ALTER TABLE price DROP COLUMN valid_until_ms")
    assert not may_become_own(conn)
    conn.close()


def test_looking_leaves_no_trace(tmp_path: Path) -> None:
    path = made(tmp_path)
    before = path.read_bytes()
    assert layout.is_own_file(path)
    assert path.read_bytes() == before
