"""A rule: what it gives, on which goods, under which conditions and limits, and how it stands to other rules."""

from dataclasses import dataclass
from enum import StrEnum

from domain.errors import DomainError
from domain.promotions.benefits import Benefit, FreeDelivery, Gift, PointsTimes, UnitPrice, check_amounts
from domain.promotions.conditions import Condition, ThresholdBase
from domain.promotions.scope import ALL_GOODS, Scope


class RuleStage(StrEnum):
    """When a rule comes."""

    ITEM_PRICE = "item_price"
    """A price beside list, special and member price; the lowest counts (限时特价)."""
    ITEM = "item_promotion"
    ORDER = "order_promotion"
    COUPON = "coupon"


class PercentBase(StrEnum):
    """What a percentage is taken of."""

    RUNNING = "running"
    """What is left after earlier reductions (折上折)."""
    LIST = "list"


class UnitPick(StrEnum):
    """Which units a limited number means."""

    CHEAPEST = "cheapest"
    DEAREST = "dearest"


@dataclass(frozen=True, slots=True)
class Limits:
    """How often and how much; None: no limit. Where a use or the budget would be overrun the rule does not apply."""

    max_uses: int | None = None
    max_per_member: int | None = None
    max_per_member_day: int | None = None
    max_per_day: int | None = None
    max_times: int | None = None
    """How many groups of an N-item rule, add-ons or times of "every" one order has."""
    max_units: int | None = None
    """How many units of an order a reduction by unit or line reaches."""
    budget_minor: int | None = None
    floor_price_minor: int = 0
    """No unit falls below this by the rule."""

    def __post_init__(self) -> None:
        counts = (self.max_uses, self.max_per_member, self.max_per_member_day, self.max_per_day)
        check_amounts(self.floor_price_minor, self.budget_minor or 0)
        if any(count is not None and count < 1 for count in (*counts, self.max_times, self.max_units)):
            raise DomainError("rules.count_out_of_range")


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Rule:
    """One promotion, special, gift or kind of coupon; ``version`` rises with each change of it.

    ``scope`` is the goods that are reduced and that thresholds count unless a condition names others. The switches
    at the end are None where the book's choices hold.
    """

    rule_id: str
    version: int
    stage: RuleStage
    benefit: Benefit
    name_zh: str = ""
    name_en: str = ""
    scope: Scope = ALL_GOODS
    conditions: tuple[Condition, ...] = ()
    group_id: str = ""
    priority: int = 0
    mandatory: bool = False
    exclusive: bool = False
    """Goes with no other rule."""
    coupon_group: str = ""
    valid_from_ms: int = 0
    valid_until_ms: int = 0
    """0: no end; the end itself is not included."""
    limits: Limits = NO_LIMITS
    threshold_base: ThresholdBase | None = None
    percent_base: PercentBase | None = None
    unit_pick: UnitPick | None = None

    def __post_init__(self) -> None:
        if not self.rule_id or self.version < 1:
            raise DomainError("rules.id_missing")
        if self.valid_from_ms < 0 or (self.valid_until_ms and self.valid_until_ms <= self.valid_from_ms):
            raise DomainError("rules.window_contradicts", rule_id=self.rule_id)
        is_price = isinstance(self.benefit, UnitPrice)
        if self.stage is RuleStage.ITEM_PRICE and not is_price:
            raise DomainError("rules.benefit_not_in_stage", rule_id=self.rule_id)
        if self.stage is RuleStage.ITEM and isinstance(self.benefit, Gift | FreeDelivery | PointsTimes):
            raise DomainError("rules.benefit_not_in_stage", rule_id=self.rule_id)
        if self.coupon_group and self.stage is not RuleStage.COUPON:
            raise DomainError("rules.benefit_not_in_stage", rule_id=self.rule_id)

    def is_live(self, at_ms: int) -> bool:
        """Whether it is within its time."""
        return self.valid_from_ms <= at_ms and (not self.valid_until_ms or at_ms < self.valid_until_ms)

    @property
    def names(self) -> dict[str, str]:
        """The names as params of a message."""
        return {
            "name_zh": self.name_zh or self.name_en or self.rule_id,
            "name_en": self.name_en or self.name_zh or self.rule_id,
        }
