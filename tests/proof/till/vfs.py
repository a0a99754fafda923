"""A disk under SQLite that a test holds in its hand: the real files, through methods that watch, refuse or pretend.

It stands inside the very SQLite that the product uses, as its default way to files: nothing of the product is copied,
patched or told. Only the methods that matter are replaced; locks and shared memory are the system's own.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pysqlite3._sqlite3 as driver

_Int, _Ptr, _Big = ctypes.c_int, ctypes.c_void_p, ctypes.c_int64
_OPEN = ctypes.CFUNCTYPE(_Int, _Ptr, _Ptr, _Ptr, _Int, ctypes.POINTER(_Int))
_DELETE = ctypes.CFUNCTYPE(_Int, _Ptr, ctypes.c_char_p, _Int)
_BYTES = ctypes.CFUNCTYPE(_Int, _Ptr, _Ptr, _Int, _Big)
_SIZE = ctypes.CFUNCTYPE(_Int, _Ptr, _Big)
_FLAGS = ctypes.CFUNCTYPE(_Int, _Ptr, _Int)
_SHM_MAP = ctypes.CFUNCTYPE(_Int, _Ptr, _Int, _Int, _Int, _Ptr)


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("iVersion", _Int),
        ("szOsFile", _Int),
        ("mxPathname", _Int),
        ("pNext", _Ptr),
        ("zName", ctypes.c_char_p),
        ("pAppData", _Ptr),
        ("xOpen", _OPEN),
        ("xDelete", _DELETE),
        ("others", _Ptr * 14),
    )


class _Methods(ctypes.Structure):
    _fields_ = (
        ("iVersion", _Int),
        ("xClose", _Ptr),
        ("xRead", _BYTES),
        ("xWrite", _BYTES),
        ("xTruncate", _SIZE),
        ("xSync", _FLAGS),
        ("others", _Ptr * 7),
        ("xShmMap", _SHM_MAP),
        ("more", _Ptr * 5),
    )


class Disk:
    """What a test makes of the disk; this one lets everything through."""

    def refuses(self, act: str, path: Path) -> int:
        """A result code of SQLite instead of the act, 0 to let it happen."""
        return 0

    def opened(self, path: Path) -> None:
        """A file was opened, or made."""

    def wrote(self, path: Path, offset: int, data: bytes) -> None:
        """Bytes went into a file."""

    def truncated(self, path: Path, size: int) -> None:
        """A file was cut."""

    def synced(self, path: Path) -> None:
        """A file was asked to be on the disk; the system is not asked, the test knows what is."""

    def deleted(self, path: Path, durably: bool) -> None:
        """A file is about to go."""


class _Shim:
    """Made once per process: SQLite keeps pointers to what is in here."""

    def __init__(self) -> None:
        self.disk = Disk()
        self._library = ctypes.CDLL(driver.__file__)
        self._library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
        self._paths: dict[int, Path] = {}
        self._methods: dict[int, tuple[_Methods, _Methods]] = {}
        self._system = self._library.sqlite3_vfs_find(None)
        self._ours = _Vfs.from_buffer_copy(self._system.contents)
        self._ours.zName = b"held-by-a-test"
        self._ours.xOpen = _OPEN(self._open)
        self._ours.xDelete = _DELETE(self._delete)

    def put_in(self, disk: Disk) -> None:
        self.disk = disk
        assert self._library.sqlite3_vfs_register(ctypes.byref(self._ours), 1) == 0

    def take_out(self) -> None:
        self.disk = Disk()
        assert self._library.sqlite3_vfs_register(self._system, 1) == 0

    def _open(self, vfs: int, name: int | None, file: int, flags: int, out_flags: Any) -> int:
        path = Path(os.fsdecode(ctypes.string_at(name))) if name else Path()
        refused = self.disk.refuses("open", path)
        if refused:
            ctypes.cast(file, ctypes.POINTER(_Ptr))[0] = None
            return refused
        done: int = self._system.contents.xOpen(vfs, name, file, flags, out_flags)
        if done == 0 and name:
            self._paths[file] = path
            self._take_over(file)
            self.disk.opened(path)
        return done

    def _take_over(self, file: int) -> None:
        slot = ctypes.cast(file, ctypes.POINTER(_Ptr))
        address = slot[0]
        assert address
        if address not in self._methods:
            theirs = ctypes.cast(address, ctypes.POINTER(_Methods)).contents
            self._methods[address] = (theirs, self._replaced(theirs))
        slot[0] = ctypes.addressof(self._methods[address][1])

    def _replaced(self, theirs: _Methods) -> _Methods:
        ours = _Methods.from_buffer_copy(theirs)
        ours.xRead = _BYTES(self._guarded("read", theirs.xRead))
        ours.xSync = _FLAGS(self._sync)
        if theirs.xShmMap:
            ours.xShmMap = _SHM_MAP(self._guarded("shm", theirs.xShmMap))
        ours.xWrite = _BYTES(lambda *given: self._write(theirs, *given))
        ours.xTruncate = _SIZE(lambda *given: self._truncate(theirs, *given))
        return ours

    def _guarded(self, act: str, real: Callable[..., int]) -> Callable[..., int]:
        def asked(file: int, *rest: Any) -> int:
            return self.disk.refuses(act, self._paths[file]) or real(file, *rest)

        return asked

    def _write(self, theirs: _Methods, file: int, data: int, *rest: int) -> int:
        amount, offset = rest
        path = self._paths[file]
        refused = self.disk.refuses("write", path)
        if refused:
            return refused
        done: int = theirs.xWrite(file, data, amount, offset)
        if done == 0:
            self.disk.wrote(path, offset, ctypes.string_at(data, amount))
        return done

    def _truncate(self, theirs: _Methods, file: int, size: int) -> int:
        path = self._paths[file]
        refused = self.disk.refuses("truncate", path)
        if refused:
            return refused
        done: int = theirs.xTruncate(file, size)
        if done == 0:
            self.disk.truncated(path, size)
        return done

    def _sync(self, file: int, flags: int) -> int:
        path = self._paths[file]
        refused = self.disk.refuses("sync", path)
        if not refused:
            self.disk.synced(path)
        return refused

    def _delete(self, vfs: int, name: bytes, durably: int) -> int:
        path = Path(os.fsdecode(name))
        refused = self.disk.refuses("delete", path)
        if refused:
            return refused
        self.disk.deleted(path, bool(durably))
        done: int = self._system.contents.xDelete(vfs, name, durably)
        return done


_made: list[_Shim] = []


@contextmanager
def held(disk: Disk) -> Iterator[None]:
    """Every database that is opened inside goes through ``disk``."""
    if not _made:
        _made.append(_Shim())
    _made[0].put_in(disk)
    try:
        yield
    finally:
        _made[0].take_out()
