"""The best total: of all selections of rules that may stand together, one with the lowest amount due.

Parts of the basket that no rule connects are judged apart. A part with few rules is searched through: each selection is
tried, sharing the work of equal beginnings. A larger part goes to ``bounded``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from domain.promotions.basket import positions
from domain.promotions.benefits import AddOn, BuyGet, CheapestFree, NthPercentOff
from domain.promotions.offers import Offer
from domain.promotions.reckoning import Reckoning, SentinelKey
from domain.promotions.rule import RuleStage
from domain.promotions.running import Running

EXACT_WORK = 6_000
"""Selections × (lines + 8) that are tried at most: 8 rules on 12 lines are 5,120."""
RULE_WORK = 8


@dataclass(slots=True)
class Field:
    """Offers in their order, which of them exclude each other, and what each does alone; sets of offers are masks.

    Item promotions that share no goods are reckoned apart and kept, so that another selection costs what differs.
    """

    reckoning: Reckoning
    offers: Sequence[Offer]
    conflicts: Sequence[int]
    start: Running = field(init=False)
    alone: list[Running | None] = field(init=False)
    mandatory: int = 0
    items: int = 0
    coupons: int = 0
    work: int = 0
    """Goods that rules were brought to: what a search costs, by count and not by the clock."""
    by_rank: list[int] = field(init=False)
    _apart: list[tuple[int, list[int]]] = field(default_factory=list)
    _done: dict[int, Running] = field(default_factory=dict)
    _items: tuple[int, Running] = field(init=False)
    _before_coupons: dict[int, Running] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.start = self.reckoning.start()
        self.alone = [self.reckoning.after(self.start, offer) for offer in self.offers]
        for at, offer in enumerate(self.offers):
            if offer.rule.mandatory and self.alone[at]:
                self.mandatory |= 1 << at
        self.by_rank = sorted(range(len(self.offers)), key=self._rank)
        if self.reckoning.items_come_first:
            self.items = self.of_stage(RuleStage.ITEM)
        if self.reckoning.coupons_come_last:
            self.coupons = self.of_stage(RuleStage.COUPON)
        self._apart = [(part, positions(touched_by(self, part))) for part in parts_of(self, self.items, by_goods=True)]
        nothing = Running(self.start.amounts, self.start.total, RuleStage.ITEM, self.start.amounts)
        self._done[0] = nothing
        self._items = (0, replace(nothing, beside=(nothing,) * len(self._apart)))

    def _rank(self, at: int) -> tuple[bool, int, int, str, str]:
        rule = self.offers[at].rule
        is_duty = bool(self.mandatory >> at & 1)
        return (not is_duty, -rule.priority, -self.saving(at), rule.rule_id, self.offers[at].coupon_id)

    def of_stage(self, stage: RuleStage) -> int:
        """The offers of a stage."""
        found = 0
        for at, offer in enumerate(self.offers):
            if offer.rule.stage is stage:
                found |= 1 << at
        return found

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
        return self.start.total - done.total if done else 0

    def run(self, chosen: int) -> Running:
        """What the goods cost with these offers, each in its turn."""
        before = chosen & ~self.coupons
        now = self._before_coupons.get(before)
        if now is None:
            now = self._after_items(chosen & self.items)
            for at in positions(before & ~self.items):
                now = self.after(now, at) or now
            self._before_coupons[before] = now
        for at in positions(chosen & self.coupons):
            now = self.after(now, at) or now
        return now

    def after(self, now: Running, at: int) -> Running | None:
        """After one offer; None where it does nothing."""
        offer = self.offers[at]
        self.work += len(offer.lines) + RULE_WORK
        return self.reckoning.after(now, offer)

    def _after_items(self, chosen: int) -> Running:
        """The last selection's goods, with those parts exchanged that differ."""
        before, now = self._items
        if before == chosen:
            return now
        amounts, total, free, beside = now.amounts.copy(), now.total, now.free.copy(), list(now.beside)
        for number, (part, lines) in enumerate(self._apart):
            if (before ^ chosen) & part:
                new = self._part(chosen & part)
                total += new.total - beside[number].total
                beside[number] = new
                for at in lines:
                    amounts[at] = new.amounts[at]
                    free.pop(at, None)
                free.update(new.free)
        now = Running(amounts, total, RuleStage.ITEM, self.start.amounts, free, beside=tuple(beside))
        self._items = (chosen, now)
        return now

    def _part(self, chosen: int) -> Running:
        found = self._done.get(chosen)
        if found is None:
            found = self.start
            for at in positions(chosen):
                after = self.alone[at] if found is self.start else self.after(found, at)
                found = after or found
            self._done[chosen] = found
        return found

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
    return (touched_by(field_, part).bit_count() + RULE_WORK) << part.bit_count()


def touched_by(field_: Field, part: int) -> int:
    """All goods of some offers."""
    goods = 0
    for at in positions(part):
        goods |= field_.offers[at].touched
    return goods


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
            after = field_.alone[at] if now is field_.start else field_.after(now, at)
            if after:
                descend(depth + 1, after, chosen=chosen | 1 << at, tried=tried)
            else:
                tried |= 1 << at
        descend(depth + 1, now, chosen=chosen, tried=tried)

    descend(0, field_.start, chosen=0, tried=0)
    assert best is not None, "taking the mandatory ones alone is always allowed"
    return best.chosen


def parts_of(field_: Field, among: int, *, by_goods: bool = False) -> list[int]:
    """The offers in parts that share no goods and (unless only goods count) exclude none of each other, small first."""
    parts: list[tuple[int, int]] = []
    all_goods = all_members = 0
    for at in positions(among):
        goods, members = field_.offers[at].touched, 1 << at
        is_apart = not (goods & all_goods or (not by_goods and field_.conflicts[at] & all_members))
        all_goods, all_members = all_goods | goods, all_members | members
        if is_apart:
            parts.append((goods, members))
            continue
        apart = []
        for other_goods, others in parts:
            if other_goods & goods or (not by_goods and field_.conflicts[at] & others):
                goods, members = goods | other_goods, members | others
            else:
                apart.append((other_goods, others))
        parts = [*apart, (goods, members)]
    return sorted((members for _, members in parts), key=lambda members: (members.bit_count(), members))
