"""What a benefit sees when its rule comes: its positions, what they cost now, and how far they may fall."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.choices import Choices
from domain.money import divide_half_up, line_amount_minor
from domain.promotions.basket import Basket
from domain.promotions.benefits import GroupPick
from domain.promotions.conditions import ThresholdBase
from domain.promotions.offers import Offer
from domain.promotions.rule import PercentBase, Rule, UnitPick
from domain.promotions.running import Cut, Running, Taken
from domain.promotions.spread import spread


@dataclass(slots=True)
class View:
    """One offer at one moment. Pieces and amounts of a position are those that no N-item rule has used."""

    offer: Offer
    basket: Basket
    now: Running
    choices: Choices
    at_stage: list[int]

    @property
    def rule(self) -> Rule:
        """The rule itself."""
        return self.offer.rule

    def lines(self) -> Sequence[int]:
        """The positions that may be reduced now."""
        return self.living(self.offer.lines, reduced=self.rule.scope.reduced)

    def living(self, lines: tuple[int, ...], *, reduced: bool) -> Sequence[int]:
        """The positions, without those that already cost less than list where the scope leaves them out."""
        if reduced:
            return lines
        amounts, listed = self.now.amounts, self.basket.listed
        return [at for at in lines if amounts[at] >= listed[at]]

    def base_amounts(self, base: ThresholdBase) -> list[int]:
        """The amounts that a threshold counts."""
        if base is ThresholdBase.LIST:
            return self.basket.listed
        return self.now.amounts if base is ThresholdBase.RUNNING else self.at_stage

    def percent_amounts(self) -> list[int]:
        """The amounts that a percentage is taken of."""
        base = self.rule.percent_base or self.choices.percent_base
        return self.now.amounts if base is PercentBase.RUNNING else self.basket.listed

    def room(self, at: int) -> int:
        """How much a position may still fall."""
        floor = self.basket.floors[at]
        if self.rule.limits.floor_price_minor:
            quantity = self.basket.goods[at].quantity_thousandths
            floor = max(floor, line_amount_minor(self.rule.limits.floor_price_minor, quantity))
        return max(0, self.now.amounts[at] - floor)

    def spread(self, total: int, lines: Sequence[int], weights: list[int] | None = None) -> tuple[list[Cut], int]:
        """An amount over positions, in proportion to what they cost now or to weights, and what found no room."""
        by = [self.now.amounts[at] for at in lines] if weights is None else weights
        if weights is None and not (self.basket.has_floors or self.rule.limits.floor_price_minor):
            parts, dropped = spread(total, by, by)
        else:
            rooms = [min(self.room(at), weight) for at, weight in zip(lines, by, strict=True)]
            parts, dropped = spread(total, by, rooms)
        return [(at, part) for at, part in zip(lines, parts, strict=True) if part], dropped

    def cut(self, wanted: list[Cut]) -> tuple[list[Cut], int]:
        """What each position takes of what is wanted of it, and what is dropped."""
        cuts = [(at, min(amount, self.room(at))) for at, amount in wanted]
        dropped = sum(amount for _, amount in wanted) - sum(amount for _, amount in cuts)
        return [cut for cut in cuts if cut[1]], dropped

    def units(self, lines: Sequence[int], *, dear_first: bool = True) -> list[Taken]:
        """The unused units of positions, sorted by what one costs, ties to the earlier position."""
        free, pieces, amounts = self.now.free, self.basket.pieces, self.now.amounts
        found = []
        for at in lines:
            count, amount = free[at] if at in free else (pieces[at], amounts[at])
            if count:
                found.append((amount * 1_000_000 // count, Taken(at, count, amount)))
        found.sort(key=lambda unit: unit[0], reverse=dear_first)
        return [unit for _, unit in found]

    def limited(self, lines: Sequence[int]) -> list[Taken]:
        """The units that a limited number reaches: the cheapest or dearest; all of them where there is no limit."""
        dear_first = (self.rule.unit_pick or self.choices.unit_pick) is UnitPick.DEAREST
        most = self.rule.limits.max_units
        amounts, pieces = self.now.amounts, self.basket.pieces
        units = [Taken(at, pieces[at], amounts[at]) for at in lines]
        if most is None:
            return units
        units.sort(key=lambda unit: unit.amount_minor * 1_000_000 // unit.pieces, reverse=dear_first)
        return take(units, most)

    def group_pick(self, pick: GroupPick | None) -> GroupPick:
        """Which units of a group are given."""
        return pick or self.choices.group_pick

    def times(self, most: int) -> int:
        """So many times at most, and not more than the rule's limit."""
        limit = self.rule.limits.max_times
        return most if limit is None else min(most, limit)


def part_of(unit: Taken, pieces: int) -> Taken:
    """So many pieces of some units, at their share of what they cost."""
    if pieces == unit.pieces:
        return unit
    return Taken(unit.at, pieces, divide_half_up(unit.amount_minor * pieces, unit.pieces))


def take(units: list[Taken], count: int) -> list[Taken]:
    """The first so many units."""
    found = []
    for unit in units:
        if count <= 0:
            break
        found.append(part_of(unit, min(count, unit.pieces)))
        count -= unit.pieces
    return found
