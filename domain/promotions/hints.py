"""Near misses: thresholds of which little is missing, so that the cashier can say so in time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.promotions.applying import spent
from domain.promotions.benefits import (
    ALL_BP,
    BuyGet,
    By,
    CheapestFree,
    Every,
    NAmountOff,
    NForPrice,
    NPercentOff,
    NthPercentOff,
    Tiers,
)
from domain.promotions.offers import Offer
from domain.promotions.outcome import Hint
from domain.promotions.reckoning import Reckoning
from domain.promotions.rule import RuleStage
from domain.promotions.running import Running
from domain.promotions.thresholds import measured
from domain.promotions.view import View

_GroupBenefit = NForPrice | NAmountOff | NPercentOff | NthPercentOff | BuyGet | CheapestFree
_Stepped = Tiers | Every | _GroupBenefit


@dataclass(frozen=True, slots=True)
class _Miss:
    share_bp: int
    hint: Hint


def hints_of(
    reckoning: Reckoning, offers: Sequence[Offer], excluded: Iterable[Offer], *, now: Running
) -> tuple[Hint, ...]:
    """What is nearly reached, the least missing share first; rules that a used one excludes are left out."""
    choices, shut = reckoning.book.choices, {id(offer) for offer in excluded}
    before = {stage: _before(stage, reckoning, now) for stage in {offer.rule.stage for offer in offers}}
    found: list[_Miss] = []
    for offer in offers:
        if id(offer) not in shut and (offer.thresholds or isinstance(offer.rule.benefit, _Stepped)):
            found += _misses(offer, reckoning, before[offer.rule.stage])
    near = [miss for miss in found if miss.share_bp <= choices.hint_within_bp or miss.hint.missing_pieces == 1]
    near.sort(key=lambda miss: (miss.share_bp, miss.hint.rule_id))
    return tuple(miss.hint for miss in near[: choices.max_hints])


def _misses(offer: Offer, reckoning: Reckoning, before: Running) -> Iterator[_Miss]:
    view = View(offer, reckoning.basket, before, reckoning.book.choices, before.amounts)
    short = [
        one for one in offer.thresholds if _missing(one.condition.min_minor, spent(one, view), one.condition.above)
    ]
    over = [one for one in offer.thresholds if one.condition.max_minor is not None]
    if over or len(short) > 1:
        return
    if short:
        wanted = short[0].condition.min_minor
        missing = _missing(wanted, spent(short[0], view), short[0].condition.above)
        yield _miss(offer, wanted, minor=missing)
        return
    benefit = offer.rule.benefit
    if isinstance(benefit, Tiers):
        found = measured(benefit.by, view)
        wanted = next((step.at for step in benefit.steps if step.at > found), 0)
        if wanted:
            yield _by(benefit.by, offer, wanted, missing=wanted - found)
    elif isinstance(benefit, Every):
        found = measured(benefit.by, view)
        times = found // benefit.step + 1
        if (not benefit.max_times or times <= benefit.max_times) and view.times(times) == times:
            yield _by(benefit.by, offer, times * benefit.step, missing=times * benefit.step - found)
    elif isinstance(benefit, _GroupBenefit):
        yield from _group_miss(benefit, offer, view)


def _group_miss(benefit: _GroupBenefit, offer: Offer, view: View) -> Iterator[_Miss]:
    size = offer.group_size
    groups, rest = divmod(offer.pieces, size)
    once = isinstance(benefit, CheapestFree) or (isinstance(benefit, BuyGet) and benefit.goods is not None)
    if rest and not (once and groups) and view.times(groups + 1) == groups + 1:
        yield _miss(offer, size, pieces=size - rest)


def _by(by: By, offer: Offer, wanted: int, *, missing: int) -> _Miss:
    is_pieces = by is By.PIECES
    return _miss(offer, wanted, pieces=missing if is_pieces else 0, minor=0 if is_pieces else missing)


def _miss(offer: Offer, wanted: int, *, minor: int = 0, pieces: int = 0) -> _Miss:
    names = offer.rule.names
    hint = Hint(offer.rule.rule_id, names["name_zh"], names["name_en"], minor, pieces)
    return _Miss(-(-(minor + pieces) * ALL_BP // wanted), hint)


def _missing(wanted: int, found: int, above: bool) -> int:
    return max(0, wanted + (1 if above else 0) - found)


def _before(stage: RuleStage, reckoning: Reckoning, now: Running) -> Running:
    """What goods cost when a stage began, in the selection that was made."""
    order = {one.value: at for at, one in enumerate(reckoning.book.choices.stages)}
    earlier = {one for one in RuleStage if order[one.value] < order[stage.value]}
    amounts = reckoning.basket.amounts.copy()
    for one in now.applied():
        if one.offer and one.offer.rule.stage in earlier:
            for at, cut in one.given.cuts:
                amounts[at] -= cut
    return Running(amounts, sum(amounts))
