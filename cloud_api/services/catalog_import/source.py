"""A file as rows of cells, whatever its kind: CSV in the encodings shops use, or XLSX; gzip is opened."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from cloud_api.problems import ApiProblem

GZIP_MAGIC, ZIP_MAGIC, OLD_EXCEL_MAGIC = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
EXPANDED_BYTES_MAX = 2 * 1024**3
COLUMNS_MAX = 300
LINE_BYTES_MAX = 64 * 1024


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What the caller knows of the file; None = find out."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as it stands: its cells, or None and the finding code of why it cannot be read."""

    number: int
    cells: list[str] | None
    fault: str = ""
    text: str = ""


class RowSource(Protocol):
    """Rows behind a header."""

    headers: list[str]
    header_row: int
    """The line or row that the header is in, counted from 1."""
    described: str
    """How it was read, for people: ``CSV gb18030 ","``."""

    def rows(self) -> Iterator[RawRow]:
        """The rows that are not blank, in order."""
        ...

    def done(self) -> tuple[int, int]:
        """How far, of how much: bytes or rows."""
        ...


class ExpandedTooFar(io.RawIOBase):
    """A stream that refuses to grow beyond a limit: the guard against compressed bombs."""

    def __init__(self, inner: gzip.GzipFile) -> None:
        self._inner = inner
        self._read = 0

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """The next bytes; ApiProblem beyond the limit or where the file is damaged."""
        try:
            data = self._inner.read(len(buffer))
        except (OSError, EOFError, zlib.error) as error:
            raise ApiProblem(422, "cloud.import_unreadable") from error
        self._read += len(data)
        if self._read > EXPANDED_BYTES_MAX:
            raise ApiProblem(413, "cloud.too_large")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close what is below too."""
        self._inner.close()
        super().close()


def magic(path: Path) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as file:
        return file.read(8)


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The file's bytes, unpacked where it is gzip, and the file itself, whose position tells how far it is read."""
    with path.open("rb") as file:
        if magic(path).startswith(GZIP_MAGIC):
            packed = gzip.GzipFile(fileobj=file, mode="rb")
            with io.BufferedReader(ExpandedTooFar(packed), 1 << 16) as unpacked:
                yield unpacked, file
        else:
            yield file, file


def require_modest_zip(path: Path) -> None:
    """413 for a workbook that would unpack to more than anybody needs."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise ApiProblem(422, "cloud.import_unreadable") from error
    if size > EXPANDED_BYTES_MAX:
        raise ApiProblem(413, "cloud.too_large")
