"""A receipt printer in memory: ESC/POS bytes become the lines of text and the picture that a real one would make.

It is strict: an unknown command is an error, bytes above ASCII outside the Chinese mode come out as blots, and a
line that is too long wraps and is remembered. QR codes and barcodes are drawn from their data by other libraries
than the one that tests read them with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import barcode
from PIL import Image, ImageDraw
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.base import BaseImage

from pos_app.devices.fonts import chinese_font

CELL, LINE = 12, 34
BLOT = "▒"
_BARCODES = {65: "upca", 67: "ean13", 68: "ean8", 70: "itf", 73: "code128"}


class UnknownCommand(AssertionError):
    """A command that this printer does not know."""


@dataclass
class PrintedLine:
    """One printed line of text and how it looks."""

    text: str
    bold: bool = False
    height: int = 1
    wrapped: bool = False


@dataclass
class Style:
    """What the printer remembers between characters."""

    bold: bool = False
    ascii_height: int = 1
    chinese_height: int = 1
    align: int = 0
    chinese: bool = False
    country: int = 15
    """Sold in China: its $ prints as ￥ until it is told otherwise."""


@dataclass
class EscPosPrinter:
    """Feed bytes with ``print``; read ``lines``, ``image()``, ``cuts``, ``pulses`` and ``answers``."""

    columns: int = 48
    dots: int = 576
    lines: list[PrintedLine] = field(default_factory=list)
    cuts: int = 0
    pulses: list[int] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    reports: int = 0
    native_codes: list[str] = field(default_factory=list)
    raster_bands: int = 0

    def __post_init__(self) -> None:
        self._style = Style()
        self._pieces: list[Image.Image] = []
        self._row: list[tuple[str, Style]] = []
        self._data = b""
        self._at = 0
        self._qr_module, self._qr_data = 3, ""
        self._bar_height, self._bar_module = 100, 2

    def print(self, data: bytes) -> None:
        """Take a whole job."""
        self._data, self._at = data, 0
        while self._at < len(data):
            self._step()
        assert not self._row, "the job ends in the middle of a line"

    def text(self) -> list[str]:
        """The printed lines as text."""
        return [line.text for line in self.lines]

    def image(self) -> Image.Image:
        """Everything printed so far, with a margin."""
        height = sum(piece.height for piece in self._pieces)
        paper = Image.new("L", (self.dots + 40, height + 40), 255)
        top = 20
        for piece in self._pieces:
            paper.paste(piece, (20, top))
            top += piece.height
        return paper

    def _take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        assert len(taken) == count, "the job ends in the middle of a command"
        self._at += count
        return taken

    def _step(self) -> None:
        first = self._take(1)[0]
        if first == 0x0A:
            self._end_line()
        elif first in (0x1B, 0x1C, 0x1D, 0x10):
            self._command(first, self._take(1))
        elif 0x20 <= first < 0x7F:
            # 0x24 is where national character sets differ
            is_sign_of_china = first == 0x24 and self._style.country == 15
            self._char("￥" if is_sign_of_china else chr(first))
        elif first >= 0x80:
            self._high_byte(first)
        else:
            raise UnknownCommand(f"control byte {first:#04x} at {self._at - 1}")

    def _high_byte(self, first: int) -> None:
        if not self._style.chinese:
            self._char(BLOT)
            return
        second = self._take(1)
        code = bytes([first]) + second
        if 0x30 <= second[0] <= 0x39:
            code += self._take(2)
        self._char(code.decode("gb18030"))

    def _char(self, char: str) -> None:
        taken = sum(_cells(before) for before, _ in self._row)
        if taken + _cells(char) > self.columns:
            self._end_line(wrapped=True)
        style = self._style
        self._row.append((char, Style(style.bold, style.ascii_height, style.chinese_height)))

    def _end_line(self, *, wrapped: bool = False) -> None:
        row, self._row = self._row, []
        heights = [style.ascii_height if char.isascii() else style.chinese_height for char, style in row] or [1]
        line = Image.new("L", (self.dots, LINE * max(heights)), 255)
        left = (self.dots - self.columns * CELL) // 2 if self.columns * CELL < self.dots else 0
        for char, style in row:
            height = style.ascii_height if char.isascii() else style.chinese_height
            self._stamp(line, left, char, height=height)
            left += _cells(char) * CELL
        self._pieces.append(line)
        bold = bool(row) and all(style.bold for _, style in row)
        self.lines.append(PrintedLine("".join(char for char, _ in row), bold, max(heights), wrapped))

    def _stamp(self, line: Image.Image, left: int, char: str, *, height: int) -> None:
        cell = Image.new("L", (_cells(char) * CELL, LINE), 255)
        ImageDraw.Draw(cell).text((cell.width / 2, 26), char, font=chinese_font(24), fill=0, anchor="ms")
        line.paste(cell.resize((cell.width, LINE * height)), (left, line.height - LINE * height))

    def _command(self, lead: int, name: bytes) -> None:
        known = {
            0x1B: {b"@": self._reset, b"E": self._bold, b"R": self._country, b"a": self._align, b"d": self._feed,
                   b"p": self._pulse},
            0x1C: {b"&": self._chinese_on, b".": self._chinese_off, b"!": self._chinese_size},
            0x1D: {b"!": self._size, b"V": self._cut, b"(": self._parenthesis, b"k": self._barcode,
                   b"h": self._barcode_height, b"w": self._barcode_module, b"H": self._skip_one, b"v": self._raster,
                   b"r": self._report},
            0x10: {b"\x04": self._ask, b"\x14": self._pulse_at_once},
        }  # fmt: skip
        act: Callable[[], None] | None = known[lead].get(name)
        if act is None:
            raise UnknownCommand(f"{lead:#04x} {name!r} at {self._at - 2}")
        act()

    def _reset(self) -> None:
        self._style = Style()

    def _bold(self) -> None:
        self._style.bold = self._take(1)[0] & 1 == 1

    def _country(self) -> None:
        self._style.country = self._take(1)[0]

    def _align(self) -> None:
        self._style.align = self._take(1)[0]

    def _feed(self) -> None:
        self._pieces.append(Image.new("L", (self.dots, LINE * self._take(1)[0]), 255))

    def _pulse(self) -> None:
        self.pulses.append(self._take(3)[0])

    def _pulse_at_once(self) -> None:
        function, pin, _ = self._take(3)
        assert function == 1
        self.pulses.append(pin)

    def _chinese_on(self) -> None:
        self._style.chinese = True

    def _chinese_off(self) -> None:
        self._style.chinese = False

    def _chinese_size(self) -> None:
        self._style.chinese_height = 2 if self._take(1)[0] & 8 else 1

    def _size(self) -> None:
        height = (self._take(1)[0] & 7) + 1
        self._style.ascii_height = height

    def _cut(self) -> None:
        assert self._take(2) == b"B\x00"
        self.cuts += 1

    def _skip_one(self) -> None:
        self._take(1)

    def _report(self) -> None:
        self._take(1)
        self.reports += 1

    def _ask(self) -> None:
        self.asked.append(self._take(1)[0])

    def _barcode_height(self) -> None:
        self._bar_height = self._take(1)[0]

    def _barcode_module(self) -> None:
        self._bar_module = self._take(1)[0]

    def _parenthesis(self) -> None:
        assert self._take(1) == b"k"
        body = self._take(int.from_bytes(self._take(2), "little"))
        function, rest = body[:2], body[2:]
        if function == b"1C":
            self._qr_module = rest[0]
        elif function == b"1P":
            self._qr_data = rest[1:].decode("ascii")
        elif function == b"1Q":
            self._draw_qr()
        elif function not in (b"1A", b"1E"):
            raise UnknownCommand(f"GS ( k {function!r}")

    def _draw_qr(self) -> None:
        code = QRCode[BaseImage](error_correction=ERROR_CORRECT_M, border=0)
        code.add_data(self._qr_data)
        code.make(fit=True)
        self.native_codes.append(self._qr_data)
        self._draw_modules(code.get_matrix(), self._qr_module, self._qr_module)

    def _barcode(self) -> None:
        kind = self._take(1)[0]
        data = self._take(self._take(1)[0]).decode("ascii")
        if _BARCODES[kind] == "code128":
            assert data.startswith("{B")
            data = data[2:]
        # build() gives the bars as 1 and 0
        bars = barcode.get(_BARCODES[kind], data).build()[0]
        self.native_codes.append(data)
        self._draw_modules([[bar in "1G" for bar in bars]], self._bar_module, self._bar_height)

    def _draw_modules(self, matrix: list[list[bool]], width: int, height: int) -> None:
        code = Image.new("L", (len(matrix[0]) * width, len(matrix) * height), 255)
        draw = ImageDraw.Draw(code)
        for top, row in enumerate(matrix):
            for left, dark in enumerate(row):
                if dark:
                    draw.rectangle((left * width, top * height, left * width + width - 1, top * height + height - 1), 0)
        assert code.width <= self.dots, "the code is wider than the paper"
        piece = Image.new("L", (self.dots, code.height), 255)
        piece.paste(code, ((self.dots - code.width) // 2 * (self._style.align == 1), 0))
        self._pieces.append(piece)

    def _raster(self) -> None:
        assert self._take(2) == b"0\x00"
        line_bytes, rows = (int.from_bytes(self._take(2), "little") for _ in range(2))
        assert line_bytes * 8 <= self.dots, "the image is wider than the paper"
        bits = self._take(line_bytes * rows)
        band = Image.frombytes("1", (line_bytes * 8, rows), bytes(byte ^ 0xFF for byte in bits))
        piece = Image.new("L", (self.dots, rows), 255)
        piece.paste(band.convert("L"), (0, 0))
        self._pieces.append(piece)
        self.raster_bands += 1


def _cells(char: str) -> int:
    """Counted as printers do, by bytes."""
    return 1 if char.isascii() or char == BLOT else 2
