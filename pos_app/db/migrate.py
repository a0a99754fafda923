"""Bringing till.db to this version's schema: copy, migrate the copy, check it, swap; the old file is kept."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from domain.errors import DomainError
from pos_app.db.check import OK, check_chain, check_file
from pos_app.db.engine import connect
from pos_app.db.faults import StorageError, storage_faults
from pos_app.db.schema import STEPS
from sync.atomic_file import flush_directory

COMPANIONS = ("", "-wal", "-shm", "-journal")
"""What SQLite may keep beside a database, by suffix."""


def migrate(path: Path, steps: Sequence[str] = STEPS) -> int:
    """Make or upgrade the file; gives the version it had. A kill at any moment leaves the old or the new file.

    DomainError ``till.newer_database`` where a newer app wrote it, StorageError ``till.migration_failed`` where
    the migrated copy does not hold together; the file is untouched then.
    """
    with storage_faults():
        before = version_of(path)
        if before > len(steps):
            raise DomainError("till.newer_database", found=before, known=len(steps))
        if before < len(steps):
            _upgrade(path, before, steps=steps)
        return before


def version_of(path: Path) -> int:
    """The schema version of a file; 0 where there is none or it is empty."""
    if not path.exists():
        return 0
    connection = connect(path)
    try:
        return int(connection.execute("PRAGMA user_version").fetchall()[0][0])
    finally:
        connection.close()


def _upgrade(path: Path, before: int, *, steps: Sequence[str]) -> None:
    copy = path.with_name(path.name + ".migrating")
    remove_database(copy)
    if before:
        copy_database(path, copy)
    connection = connect(copy)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        for number in range(before, len(steps)):
            _apply(connection, steps[number], version=number + 1)
        _assert_sound(connection)
    finally:
        connection.close()
    if before:
        _settle(path)
        _keep(path, path.with_name(f"{path.name}.v{before}"))
    replace_database(copy, path)


def _apply(connection: Any, step: str, *, version: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        # One by one: executescript would commit first. Steps hold no trigger, so a semicolon ends a statement.
        for statement in step.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _assert_sound(connection: Any) -> None:
    for found in (check_file(connection), check_chain(connection)):
        if found != OK:
            raise StorageError("till.migration_failed", found=found)


def _settle(path: Path) -> None:
    """Take the write-ahead log into the file, so that no log of the old file can meet the new one."""
    connection = connect(path)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if connection.execute("PRAGMA journal_mode = DELETE").fetchall()[0][0] != "delete":
            raise StorageError("till.busy")
    finally:
        connection.close()


def _keep(path: Path, kept: Path) -> None:
    kept.unlink(missing_ok=True)
    try:
        os.link(path, kept)
    except OSError:
        shutil.copyfile(path, kept)


def replace_database(new: Path, path: Path) -> None:
    """Put a closed database without companions in the place of another, durably."""
    sync_file(new)
    os.replace(new, path)
    flush_directory(path.parent)


def copy_database(source: Path, target: Path) -> None:
    """A consistent copy of a database, also of one in use."""
    reading, writing = connect(source), connect(target)
    try:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode = DELETE")
    finally:
        writing.close()
        reading.close()


def remove_database(path: Path) -> None:
    """Delete a database with what SQLite keeps beside it."""
    for suffix in COMPANIONS:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Have a file's bytes on the disk before anything points to it."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
