"""The talk with a printer that can answer: is it ready, and has it done what it was sent."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from pos_app.devices.ports import Link, LinkClosed, PrinterError

_ASK = b"\x10\x04"
PRINTER, OFFLINE_CAUSE, FAULT, PAPER = 1, 2, 3, 4
"""Which state ``DLE EOT n`` asks for."""

_READ_SLICE_MS = 100
_ANSWER_BYTES_MAX = 16
"""A printer answers with one byte, or four unasked; who sends more talks another language."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait: for the answer to a question, and for a receipt to come out."""

    answer_ms: int = 1000
    finish_ms: int = 10_000
    settle_ms: int = 300
    """How long a printer that never answers has to hang up, if it wants to."""


class Conversation:
    """Questions over an open link; answers are told apart from stray bytes by their fixed bits."""

    def __init__(self, link: Link, patience: Patience) -> None:
        self._link = link
        self._patience = patience
        self._reported = False

    def check_ready(self) -> bool:
        """Whether the printer answers at all; PrinterError where it answers that it cannot print."""
        paper = self.ask(PAPER)
        if paper is None:
            return False
        if paper & 0x60:
            raise PrinterError("printer.paper_out")
        self.check_online()
        return True

    def check_online(self, *, uncertain: bool = False) -> bool:
        """The same for what keeps it offline: cover, paper, fault."""
        cause = self.ask(OFFLINE_CAUSE)
        if cause is None:
            return False
        for bit, code in ((0x04, "printer.cover_open"), (0x20, "printer.paper_out"), (0x40, "printer.fault")):
            if cause & bit:
                raise PrinterError(code, uncertain=uncertain)
        return True

    def is_offline(self) -> bool:
        """Whether it says so of itself; a silent one does not."""
        return bool((self.ask(PRINTER) or 0) & 0x08)

    def ask(self, what: int) -> int | None:
        """The byte that ``DLE EOT what`` is answered with, or None after the patience for answers.

        ``printer.not_understood`` where something answers that is no printer.
        """
        self._say(_ASK + bytes([what]))
        return self._await(_is_status, self._patience.answer_ms)

    def wait_until_done(self) -> bool:
        """After ``REPORT_WHEN_DONE``: wait for the report; whether it came, or at least no trouble was told.

        Raises, always as uncertain: what stopped the printer, ``printer.stalled`` where it fell silent,
        ``printer.closed`` where it hung up.
        """
        deadline = _now_ms() + self._patience.finish_ms
        self._reported = False
        is_talking = True
        while is_talking and _now_ms() < deadline:
            self._await(_is_report, min(self._patience.answer_ms, deadline - _now_ms()))
            if self._reported:
                return True
            is_talking = self.check_online(uncertain=True) or self._reported
        if not is_talking and self._await(_is_report, deadline - _now_ms()) is None:
            raise PrinterError("printer.stalled", uncertain=True)
        return self._reported

    def _say(self, data: bytes) -> None:
        while data:
            data = data[self._link.write(data) :]

    def _await(self, is_it: Callable[[int], bool], timeout_ms: int) -> int | None:
        deadline, seen = _now_ms() + timeout_ms, b""
        while (left := deadline - _now_ms()) > 0:
            came = self._link.read(min(left, _READ_SLICE_MS))
            seen += came
            if len(seen) > _ANSWER_BYTES_MAX:
                raise PrinterError("printer.not_understood")
            self._reported = self._reported or any(map(_is_report, came))
            for byte in filter(is_it, came):
                return byte
        if not all(map(_is_known, seen)):
            raise PrinterError("printer.not_understood")
        return None


def hung_up(link: Link, timeout_ms: int) -> bool:
    """Whether a printer that does not answer breaks the line within that time."""
    try:
        link.read(timeout_ms)
    except LinkClosed:
        # Some print servers hang up after each job: that alone is no loss.
        return False
    except OSError:
        return True
    return False


def _is_status(byte: int) -> bool:
    return byte & 0x93 == 0x12


def _is_report(byte: int) -> bool:
    return byte & 0x90 == 0


def _is_known(byte: int) -> bool:
    """Also what a printer may say unasked: automatic status, XON, XOFF."""
    return _is_status(byte) or _is_report(byte) or byte & 0x93 == 0x10 or byte in (0x11, 0x13)


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
