"""Which offers exclude each other: exclusive rules, groups of which one counts, coupons that do not combine."""

from collections.abc import Callable, Iterable, Sequence

from domain.promotions.groups import Path, keep_apart
from domain.promotions.offers import Offer
from domain.promotions.rule import RuleStage
from domain.rulebook import RuleBook


def conflict_masks(offers: Sequence[Offer], book: RuleBook) -> list[int]:
    """For each offer a mask of those that it cannot stand beside."""
    masks = [0] * len(offers)
    everyone = (1 << len(offers)) - 1
    for at, offer in enumerate(offers):
        if offer.rule.exclusive:
            masks[at] = everyone & ~(1 << at)
            for other in range(len(offers)):
                if other != at:
                    masks[other] |= 1 << at
    _mark(offers, masks, _grouped(offers), apart=lambda one, other: _by_group(one, other, book))
    coupons = [at for at, offer in enumerate(offers) if offer.rule.stage is RuleStage.COUPON]
    combine = {frozenset((pair.one, pair.other)) for pair in book.choices.coupons_combine}
    _mark(offers, masks, [coupons], apart=lambda one, other: _names(one, other) not in combine)
    return masks


def _mark(
    offers: Sequence[Offer], masks: list[int], among: Iterable[list[int]], *, apart: Callable[[Offer, Offer], bool]
) -> None:
    for places in among:
        for at, one in enumerate(places):
            for other in places[at + 1 :]:
                if apart(offers[one], offers[other]):
                    masks[one] |= 1 << other
                    masks[other] |= 1 << one


def _grouped(offers: Sequence[Offer]) -> list[list[int]]:
    """Offers that stand in groups; nearly all have none, so that few pairs are looked at."""
    return [[at for at, offer in enumerate(offers) if offer.rule.group_id]]


def _by_group(one: Offer, other: Offer, book: RuleBook) -> bool:
    return keep_apart(_path(one, book), _path(other, book))


def _path(offer: Offer, book: RuleBook) -> Path:
    group_id = offer.rule.group_id
    return book.index.paths.get(group_id) or ((group_id, True),)


def _names(one: Offer, other: Offer) -> frozenset[str]:
    return frozenset((one.rule.coupon_group, other.rule.coupon_group))
