"""Making a damaged till.db readable where its first page is lost: files of one version have that page alike."""

import shutil
from pathlib import Path

import pysqlite3.dbapi2 as sqlite

from pos_app.db.check import OK
from pos_app.db.engine import connect
from pos_app.db.migrate import remove_database

_HEADER_BYTES = 100
_VERSIONS, _PAGE_SIZE, _COUNTER = slice(18, 20), slice(16, 18), slice(24, 28)
_PAGES, _FREE_PAGES, _VALID_FOR = slice(28, 32), slice(32, 40), slice(92, 96)
_WAL_VERSIONS = b"\x02\x02"
_MEANS_64_KIB = 1
"""How the header writes a page of 65,536 bytes."""
_FAULTS_MAX = 1_000_000


def readable(broken: Path, sample: Path) -> Path:
    """The file, where SQLite opens it; else a copy beside it with a first page like that of ``sample``.

    First only the header is replaced, the list of tables stays the file's own; where that does not help the whole
    page is, and then all else has to be sound. Where nothing helps it is the file after all.
    """
    if _opens(broken):
        return broken
    copy = broken.with_name("repairing.db")
    for whole_page in (False, True):
        _copy_with_first_page(broken, copy, sample=sample, whole_page=whole_page)
        if _opens(copy) and (not whole_page or _hangs_together(copy)):
            return copy
    remove_database(copy)
    return broken


def _copy_with_first_page(broken: Path, copy: Path, *, sample: Path, whole_page: bool) -> None:
    remove_database(copy)
    shutil.copyfile(broken, copy)
    log = broken.with_name(broken.name + "-wal")
    has_log = log.exists() and log.stat().st_size > 0
    if has_log:
        shutil.copyfile(log, copy.with_name(copy.name + "-wal"))
    with sample.open("rb") as file:
        page = bytearray(file.read(1 << 16))
    size = int.from_bytes(page[_PAGE_SIZE], "big")
    size = 1 << 16 if size == _MEANS_64_KIB else size
    page[_PAGES] = (copy.stat().st_size // size).to_bytes(4, "big")
    page[_FREE_PAGES] = bytes(8)
    page[_VALID_FOR] = page[_COUNTER]
    if has_log:
        page[_VERSIONS] = _WAL_VERSIONS
    with copy.open("rb+") as file:
        file.write(page[: size if whole_page else _HEADER_BYTES])


def _opens(path: Path) -> bool:
    try:
        connection = connect(path)
        try:
            found = connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'journal'").fetchall()
        finally:
            connection.close()
    except sqlite.DatabaseError:
        return False
    return bool(found[0][0])


def _hangs_together(path: Path) -> bool:
    """Whether every table stands where the page says; pages that are in no list were the free ones."""
    connection = connect(path)
    try:
        found = connection.execute(f"PRAGMA integrity_check({_FAULTS_MAX})").fetchall()
    except sqlite.DatabaseError:
        return False
    finally:
        connection.close()
    lines = [line for row in found for line in str(row[0]).splitlines() if not line.startswith("***")]
    return all(line == OK or line.endswith("never used") for line in lines)
