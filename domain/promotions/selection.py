"""The best total: of all selections of rules that may stand together, one with the lowest amount due.

Parts of the basket that no rule connects are judged apart. A part with few rules is searched through: each selection is
tried, sharing the work of equal beginnings. A larger part goes to ``bounded``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.promotions.basket import positions
from domain.promotions.benefits import AddOn, BuyGet, CheapestFree, NthPercentOff
from domain.promotions.offers import Offer
from domain.promotions.reckoning import Reckoning, SentinelKey
from domain.promotions.running import Running

EXACT_WORK = 6_000
"""Selections × (lines + 8) that are tried at most: 8 rules on 12 lines are 5,120."""
RULE_WORK = 8


@dataclass(slots=True)
class Field:
    """Offers in their order, which of them exclude each other, and what each does alone; sets of offers are masks."""

    reckoning: Reckoning
    offers: Sequence[Offer]
    conflicts: Sequence[int]
    alone: list[Running | None] = field(default_factory=list)
    mandatory: int = 0
    _trail: list[tuple[int, Running]] = field(default_factory=list)

    def __post_init__(self) -> None:
        start = self.reckoning.start()
        self.alone = [self.reckoning.after(start, offer) for offer in self.offers]
        for at, offer in enumerate(self.offers):
            if offer.rule.mandatory and self.alone[at]:
                self.mandatory |= 1 << at

    @property
    def hopeful(self) -> int:
        """Those that do something alone, or might after others."""
        found = 0
        for at, offer in enumerate(self.offers):
            if self.alone[at] or _may_come_late(offer):
                found |= 1 << at
        return found

    def saving(self, at: int) -> int:
        """What the offer saves alone."""
        done = self.alone[at]
        return self.reckoning.start().total - done.total if done else 0

    def run(self, chosen: int) -> Running:
        """What the goods cost with these offers, each in its turn; the last run's equal beginning is kept."""
        wanted = positions(chosen)
        same = 0
        while same < min(len(wanted), len(self._trail)) and self._trail[same][0] == wanted[same]:
            same += 1
        del self._trail[same:]
        now = self._trail[-1][1] if self._trail else self.reckoning.start()
        for at in wanted[same:]:
            now = self.reckoning.after(now, self.offers[at]) or now
            self._trail.append((at, now))
        return now

    def fits(self, at: int, chosen: int) -> bool:
        """Whether an offer may join the chosen ones."""
        return not self.conflicts[at] & chosen

    def keeps_duty(self, chosen: int, among: int) -> bool:
        """Whether no mandatory offer among these was passed over, but for another mandatory one."""
        left = self.mandatory & among & ~chosen
        return all(self.conflicts[at] & chosen & self.mandatory for at in positions(left))


def _may_come_late(offer: Offer) -> bool:
    """Whether other rules may open its way: a maximum is undershot, a budget suffices, other units are the cheapest."""
    limits = offer.rule.limits
    if limits.budget_minor is not None or limits.max_units is not None:
        return True
    picks = isinstance(offer.rule.benefit, AddOn | BuyGet | CheapestFree | NthPercentOff) and offer.units_suffice
    return picks or any(one.condition.max_minor is not None for one in offer.thresholds)


@dataclass(frozen=True, slots=True)
class Best:
    """The best selection so far."""

    chosen: int
    due: int
    key: SentinelKey

    def beats(self, other: "Best | None") -> bool:
        """Whether it is better: lower due, then the order of equal results."""
        return other is None or (self.due, self.key) < (other.due, other.key)


def best_of(field_: Field, chosen: int, best: Best | None) -> Best | None:
    """The better one of the best so far and a selection."""
    now = field_.run(chosen)
    due = field_.reckoning.due(now)
    if best and due > best.due:
        return best
    found = Best(chosen, due, field_.reckoning.key(now))
    return found if found.beats(best) else best


def exact_work(field_: Field, part: int) -> int:
    """What searching through a part would cost."""
    lines = 0
    for at in positions(part):
        lines |= field_.offers[at].touched
    return (lines.bit_count() + RULE_WORK) << part.bit_count()


def exact(field_: Field, part: int) -> int:
    """The best selection of a part, by trying all."""
    places = positions(part)
    best: Best | None = None

    def descend(depth: int, now: Running, *, chosen: int, tried: int) -> None:
        nonlocal best
        if depth == len(places):
            if field_.mandatory & part and not field_.keeps_duty(chosen, part & ~tried):
                return
            due = field_.reckoning.due(now)
            if best is None or due <= best.due:
                found = Best(chosen, due, field_.reckoning.key(now))
                best = found if found.beats(best) else best
            return
        at = places[depth]
        if field_.fits(at, chosen):
            after = field_.reckoning.after(now, field_.offers[at])
            if after:
                descend(depth + 1, after, chosen=chosen | 1 << at, tried=tried)
            else:
                tried |= 1 << at
        descend(depth + 1, now, chosen=chosen, tried=tried)

    descend(0, field_.reckoning.start(), chosen=0, tried=0)
    assert best is not None, "taking the mandatory ones alone is always allowed"
    return best.chosen


def parts_of(field_: Field, among: int) -> list[int]:
    """The offers in parts that share no goods and exclude none of each other, small parts first."""
    parts: list[tuple[int, int]] = []
    for at in positions(among):
        goods, members = field_.offers[at].touched, 1 << at
        apart = []
        for other_goods, others in parts:
            if other_goods & goods or field_.conflicts[at] & others:
                goods, members = goods | other_goods, members | others
            else:
                apart.append((other_goods, others))
        parts = [*apart, (goods, members)]
    return sorted((members for _, members in parts), key=lambda members: (members.bit_count(), members))
