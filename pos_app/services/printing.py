"""The durable print queue: every receipt once, every drawer at most once, and no sale ever waits for a printer.

A job is taken in a commit of its own before its first byte is sent. So after a crash nobody can know whether
it came out, and nothing is sent twice: such a job is ``uncertain`` and only a person asks for another one,
which then says 补打.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass

from domain.clock import Clock
from domain.errors import DomainError
from domain.ids import SaleId
from pos_app.db import print_jobs
from pos_app.db.print_jobs import JobKind, JobState, NewJob, PrintJob
from pos_app.db.unit_of_work import TillDatabase
from pos_app.devices.escpos import encode_receipt
from pos_app.devices.ports import Printer, PrinterError
from pos_app.devices.printers import printer_for
from pos_app.services.receipt_layout import ReceiptLayout
from pos_app.settings import DeviceSettings, PrinterSettings

RECEIPT_AGE_MAX_MS = 15 * 60_000
"""Older receipts are not printed by themselves any more: the customer is gone."""
DRAWER_AGE_MAX_MS = 10_000
"""Later nobody stands at the drawer: it must not open by itself."""
TEST_AGE_MAX_MS = 60_000
BACK_OFF_MS = (1_000, 2_000, 4_000, 8_000, 15_000)

_AGE_MAX_MS = {
    JobKind.RECEIPT: RECEIPT_AGE_MAX_MS,
    JobKind.DRAWER: DRAWER_AGE_MAX_MS,
    JobKind.TEST: TEST_AGE_MAX_MS,
}
_HOPELESS = frozenset({"printer.address_wrong", "printer.kind_unavailable", "printer.font_missing"})
"""Trying again does not help before somebody changes the settings."""


@dataclass(frozen=True, slots=True)
class JobResult:
    """How a try went; ``error`` is a code with its text, or empty."""

    job_id: int
    kind: JobKind
    sale_id: SaleId | None
    state: JobState
    error: str = ""


@dataclass(frozen=True, slots=True)
class PrintStatus:
    """Where printing stands; ``last`` is the newest try of this run of the till."""

    waiting: int
    failed: int
    uncertain: int
    last: JobResult | None


class PrintQueue:
    """Works off the jobs in till.db, one at a time, on a thread that may wait for the printer.

    Its own writes are short; the printer is talked to outside of any transaction.
    """

    def __init__(
        self,
        database: TillDatabase,
        layout: ReceiptLayout,
        *,
        settings: Callable[[], DeviceSettings],
        clock: Clock,
        printers: Callable[[PrinterSettings], Printer] = printer_for,
    ) -> None:
        self._database = database
        self._layout = layout
        self._settings = settings
        self._clock = clock
        self._printers = printers
        self._printer: tuple[PrinterSettings, Printer] | None = None
        self._busy = threading.Lock()
        self._is_recovered = False
        self._troubles = 0
        self._resume_at_ms = 0
        self._last: JobResult | None = None

    @property
    def layout(self) -> ReceiptLayout:
        """How receipts are laid out: also for previews and PDF."""
        return self._layout

    def run_once(self) -> JobResult | None:
        """Do the next job that is due, or nothing; StorageError. A second thread finds it busy and does nothing."""
        if not self._busy.acquire(blocking=False):
            return None
        try:
            job = self._take()
            if job is None:
                return None
            self._last = self._give_up(job) if self._is_too_old(job) else self._try(job)
            return self._last
        finally:
            self._busy.release()

    def delay_ms(self) -> int | None:
        """In how long ``run_once`` has something to do; None = when somebody queues a job."""
        with self._database.read() as uow:
            job = print_jobs.next_pending(uow.connection)
        if job is None:
            return None if self._is_recovered else 0
        is_fresh_drawer = job.kind is JobKind.DRAWER and not job.tries
        return 0 if is_fresh_drawer else max(0, self._resume_at_ms - self._clock.monotonic_ms())

    def wake(self) -> None:
        """Try at once, without the pause after a trouble: a sale was completed, paper was loaded."""
        self._resume_at_ms = 0

    def status(self) -> PrintStatus:
        """For the status line and the health page."""
        with self._database.read() as uow:
            counts = {state: print_jobs.count(uow.connection, state) for state in JobState}
        waiting = counts[JobState.PENDING] + counts[JobState.PRINTING]
        return PrintStatus(waiting, counts[JobState.FAILED], counts[JobState.UNCERTAIN], self._last)

    def queue_test(self) -> int:
        """Queue the test page (database worker); gives the job's id."""
        return self._add(NewJob(JobKind.TEST, b"{}", self._clock.now_ms()))

    def queue_kick(self) -> int:
        """Queue a kick of the drawer for the wizard's test (database worker); at the till use ``Drawer.open``."""
        return self._add(NewJob(JobKind.DRAWER, b"{}", self._clock.now_ms()))

    def retry(self, job_id: int) -> None:
        """Give a failed job another life (database worker); ``printer.not_retried`` where paper may have come out."""
        with self._database.write() as uow:
            if not print_jobs.requeue(uow.connection, job_id, at_ms=self._clock.now_ms()):
                raise DomainError("printer.not_retried")
            uow.commit()
        self.wake()

    def jobs(self, limit: int = 50) -> list[PrintJob]:
        """What is not on paper for certain, newest first (any thread)."""
        states = tuple(state for state in JobState if state is not JobState.PRINTED)
        with self._database.read() as uow:
            return print_jobs.list_jobs(uow.connection, states, limit=limit)

    def job(self, job_id: int) -> PrintJob | None:
        """One job, None once it is forgotten (any thread)."""
        with self._database.read() as uow:
            return print_jobs.get(uow.connection, job_id)

    def discard(self, job_id: int) -> None:
        """Forget a failed or uncertain job (database worker); the receipt can still be reprinted."""
        with self._database.write() as uow:
            print_jobs.discard(uow.connection, job_id)
            uow.commit()

    def _add(self, job: NewJob) -> int:
        with self._database.write() as uow:
            job_id = print_jobs.add(uow.raw, job)
            uow.commit()
        self.wake()
        return job_id

    def _take(self) -> PrintJob | None:
        """The next job, committed as ``printing``: from here on it is never sent a second time by itself."""
        self._recover()
        is_pausing = self._clock.monotonic_ms() < self._resume_at_ms
        with self._database.read() as uow:
            if print_jobs.next_pending(uow.connection, fresh_drawers_only=is_pausing) is None:
                return None
        with self._database.write() as uow:
            job = print_jobs.next_pending(uow.connection, fresh_drawers_only=is_pausing)
            if job is None or not print_jobs.mark_printing(uow.connection, job.job_id):
                return None
            uow.commit()
        return job

    def _recover(self) -> None:
        if self._is_recovered:
            return
        with self._database.write() as uow:
            print_jobs.mark_interrupted(uow.connection, error="printer.interrupted")
            uow.commit()
        self._is_recovered = True

    def _is_too_old(self, job: PrintJob) -> bool:
        # A job from the future was queued before the clock was set back.
        return abs(self._clock.now_ms() - job.at_ms) > _AGE_MAX_MS[job.kind]

    def _give_up(self, job: PrintJob) -> JobResult:
        return self._settle(job, JobState.FAILED, job.error or "printer.expired")

    def _try(self, job: PrintJob) -> JobResult:
        try:
            self._perform(job)
        except PrinterError as trouble:
            return self._after_trouble(job, trouble)
        except DomainError as refused:
            return self._settle(job, JobState.FAILED, refused.code)
        if job.kind is not JobKind.DRAWER:  # a pulse needs no paper and proves none
            self._troubles = self._resume_at_ms = 0
        return self._settle(job, JobState.PRINTED)

    def _perform(self, job: PrintJob) -> None:
        settings = self._settings()
        if job.kind is JobKind.DRAWER:
            self._printer_of(settings.printer).kick(settings.drawer.pin)
            return
        if job.kind is JobKind.RECEIPT:
            assert job.sale_id is not None, "a receipt is of a sale"
            receipt = self._layout.of_sale(job.sale_id, copy=bool(json.loads(job.body)["copy"]))
        else:
            receipt = self._layout.sample_page()
        self._printer_of(settings.printer).send(encode_receipt(receipt, settings.printer))

    def _after_trouble(self, job: PrintJob, trouble: PrinterError) -> JobResult:
        self._pause()
        if trouble.uncertain:
            return self._settle(job, JobState.UNCERTAIN, trouble.code)
        return self._settle(job, JobState.FAILED if trouble.code in _HOPELESS else JobState.PENDING, trouble.code)

    def _pause(self) -> None:
        self._resume_at_ms = self._clock.monotonic_ms() + BACK_OFF_MS[min(self._troubles, len(BACK_OFF_MS) - 1)]
        self._troubles += 1

    def _settle(self, job: PrintJob, state: JobState, error: str = "") -> JobResult:
        with self._database.write() as uow:
            if state is JobState.PRINTED:
                print_jobs.mark_printed(uow.connection, job.job_id)
            elif state is JobState.PENDING:
                print_jobs.mark_pending(uow.connection, job.job_id, error=error)
            elif state is JobState.UNCERTAIN:
                print_jobs.mark_uncertain(uow.connection, job.job_id, error=error)
            else:
                print_jobs.mark_failed(uow.connection, job.job_id, error=error)
            uow.commit()
        return JobResult(job.job_id, job.kind, job.sale_id, state, error)

    def _printer_of(self, settings: PrinterSettings) -> Printer:
        """The same printer as long as the settings are the same: it remembers whether it answers."""
        if self._printer is None or self._printer[0] != settings:
            self._printer = settings, self._printers(settings)
        return self._printer[1]
