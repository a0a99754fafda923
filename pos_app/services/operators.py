"""Who stands at the till: sign-on by PIN, lock-outs that survive a restart, a supervisor's approval."""

from typing import NoReturn, TypeAlias

import argon2

from domain.errors import DomainError, NotFound, NotPermitted
from domain.ids import OperatorId
from domain.permissions import Act, Authority, Operator, Role
from domain.pin import FAILURES_MAX, FREE_FAILURES, lock_ms, peppered
from pos_app.clock import TillClock
from pos_app.db.replica import CatalogReads
from pos_app.db.unit_of_work import TillDatabase
from pos_app.services.journaling import Journal
from pos_app.services.pin_locks import PinLocks, seconds

_HASHER = argon2.PasswordHasher()

OperatorList: TypeAlias = list[Operator]


class Operators:
    """The store's staff as HQ knows them. Methods that check a PIN take up to a quarter second: database worker."""

    def __init__(
        self, database: TillDatabase, reads: CatalogReads, *, journal: Journal, clock: TillClock, pepper: bytes
    ) -> None:
        self._database = database
        self._reads = reads
        self._journal = journal
        self._locks = PinLocks(database, clock)
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
            self._locks.release(uow, operator_id)
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
        failed = self._locks.count_try(operator_id)
        try:
            _HASHER.verify(pin_hash, peppered(pin, self._pepper))
        except (argon2.exceptions.VerifyMismatchError, argon2.exceptions.InvalidHashError):
            self._refuse(operator_id, failed)
        self._locks.forgive(operator_id)
        return operator

    def _known(self, operator_id: OperatorId) -> tuple[Operator, str]:
        sql = "SELECT operator_id, name, role, pin_hash FROM operator WHERE operator_id = ? AND active = 1"
        row = self._reads.first(sql, (operator_id,))
        if row is None:
            self._reads.require_store()
            raise NotFound("operator.unknown")
        return _operator(*row[:3]), row[3]

    def _refuse(self, operator_id: OperatorId, failed: int) -> NoReturn:
        with self._database.write() as uow:
            self._journal.record(uow, "sign_on_failed", body={"operator_id": operator_id, "attempts": failed})
            uow.commit()
        if failed >= FAILURES_MAX:
            raise DomainError("operator.needs_supervisor")
        if lock_ms(failed):
            raise DomainError("operator.locked_out", seconds=seconds(lock_ms(failed)))
        raise DomainError("operator.wrong_pin", left=FREE_FAILURES + 1 - failed)


def _operator(operator_id: str, name: str, role: str) -> Operator:
    return Operator(OperatorId(operator_id), name, Role(role))
