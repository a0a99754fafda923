"""ESC/POS as bytes: a receipt in the printer's own Chinese mode or as an image, codes, cut and drawer pulse.

Chinese text is ``FS &``, GB18030, ``FS .``: what python-escpos lacks.
"""

from collections.abc import Iterable, Iterator
from enum import Enum

from domain.receipt import QrRow, Receipt, RowKind, TextRow
from pos_app.devices.qr import qr_matrix
from pos_app.settings import PrinterSettings, PrintMode

INITIALISE = b"\x1b@"
CHINESE_ON, CHINESE_OFF = b"\x1c&", b"\x1c."
AMERICAN = b"\x1bR\x00"
"""The character set in which # $ [ ] are themselves; China's has ￥ in the place of $."""
BOLD_ON, BOLD_OFF = b"\x1bE\x01", b"\x1bE\x00"
TALL_ON, TALL_OFF = b"\x1d!\x01\x1c!\x08", b"\x1d!\x00\x1c!\x00"
"""Double height for ASCII and, as some printers keep it apart, for Chinese."""
CENTER, LEFT = b"\x1ba\x01", b"\x1ba\x00"
CUT = b"\x1dVB\x00"
"""Feed to the blade and cut, leaving a corner."""
REPORT_WHEN_DONE = b"\x1dr\x01"
"""The printer answers when everything before it has been printed."""

QR_MODULE_DOTS = 5
"""0.6 mm at 203 dpi: 26 mm for a code of version 6, fits 58 mm paper and reads from a worn printer."""
QR_QUIET_MODULES = 4
_BAND_ROWS = 128
_TALL = {RowKind.TOTAL, RowKind.MARK}
_BOLD = {RowKind.TITLE, RowKind.TOTAL, RowKind.MARK}
_DOTS = {32: 384, 42: 512, 44: 576, 48: 576}


class Barcode(Enum):
    """Kinds of barcodes with their number in ``GS k``."""

    UPC_A = 65
    EAN13 = 67
    EAN8 = 68
    ITF = 70
    CODE128 = 73


def encode_receipt(receipt: Receipt, settings: PrinterSettings) -> bytes:
    """The whole receipt, fed and cut; ``printer.font_missing`` where it is an image and no font has Chinese."""
    if settings.mode is PrintMode.RASTER:
        # start-up: Pillow and its fonts cost 100 ms and 20 MB, and most printers have their own font
        from pos_app.devices.raster import dots_of_receipt

        body = raster(dots_of_receipt(receipt, width_dots(receipt.columns)))
    else:
        body = b"".join(_row(row, receipt.columns, native_qr=settings.native_qr) for row in receipt.rows)
    return INITIALISE + CHINESE_OFF + AMERICAN + body + end_of_paper(cutter=settings.cutter)


def width_dots(columns: int) -> int:
    """The printable width of such a printer in dots."""
    return _DOTS[columns]


def text_line(text: str) -> bytes:
    """A row in the printer's fonts."""
    if text.isascii():
        return text.encode() + b"\n"
    return CHINESE_ON + text.encode("gb18030", errors="replace") + CHINESE_OFF + b"\n"


def qr(data: str, module_dots: int = QR_MODULE_DOTS) -> bytes:
    """A QR code of model 2, correction M, that the printer draws by itself."""
    content = data.encode("ascii")
    return b"".join(
        b"\x1d(k" + len(body).to_bytes(2, "little") + body
        for body in (b"1A2\x00", b"1C" + bytes([module_dots]), b"1E1", b"1P0" + content, b"1Q0")
    )


def barcode(kind: Barcode, data: str, *, height_dots: int = 80, module_dots: int = 2) -> bytes:
    """A barcode that the printer draws, with its digits below; check digits are part of ``data``."""
    content = data.encode("ascii")
    if kind is Barcode.CODE128:
        content = b"{B" + content
    look = b"\x1dh" + bytes([height_dots]) + b"\x1dw" + bytes([module_dots]) + b"\x1dH\x02"
    return look + b"\x1dk" + bytes([kind.value, len(content)]) + content


def raster(rows: Iterable[bytes]) -> bytes:
    """An image of rows of packed dots (1 = black), all of the same length, in bands that small buffers take."""
    lines = list(rows)
    return b"".join(_band(lines[start : start + _BAND_ROWS]) for start in range(0, len(lines), _BAND_ROWS))


def end_of_paper(*, cutter: bool) -> bytes:
    """Cut, or feed far enough to tear off."""
    return b"\x1bd\x01" + CUT if cutter else b"\x1bd\x05"


def kick(pin: int, *, at_once: bool = False) -> bytes:
    """A pulse of 100 ms; ``at_once`` is the real-time command that a printer without paper still obeys."""
    assert pin in (0, 1)
    if at_once:
        return b"\x10\x14\x01" + bytes([pin, 1])
    return b"\x1bp" + bytes([pin, 50, 250])


def _row(row: TextRow | QrRow, columns: int, *, native_qr: bool) -> bytes:
    if isinstance(row, TextRow):
        return _styled(row)
    if native_qr:
        # Printers draw no quiet zone: an empty line above and below is one.
        return b"\n" + CENTER + qr(row.data) + LEFT + b"\n"
    return raster(_qr_dots(row.data, width_dots(columns)))


def _styled(row: TextRow) -> bytes:
    line = text_line(row.text)
    if row.kind in _TALL:
        line = TALL_ON + line + TALL_OFF
    return BOLD_ON + line + BOLD_OFF if row.kind in _BOLD else line


def _qr_dots(data: str, paper_dots: int) -> Iterator[bytes]:
    matrix = qr_matrix(data)
    margin = (paper_dots - len(matrix) * QR_MODULE_DOTS) // 2
    assert margin >= 0, "the code is wider than the paper"
    blank = bytes(paper_dots // 8)
    yield from [blank] * (QR_MODULE_DOTS * QR_QUIET_MODULES)
    for modules in matrix:
        bits = "0" * margin + "".join("01"[dark] * QR_MODULE_DOTS for dark in modules)
        yield from [int(bits.ljust(paper_dots, "0"), 2).to_bytes(paper_dots // 8)] * QR_MODULE_DOTS
    yield from [blank] * (QR_MODULE_DOTS * QR_QUIET_MODULES)


def _band(lines: list[bytes]) -> bytes:
    size = len(lines[0]).to_bytes(2, "little") + len(lines).to_bytes(2, "little")
    return b"\x1dv0\x00" + size + b"".join(lines)
