"""Who stands at the till: sign-on by PIN, lock-outs that survive a restart, a supervisor's approval."""

from domain.ids import OperatorId
from domain.permissions import Act, Authority, Operator


class Operators:
    """The store's staff as HQ knows them. Methods that check a PIN take up to a quarter second: database worker."""

    @property
    def current(self) -> Operator | None:
        """Who is signed on, None while locked."""
        raise NotImplementedError

    def authority(self, approver: Operator | None = None) -> Authority:
        """The signed-on operator's authority; DomainError ``operator.not_signed_on``."""
        raise NotImplementedError

    def list(self) -> list[Operator]:
        """The store's active operators by name."""
        raise NotImplementedError

    def sign_on(self, operator_id: OperatorId, pin: str) -> Operator:
        """Sign on; ``operator.wrong_pin`` (params left), ``operator.locked_out`` (params seconds),
        ``operator.needs_supervisor``, ``operator.unknown``."""
        raise NotImplementedError

    def approve(self, act: Act, operator_id: OperatorId, *, pin: str) -> Operator:
        """A supervisor's own PIN for one act: the approver to put into Authority; as ``sign_on`` and NotPermitted."""
        raise NotImplementedError

    def release(self, operator_id: OperatorId, supervisor_id: OperatorId, *, pin: str) -> None:
        """Let a locked-out operator try again, by a supervisor's PIN."""
        raise NotImplementedError

    def lock(self, by: str) -> None:
        """Lock the screen (``key`` or ``idle``); the cart stays."""
        raise NotImplementedError
