"""A supervisor's approval of one act: asked only where the operator may not do it alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from domain.errors import DomainError
from domain.ids import OperatorId
from domain.permissions import Act, Authority, Operator
from pos_app.services.operators import Operators
from pos_app.tasks import Tasks


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """What is to be approved, in words by key, and what happens then."""

    act: Act
    key: str
    then: Callable[[Authority], None]
    params: Mapping[str, object] = field(default_factory=dict)


class Approver(QObject):
    """Gives an act its Authority at once, or asks for a supervisor's PIN by ``asked``."""

    asked = Signal(object)
    refused = Signal(object)

    def __init__(self, operators: Operators, tasks: Tasks) -> None:
        super().__init__()
        self._operators, self._tasks = operators, tasks

    def ask(self, request: ApprovalRequest) -> None:
        """Do the act with the operator's own authority, or ask for a supervisor."""
        try:
            own = self._operators.authority()
            if own.operator.may(request.act):
                request.then(own)
            else:
                self.asked.emit(request)
        except DomainError as error:
            self.refused.emit(error)

    def supervisors(self, act: Act) -> list[Operator]:
        """Who may approve an act."""
        return [operator for operator in self._operators.list() if operator.may(act)]

    def approve(
        self,
        request: ApprovalRequest,
        operator_id: OperatorId,
        *,
        pin: str,
        on_done: Callable[[], None],
        on_error: Callable[[DomainError], None],
    ) -> None:
        """Check a supervisor's PIN (slow by design, so on the worker) and do the act."""

        def approved(approver: Operator) -> None:
            on_done()
            try:
                request.then(self._operators.authority(approver))
            except DomainError as error:
                self.refused.emit(error)

        def failed(error: Exception) -> None:
            if not isinstance(error, DomainError):
                raise error
            on_error(error)

        self._tasks.write(lambda: self._operators.approve(request.act, operator_id, pin=pin), approved, on_error=failed)
