"""What must be so for a rule to apply: one small value for each kind of condition."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from domain.errors import DomainError
from domain.promotions.scope import Scope

DAY_MINUTES = 24 * 60


class ThresholdBase(StrEnum):
    """Which amounts a threshold counts."""

    STAGE = "stage"
    """What the goods cost when the rule's stage begins: a 满减 sees them after item promotions, before coupons."""
    RUNNING = "running"
    """What they cost at that moment, after the rules before it in the same stage."""
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Spend:
    """Goods of the scope (None: the rule's own) cost at least, at most; ``above`` makes the minimum strict."""

    KIND: ClassVar[str] = "spend"
    min_minor: int = 0
    max_minor: int | None = None
    above: bool = False
    base: ThresholdBase | None = None
    scope: Scope | None = None

    def __post_init__(self) -> None:
        _check_range(self.min_minor, self.max_minor)


@dataclass(frozen=True, slots=True)
class Pieces:
    """So many pieces of the scope, together or on one line; what is weighed counts as one.

    With another scope than the rule's this is a required partner item.
    """

    KIND: ClassVar[str] = "pieces"
    min_pieces: int = 1
    max_pieces: int | None = None
    on_one_line: bool = False
    scope: Scope | None = None

    def __post_init__(self) -> None:
        _check_range(self.min_pieces, self.max_pieces)


@dataclass(frozen=True, slots=True)
class Quantity:
    """So much of the scope in base units (2 kg, 24 bottles of a carton), together or on one line."""

    KIND: ClassVar[str] = "quantity"
    min_thousandths: int = 0
    max_thousandths: int | None = None
    on_one_line: bool = False
    scope: Scope | None = None

    def __post_init__(self) -> None:
        _check_range(self.min_thousandths, self.max_thousandths)


@dataclass(frozen=True, slots=True)
class MemberIs:
    """A member, of one of the tiers and with one of the tags where such are named."""

    KIND: ClassVar[str] = "member"
    tiers: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OrderNumber:
    """The member's first, third, … order, or every so-manieth."""

    KIND: ClassVar[str] = "order_number"
    numbers: frozenset[int] = frozenset()
    every: int = 0

    def __post_init__(self) -> None:
        if self.every < 0 or min(self.numbers, default=1) < 1 or not (self.every or self.numbers):
            raise DomainError("rules.count_out_of_range")


@dataclass(frozen=True, slots=True)
class Birthday:
    """Within so many days of the member's birthday, or in its month."""

    KIND: ClassVar[str] = "birthday"
    days_around: int = 0
    whole_month: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.days_around <= 100:
            raise DomainError("rules.count_out_of_range")


@dataclass(frozen=True, slots=True)
class ChannelIs:
    """One of the channels (till, web, …)."""

    KIND: ClassVar[str] = "channel"
    channels: frozenset[str]


@dataclass(frozen=True, slots=True)
class StoreIs:
    """One of the stores."""

    KIND: ClassVar[str] = "store"
    stores: frozenset[str]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days and hours in the store's own time: weekdays 1 (Monday) to 7, days of the month, minutes of the day.

    The end is not included; an end before the begin runs over midnight and belongs to the day on which it began.
    """

    KIND: ClassVar[str] = "calendar"
    weekdays: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    from_minute: int = 0
    until_minute: int = DAY_MINUTES

    def __post_init__(self) -> None:
        days = (*self.weekdays, *self.month_days)
        if any(day < 1 for day in days) or max(self.weekdays, default=1) > 7 or max(self.month_days, default=1) > 31:
            raise DomainError("rules.day_unknown")
        inside = 0 <= self.from_minute < DAY_MINUTES and 0 < self.until_minute <= DAY_MINUTES
        if not inside or self.from_minute == self.until_minute:
            raise DomainError("rules.window_contradicts")


@dataclass(frozen=True, slots=True)
class HasCode:
    """The customer gave one of these codes (口令), compared without regard to case."""

    KIND: ClassVar[str] = "code"
    codes: frozenset[str]


Condition = Spend | Pieces | Quantity | MemberIs | OrderNumber | Birthday | ChannelIs | StoreIs | Calendar | HasCode


def _check_range(least: int, most: int | None) -> None:
    if least < 0 or (most is not None and most < 0):
        raise DomainError("rules.amount_negative")
    if most is not None and most < least:
        raise DomainError("rules.range_contradicts")
