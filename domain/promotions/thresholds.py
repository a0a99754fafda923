"""Benefits by how much is bought: tiers, and an amount for every so much."""

from domain.promotions.benefits import By, Every, Tiers
from domain.promotions.conditions import ThresholdBase
from domain.promotions.plain import by_percent
from domain.promotions.rule import RuleStage
from domain.promotions.running import Given
from domain.promotions.view import View

NOTHING = Given([], times=0)


def tiers(benefit: Tiers, view: View) -> Given:
    """The highest tier that is reached."""
    found = measured(benefit.by, view)
    step = next((step for step in reversed(benefit.steps) if step.at <= found), None)
    if step is None:
        return NOTHING
    if step.percent_bp:
        return by_percent(step.percent_bp, view, cap_minor=benefit.cap_minor)
    amount = step.amount_minor if benefit.cap_minor is None else min(step.amount_minor, benefit.cap_minor)
    cuts, dropped = view.spread(amount, view.lines())
    return Given(cuts, dropped_minor=dropped)


def every(benefit: Every, view: View) -> Given:
    """So many times the amount as the step goes into what is bought."""
    times = view.times(measured(benefit.by, view) // benefit.step)
    if benefit.max_times:
        times = min(times, benefit.max_times)
    cuts, dropped = view.spread(times * benefit.amount_minor, view.lines())
    return Given(cuts, times, dropped_minor=dropped)


def measured(by: By, view: View) -> int:
    """What the rule's own goods come to: pieces, or money by the threshold's base."""
    counted = view.living(view.offer.counted, reduced=view.rule.scope.reduced)
    if by is By.PIECES:
        return sum(view.basket.pieces[at] for at in counted)
    amounts = view.base_amounts(threshold_base(view))
    return sum(amounts[at] for at in counted)


def threshold_base(view: View) -> ThresholdBase:
    """The rule's own, or the book's for its stage."""
    is_coupon = view.rule.stage is RuleStage.COUPON
    chosen = view.choices.coupon_threshold_base if is_coupon else view.choices.threshold_base
    return view.rule.threshold_base or chosen
