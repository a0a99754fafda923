"""Who may do what at the till, and what a supervisor must approve on the spot."""

from dataclasses import dataclass
from enum import StrEnum

from domain.errors import NotPermitted
from domain.ids import OperatorId


class Role(StrEnum):
    """An operator's role in the store."""

    CASHIER = "cashier"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"


class Act(StrEnum):
    """An act at the till that not everybody may do alone."""

    SELL = "sell"
    VOID_LINE = "void_line"
    VOID_CART = "void_cart"
    OVERRIDE_PRICE = "override_price"
    DISCOUNT = "discount"
    OPEN_DRAWER = "open_drawer"
    REPRINT = "reprint"
    SEE_HEALTH = "see_health"
    CHANGE_SETTINGS = "change_settings"
    RECALL_OTHERS = "recall_others"


_ALONE = {
    Role.CASHIER: {Act.SELL, Act.VOID_LINE, Act.REPRINT, Act.SEE_HEALTH, Act.RECALL_OTHERS},
    Role.SUPERVISOR: set(Act) - {Act.CHANGE_SETTINGS},
    Role.MANAGER: set(Act),
}


@dataclass(frozen=True, slots=True)
class Operator:
    """A person at the till, as HQ knows them."""

    operator_id: OperatorId
    name: str
    role: Role

    def may(self, act: Act) -> bool:
        """Whether the role allows the act without anybody else."""
        return act in _ALONE[self.role]


@dataclass(frozen=True, slots=True)
class Authority:
    """Who acts and, where it was needed, who approved; goes into the journal with both."""

    operator: Operator
    approver: Operator | None = None

    def require(self, act: Act) -> None:
        """Raise NotPermitted unless the operator or the approver may do the act."""
        if not (self.operator.may(act) or (self.approver is not None and self.approver.may(act))):
            raise NotPermitted("permission.approval_needed", act=act.value)

    @property
    def approved_by(self) -> OperatorId | None:
        """The approver's id, for records."""
        return self.approver.operator_id if self.approver else None
