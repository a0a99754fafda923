"""What ends a step of the simulation from within: the death of a process, or a promise that was broken."""

from __future__ import annotations

DEATH_ODDS = 0.3
"""How often a planted bug dies at its worst moment."""


class Killed(BaseException):
    """The process dies here; nothing in it may catch this."""


class Broken(BaseException):
    """A promise of docs/simulation.md does not hold; no product code may swallow it."""

    def __init__(self, promise: str, finding: str) -> None:
        super().__init__(f"{promise}: {finding}")
        self.promise = promise
        self.finding = finding


def require(holds: object, promise: str, finding: str) -> None:
    """Broken unless it holds."""
    if not holds:
        raise Broken(promise, finding)
