"""Logs of the till: rotating files that never hold a PIN, a phone number or a payment code."""

import logging
import re
from contextlib import suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from pos_app.paths import make_private

FILE_BYTES_MAX = 2 * 1024 * 1024
FILES_KEPT = 5
LINE_CHARACTERS_MAX = 4000
_FORMAT = "%(asctime)s.%(msecs)03d %(levelname)-7s %(name)s: %(message)s"

_SECRETS = (
    # Named values first, whatever they look like.
    (
        re.compile(r"(?i)\b(pin|pepper|secret|token|password|authorization|code)(\W{1,4})(bearer )?[^\s,;})\"']+"),
        r"\1\2***",
    ),
    (re.compile(r"\b(P1|R1|C1|S1)[A-Z2-7]{16,400}\b"), r"\1***"),
    # Wallet, card and member codes; and phone numbers. What is cut too much is no loss in a log.
    (re.compile(r"(?<![0-9A-Fa-f-])\d{14,24}(?![0-9A-Fa-f-])"), "***"),
    (re.compile(r"(?<![0-9A-Fa-f-])(?:\+?86)?1[3-9]\d{9}(?![0-9A-Fa-f-])"), "***"),
)


def redact(text: str) -> str:
    """The text with everything that may be a secret taken out."""
    for pattern, stand_in in _SECRETS:
        text = pattern.sub(stand_in, text)
    return text


class RedactingFormatter(logging.Formatter):
    """Formats a record, trace and all, and redacts the whole; one record is one bounded block of text."""

    def format(self, record: logging.LogRecord) -> str:
        """The line to write."""
        return redact(super().format(record))[:LINE_CHARACTERS_MAX]


class EnduringFile(RotatingFileHandler):
    """A log that a full, read-only or missing disk cannot hurt: lines are lost, the till is not.

    The file is opened at the first line, and again at every line while it could not be opened.
    """

    def handleError(self, _record: logging.LogRecord) -> None:
        """Say nothing: there is nowhere to say it, and standard error is no place for a cashier."""

    def close(self) -> None:
        """Close the file, also where its last line can no longer be written."""
        with suppress(OSError):
            super().close()

    def _open(self) -> TextIOWrapper:
        make_private(Path(self.baseFilename).parent)
        return super()._open()


def start_logging(folder: Path, *, level: int = logging.INFO) -> logging.Handler:
    """Write the logs of this process into ``folder``; gives the handler, to remove it at the end."""
    handler = EnduringFile(
        folder / "till.log", maxBytes=FILE_BYTES_MAX, backupCount=FILES_KEPT, encoding="utf-8", delay=True
    )
    handler.setFormatter(RedactingFormatter(_FORMAT, "%Y-%m-%dT%H:%M:%S"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    return handler


def stop_logging(handler: logging.Handler) -> None:
    """Undo ``start_logging``."""
    logging.getLogger().removeHandler(handler)
    handler.close()
