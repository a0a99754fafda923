"""A message for the cashier, by key, so that it can be said in any language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.errors import DomainError


class Level(StrEnum):
    """How a message is meant; the value is the colour token."""

    OK = "ok"
    INFO = "primary"
    WARN = "warn"
    ERROR = "err"


@dataclass(frozen=True, slots=True)
class Notice:
    """A message by key or by error; ``act`` is an act of the screen that its button runs."""

    level: Level
    key: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    error: DomainError | None = None
    act: str = ""
    act_key: str = ""
    lasting: bool = False
    """Stays until another one comes or it is cleared."""


def of_error(error: DomainError, *, act: str = "", act_key: str = "") -> Notice:
    """An error as a message."""
    return Notice(Level.ERROR, error=error, act=act, act_key=act_key)
