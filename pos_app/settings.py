"""What is set on this till alone: screen, printer, drawer, scanner; everything else is HQ's word."""

from dataclasses import dataclass, field
from enum import StrEnum


class PrinterKind(StrEnum):
    """How the receipt printer is reached."""

    NONE = "none"
    NETWORK = "network"
    USB = "usb"
    FILE = "file"
    WINDOWS = "windows"


class PrintMode(StrEnum):
    """How Chinese gets onto paper: by the printer's own font, or drawn here and sent as an image."""

    GB18030 = "gb18030"
    RASTER = "raster"


@dataclass(frozen=True, slots=True)
class PrinterSettings:
    """``address``: ``host:port`` (network), ``vendor:product`` in hex or empty for the first (USB), a path or
    device (file), the printer's name in Windows (windows).
    """

    kind: PrinterKind = PrinterKind.NONE
    address: str = ""
    columns: int = 48
    mode: PrintMode = PrintMode.GB18030
    cutter: bool = True
    native_qr: bool = False
    """Whether the printer draws QR codes by itself; else they are sent as an image, which every printer knows."""
    answers_status: bool | None = None
    """Whether it tells its state over the line; None = not known yet (``devices.printers.answers_status`` tells)."""
    receipt_language: str = "zh"
    """``zh``, ``en`` or ``both``."""
    print_sales: bool = True
    """Whether every sale prints its receipt by itself."""


@dataclass(frozen=True, slots=True)
class DrawerSettings:
    """The cash drawer behind the printer: which of its two pins opens it (0 or 1)."""

    enabled: bool = True
    pin: int = 0


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """How the till looks and speaks."""

    language: str = "zh"
    theme: str = "light"
    zoom_percent: int = 100
    key_profile: str = "default"
    sound_percent: int = 70
    left_handed: bool = False


@dataclass(frozen=True, slots=True)
class ScannerSettings:
    """What tells a scan from typing; learnt in the wizard."""

    prefix: str = ""
    suffix: str = ""
    gap_ms: int = 35
    port: str = ""
    """A serial port's name, empty for a keyboard scanner."""


@dataclass(frozen=True, slots=True)
class WizardProgress:
    """Where the first run stands, to go on there after a restart; a test is empty, passed, failed or skipped."""

    step: str = ""
    printer: str = ""
    scanner: str = ""
    drawer: str = ""


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """Everything that is set on this till."""

    screen: ScreenSettings = field(default_factory=ScreenSettings)
    printer: PrinterSettings = field(default_factory=PrinterSettings)
    drawer: DrawerSettings = field(default_factory=DrawerSettings)
    scanner: ScannerSettings = field(default_factory=ScannerSettings)
    wizard: WizardProgress = field(default_factory=WizardProgress)
    wizard_done: bool = False
    auto_lock_s: int | None = None
    """Seconds without a touch until the till locks; 0 = never, None = as the store has it."""
