"""A test of printer or drawer: queued, watched until it is done, told in a word."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from domain.errors import DomainError
from pos_app.db.print_jobs import JobState, PrintJob
from pos_app.services.printing import PrintQueue
from pos_app.tasks import Tasks

WATCH_MS = 150
PATIENCE_MS = 20_000


@dataclass(frozen=True, slots=True)
class TestState:
    """``what`` is print or drawer; neither running nor in trouble it has been sent."""

    __test__ = False
    what: str = ""
    is_running: bool = False
    error: DomainError | None = None


class DeviceTest(QObject):
    """``printing``: a job waits for the print queue; the worker there does it."""

    __test__ = False
    changed = Signal()
    printing = Signal()

    def __init__(self, queue: PrintQueue, *, tasks: Tasks) -> None:
        super().__init__()
        self._queue, self.tasks = queue, tasks
        self._job_id, self._waited_ms = 0, 0
        self.state = TestState()
        self._timer = QTimer(self, interval=WATCH_MS)
        self._timer.timeout.connect(self._look)

    def begin(self, what: str, queue_job: Callable[[], int]) -> None:
        """Queue a job (on the database worker) and watch it; one at a time."""
        if self.state.is_running:
            return
        self._show(TestState(what, is_running=True))
        self.tasks.write(queue_job, self._queued, on_error=self._failed)

    def print_page(self) -> None:
        """The test page."""
        self.begin("print", self._queue.queue_test)

    def kick_drawer(self) -> None:
        """One kick."""
        self.begin("drawer", self._queue.queue_kick)

    def reset(self) -> None:
        """Forget the last test."""
        self._timer.stop()
        self._show(TestState())

    def close(self) -> None:
        """Stop watching."""
        self._timer.stop()

    def _queued(self, job_id: int) -> None:
        self._job_id, self._waited_ms = job_id, 0
        self.printing.emit()
        self._timer.start()

    def _look(self) -> None:
        self._waited_ms += WATCH_MS
        self._judge(self._queue.job(self._job_id))

    def _judge(self, job: PrintJob | None) -> None:
        if job is None or job.state is JobState.PRINTED:
            self._end(None)
        elif job.state in (JobState.FAILED, JobState.UNCERTAIN) or (job.state is JobState.PENDING and job.error):
            self._end(DomainError(job.error or "printer.stalled"))
        elif self._waited_ms >= PATIENCE_MS:
            self._end(DomainError("printer.stalled"))

    def _end(self, error: DomainError | None) -> None:
        self._timer.stop()
        self._show(TestState(self.state.what, is_running=False, error=error))

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, DomainError):
            self._end(None)
            raise error
        self._end(error)

    def _show(self, state: TestState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit()
