"""CSV as shops export it: UTF-8 or GBK, with or without BOM, any usual delimiter, and rows that are broken."""

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from cloud_api.problems import ApiProblem
from cloud_api.services.catalog_import.source import COLUMNS_MAX, RawRow, SourceOptions, opened

DELIMITERS = (",", "\t", ";", "|")
LINE_BYTES_MAX = 64 * 1024
RECORD_LINES_MAX = 20
"""A quoted cell may hold line breaks; a quote that never closes must not swallow the file."""
SAMPLE_LINES = 50
FOREIGN_LINES = 20_000
"""So many lines that are more than ASCII tell an encoding."""
BROKEN = "�"
_UNCLOSED = "unexpected end of data"

csv.field_size_limit(RECORD_LINES_MAX * LINE_BYTES_MAX)


class CsvSource:
    """Rows of a CSV file; reads it line by line."""

    def __init__(self, path: Path, options: SourceOptions) -> None:
        self._path = path
        self._width: int | None = None
        self._bytes_done = 0
        self.encoding = _known(options.encoding) if options.encoding else find_encoding(path)
        sample = list(islice(self._lines(), SAMPLE_LINES))
        self.delimiter = options.delimiter or find_delimiter([line for _, line in sample])
        self._bytes_total = path.stat().st_size
        first = next((row for row in self._records() if row.cells), None)
        if first is None or first.cells is None:
            raise ApiProblem(422, "cloud.import_empty")
        self.headers = [cell.strip() for cell in first.cells]
        if len(self.headers) > COLUMNS_MAX:
            raise ApiProblem(422, "cloud.import_unreadable")
        self._header_row, self._width = first.number, len(self.headers)
        shown = {"\t": "Tab"}.get(self.delimiter, self.delimiter)
        self.described = f"CSV {self.encoding} “{shown}”"

    def rows(self) -> Iterator[RawRow]:
        """The rows behind the header; what cannot be read comes with its fault."""
        for row in self._records():
            if row.number > self._header_row and (row.cells is None or any(cell.strip() for cell in row.cells)):
                yield row

    def done(self) -> tuple[int, int]:
        """Bytes read and in all."""
        return self._bytes_done, self._bytes_total

    def _records(self) -> Iterator[RawRow]:
        waiting: deque[tuple[int, str]] = deque()
        lines = self._lines()
        while waiting or (following := next(lines, None)):
            if not waiting:
                assert following is not None
                waiting.append(following)
            number = waiting[0][0]
            taken, row = self._read(waiting, lines)
            for _ in range(taken):
                waiting.popleft()
            yield RawRow(number, row.cells, row.fault, row.text)

    def _read(self, waiting: deque[tuple[int, str]], lines: Iterator[tuple[int, str]]) -> tuple[int, RawRow]:
        """One record from the waiting lines, fetching more while a quote is open; how many it took.

        A record of several lines that does not end up as wide as the header began with a stray quote: then only
        its first line is broken, and reading goes on behind that.
        """
        number, first = waiting[0]
        if len(first) > LINE_BYTES_MAX:
            return 1, RawRow(number, None, "line_too_long", first)
        for count in range(1, RECORD_LINES_MAX + 1):
            while len(waiting) < count:
                following = next(lines, None)
                if following is None or len(following[1]) > LINE_BYTES_MAX:
                    waiting.extend([following] if following else [])
                    return 1, RawRow(number, None, "broken_row", first)
                waiting.append(following)
            text = "".join(line for _, line in islice(waiting, count))
            try:
                cells = next(csv.reader([*text.splitlines(keepends=True)], delimiter=self.delimiter, strict=True), [])
            except csv.Error as error:
                if _UNCLOSED in str(error):
                    continue
                return 1, RawRow(number, None, "broken_row", first)
            row = self._judged(RawRow(number, cells, "", text))
            return (1, RawRow(number, None, "broken_row", first)) if row.fault and count > 1 else (count, row)
        return 1, RawRow(number, None, "broken_row", first)

    def _judged(self, row: RawRow) -> RawRow:
        """The row cut to the header's width; at fault where that would lose something or something is missing."""
        if BROKEN in row.text:
            return RawRow(row.number, None, "undecodable", row.text)
        cells = row.cells or []
        width = len(cells) if self._width is None else self._width
        beyond = any(cell.strip() for cell in cells[width:])
        short = len(cells) < width and any(cell.strip() for cell in cells)
        if beyond or short:
            return RawRow(row.number, None, "column_count", row.text)
        return RawRow(row.number, cells[:width], "", row.text)

    def _lines(self) -> Iterator[tuple[int, str]]:
        """Physical lines with their numbers; bytes that are no text become U+FFFD.

        Of a line beyond ``LINE_BYTES_MAX`` characters only the beginning is given, one character longer than that.
        """
        with opened(self._path) as (raw, file):
            reader = io.TextIOWrapper(raw, self.encoding, errors="replace", newline="")
            for number, line in enumerate(_beginnings(reader), start=1):
                self._bytes_done = file.tell()
                yield number, line
            reader.detach()


def _beginnings(reader: io.TextIOWrapper) -> Iterator[str]:
    """The first ``LINE_BYTES_MAX + 1`` characters of each line; the rest of a longer one is passed over."""
    piece = reader.readline(LINE_BYTES_MAX + 1)
    while piece:
        yield piece
        while (following := reader.readline(LINE_BYTES_MAX + 1)) and _goes_on(piece, following):
            piece = following
        piece = following


def _goes_on(piece: str, following: str) -> bool:
    """Whether what was read next is of the same line: a cut may fall between CR and LF, too."""
    return not piece.endswith(("\n", "\r")) or (piece.endswith("\r") and following == "\n")


def find_encoding(path: Path) -> str:
    """``utf-8-sig``, ``utf-16`` or ``gb18030``: by its mark, else by which of them reads nearly all lines."""
    with opened(path) as (raw, _):
        start = raw.read(4)
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in start:
        raise ApiProblem(422, "cloud.import_unreadable")
    speaking = against = 0
    with opened(path) as (raw, _):
        header = raw.readline(LINE_BYTES_MAX)
        if not header.isascii() and _evidence(header) is None:
            return "gb18030"  # without its header no file can be read, so the header decides
        for line in islice(_foreign_lines(raw), FOREIGN_LINES):
            evidence = _evidence(line)
            speaking += evidence or 0
            against += 0 if evidence is not None else sum(byte >= 0x80 for byte in line)
    # One damaged row does not make a UTF-8 file a GBK one: Chinese in GBK hardly ever reads as UTF-8.
    return "utf-8" if not against or speaking > against else "gb18030"


def find_delimiter(lines: list[str]) -> str:
    """The delimiter that the header has most of."""
    header = next((line for line in lines if line.strip()), "")
    return max(DELIMITERS, key=lambda delimiter: (header.count(delimiter), -DELIMITERS.index(delimiter)))


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError as error:
        raise ApiProblem(422, "cloud.import_encoding", encoding=encoding) from error
    return {"gbk": "gb18030", "gb2312": "gb18030", "utf-8": "utf-8-sig"}.get(name, name)


def _foreign_lines(raw: BinaryIO) -> Iterator[bytes]:
    while line := raw.readline(LINE_BYTES_MAX):
        if not line.isascii():
            yield line


def _evidence(line: bytes) -> int | None:
    """How many bytes of a line speak for UTF-8, None where it is none.

    Pairs of bytes say little, for many a GBK character reads as one of the rarer letters; accented Latin counts.
    """
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return None
    return sum(len(letter.encode()) for letter in text if letter >= "\u0800" or "\u00a0" <= letter <= "\u017f")
