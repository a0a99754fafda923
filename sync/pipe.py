"""The agent's word to the app: one JSON line an event on standard output, and the app's commands on standard input."""

import json
import threading
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, TextIO

IDS_MOST = 200
"""A change that touches more rows of a table than this is told as "many" (null)."""


class Command(StrEnum):
    """What the app may ask."""

    WAKE = "wake"
    SYNC_NOW = "sync_now"
    QUIT = "quit"


def command_of(line: str) -> Command | None:
    """The command of a line; None for what is none (a newer app's word, a broken line)."""
    try:
        return Command(json.loads(line)["cmd"])
    except (ValueError, KeyError, TypeError):
        return None


class Pipe:
    """Writes events whole, from any thread; once the reader is gone nothing more is written."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._broken = False

    def tell(self, event: str, **facts: object) -> None:
        """One event."""
        line = json.dumps({"ev": event, **facts}, ensure_ascii=False, separators=(",", ":"))
        with self._lock:
            if self._broken:
                return
            try:
                self._out.write(line + "\n")
                self._out.flush()
            except (OSError, ValueError):
                self._broken = True

    def changed(self, tables: Mapping[str, Iterable[Any]]) -> None:
        """Which rows an applied transaction touched, by the first column of their keys."""
        if tables:
            self.tell("changed", tables={name: _few(list(keys)) for name, keys in tables.items()})


def _few(keys: list[Any]) -> list[Any] | None:
    return keys if len(keys) <= IDS_MOST else None
