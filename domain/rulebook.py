"""The versioned set of rules that a cart is priced with, and by whose version a sale can be explained."""

from dataclasses import dataclass, field

from domain.choices import Choices
from domain.ids import ItemId
from domain.members import MemberPrice, MemberTier
from domain.points import NO_POINTS, PointsRules
from domain.promotions.groups import RuleGroup
from domain.promotions.index import RuleIndex, index_of
from domain.promotions.rule import Rule

DEFAULT_CHOICES = Choices()


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules of a chain; each sale names the version. Keep the object: it carries the index of its rules."""

    version: int = 1
    cash_rounding_unit_minor: int = 10
    """抹零: the cash part is rounded down to a multiple of this; 1 = no rounding."""
    choices: Choices = DEFAULT_CHOICES
    groups: tuple[RuleGroup, ...] = ()
    tiers: tuple[MemberTier, ...] = ()
    member_prices: tuple[MemberPrice, ...] = ()
    points: PointsRules = NO_POINTS
    rules: tuple[Rule, ...] = ()
    delivery_items: frozenset[ItemId] = frozenset()
    """Items that are charges for delivery: no rule but free delivery touches them and no threshold counts them."""
    index: RuleIndex = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", index_of(self.rules, self.groups, self.member_prices))
