"""A printer behind a device file (/dev/usb/lp0), or a plain file that collects what would be printed."""

import os
import select
import stat
import time
from pathlib import Path

from pos_app.devices.ports import PrinterError

_WRITE_S = 5.0
_NON_BLOCKING = getattr(os, "O_NONBLOCK", 0)
"""Missing on Windows, where devices are reached by their printer's name."""


def open_file(address: str) -> "FileLink":
    """Open a device or append to a file; ``printer.address_wrong``, ``printer.unreachable``."""
    path = Path(address.strip()).expanduser()
    if not address.strip() or "\0" in address:
        raise PrinterError("printer.address_wrong")
    is_device_folder = path.is_absolute() and path.parts[1:2] == ("dev",)
    create = 0 if is_device_folder else os.O_CREAT
    try:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | create | _NON_BLOCKING, 0o600)
    except OSError:
        raise PrinterError("printer.unreachable") from None
    return FileLink(handle)


class FileLink:
    """A file that is only written: such a printer cannot answer."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._is_plain = stat.S_ISREG(os.fstat(handle).st_mode)

    def write(self, data: bytes) -> int:
        """Write what is taken; TimeoutError where a device takes nothing, as it does without paper."""
        if not self._is_plain and _NON_BLOCKING and not select.select([], [self._handle], [], _WRITE_S)[1]:
            raise TimeoutError("the device takes nothing")
        return os.write(self._handle, data)

    def read(self, timeout_ms: int) -> bytes:
        """Nothing, as slowly as asked."""
        time.sleep(timeout_ms / 1000)
        return b""

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)
