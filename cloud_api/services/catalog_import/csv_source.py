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
from cloud_api.services.catalog_import.findings import shown
from cloud_api.services.catalog_import.source import COLUMNS_MAX, LINE_BYTES_MAX, RawRow, SourceOptions, opened

DELIMITERS = (",", "\t", ";", "|")
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
        self.header_row, self.headers = self._header()
        self._width = len(self.headers)
        shown = {"\t": "Tab"}.get(self.delimiter, self.delimiter)
        self.described = f"CSV {self.encoding} “{shown}”"

    def _header(self) -> tuple[int, list[str]]:
        """The first row that is not blank; a file whose header is broken is refused, not read from further below."""
        first = next((row for row in self._records() if row.cells is None or any(map(str.strip, row.cells))), None)
        if first is None:
            raise ApiProblem(422, "cloud.import_empty")
        cells = [cell.strip() for cell in first.cells or ()]
        if first.fault == "line_too_long" or len(cells) > COLUMNS_MAX:
            raise ApiProblem(
                422, "cloud.import_header_too_long", columns=COLUMNS_MAX, characters=LINE_BYTES_MAX, row=first.number
            )
        if first.fault:
            raise ApiProblem(422, "cloud.import_header_broken", row=first.number, start=shown(first.text.strip()))
        return first.number, cells

    def rows(self) -> Iterator[RawRow]:
        """The rows behind the header; what cannot be read comes with its fault."""
        for row in self._records():
            if row.number > self.header_row and (row.cells is None or any(cell.strip() for cell in row.cells)):
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
        lines = _whole_letters(raw)
        header = next(lines, b"")
        if _evidence(header) is None:
            return "gb18030"  # without its header no file can be read, so the header decides
        for line in islice((line for line in lines if not line.isascii()), FOREIGN_LINES):
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


def _whole_letters(raw: BinaryIO) -> Iterator[bytes]:
    """The lines, endless ones in pieces; no letter of UTF-8 is cut by that, for half a letter reads as damage."""
    rest = b""
    while read := raw.readline(LINE_BYTES_MAX):
        piece = rest + read
        end = len(piece) if piece.endswith(b"\n") else _end_of_letters(piece)
        rest = piece[end:]
        yield from piece[:end].splitlines()
    if rest:
        yield rest


def _end_of_letters(piece: bytes) -> int:
    """Where the last letter of UTF-8 that is whole ends."""
    for back in range(1, min(3, len(piece)) + 1):
        byte = piece[-back]
        if byte & 0b1100_0000 != 0b1000_0000:
            wanted = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
            return len(piece) - back if wanted > back else len(piece)
    return len(piece)


def _evidence(line: bytes) -> int | None:
    """How many bytes of a line speak for UTF-8, None where it is none.

    Pairs of bytes say little, for many a GBK character reads as one of the rarer letters; accented Latin counts.
    """
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return None
    return sum(len(letter.encode()) for letter in text if letter >= "\u0800" or "\u00a0" <= letter <= "\u017f")
