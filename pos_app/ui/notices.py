"""What the till has to say right now: one message at a time, in words that can change language."""

from PySide6.QtCore import QObject, QTimer, Signal

from domain.errors import DomainError
from pos_app.ui.words import Words
from pos_app.viewmodels.notice import Level, Notice, of_error

SHOWN_MS = 10_000
"""How long a message that asks for nothing stays."""


ICONS = {Level.OK: "check-circle", Level.INFO: "info", Level.WARN: "warning", Level.ERROR: "error"}


def spoken(notice: Notice, words: Words) -> str:
    """A message in the language in force: for an error all three parts."""
    if notice.error is not None:
        said = words.error(notice.error)
        return " · ".join(part for part in (said.what, said.safe, said.do) if part)
    return words(notice.key, **notice.params)


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
        self.tell(of_error(error, act=act, act_key=act_key))

    def clear(self) -> None:
        """Show nothing."""
        if self._current is not None:
            self._current = None
            self._timer.stop()
            self.changed.emit()
