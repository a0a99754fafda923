"""Work off the UI thread: one worker writes the database, a pool waits for devices and network, answers are queued."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal

T = TypeVar("T")
OnDone = Callable[[Any], None]
OnError = Callable[[Exception], None]
NETWORK_THREADS = 4
AFTER_PAINT_MS = 5

_LOG = logging.getLogger(__name__)


class Tasks(QObject):
    """Runs jobs and brings their answers back to the thread it was made in.

    A job's ``on_error`` gets its exception; without one, ``failed`` is emitted, which bootstrap shows and logs.
    """

    failed = Signal(object)
    _came_back = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="till-db")
        self._network = ThreadPoolExecutor(max_workers=NETWORK_THREADS, thread_name_prefix="till-net")
        self._home = threading.get_ident()
        self._open = 0
        self._behind: list[Callable[[], None]] = []
        self._after_paint = QTimer(self, singleShot=True, interval=AFTER_PAINT_MS)
        self._after_paint.timeout.connect(self._catch_up)
        self._came_back.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    @property
    def is_idle(self) -> bool:
        """Whether every answer has been handed out."""
        return self._open == 0 and not self._behind

    def write(self, job: Callable[[], T], on_done: OnDone | None = None, *, on_error: OnError | None = None) -> None:
        """Run a job on the one thread that writes till.db; jobs keep their order."""
        self._catch_up()
        self._start(self._writer, job, on_done, on_error=on_error)

    def persist(self, job: Callable[[], None]) -> None:
        """``open_till``'s door to the writer: a job whose answer nobody waits for.

        From the window's thread it starts once that has painted what led to it: two threads share one interpreter,
        and a worker that begins at once makes the cashier wait for the line.
        """
        if threading.get_ident() == self._home:
            self._behind.append(job)
            self._after_paint.start()
        else:
            self._start(self._writer, job, None, on_error=None)

    def network(self, job: Callable[[], T], on_done: OnDone | None = None, *, on_error: OnError | None = None) -> None:
        """Run a job that waits for a device or the network."""
        self._start(self._network, job, on_done, on_error=on_error)

    def close(self) -> None:
        """Finish what is queued and end the threads; answers that are still under way are dropped."""
        self._catch_up()
        self._writer.shutdown(wait=True)
        self._network.shutdown(wait=False, cancel_futures=True)

    def _catch_up(self) -> None:
        """Start what waits for the paint; before any other write, so that jobs keep their order."""
        waiting, self._behind = self._behind, []
        for job in waiting:
            self._start(self._writer, job, None, on_error=None)

    def _start(
        self, pool: ThreadPoolExecutor, job: Callable[[], Any], on_done: OnDone | None, *, on_error: OnError | None
    ) -> None:
        self._open += 1
        future = pool.submit(job)
        future.add_done_callback(lambda done: self._came_back.emit((done, on_done, on_error)))

    def _answer(self, answer: tuple[Future[Any], OnDone | None, OnError | None]) -> None:
        future, on_done, on_error = answer
        self._open -= 1
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            if on_done:
                on_done(future.result())
        elif not isinstance(error, Exception):
            raise error
        elif on_error:
            on_error(error)
        else:
            _LOG.error("a background job failed", exc_info=error)
            self.failed.emit(error)
