"""Printers behind files, USB and Windows' spooler: real libraries, and only the hardware stood in for."""

import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import usb.backend
import usb.core

from pos_app.devices.escpos import encode_receipt
from pos_app.devices.ports import PrinterError
from pos_app.devices.printers import LinkedPrinter, NoPrinter, answers_status, printer_for
from pos_app.devices.status import Patience
from pos_app.devices.usb import open_usb
from pos_app.settings import PrinterKind, PrinterSettings
from resources.texts import error_text, has_error
from tests.receipts import receipt

QUICK = Patience(answer_ms=200, finish_ms=600, settle_ms=10)
JOB = encode_receipt(receipt(), PrinterSettings())


def at(kind: PrinterKind, address: str) -> PrinterSettings:
    return PrinterSettings(kind, address)


def trouble_of(printer: Any) -> tuple[str, bool]:
    with pytest.raises(PrinterError) as told:
        printer.send(JOB)
    return told.value.code, told.value.uncertain


def test_no_printer_takes_everything() -> None:
    printer = printer_for(at(PrinterKind.NONE, ""))
    assert isinstance(printer, NoPrinter)
    printer.send(JOB)
    printer.kick(0)


def test_file_collects_jobs_and_pulses(tmp_path: Path) -> None:
    paper = tmp_path / "paper.bin"
    printer = printer_for(at(PrinterKind.FILE, str(paper)), QUICK)
    printer.send(JOB)
    printer.kick(1)
    printer.send(JOB)
    assert paper.read_bytes() == JOB + b"\x1bp\x01\x32\xfa" + JOB
    assert not answers_status(at(PrinterKind.FILE, str(paper)))


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("", "printer.address_wrong"),
        ("a\0b", "printer.address_wrong"),
        ("/dev/no-such-printer", "printer.unreachable"),
        ("/dev/null/paper", "printer.unreachable"),
    ],
)
def test_file_that_cannot_be(address: str, code: str) -> None:
    assert trouble_of(printer_for(at(PrinterKind.FILE, address), QUICK)) == (code, False)
    assert not Path("/dev/no-such-printer").exists()


def test_device_that_takes_nothing_stalls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe that nobody reads is what a parallel printer without paper looks like."""
    monkeypatch.setattr("pos_app.devices.files._WRITE_S", 0.1)
    pipe = tmp_path / "lp0"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        printer = printer_for(at(PrinterKind.FILE, str(pipe)), QUICK)
        printer.send(JOB)
        assert os.read(reader, 1 << 20) == JOB
        with pytest.raises(PrinterError, match="stalled") as told:
            printer.send(JOB * 1000)
        assert told.value.uncertain
    finally:
        os.close(reader)
    assert trouble_of(printer) == ("printer.unreachable", False)


def test_full_disk_is_told() -> None:
    assert trouble_of(printer_for(at(PrinterKind.FILE, "/dev/full"), QUICK)) == ("printer.closed", False)


def test_windows_printer_elsewhere_is_told() -> None:
    assert trouble_of(printer_for(at(PrinterKind.WINDOWS, "EPSON TM-T20"))) == ("printer.kind_unavailable", False)


@dataclass
class UsbHardware(usb.backend.IBackend):  # type: ignore[misc]
    """One printer on the bus, seen by pyusb as its backends see hardware: out 0x03, in 0x84."""

    plugged: bool = True
    stalls: bool = False
    answer: bytes = b"\x12"
    paper: bytes = b""
    said: bytes = b""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def enumerate_devices(self) -> Iterator[str]:
        yield from ["printer"] if self.plugged else []

    def get_device_descriptor(self, dev: str) -> SimpleNamespace:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
            bMaxPacketSize0=64, idVendor=0x04B8, idProduct=0x0E15, bcdDevice=0x100, iManufacturer=0, iProduct=0,
            iSerialNumber=0, bNumConfigurations=1, address=1, bus=1, port_number=1, port_numbers=(1,), speed=3,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev: str, config: int) -> SimpleNamespace:
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=1, bConfigurationValue=1,
            iConfiguration=0, bmAttributes=0xC0, bMaxPower=1, extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, dev: str, intf: int, alt: int, config: int) -> SimpleNamespace:
        if intf or alt:
            raise IndexError("one interface only")
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=0, bAlternateSetting=0, bNumEndpoints=2,
            bInterfaceClass=7, bInterfaceSubClass=1, bInterfaceProtocol=2, iInterface=0, extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(self, dev: str, ep: int, intf: int, alt: int, config: int) -> SimpleNamespace:
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=(0x03, 0x84)[ep], bmAttributes=2, wMaxPacketSize=64,
            bInterval=0, bRefresh=0, bSynchAddress=0, extra_descriptors=[],
        )  # fmt: skip

    def open_device(self, dev: str) -> str:
        return dev

    def close_device(self, handle: str) -> None: ...

    def set_configuration(self, handle: str, value: int) -> None: ...

    def get_configuration(self, handle: str) -> int:
        return 1

    def claim_interface(self, handle: str, intf: int) -> None: ...

    def release_interface(self, handle: str, intf: int) -> None: ...

    def reset_device(self, handle: str) -> None: ...

    def bulk_write(self, handle: str, ep: int, intf: int, data: Any, timeout: int) -> int:
        assert ep == 0x03
        if self.stalls:
            raise usb.core.USBTimeoutError("timed out")
        taken = bytes(data)[:64]
        if taken.startswith(b"\x10\x04"):
            self.said += self.answer
        else:
            self.paper += taken
            self.said += b"\x00" if self.paper.endswith(b"\x1dr\x01") else b""
        return len(taken)

    def bulk_read(self, handle: str, ep: int, intf: int, buff: Any, timeout: int) -> int:
        assert ep == 0x84
        if not self.said:
            raise usb.core.USBTimeoutError("timed out")
        buff[0], self.said = self.said[0], self.said[1:]
        return 1


def usb_printer(hardware: UsbHardware, address: str = "") -> LinkedPrinter:
    return LinkedPrinter(lambda: open_usb(address, backend=hardware), answers=None, patience=QUICK)


@pytest.mark.parametrize("address", ["", "04b8:0e15", "04B8:0E15"])
def test_usb_prints_through_the_printers_own_endpoints(address: str) -> None:
    hardware = UsbHardware()
    printer = usb_printer(hardware, address)
    printer.send(JOB)
    assert hardware.paper == JOB + b"\x1dr\x01"
    printer.kick(0)
    assert hardware.paper.endswith(b"\x1bp\x00\x32\xfa")


def test_usb_out_of_paper() -> None:
    hardware = UsbHardware(answer=b"\x72")
    assert trouble_of(usb_printer(hardware)) == ("printer.paper_out", False)
    assert hardware.paper == b""


def test_usb_unplugged_stalled_or_another() -> None:
    assert trouble_of(usb_printer(UsbHardware(plugged=False))) == ("printer.unreachable", False)
    assert trouble_of(usb_printer(UsbHardware(), "1234:5678")) == ("printer.unreachable", False)
    assert trouble_of(usb_printer(UsbHardware(), "epson")) == ("printer.address_wrong", False)
    silent = LinkedPrinter(lambda: open_usb("", backend=UsbHardware(stalls=True)), answers=False, patience=QUICK)
    assert trouble_of(silent) == ("printer.stalled", False)


def test_usb_without_a_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_backend(**_: object) -> None:
        raise usb.core.NoBackendError("No backend available")

    monkeypatch.setattr(usb.core, "find", no_backend)
    assert trouble_of(printer_for(at(PrinterKind.USB, ""), QUICK)) == ("printer.kind_unavailable", False)


def test_every_trouble_has_its_words() -> None:
    till = Path(__file__).parents[3] / "pos_app"
    sources = [*(till / "devices").glob("*.py"), till / "services/printing.py"]
    codes = {code for path in sources for code in re.findall(r'"(printer\.[a-z_]+)"', path.read_text("utf-8"))}
    assert len(codes) >= 14
    for code in codes:
        assert has_error(code), code
        for language in ("zh", "en"):
            told = error_text(code, language)
            assert all((told.what, told.safe, told.do))
