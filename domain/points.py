"""Points: what they take off an order and how many an order earns."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from domain.errors import DomainError
from domain.promotions.benefits import ALL_BP
from domain.promotions.scope import ALL_GOODS, Scope
from domain.quantity import THOUSAND


@dataclass(frozen=True, slots=True)
class PointsRules:
    """Redeeming goes by whole steps; 0 for a step or for what earns a point switches that side off."""

    redeem_step_points: int = 0
    redeem_step_minor: int = 0
    redeem_max_bp: int = ALL_BP
    """The share of what is due that points may take."""
    redeem_max_minor: int | None = None
    redeem_min_due_minor: int = 0
    redeem_scope: Scope = ALL_GOODS
    earn_minor_per_point: int = 0
    earn_scope: Scope = ALL_GOODS

    def __post_init__(self) -> None:
        steps = (self.redeem_step_points, self.redeem_step_minor, self.redeem_min_due_minor, self.earn_minor_per_point)
        if min(*steps, self.redeem_max_minor or 0) < 0:
            raise DomainError("rules.amount_negative")
        if bool(self.redeem_step_points) != bool(self.redeem_step_minor):
            raise DomainError("rules.points_step_unclear")
        if not 0 <= self.redeem_max_bp <= ALL_BP:
            raise DomainError("rules.percent_out_of_range")


NO_POINTS = PointsRules()


@dataclass(frozen=True, slots=True)
class PointsUsed:
    """What was asked for, what the cap let through, and what it took off."""

    wanted: int
    used: int
    amount_minor: int


class Earning(NamedTuple):
    """What was paid for a line, and how many times it counts."""

    amount_minor: int
    times_thousandths: int


class Share(NamedTuple):
    """A part of a whole."""

    part: int
    whole: int


def points_earned(earning: Iterable[Earning], rules: PointsRules, *, times_thousandths: int, share: Share) -> int:
    """The points of an order: rounded down, once; ``share`` is what of it was paid with money that earns."""
    if not share.whole:
        return 0
    counted = sum(one.amount_minor * one.times_thousandths for one in earning) * times_thousandths
    return counted * share.part // (rules.earn_minor_per_point * THOUSAND * THOUSAND * share.whole)
