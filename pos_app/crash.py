"""What nobody expected: written to the log without secrets, told to the cashier, and the till goes on where it can."""

import faulthandler
import functools
import logging
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, TypeVar

from domain.errors import DomainError
from pos_app.db.faults import storage_faults
from pos_app.logs import start_logging, stop_logging
from pos_app.paths import make_private

UNEXPECTED = "till.unexpected"

_Filter = TypeVar("_Filter", bound=Callable[..., bool])

_LOG = logging.getLogger(__name__)


class LogFiles:
    """``till.log``, in turn over a few files, and ``crash.log`` for the stacks of hard crashes.

    Where the disk refuses, the till runs without: that it cannot write is told by whoever needs to write.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handler: logging.Handler | None = None
        self._stacks: IO[str] | None = None

    def start(self) -> None:
        """Begin to log."""
        self._handler = start_logging(self._folder)
        with suppress(OSError):
            make_private(self._folder)
            self._stacks = (self._folder / "crash.log").open("a", encoding="utf-8")
            faulthandler.enable(self._stacks)

    def close(self) -> None:
        """Stop logging and close the files."""
        if self._stacks is not None:
            faulthandler.disable()
            self._stacks.close()
        if self._handler is not None:
            stop_logging(self._handler)


class CrashHook:
    """Takes exceptions that reached the top of any thread; ``on_crash`` is called in the thread that failed."""

    def __init__(self, on_crash: Callable[[BaseException], None]) -> None:
        self._on_crash = on_crash
        self._before = sys.excepthook, threading.excepthook

    def install(self) -> None:
        """Begin to take them."""
        sys.excepthook = self._take
        threading.excepthook = self._take_from_thread

    def remove(self) -> None:
        """Give the hooks back as they were."""
        sys.excepthook, threading.excepthook = self._before

    def report(self, error: BaseException) -> None:
        """Log an error that somebody caught for want of a better place, and tell of it."""
        self._take(type(error), error, error.__traceback__)

    def _take(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        # The message of an exception may quote what was scanned or typed: the log keeps its type and place alone.
        _LOG.critical("unexpected %s\n%s", kind.__name__, _places(trace))
        try:
            self._on_crash(error)
        except Exception:
            _LOG.exception("telling of a crash failed")

    def _take_from_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._take(args.exc_type, args.exc_value, args.exc_traceback)


def contained(event_filter: _Filter) -> _Filter:
    """For event filters in whose stack acts run: their errors go to the crash hook and the event is taken.

    Qt goes on delivering events while an error is on its way out of a filter; each meets the same filter again,
    until the stack ends and the process with it.
    """

    @functools.wraps(event_filter)
    def call(*args: object) -> bool:
        try:
            return event_filter(*args)
        except Exception:
            sys.excepthook(*sys.exc_info())
            return True

    return call  # type: ignore[return-value]


def guarded(work: Callable[[], int], tell: Callable[[DomainError], int]) -> int:
    """The exit code of ``work``, or of ``tell`` with what ended it: whatever that was, it has words for a cashier."""
    try:
        with storage_faults():
            return work()
    except DomainError as error:
        _LOG.error("the till cannot open: %s", error.code)
        return tell(error)
    except Exception as error:
        _LOG.critical("unexpected %s\n%s", type(error).__name__, _places(error.__traceback__))
        return tell(DomainError(UNEXPECTED))


def _places(trace: TracebackType | None) -> str:
    lines: list[str] = []
    while trace is not None:
        code = trace.tb_frame.f_code
        lines.append(f"  {code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return "\n".join(lines)
