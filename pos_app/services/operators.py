"""Who stands at the till: sign-on by PIN, lock-outs that survive a restart, a supervisor's approval."""

from dataclasses import replace
from typing import NoReturn, TypeAlias

import argon2

from domain.errors import DomainError, NotFound, NotPermitted
from domain.ids import OperatorId
from domain.permissions import Act, Authority, Operator, Role
from domain.pin import FAILURES_MAX, FREE_FAILURES, TERMINAL_FAILURES_MAX, TERMINAL_WINDOW_MS, lock_ms, peppered
from pos_app.clock import TillClock
from pos_app.db.attempts import AttemptRow
from pos_app.db.replica import CatalogReads
from pos_app.db.unit_of_work import TillDatabase
from pos_app.services.journaling import Journal

_TERMINAL = OperatorId("")
"""The counter of all wrong PINs at this till."""
_HASHER = argon2.PasswordHasher()
_MS = 1000

OperatorList: TypeAlias = list[Operator]


class Operators:
    """The store's staff as HQ knows them. Methods that check a PIN take up to a quarter second: database worker."""

    def __init__(
        self, database: TillDatabase, reads: CatalogReads, *, journal: Journal, clock: TillClock, pepper: bytes
    ) -> None:
        self._database = database
        self._reads = reads
        self._journal = journal
        self._clock = clock
        self._pepper = pepper
        self._current: Operator | None = None

    @property
    def current(self) -> Operator | None:
        """Who is signed on, None while locked."""
        return self._current

    def authority(self, approver: Operator | None = None) -> Authority:
        """The signed-on operator's authority; DomainError ``operator.not_signed_on``."""
        if self._current is None:
            raise DomainError("operator.not_signed_on")
        return Authority(self._current, approver)

    def list(self) -> OperatorList:
        """The store's active operators by name."""
        rows = self._reads.rows("SELECT operator_id, name, role FROM operator WHERE active = 1 ORDER BY name")
        return [_operator(*row) for row in rows]

    def sign_on(self, operator_id: OperatorId, pin: str) -> Operator:
        """Sign on; ``operator.wrong_pin`` (params left), ``operator.locked_out`` (params seconds),
        ``operator.needs_supervisor``, ``operator.unknown``."""
        operator = self._verified(operator_id, pin)
        with self._database.write() as uow:
            self._journal.record(uow, "sign_on", body={"operator_id": operator_id})
            uow.commit()
        self._current = operator
        return operator

    def approve(self, act: Act, operator_id: OperatorId, *, pin: str) -> Operator:
        """A supervisor's own PIN for one act: the approver to put into Authority; as ``sign_on`` and NotPermitted."""
        operator = self._verified(operator_id, pin)
        if not operator.may(act):
            raise NotPermitted("operator.may_not_approve", act=act.value)
        return operator

    def release(self, operator_id: OperatorId, supervisor_id: OperatorId, *, pin: str) -> None:
        """Let a locked-out operator try again, by a supervisor's PIN."""
        supervisor = self._verified(supervisor_id, pin)
        if supervisor.role is Role.CASHIER or supervisor_id == operator_id:
            raise NotPermitted("operator.may_not_approve", act="release")
        with self._database.write() as uow:
            uow.attempts.clear(operator_id)
            body = {"operator_id": operator_id, "approved_by": supervisor_id}
            self._journal.record(uow, "sign_on_released", body=body)
            uow.commit()

    def lock(self, by: str) -> None:
        """Lock the screen (``key`` or ``idle``); the cart stays."""
        if self._current is None:
            return
        operator_id, self._current = self._current.operator_id, None
        with self._database.write() as uow:
            self._journal.record(uow, "lock", body={"operator_id": operator_id, "by": by})
            uow.commit()

    def _verified(self, operator_id: OperatorId, pin: str) -> Operator:
        """The operator whose PIN it is. The try is counted, durably, before the PIN is looked at."""
        operator, pin_hash = self._known(operator_id)
        failed = self._count_try(operator_id)
        try:
            _HASHER.verify(pin_hash, peppered(pin, self._pepper))
        except (argon2.exceptions.VerifyMismatchError, argon2.exceptions.InvalidHashError):
            self._refuse(operator_id, failed)
        with self._database.write() as uow:
            uow.attempts.clear(operator_id)
            everybody = uow.attempts.get(_TERMINAL)
            uow.attempts.put(replace(everybody, failed=max(0, everybody.failed - failed)))
            uow.commit()
        return operator

    def _known(self, operator_id: OperatorId) -> tuple[Operator, str]:
        sql = "SELECT operator_id, name, role, pin_hash FROM operator WHERE operator_id = ? AND active = 1"
        row = self._reads.first(sql, (operator_id,))
        if row is None:
            raise NotFound("operator.unknown")
        return _operator(*row[:3]), row[3]

    def _count_try(self, operator_id: OperatorId) -> int:
        """Refuse who is locked out; else count one more failure, taken back if the PIN proves right."""
        with self._database.write() as uow:
            own, everybody = uow.attempts.get(operator_id), uow.attempts.get(_TERMINAL)
            if own.failed >= FAILURES_MAX:
                raise DomainError("operator.needs_supervisor")
            if self._wait_ms(everybody) <= 0:
                everybody = AttemptRow(_TERMINAL)
            if everybody.failed >= TERMINAL_FAILURES_MAX:
                raise DomainError("operator.locked_out", seconds=_seconds(self._wait_ms(everybody)))
            if self._wait_ms(own) > 0:
                raise DomainError("operator.locked_out", seconds=_seconds(self._wait_ms(own)))
            failed = own.failed + 1
            uow.attempts.put(self._locked_for(replace(own, failed=failed), lock_ms(failed)))
            everybody = replace(everybody, failed=everybody.failed + 1)
            uow.attempts.put(self._locked_for(everybody, TERMINAL_WINDOW_MS))
            uow.commit()
        return failed

    def _refuse(self, operator_id: OperatorId, failed: int) -> NoReturn:
        with self._database.write() as uow:
            self._journal.record(uow, "sign_on_failed", body={"operator_id": operator_id, "attempts": failed})
            uow.commit()
        if failed >= FAILURES_MAX:
            raise DomainError("operator.needs_supervisor")
        if lock_ms(failed):
            raise DomainError("operator.locked_out", seconds=_seconds(lock_ms(failed)))
        raise DomainError("operator.wrong_pin", left=FREE_FAILURES + 1 - failed)

    def _locked_for(self, row: AttemptRow, wait_ms: int) -> AttemptRow:
        now = self._clock.reading()
        if wait_ms == 0:
            return replace(row, locked_until_ms=0, locked_until_mono_ms=0, boot_id=now.boot_id)
        return replace(
            row,
            locked_until_ms=now.wall_ms + wait_ms,
            locked_until_mono_ms=now.mono_ms + wait_ms,
            boot_id=now.boot_id,
        )

    def _wait_ms(self, row: AttemptRow) -> int:
        """What is left of a lock: by the monotonic clock within a boot, so that setting the clock forgives nothing."""
        now = self._clock.reading()
        if row.boot_id == now.boot_id:
            return row.locked_until_mono_ms - now.mono_ms
        longest = TERMINAL_WINDOW_MS if row.operator_id == _TERMINAL else lock_ms(FAILURES_MAX)
        return min(row.locked_until_ms - now.wall_ms, longest)


def _operator(operator_id: str, name: str, role: str) -> Operator:
    return Operator(OperatorId(operator_id), name, Role(role))


def _seconds(wait_ms: int) -> int:
    return -(-wait_ms // _MS)
