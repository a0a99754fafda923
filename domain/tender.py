"""How a sale is paid: split tenders, cash rounding (抹零) and change."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import DomainError
from domain.money import round_down_minor


class TenderKind(StrEnum):
    """What money came as."""

    CASH = "cash"
    CARD_EXTERNAL = "card_external"
    """A card paid on the bank's own terminal beside the till, recorded here."""


@dataclass(frozen=True, slots=True)
class Tender:
    """One payment: for cash what was handed over, else what was charged; ``reference`` is the slip's number."""

    kind: TenderKind
    amount_minor: int
    reference: str = ""

    def __post_init__(self) -> None:
        if self.amount_minor < 0 or (self.amount_minor == 0 and self.kind is not TenderKind.CASH):
            raise DomainError("tender.amount_not_positive")


@dataclass(frozen=True, slots=True)
class Settlement:
    """Where the payment stands; complete when nothing remains."""

    due_minor: int
    paid_minor: int
    rounding_minor: int
    change_minor: int
    remaining_minor: int

    @property
    def is_complete(self) -> bool:
        """Whether the sale may be completed."""
        return self.remaining_minor == 0

    @property
    def payable_minor(self) -> int:
        """What the customer really pays: due less rounding."""
        return self.due_minor - self.rounding_minor


def settle(due_minor: int, tenders: Sequence[Tender], rounding_unit_minor: int) -> Settlement:
    """Set tenders against what is due.

    Only the cash part is rounded, and only down; change comes from cash alone; other tenders may not
    exceed what is due.
    """
    other = sum(t.amount_minor for t in tenders if t.kind is not TenderKind.CASH)
    cash = sum(t.amount_minor for t in tenders if t.kind is TenderKind.CASH)
    if other > due_minor:
        raise DomainError("tender.exceeds_due", most_minor=due_minor - (other - tenders[-1].amount_minor))
    rest = due_minor - other
    if not any(t.kind is TenderKind.CASH for t in tenders):
        return Settlement(due_minor, other, 0, 0, rest)
    cash_due = round_down_minor(rest, rounding_unit_minor)
    if cash < cash_due:
        return Settlement(due_minor, other + cash, 0, 0, cash_due - cash)
    return Settlement(due_minor, other + cash, rest - cash_due, cash - cash_due, 0)


def quick_cash(due_minor: int, unit_minor: int) -> list[int]:
    """The amounts of the quick keys: due and the next 5, 10, 50, 100 above it (``unit_minor`` = 1.00), at most four."""
    steps = [due_minor, *(-(-due_minor // (n * unit_minor)) * n * unit_minor for n in (5, 10, 50, 100))]
    distinct = sorted(set(steps))
    if len(distinct) > 4:
        distinct.remove(steps[2])
    return distinct
