"""What besides the cart and the rule book decides a price: when, where, who, and what the customer brings."""

from dataclasses import dataclass

from domain.catalog import TILL_CHANNEL
from domain.errors import DomainError
from domain.members import Shopper

MAX_COUPONS = 8


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon that the customer presents: which one, and the rule that says what it gives."""

    coupon_id: str
    rule_id: str
    valid_from_ms: int = 0
    valid_until_ms: int = 0

    def is_live(self, at_ms: int) -> bool:
        """Whether it may be used now."""
        return self.valid_from_ms <= at_ms and (not self.valid_until_ms or at_ms < self.valid_until_ms)


@dataclass(frozen=True, slots=True)
class RuleUse:
    """How often and how much a rule with limits was used before this order."""

    rule_id: str
    uses: int = 0
    by_member: int = 0
    by_member_today: int = 0
    today: int = 0
    spent_minor: int = 0


@dataclass(frozen=True, slots=True)
class PricingContext:
    """The circumstances; ``utc_offset_min`` is the store's at ``at_ms``."""

    at_ms: int = 0
    utc_offset_min: int = 480
    channel: str = TILL_CHANNEL
    store_id: str = ""
    shopper: Shopper | None = None
    coupons: tuple[Coupon, ...] = ()
    codes: frozenset[str] = frozenset()
    points_wanted: int = 0
    """How many points the customer wants to spend."""
    uses: tuple[RuleUse, ...] = ()
    paid_by_earned_minor: int = 0
    """What of the sale is paid with stored value whose top-up earned points already."""

    def __post_init__(self) -> None:
        if len(self.coupons) > MAX_COUPONS:
            raise DomainError("pricing.too_many_coupons", most=MAX_COUPONS)
        if len({coupon.coupon_id for coupon in self.coupons}) < len(self.coupons):
            raise DomainError("pricing.coupon_twice")
        if self.points_wanted < 0 or self.paid_by_earned_minor < 0:
            raise DomainError("rules.amount_negative")


PLAIN_CONTEXT = PricingContext()
