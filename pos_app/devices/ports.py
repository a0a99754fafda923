"""What the till asks of a printer and of the line to it, and how their troubles are told."""

from typing import Protocol

from domain.errors import DomainError


class PrinterError(DomainError):
    """The printer could not do it; texts under ``error.printer.*``.

    ``uncertain`` is the question that decides about trying again: False means that nothing has been printed,
    True that some or all of it may be on paper.
    """

    def __init__(self, code: str, *, uncertain: bool = False, **params: object) -> None:
        super().__init__(code, **params)
        self.uncertain = uncertain


class Printer(Protocol):
    """A receipt printer with a cash drawer behind it."""

    def send(self, data: bytes) -> None:
        """Print; returns when the printer says it is done, or when nothing more can be known. PrinterError."""
        ...

    def kick(self, pin: int) -> None:
        """One pulse for the drawer on pin 0 or 1, also where there is no paper. PrinterError."""
        ...


class LinkClosed(OSError):
    """The other side hung up."""


class Link(Protocol):
    """An open line to a printer."""

    def write(self, data: bytes) -> int:
        """Hand over some of the bytes and tell how many; OSError (TimeoutError where nothing is taken for long)."""
        ...

    def read(self, timeout_ms: int) -> bytes:
        """What has come, or nothing after the timeout; LinkClosed at the end of the line, another OSError else."""
        ...

    def close(self) -> None:
        """Hang up without losing what was handed over."""
        ...
