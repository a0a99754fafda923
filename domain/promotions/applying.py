"""Bringing one rule to what goods cost now: thresholds, the benefit, budget, and the units it uses up."""

from collections.abc import Callable
from typing import Any

from domain.choices import Choices
from domain.money import divide_half_up
from domain.promotions import benefits, gifts, plain, thresholds, units
from domain.promotions.basket import Basket
from domain.promotions.offers import Offer, Threshold
from domain.promotions.running import Applied, Given, Running
from domain.promotions.view import View

_GIVE: dict[type, Callable[[Any, View], Given]] = {
    benefits.PercentOff: plain.percent_off,
    benefits.AmountOff: plain.amount_off,
    benefits.UnitPrice: plain.unit_price,
    benefits.ScopePrice: plain.scope_price,
    benefits.FreeDelivery: plain.free_delivery,
    benefits.NForPrice: units.n_for_price,
    benefits.NAmountOff: units.n_amount_off,
    benefits.NPercentOff: units.n_percent_off,
    benefits.NthPercentOff: units.nth_percent_off,
    benefits.BuyGet: units.buy_get,
    benefits.CheapestFree: units.cheapest_free,
    benefits.Bundle: units.bundle,
    benefits.AddOn: units.add_on,
    benefits.Tiers: thresholds.tiers,
    benefits.Every: thresholds.every,
    benefits.Gift: gifts.gift,
    benefits.PointsTimes: gifts.points_times,
}
_WITHOUT_MONEY = (benefits.Gift, benefits.PointsTimes)


def apply(offer: Offer, now: Running, basket: Basket, *, choices: Choices) -> Running | None:
    """What goods cost after the rule; None where it does nothing: thresholds, no goods left, budget."""
    at_stage = now.at_stage if offer.rule.stage is now.stage else now.amounts
    view = View(offer, basket, now, choices, at_stage)
    if offer.thresholds and not all(is_reached(threshold, view) for threshold in offer.thresholds):
        return None
    given = _GIVE[type(offer.rule.benefit)](offer.rule.benefit, view)
    amount = given.amount_minor
    if not amount and not (given.times and isinstance(offer.rule.benefit, _WITHOUT_MONEY)):
        return None
    budget = offer.rule.limits.budget_minor
    if budget is not None and offer.spent_minor + amount > budget:
        return None
    amounts = now.amounts.copy()
    bases = tuple([amounts[at] for at, _ in given.cuts])
    for at, cut in given.cuts:
        amounts[at] -= cut
    free = (
        _free_after(given, now, amounts, basket=basket)
        if choices.units_count_once and (given.used or now.free)
        else now.free
    )
    last = Applied(offer, given, bases, now.last)
    return Running(amounts, now.total - amount, offer.rule.stage, at_stage, free, last, now.by_hand, now.beside)


def spent(threshold: Threshold, view: View) -> int:
    """What the goods of a threshold come to by its base."""
    amounts = view.base_amounts(threshold.base)
    return sum(amounts[at] for at in view.living(threshold.counted, reduced=threshold.reduced))


def is_reached(threshold: Threshold, view: View) -> bool:
    """Whether the goods cost enough and not too much."""
    condition, found = threshold.condition, spent(threshold, view)
    enough = found > condition.min_minor if condition.above else found >= condition.min_minor
    return enough and (condition.max_minor is None or found <= condition.max_minor)


def _free_after(given: Given, now: Running, amounts: list[int], *, basket: Basket) -> dict[int, tuple[int, int]]:
    """Used units are gone; of positions that were reduced otherwise the unused units fall in proportion."""
    free = dict(now.free)
    used = {unit.at: unit for unit in given.used}
    for at, unit in used.items():
        count, amount = free.get(at) or (basket.pieces[at], now.amounts[at])
        free[at] = (count - unit.pieces, amount - unit.amount_minor)
    for at, _ in given.cuts:
        if at in free and at not in used:
            count, amount = free[at]
            free[at] = (count, divide_half_up(amount * amounts[at], max(1, now.amounts[at])))
    return free
