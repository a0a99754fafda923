"""What a member's tier does to prices and points, and the prices that only members have."""

from dataclasses import dataclass

from domain.errors import DomainError
from domain.ids import ItemId
from domain.promotions.benefits import ALL_BP, MAX_TIMES_THOUSANDTHS


@dataclass(frozen=True, slots=True)
class MemberTier:
    """A tier: its rate is off the list price (会员折), on top of special prices only where that is switched on."""

    tier_id: str
    name_zh: str = ""
    name_en: str = ""
    off_bp: int = 0
    on_special_prices: bool = False
    points_times_thousandths: int = 1_000

    def __post_init__(self) -> None:
        if not 0 <= self.off_bp <= ALL_BP:
            raise DomainError("rules.percent_out_of_range")
        if not 0 <= self.points_times_thousandths <= MAX_TIMES_THOUSANDTHS:
            raise DomainError("rules.count_out_of_range")


@dataclass(frozen=True, slots=True)
class MemberPrice:
    """A unit price for members (会员价), of the tiers that are named or of all."""

    item_id: ItemId
    price_minor: int
    tiers: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.price_minor < 0:
            raise DomainError("rules.amount_negative")


@dataclass(frozen=True, slots=True)
class Shopper:
    """The member who buys, as far as prices care: no name, no phone."""

    member_id: str
    tier_id: str = ""
    tags: frozenset[str] = frozenset()
    birthday: str = ""
    """``MM-DD``, empty where it is not known."""
    order_number: int = 0
    """Which order of the member this is; 0: not known."""
    points: int = 0
    """What may be spent now."""
