"""What the command line says: each thing in Chinese and English, refusals with what to do."""

import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TextIO

from cloud_api.problems import ApiProblem
from domain.errors import DomainError
from resources.texts import error_text, text


def say(key: str, **params: object) -> None:
    """Two lines on standard output: Chinese, then English."""
    for language in ("zh", "en"):
        _write(sys.stdout, text(key, language, **params))


def say_line(line: str) -> None:
    """One line on standard output as it is."""
    _write(sys.stdout, line)


def complain(problem: ApiProblem | DomainError) -> None:
    """A refusal on standard error, in both languages."""
    for language in ("zh", "en"):
        _write(sys.stderr, str(error_text(problem.code, language, problem.params)))


def show_progress(line: str) -> None:
    """Overwrite the last line of a terminal; elsewhere stay silent."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{line}\x1b[K")
        sys.stderr.flush()


def show_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns with a heading, as wide as what stands in them."""
    lines = [list(headings), *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell + " " * (wide - width(cell)) for cell, wide in zip(line, widths, strict=True))
        say_line("  ".join(cells).rstrip())


def width(cell: str) -> int:
    """How many columns of a terminal a text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in cell)


def _write(stream: TextIO, line: str) -> None:
    stream.write(line + "\n")
    stream.flush()
