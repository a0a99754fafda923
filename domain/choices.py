"""The questions on which retailers differ, each a field of the rule book with its answer."""

from dataclasses import dataclass
from enum import StrEnum

from domain.errors import DomainError
from domain.price_modifier import Stage
from domain.promotions.benefits import GroupPick
from domain.promotions.conditions import ThresholdBase
from domain.promotions.rule import PercentBase, UnitPick

DEFAULT_STAGES = (
    Stage.ITEM_PRICE,
    Stage.MANUAL_LINE,
    Stage.ITEM_PROMOTION,
    Stage.ORDER_PROMOTION,
    Stage.MANUAL_CART,
    Stage.COUPON,
    Stage.POINTS,
)
_MOVABLE = frozenset({Stage.ITEM_PROMOTION, Stage.ORDER_PROMOTION, Stage.MANUAL_CART, Stage.COUPON})


class TaxPer(StrEnum):
    """On what tax is computed and rounded."""

    LINE = "line"
    RATE_GROUP = "rate_group"


class ReturnMethod(StrEnum):
    """What a part of a sale that comes back is worth."""

    RECORDED_SHARE = "recorded_share"
    JUDGED_AGAIN = "judged_again"


@dataclass(frozen=True, slots=True)
class CouponPair:
    """Two groups of coupons that may be used together."""

    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Choices:
    """How prices are computed where known systems disagree; docs/pricing.md tells each."""

    stages: tuple[Stage, ...] = DEFAULT_STAGES
    percent_base: PercentBase = PercentBase.RUNNING
    threshold_base: ThresholdBase = ThresholdBase.STAGE
    coupon_threshold_base: ThresholdBase = ThresholdBase.RUNNING
    unit_pick: UnitPick = UnitPick.CHEAPEST
    group_pick: GroupPick = GroupPick.GROUP_CHEAPEST
    units_count_once: bool = True
    """Units used by an N-item rule are used up for other N-item rules."""
    tax_per: TaxPer = TaxPer.LINE
    coupons_combine: tuple[CouponPair, ...] = ()
    points_with_coupons: bool = True
    banned_goods_count: bool = False
    """Whether goods that may not be discounted count for thresholds."""
    rounding_to_whole_allowed: bool = True
    return_method: ReturnMethod = ReturnMethod.RECORDED_SHARE
    hint_within_bp: int = 3_000
    """A threshold is nearly reached when at most this share of it is missing."""
    max_hints: int = 3

    def __post_init__(self) -> None:
        first, last = self.stages[:2], self.stages[-1:]
        rest = self.stages[2:-1]
        fixed = first == DEFAULT_STAGES[:2] and last == DEFAULT_STAGES[-1:]
        if not fixed or len(rest) != len(_MOVABLE) or set(rest) != _MOVABLE:
            raise DomainError("rules.stages_unknown")
        if not 0 <= self.hint_within_bp <= 10_000 or not 0 <= self.max_hints <= 20:
            raise DomainError("rules.count_out_of_range")
