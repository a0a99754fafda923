"""What went wrong in a file, in words a cashier can act on: SQLite's error codes as StorageErrors."""

from collections.abc import Iterator
from contextlib import contextmanager

import pysqlite3.dbapi2 as sqlite
from sqlalchemy.exc import DBAPIError

from domain.errors import DomainError

_PRIMARY = 0xFF
_CODES = {
    5: "till.busy",
    6: "till.busy",
    8: "till.read_only",
    10: "till.disk_failed",
    11: "till.database_damaged",
    13: "till.disk_full",
    14: "till.cannot_open",
    26: "till.database_damaged",
}
"""By SQLite's primary result code: BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB."""


class StorageError(DomainError):
    """The disk or the file failed: ``till.disk_full``, ``till.read_only``, ``till.database_damaged`` …"""


def storage_error(error: BaseException) -> StorageError | None:
    """The StorageError that a driver's error stands for, or None where it is a bug of ours."""
    original = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(original, sqlite.Error):
        return None
    code = _CODES.get((getattr(original, "sqlite_errorcode", None) or 0) & _PRIMARY)
    return StorageError(code) if code else None


@contextmanager
def storage_faults() -> Iterator[None]:
    """Turns the driver's errors about disk and file into StorageErrors; others pass as they are."""
    try:
        yield
    except (DBAPIError, sqlite.Error) as error:
        fault = storage_error(error)
        if fault is None:
            raise
        raise fault from error
