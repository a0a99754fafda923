"""What a few scans tell of a scanner: what it sends before and after the code, and how fast."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from pos_app.settings import ScannerSettings

SCANS_WANTED = 3
CHARS_MIN = 4
QUIET_MS = 250
"""So long a silence ends a scan that sends no Enter."""
GAP_MIN_MS, GAP_MAX_MS = 20, 38
"""Between these lies the border to typing: people leave 40 ms and more between keys."""
_ENTER = "\r\n\t"
_START_OF_TEXT, _END_OF_TEXT = "\x02", "\x03"


class Verdict(StrEnum):
    """What was learnt."""

    GOOD = "good"
    SLOW = "slow"
    """As slow as a person: only a prefix can tell it apart."""
    NO_ENTER = "no_enter"
    """It sends no Enter and no end sign: it has to be set to do so."""
    DIFFERENT = "different"
    """The scans differed: the same code has to be scanned."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One scan: its characters and the gaps between them."""

    text: str
    gaps_ms: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Learnt:
    """The settings that fit, and how well."""

    verdict: Verdict
    scanner: ScannerSettings
    code: str = ""


class Collector:
    """Takes characters with their times and gives whole scans; the clock is handed in."""

    def __init__(self) -> None:
        self._text = ""
        self._gaps: list[int] = []
        self._last_ms = 0

    @property
    def is_open(self) -> bool:
        """Whether a scan has begun."""
        return bool(self._text)

    def feed(self, char: str, at_ms: int) -> Sample | None:
        """Take a character; gives the scan that it ends."""
        if self._text:
            self._gaps.append(max(0, at_ms - self._last_ms))
        self._text, self._last_ms = self._text + char, at_ms
        return self.end() if char in _ENTER or char == _END_OF_TEXT else None

    def end(self) -> Sample | None:
        """Nothing came for a while: what was collected, unless it is too little to be a scan."""
        sample = Sample(self._text, tuple(self._gaps))
        self._text, self._gaps = "", []
        return sample if len(sample.text.strip(_ENTER)) >= CHARS_MIN else None


def learn(samples: Sequence[Sample], port: str = "") -> Learnt:
    """What scans of the same code tell."""
    assert samples
    gap_ms = round(max(median(sample.gaps_ms or (0,)) for sample in samples))
    codes = {_code(sample.text) for sample in samples}
    prefix, suffix = _prefix(samples), _suffix(samples)
    border = min(GAP_MAX_MS, max(GAP_MIN_MS, 2 * gap_ms))
    scanner = ScannerSettings(prefix=prefix, suffix=suffix, gap_ms=border, port=port)
    if len(codes) > 1:
        return Learnt(Verdict.DIFFERENT, scanner)
    if not suffix and any(sample.text[-1] not in _ENTER for sample in samples):
        return Learnt(Verdict.NO_ENTER, scanner, codes.pop())
    slow = gap_ms > GAP_MAX_MS and not prefix
    return Learnt(Verdict.SLOW if slow else Verdict.GOOD, scanner, codes.pop())


def _code(text: str) -> str:
    return text.strip(_ENTER).strip(_START_OF_TEXT + _END_OF_TEXT)


def _prefix(samples: Sequence[Sample]) -> str:
    """A control character before the code; a letter might belong to it."""
    return _START_OF_TEXT if all(sample.text[0] == _START_OF_TEXT for sample in samples) else ""


def _suffix(samples: Sequence[Sample]) -> str:
    """An end sign other than Enter, which every scanner may send anyway."""
    return _END_OF_TEXT if all(sample.text[-1] == _END_OF_TEXT for sample in samples) else ""
