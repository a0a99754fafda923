"""XLSX workbooks, read row by row; numbers become the text that a shopkeeper saw."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from cloud_api.problems import ApiProblem
from cloud_api.services.catalog_import.source import (
    COLUMNS_MAX,
    LINE_BYTES_MAX,
    RawRow,
    SourceOptions,
    require_modest_zip,
)

EXACT_DIGITS = 15
"""A spreadsheet keeps no more digits of a number: a longer code in a number cell has lost its end."""


class XlsxSource:
    """Rows of one sheet of a workbook."""

    def __init__(self, path: Path, options: SourceOptions) -> None:
        require_modest_zip(path)
        try:
            self._book = load_workbook(path, read_only=True, data_only=True)
        except (InvalidFileException, BadZipFile, KeyError, ValueError, ParseError) as error:
            raise ApiProblem(422, "cloud.import_unreadable") from error
        if options.sheet is not None and options.sheet not in self._book.sheetnames:
            self._book.close()
            raise ApiProblem(422, "cloud.import_sheet", sheet=options.sheet)
        self._sheet = self._book[options.sheet or self._book.sheetnames[0]]
        self._row = 0
        first = next((row for row in self._all() if any(row[1])), None)
        if first is None:
            self._book.close()
            raise ApiProblem(422, "cloud.import_empty")
        self.header_row, cells = first
        while cells and not cells[-1].strip():
            cells.pop()
        self.headers = [cell.strip() for cell in cells]
        if len(self.headers) > COLUMNS_MAX:
            self._book.close()
            raise ApiProblem(422, "cloud.import_header_too_long", columns=COLUMNS_MAX, characters=LINE_BYTES_MAX)
        self.described = f"XLSX “{self._sheet.title}”"

    def rows(self) -> Iterator[RawRow]:
        """The rows behind the header that are not blank."""
        width = len(self.headers)
        for number, cells in self._all():
            if number <= self.header_row or not any(cell.strip() for cell in cells):
                continue
            if any(cell.strip() for cell in cells[width:]):
                yield RawRow(number, None, "column_count", " ".join(cells))
                continue
            yield RawRow(number, [*cells[:width], *[""] * (width - len(cells))])
        self._book.close()

    def done(self) -> tuple[int, int]:
        """Rows read and, by the workbook's own word, in all."""
        return self._row, max(self._row, self._sheet.max_row or 0)

    def _all(self) -> Iterator[tuple[int, list[str]]]:
        for number, values in enumerate(self._sheet.iter_rows(values_only=True, max_col=COLUMNS_MAX + 1), start=1):
            self._row = number
            yield number, [cell_text(value) for value in values]


def cell_text(value: object) -> str:
    """A cell as text: 6.9e12 is the code 6900000000000; what lost digits shows so (6.94269874574562E+15)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        if value == int(value):
            digits = str(int(value))
            return digits if len(digits.lstrip("-")) <= EXACT_DIGITS else f"{Decimal(int(value)):.14E}"
        return f"{Decimal(f'{value:.{EXACT_DIGITS}g}'):f}"
    return str(value)
