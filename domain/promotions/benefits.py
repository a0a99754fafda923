"""What a rule gives: one small value for each kind of benefit."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from domain.errors import DomainError
from domain.promotions.scope import Scope

ALL_BP = 10_000
MAX_COUNT = 1_000
MAX_TIMES_THOUSANDTHS = 100_000


class Per(StrEnum):
    """What an amount is taken off of."""

    UNIT = "unit"
    LINE = "line"
    ORDER = "order"


class By(StrEnum):
    """What a threshold counts."""

    SPEND = "spend"
    PIECES = "pieces"


class GroupPick(StrEnum):
    """Which units of complete groups are given."""

    GROUP_CHEAPEST = "group_cheapest"
    """Sorted dear to cheap and cut into groups: the cheapest of each."""
    BASKET_CHEAPEST = "basket_cheapest"
    DEAREST = "dearest"


@dataclass(frozen=True, slots=True)
class PercentOff:
    """A percentage off: at the item stage on each line, later once on the scope's total; capped where told."""

    KIND: ClassVar[str] = "percent_off"
    percent_bp: int
    cap_minor: int | None = None

    def __post_init__(self) -> None:
        check_percent(self.percent_bp)
        check_amounts(self.cap_minor or 0)


@dataclass(frozen=True, slots=True)
class AmountOff:
    """An amount off each unit, each line or the whole scope."""

    KIND: ClassVar[str] = "amount_off"
    amount_minor: int
    per: Per = Per.ORDER

    def __post_init__(self) -> None:
        check_amounts(self.amount_minor)


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """A special price for each unit (特价), for so many units where the limits say so."""

    KIND: ClassVar[str] = "unit_price"
    price_minor: int

    def __post_init__(self) -> None:
        check_amounts(self.price_minor)


@dataclass(frozen=True, slots=True)
class ScopePrice:
    """All goods of the scope together for one price."""

    KIND: ClassVar[str] = "scope_price"
    price_minor: int

    def __post_init__(self) -> None:
        check_amounts(self.price_minor)


@dataclass(frozen=True, slots=True)
class NForPrice:
    """Any N of the scope for a price (N元任选N件); complete groups, dear units first."""

    KIND: ClassVar[str] = "n_for_price"
    count: int
    price_minor: int

    def __post_init__(self) -> None:
        check_count(self.count)
        check_amounts(self.price_minor)


@dataclass(frozen=True, slots=True)
class NAmountOff:
    """Each complete group of N costs so much less (买2件减5元)."""

    KIND: ClassVar[str] = "n_amount_off"
    count: int
    amount_minor: int

    def __post_init__(self) -> None:
        check_count(self.count)
        check_amounts(self.amount_minor)


@dataclass(frozen=True, slots=True)
class NPercentOff:
    """Each complete group of N at a percentage off."""

    KIND: ClassVar[str] = "n_percent_off"
    count: int
    percent_bp: int

    def __post_init__(self) -> None:
        check_count(self.count)
        check_percent(self.percent_bp)


@dataclass(frozen=True, slots=True)
class NthPercentOff:
    """The Nth unit of each complete group at a percentage off (第二件半价)."""

    KIND: ClassVar[str] = "nth_percent_off"
    nth: int
    percent_bp: int
    pick: GroupPick | None = None

    def __post_init__(self) -> None:
        check_count(self.nth)
        check_percent(self.percent_bp)


@dataclass(frozen=True, slots=True)
class BuyGet:
    """Buy N of the scope, get M at a percentage off (买二送一), of the same goods or of another scope."""

    KIND: ClassVar[str] = "buy_get"
    buy: int
    get: int
    percent_bp: int = ALL_BP
    goods: Scope | None = None
    pick: GroupPick | None = None

    def __post_init__(self) -> None:
        check_count(self.buy)
        check_count(self.get)
        check_percent(self.percent_bp)


@dataclass(frozen=True, slots=True)
class CheapestFree:
    """Once, with so many units of the scope: the cheapest (or dearest) are free."""

    KIND: ClassVar[str] = "cheapest_free"
    count: int
    free: int = 1
    dearest: bool = False

    def __post_init__(self) -> None:
        check_count(self.count)
        check_count(self.free)
        if self.free > self.count:
            raise DomainError("rules.count_out_of_range")


@dataclass(frozen=True, slots=True)
class BundlePart:
    """So many units of some goods."""

    goods: Scope
    count: int = 1

    def __post_init__(self) -> None:
        check_count(self.count)


@dataclass(frozen=True, slots=True)
class Bundle:
    """Certain goods together for a price (套餐), as often as they are complete."""

    KIND: ClassVar[str] = "bundle"
    parts: tuple[BundlePart, ...]
    price_minor: int

    def __post_init__(self) -> None:
        check_amounts(self.price_minor)
        if len(self.parts) < 2:
            raise DomainError("rules.count_out_of_range")


@dataclass(frozen=True, slots=True)
class AddOn:
    """So many units of other goods at an add-on price (换购)."""

    KIND: ClassVar[str] = "add_on"
    goods: Scope
    price_minor: int
    count: int = 1

    def __post_init__(self) -> None:
        check_amounts(self.price_minor)
        check_count(self.count)


@dataclass(frozen=True, slots=True)
class Step:
    """A tier: from this spend or these pieces on, an amount or a percentage."""

    at: int
    amount_minor: int = 0
    percent_bp: int = 0

    def __post_init__(self) -> None:
        check_amounts(self.at, self.amount_minor)
        if bool(self.amount_minor) == bool(self.percent_bp):
            raise DomainError("rules.step_unclear")
        if self.percent_bp:
            check_percent(self.percent_bp)


@dataclass(frozen=True, slots=True)
class Tiers:
    """The highest tier that is reached counts (满减, 满折, 满件折)."""

    KIND: ClassVar[str] = "tiers"
    by: By
    steps: tuple[Step, ...]
    cap_minor: int | None = None

    def __post_init__(self) -> None:
        check_amounts(self.cap_minor or 0)
        starts = [step.at for step in self.steps]
        if not starts or sorted(set(starts)) != starts:
            raise DomainError("rules.tiers_overlap")


@dataclass(frozen=True, slots=True)
class Every:
    """An amount off for every so much spent or so many pieces (每满减), up to so many times (0: no end)."""

    KIND: ClassVar[str] = "every"
    by: By
    step: int
    amount_minor: int
    max_times: int = 0

    def __post_init__(self) -> None:
        check_amounts(self.amount_minor, self.max_times)
        if self.step < 1:
            raise DomainError("rules.count_out_of_range")


@dataclass(frozen=True, slots=True)
class Gift:
    """So many units of some goods for nothing (满赠): lines of the cart that say which rule they are the gift of."""

    KIND: ClassVar[str] = "gift"
    goods: Scope
    count: int = 1

    def __post_init__(self) -> None:
        check_count(self.count)


@dataclass(frozen=True, slots=True)
class PointsTimes:
    """The goods of the scope earn so many times the points."""

    KIND: ClassVar[str] = "points_times"
    times_thousandths: int

    def __post_init__(self) -> None:
        if not 1_000 < self.times_thousandths <= MAX_TIMES_THOUSANDTHS:
            raise DomainError("rules.count_out_of_range")


@dataclass(frozen=True, slots=True)
class FreeDelivery:
    """The delivery charge is taken off, up to a cap where told; the scope is of the goods that count."""

    KIND: ClassVar[str] = "free_delivery"
    cap_minor: int | None = None

    def __post_init__(self) -> None:
        check_amounts(self.cap_minor or 0)


Benefit = (
    PercentOff | AmountOff | UnitPrice | ScopePrice | NForPrice | NAmountOff | NPercentOff | NthPercentOff | BuyGet
    | CheapestFree | Bundle | AddOn | Tiers | Every | Gift | PointsTimes | FreeDelivery
)  # fmt: skip


def check_percent(percent_bp: int) -> None:
    """Refuse what is not above 0 and at most 100 %."""
    if not 0 < percent_bp <= ALL_BP:
        raise DomainError("rules.percent_out_of_range")


def check_amounts(*amounts: int) -> None:
    """Refuse negative amounts."""
    if min(amounts) < 0:
        raise DomainError("rules.amount_negative")


def check_count(count: int) -> None:
    """Refuse counts below one or beyond belief."""
    if not 1 <= count <= MAX_COUNT:
        raise DomainError("rules.count_out_of_range")
