"""A printer on USB, found and opened by python-escpos; reading and writing by its bulk endpoints."""

import re
from typing import Any

from pos_app.devices.ports import PrinterError

_WRITE_MS = 5000
_CHUNK_BYTES = 4096
_PRINTER_CLASS = 7
_ADDRESS = re.compile(r"([0-9a-fA-F]{4}):([0-9a-fA-F]{4})")


def open_usb(address: str, **finding: Any) -> "UsbLink":
    """Open ``vendor:product`` in hex, or the first printer where empty; ``finding`` goes to pyusb's ``find``.

    ``printer.address_wrong``, ``printer.unreachable``, ``printer.kind_unavailable`` without a USB library.
    """
    parts = _ADDRESS.fullmatch(address.strip())
    if address.strip() and not parts:
        raise PrinterError("printer.address_wrong")
    # start-up: 200 ms for python-escpos, needed by tills with a USB printer alone
    from escpos.exceptions import Error
    from escpos.printer import Usb
    from usb.core import NoBackendError, USBError

    wanted = {"idVendor": int(parts[1], 16), "idProduct": int(parts[2], 16)} if parts else {"custom_match": is_printer}
    printer = Usb(usb_args={**wanted, **finding})
    try:
        printer.open()
        return UsbLink(printer)
    except NoBackendError:
        raise PrinterError("printer.kind_unavailable") from None
    except (Error, USBError, RuntimeError, NotImplementedError):
        raise PrinterError("printer.unreachable") from None


def is_printer(device: Any) -> bool:
    """Whether one of the device's interfaces is of the printer class."""
    return any(interface.bInterfaceClass == _PRINTER_CLASS for config in device for interface in config)


class UsbLink:
    """An opened python-escpos printer as a Link."""

    def __init__(self, printer: Any) -> None:
        self._printer = printer
        self._device = printer.device
        interfaces = list(self._device.get_active_configuration())
        chosen = next((i for i in interfaces if i.bInterfaceClass == _PRINTER_CLASS), interfaces[0])
        addresses = [endpoint.bEndpointAddress for endpoint in chosen]
        self._out = next((a for a in addresses if not a & 0x80), printer.out_ep)
        self._in = next((a for a in addresses if a & 0x80), None)

    def write(self, data: bytes) -> int:
        """Write a chunk; TimeoutError where the printer takes nothing."""
        # start-up: see open_usb
        from usb.core import USBTimeoutError

        try:
            return int(self._device.write(self._out, data[:_CHUNK_BYTES], _WRITE_MS))
        except USBTimeoutError as stalled:
            raise TimeoutError("the printer takes nothing") from stalled

    def read(self, timeout_ms: int) -> bytes:
        """What the printer says within the time; a printer without an answering endpoint says nothing."""
        # start-up: see open_usb
        from usb.core import USBTimeoutError

        if self._in is None:
            return b""
        try:
            return bytes(self._device.read(self._in, 64, max(timeout_ms, 1)))
        except USBTimeoutError:
            return b""

    def close(self) -> None:
        """Give the device free."""
        self._printer.close()
