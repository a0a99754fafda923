"""What an import has to say: refused rows (not imported), doubted ones (imported, but look), and what it noted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from resources.texts import text

VALUE_SHOWN_MAX = 120


class Severity(StrEnum):
    """Whether the row went in; what is noted is said of the file as a whole, in the row of its header."""

    REFUSED = "refused"
    DOUBTED = "doubted"
    NOTED = "noted"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on one row; ``row`` is the line of the file (the header is 1), ``code`` names the words."""

    row: int
    column: str
    severity: Severity
    code: str
    value: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    def words(self, language: str) -> str:
        """What it means, in ``zh`` or ``en``."""
        return text(f"finding.{self.code}", language, **self.params)


def without_doubts_of_refused(findings: list[Finding]) -> list[Finding]:
    """What to say of one row: a refused row did not go in "as it stands", so only its refusals are left."""
    refusals = [finding for finding in findings if finding.severity is Severity.REFUSED]
    return refusals or findings


def shown(value: str) -> str:
    """A cell as a report may show it: printable and not endless."""
    printable = "".join(character if character.isprintable() else "�" for character in value)
    return printable if len(printable) <= VALUE_SHOWN_MAX else printable[:VALUE_SHOWN_MAX] + "…"


def as_cell(value: str) -> str:
    """A text as it may stand in a spreadsheet: what would be read as a formula is quoted."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
