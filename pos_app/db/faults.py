"""What went wrong in a file, in words a cashier can act on: SQLite's and the system's codes as StorageErrors."""

import errno
from types import TracebackType

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
_EXTENDED_CODES = {10 | 19 << 8: "till.disk_full"}
"""IOERR_SHMSIZE: the file beside a WAL database cannot grow, which is how a full disk meets a till that starts."""

_ERRNOS = {
    errno.ENOSPC: "till.disk_full",
    errno.EDQUOT: "till.disk_full",
    errno.EROFS: "till.read_only",
    errno.EIO: "till.disk_failed",
    errno.EACCES: "till.cannot_open",
    errno.EPERM: "till.cannot_open",
    errno.ENOENT: "till.cannot_open",
    errno.ENOTDIR: "till.cannot_open",
    errno.EISDIR: "till.cannot_open",
    errno.EEXIST: "till.cannot_open",
}
"""What the system says of files; a network's errors are none of these."""


class StorageError(DomainError):
    """The disk or the file failed: ``till.disk_full``, ``till.read_only``, ``till.database_damaged`` …"""


def storage_error(error: BaseException) -> StorageError | None:
    """The StorageError that a driver's error stands for, or None where it is a bug of ours."""
    original = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(original, sqlite.Error):
        return None
    found: int = getattr(original, "sqlite_errorcode", None) or 0
    code = _EXTENDED_CODES.get(found) or _CODES.get(found & _PRIMARY)
    return StorageError(code) if code else None


class storage_faults:  # noqa: N801 - reads as what it is, after "with"; a class, as each unit of work enters one
    """Turns the driver's and the system's errors about disk and file into StorageErrors; others pass as they are."""

    def __enter__(self) -> None:
        """Nothing to do before."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            return
        fault = _system_fault(error) if isinstance(error, OSError) else storage_error(error)
        if fault:
            raise fault from error


def _system_fault(error: OSError) -> StorageError | None:
    code = _ERRNOS.get(error.errno or 0)
    return StorageError(code) if code else None
