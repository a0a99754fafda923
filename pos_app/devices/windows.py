"""A printer that Windows knows by name, given raw bytes through its spooler by python-escpos."""

import time
from importlib import import_module
from typing import Any

from pos_app.devices.ports import PrinterError


def open_windows(name: str) -> "SpoolerLink":
    """Start a raw print job; ``printer.kind_unavailable`` elsewhere than on Windows, ``printer.unreachable``."""
    # start-up: 200 ms for python-escpos, needed by tills with such a printer alone
    from escpos.exceptions import Error
    from escpos.printer import Win32Raw

    if not Win32Raw.is_usable():
        raise PrinterError("printer.kind_unavailable")
    printer = Win32Raw(name.strip())
    try:
        printer.open(job_name="Evertill")
    except (Error, OSError):
        raise PrinterError("printer.unreachable") from None
    return SpoolerLink(printer, import_module("pywintypes").error)


class SpoolerLink:
    """A job of the spooler as a Link: it takes everything and tells nothing."""

    def __init__(self, printer: Any, fault: type[Exception]) -> None:
        self._printer = printer
        self._fault = fault

    def write(self, data: bytes) -> int:
        """Hand all of it to the spooler."""
        try:
            self._printer._raw(data)
        except self._fault as refused:
            raise OSError("the spooler refuses") from refused
        return len(data)

    def read(self, timeout_ms: int) -> bytes:
        """Nothing, as slowly as asked."""
        time.sleep(timeout_ms / 1000)
        return b""

    def close(self) -> None:
        """End the job; the spooler prints it."""
        try:
            self._printer.close()
        except self._fault as refused:
            raise OSError("the spooler refuses") from refused
