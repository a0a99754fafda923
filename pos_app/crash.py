"""What nobody expected: written to the log without secrets, told to the cashier, and the till goes on where it can."""

import faulthandler
import logging
import sys
import threading
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

LOG_BYTES = 2 * 1024 * 1024
LOG_FILES = 5
FORMAT = "%(asctime)s %(levelname)s %(threadName)s %(name)s %(message)s"

_LOG = logging.getLogger(__name__)


class LogFiles:
    """``till.log``, in turn over a few files, and ``crash.log`` for the stacks of hard crashes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._handler = RotatingFileHandler(
            folder / "till.log", maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8"
        )
        self._handler.setFormatter(logging.Formatter(FORMAT))
        self._stacks = (folder / "crash.log").open("a", encoding="utf-8")

    def start(self) -> None:
        """Begin to log."""
        logging.getLogger().setLevel(logging.INFO)
        logging.getLogger().addHandler(self._handler)
        faulthandler.enable(self._stacks)

    def close(self) -> None:
        """Stop logging and close the files."""
        faulthandler.disable()
        logging.getLogger().removeHandler(self._handler)
        self._handler.close()
        self._stacks.close()


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


def _places(trace: TracebackType | None) -> str:
    lines: list[str] = []
    while trace is not None:
        code = trace.tb_frame.f_code
        lines.append(f"  {code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return "\n".join(lines)
