"""How the till is: facts, the check of the journal with its progress, the print queue, the export."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from domain.errors import DomainError
from pos_app.db.print_jobs import JobState, PrintJob
from pos_app.services.health import Health, HealthFacts, HeldEntry
from pos_app.services.printing import PrintQueue
from pos_app.tasks import Tasks
from pos_app.viewmodels.exporting import write_file
from pos_app.viewmodels.notice import Level, Notice, of_error
from pos_app.viewmodels.status import StatusViewModel

REFRESH_MS = 2_000
HELD_MAX = 20
"""More entries than these are only counted."""
_Read = tuple[HealthFacts, tuple[PrintJob, ...], tuple[HeldEntry, ...]]
_RETRIED = frozenset({JobState.FAILED})
_DROPPED = frozenset({JobState.FAILED, JobState.UNCERTAIN})


@dataclass(frozen=True, slots=True)
class HealthState:
    """Everything the screen shows; without facts it is still reading."""

    facts: HealthFacts | None = None
    jobs: tuple[PrintJob, ...] = ()
    held: tuple[HeldEntry, ...] = ()
    """What waits for HQ, newest first."""
    marked: int = -1
    error: DomainError | None = None
    is_checking: bool = False
    checked: tuple[int, int] = (0, 0)
    """Entries checked, of so many."""
    is_exporting: bool = False

    @property
    def job(self) -> PrintJob | None:
        """The marked print job."""
        return self.jobs[self.marked] if 0 <= self.marked < len(self.jobs) else None

    @property
    def may_retry(self) -> bool:
        """Whether the marked job can be printed once more without doubt."""
        return self.job is not None and self.job.state in _RETRIED

    @property
    def may_discard(self) -> bool:
        """Whether the marked job can be forgotten."""
        return self.job is not None and self.job.state in _DROPPED


class HealthViewModel(QObject):
    """Reads in the pool every few seconds while the page is open. ``printing``: a job waits for the print queue."""

    changed = Signal()
    told = Signal(object)
    printing = Signal()
    _progressed = Signal(int, int)

    def __init__(self, health: Health, printing: PrintQueue, *, status: StatusViewModel, tasks: Tasks) -> None:
        super().__init__()
        self._status = status
        self._health, self._queue, self._tasks = health, printing, tasks
        self._stop = threading.Event()
        self._is_reading = False
        self.state = HealthState()
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._progressed.connect(self._show_progress)

    def open(self) -> None:
        """Read now, and again while the page is in front."""
        self.refresh()
        self._timer.start()

    def close(self) -> None:
        """Stop reading and checking."""
        self._timer.stop()
        self._stop.set()

    def refresh(self) -> None:
        """Read the facts once more; one reading at a time."""
        if not self._is_reading:
            self._is_reading = True
            waiting = self._status.facts.held_entries[:HELD_MAX]
            self._tasks.network(lambda: self._read(waiting), self._took, on_error=self._not_read)

    def check(self) -> None:
        """Check file and journal from end to end."""
        if self.state.is_checking:
            return
        self._stop.clear()
        self._show(replace(self.state, is_checking=True, checked=(0, 0)))
        self._tasks.network(lambda: self._health.check(self._watch), self._checked, on_error=self._failed)

    def stop(self) -> None:
        """Stop the check."""
        self._stop.set()

    def mark(self, at: int) -> None:
        """Mark a print job."""
        if at != self.state.marked and -1 <= at < len(self.state.jobs):
            self._show(replace(self.state, marked=at))

    def retry_print(self) -> None:
        """Print the marked job once more."""
        job = self.state.job
        if job is not None and self.state.may_retry:
            self._tasks.write(lambda: self._queue.retry(job.job_id), self._retried, on_error=self._failed)

    def discard_print(self) -> None:
        """Forget the marked job; its receipt can still be reprinted from today's sales."""
        job = self.state.job
        if job is not None and self.state.may_discard:
            self._tasks.write(lambda: self._queue.discard(job.job_id), self._discarded, on_error=self._failed)

    def export(self, folder: Path) -> None:
        """Write the journal into a folder, for evertill-verify."""
        facts = self.state.facts
        if facts is None or self.state.is_exporting:
            return
        path = folder / f"journal-{facts.terminal_id}-{facts.incarnation}-{facts.journal_seq}.jsonl"
        self._show(replace(self.state, is_exporting=True))
        self._tasks.network(
            lambda: write_file(path, self._health.export_journal), self._exported, on_error=self._failed
        )

    def _read(self, waiting: Sequence[tuple[int, str]]) -> _Read:
        return self._health.facts(), tuple(self._queue.jobs()), self._health.held(waiting)

    def _took(self, read: _Read) -> None:
        self._is_reading = False
        facts, jobs, held = read
        kept = self.state.job.job_id if self.state.job else None
        ids = [job.job_id for job in jobs]
        marked = ids.index(kept) if kept in ids else (0 if ids else -1)
        self._show(replace(self.state, facts=facts, jobs=jobs, held=held, marked=marked, error=None))

    def _not_read(self, error: Exception) -> None:
        self._is_reading = False
        if not isinstance(error, DomainError):
            raise error
        self._show(replace(self.state, error=error))

    def _watch(self, done: int, total: int) -> bool:
        """In the pool's thread."""
        self._progressed.emit(done, total)
        return not self._stop.is_set()

    def _show_progress(self, done: int, total: int) -> None:
        if self.state.is_checking:
            self._show(replace(self.state, checked=(done, total)))

    def _checked(self, facts: HealthFacts) -> None:
        self._show(replace(self.state, facts=facts, is_checking=False))
        if self._stop.is_set() and facts.chain == "unchecked":
            self.told.emit(Notice(Level.INFO, "health.notice.stopped"))
        elif facts.chain == facts.integrity == "ok":
            self.told.emit(Notice(Level.OK, "health.notice.sound", {"entries": facts.journal_seq}))
        else:
            self.told.emit(of_error(DomainError("till.database_damaged")))

    def _retried(self, _nothing: object) -> None:
        self.printing.emit()
        self.refresh()

    def _discarded(self, _nothing: object) -> None:
        self.told.emit(Notice(Level.INFO, "health.notice.discarded"))
        self.refresh()

    def _exported(self, path: Path) -> None:
        self._show(replace(self.state, is_exporting=False))
        self.told.emit(Notice(Level.OK, "health.notice.exported", {"path": str(path)}))

    def _failed(self, error: Exception) -> None:
        self._show(replace(self.state, is_checking=False, is_exporting=False))
        if not isinstance(error, DomainError):
            raise error
        self.told.emit(of_error(error))

    def _show(self, state: HealthState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit()
