"""How long wrong PINs shut the door: counted twice, durably, before a PIN is looked at."""

from dataclasses import replace

from domain.errors import DomainError
from domain.ids import OperatorId
from domain.pin import FAILURES_MAX, TERMINAL_FAILURES_MAX, TERMINAL_WINDOW_MS, lock_ms
from pos_app.clock import TillClock
from pos_app.db.attempts import AttemptRow
from pos_app.db.lock_outs import FILE_NAME, LockOuts
from pos_app.db.unit_of_work import TillDatabase, UnitOfWork

_EVERYBODY = OperatorId("")
"""The counter of all wrong PINs at this till."""
_MS = 1000


class PinLocks:
    """Locks last by the monotonic clock of one boot; a restart of the machine begins them anew.

    So neither setting the clock, nor a kill, nor a restart, nor an older database shortens a lock, and a clock that
    was wrong once keeps nobody out for years.
    """

    def __init__(self, database: TillDatabase, clock: TillClock) -> None:
        self._database = database
        self._clock = clock
        self._outside = LockOuts(database.path.with_name(FILE_NAME))

    def count_try(self, operator_id: OperatorId) -> int:
        """Refuse who is locked out; else count one more failure, taken back if the PIN proves right."""
        with self._database.write() as uow:
            own, everybody = self._row(uow, operator_id), self._row(uow, _EVERYBODY)
            if self._wait_ms(everybody) <= 0:
                everybody = replace(everybody, failed=0)
            refusal = self._refusal(own, everybody)
            if refusal is None:
                own = self._locked(replace(own, failed=own.failed + 1))
                everybody = self._locked(replace(everybody, failed=everybody.failed + 1))
            self._keep(uow, own, everybody)
            uow.commit()
        if refusal:
            raise refusal
        return own.failed

    def forgive(self, operator_id: OperatorId) -> None:
        """The PIN was right: the operator's failures are forgotten, by the till's own count as well."""
        with self._database.write() as uow:
            own, everybody = self._row(uow, operator_id), self._row(uow, _EVERYBODY)
            everybody = replace(everybody, failed=max(0, everybody.failed - own.failed))
            self._keep(uow, AttemptRow(operator_id), everybody)
            uow.commit()

    def release(self, uow: UnitOfWork, operator_id: OperatorId) -> None:
        """A supervisor lets the operator try again; what the till has counted stays."""
        self._keep(uow, AttemptRow(operator_id))

    def _row(self, uow: UnitOfWork, operator_id: OperatorId) -> AttemptRow:
        """What is known of the operator, by the stricter of both counts; after a new start the lock begins anew."""
        counts = uow.attempts.get(operator_id), self._outside.get(operator_id)
        boot_id = self._clock.reading().boot_id
        row = max(counts, key=lambda one: (one.failed, one.boot_id != boot_id, one.locked_until_mono_ms))
        return row if row.boot_id == boot_id or not row.failed else self._locked(row)

    def _keep(self, uow: UnitOfWork, *rows: AttemptRow) -> None:
        """Write changed rows: the file first, so that a kill in between leaves the higher of both counts standing."""
        changed = [row for row in rows if uow.attempts.get(row.operator_id) != row]
        stale = [row for row in rows if self._outside.get(row.operator_id) != row]
        if stale:
            self._outside.put(*stale)
        for row in changed:
            uow.attempts.put(row)

    def _refusal(self, own: AttemptRow, everybody: AttemptRow) -> DomainError | None:
        if own.failed >= FAILURES_MAX:
            return DomainError("operator.needs_supervisor")
        if everybody.failed >= TERMINAL_FAILURES_MAX:
            return DomainError("operator.locked_out", seconds=seconds(self._wait_ms(everybody)))
        if self._wait_ms(own) > 0:
            return DomainError("operator.locked_out", seconds=seconds(self._wait_ms(own)))
        return None

    def _locked(self, row: AttemptRow) -> AttemptRow:
        """The row with the lock that its failures cost, from now on."""
        now = self._clock.reading()
        wait_ms = TERMINAL_WINDOW_MS if row.operator_id == _EVERYBODY else lock_ms(row.failed)
        wall_ms, mono_ms = (now.wall_ms + wait_ms, now.mono_ms + wait_ms) if wait_ms else (0, 0)
        return replace(row, locked_until_ms=wall_ms, locked_until_mono_ms=mono_ms, boot_id=now.boot_id)

    def _wait_ms(self, row: AttemptRow) -> int:
        return row.locked_until_mono_ms - self._clock.reading().mono_ms


def seconds(wait_ms: int) -> int:
    """A wait as it is told."""
    return -(-wait_ms // _MS)
