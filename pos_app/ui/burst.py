"""Tells a scanner's burst of keys from a person's typing, by time alone; the clock is handed in."""

from dataclasses import dataclass
from enum import StrEnum
from statistics import median

TERMINATORS = "\r\n\t"


@dataclass(frozen=True, slots=True)
class ScannerProfile:
    """What is known of the scanner; the wizard learns the gap, a technician may set prefix and suffix."""

    min_chars: int = 6
    max_median_gap_ms: int = 35
    hold_ms: int = 50
    prefix: str = ""
    suffix: str = ""
    needs_terminator: bool = True
    max_chars: int = 4096


class Verdict(StrEnum):
    """What the keys held so far are."""

    HOLD = "hold"
    TYPING = "typing"
    SCAN = "scan"
    OVERLONG = "overlong"


class Burst:
    """Keys held until it is known what they are.

    ``feed`` each character with its time; ``expire`` when ``hold_ms`` passed without one. After any verdict
    but HOLD the burst is empty again; on SCAN ``text`` holds the scan.
    """

    def __init__(self, profile: ScannerProfile) -> None:
        self.profile = profile
        self.text = ""
        self._held = ""
        self._gaps: list[int] = []
        self._last_ms = 0
        self._is_prefixed = False
        self._is_overlong = False

    @property
    def is_holding(self) -> bool:
        """Whether keys are held."""
        return bool(self._held) or self._is_prefixed

    def feed(self, char: str, at_ms: int) -> Verdict:
        """Take a character typed at a time."""
        if not self.is_holding and char == self.profile.prefix:
            self._is_prefixed, self._last_ms = True, at_ms
            return Verdict.HOLD
        if self._held or self._is_prefixed:
            self._gaps.append(max(0, at_ms - self._last_ms))
        self._last_ms = at_ms
        if char in TERMINATORS or (self.profile.suffix and char == self.profile.suffix):
            return self._decide(ended=True)
        if len(self._held) >= self.profile.max_chars:
            self._is_overlong = True
            return Verdict.HOLD
        self._held += char
        return Verdict.TYPING if self._is_slow() and self._forget() else Verdict.HOLD

    def expire(self) -> Verdict:
        """No key came for ``hold_ms``."""
        return self._decide(ended=False) if self.is_holding else Verdict.HOLD

    def _decide(self, *, ended: bool) -> Verdict:
        ended = ended or (not self.profile.needs_terminator)
        fast = len(self._held) >= self.profile.min_chars and median(self._gaps or [0]) <= self._most_ms()
        is_scan = ended and bool(self._held) and (fast or self._is_prefixed)
        verdict = Verdict.SCAN if is_scan else Verdict.TYPING
        if self._is_overlong:
            verdict = Verdict.OVERLONG
        self.text = self._held if verdict is Verdict.SCAN else ""
        self._forget()
        return verdict

    def _is_slow(self) -> bool:
        enough = len(self._gaps) >= 3 and not self._is_prefixed
        return enough and len(self._held) < self.profile.min_chars and median(self._gaps) > self._most_ms()

    def _most_ms(self) -> int:
        return self.profile.max_median_gap_ms

    def _forget(self) -> bool:
        self._held, self._gaps = "", []
        self._is_prefixed = self._is_overlong = False
        return True
