"""What the till has to say right now: one message at a time, in words that can change language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from PySide6.QtCore import QObject, QTimer, Signal

from domain.errors import DomainError
from pos_app.ui.words import Words

SHOWN_MS = 10_000
"""How long a message that asks for nothing stays."""


class Level(StrEnum):
    """How a message is meant; the value is the colour token."""

    OK = "ok"
    INFO = "primary"
    WARN = "warn"
    ERROR = "err"


ICONS = {Level.OK: "check-circle", Level.INFO: "info", Level.WARN: "warning", Level.ERROR: "error"}


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

    def say(self, words: Words) -> str:
        """The message in a language: for an error all three parts."""
        if self.error is not None:
            return " · ".join(part for part in _parts(words, self.error) if part)
        return words(self.key, **self.params)


class Notices(QObject):
    """The message in force; ``changed`` is emitted when it came, went or was replaced."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._current: Notice | None = None
        self._timer = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._timer.timeout.connect(self.clear)

    @property
    def current(self) -> Notice | None:
        """The message in force, or None."""
        return self._current

    def tell(self, notice: Notice) -> None:
        """Show a message in place of the one before."""
        self._current = notice
        self._timer.stop()
        if not notice.lasting:
            self._timer.start()
        self.changed.emit()

    def tell_error(self, error: DomainError, *, act: str = "", act_key: str = "") -> None:
        """Show an error with its three parts."""
        self.tell(Notice(Level.ERROR, error=error, act=act, act_key=act_key))

    def clear(self) -> None:
        """Show nothing."""
        if self._current is not None:
            self._current = None
            self._timer.stop()
            self.changed.emit()


def _parts(words: Words, error: DomainError) -> tuple[str, str, str]:
    said = words.error(error)
    return said.what, said.safe, said.do
