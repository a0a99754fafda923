"""Benefits without groups of units: percentages, amounts, prices, delivery."""

from domain.money import line_amount_minor, percent_minor
from domain.promotions.benefits import AmountOff, FreeDelivery, Per, PercentOff, ScopePrice, UnitPrice
from domain.promotions.rule import RuleStage
from domain.promotions.running import Cut, Given, Taken
from domain.promotions.view import View


def percent_off(benefit: PercentOff, view: View) -> Given:
    """At the item stage, and of a limited number of units, on each line; else once on the total."""
    return by_percent(benefit.percent_bp, view, cap_minor=benefit.cap_minor)


def by_percent(percent_bp: int, view: View, *, cap_minor: int | None) -> Given:
    """A percentage off the rule's positions."""
    lines, amounts = view.lines(), view.percent_amounts()
    limited = view.rule.limits.max_units is not None
    if view.rule.stage is RuleStage.ITEM or limited:
        bases = [(unit.at, unit.amount_minor) for unit in view.limited(lines)] if limited else None
        wanted = [(at, percent_minor(base, percent_bp)) for at, base in bases or ((at, amounts[at]) for at in lines)]
        total = sum(amount for _, amount in wanted)
        if cap_minor is None or total <= cap_minor:
            cuts, dropped = view.cut(wanted)
            return Given(cuts, dropped_minor=dropped)
        cuts, dropped = view.spread(cap_minor, [at for at, _ in wanted], [amount for _, amount in wanted])
        return Given(cuts, dropped_minor=dropped)
    total = percent_minor(sum(amounts[at] for at in lines), percent_bp)
    cuts, dropped = view.spread(total if cap_minor is None else min(total, cap_minor), lines)
    return Given(cuts, dropped_minor=dropped)


def amount_off(benefit: AmountOff, view: View) -> Given:
    """An amount off the whole, each line, or each unit; goods by weight count by their weight."""
    lines = view.lines()
    if benefit.per is Per.ORDER:
        cuts, dropped = view.spread(benefit.amount_minor, lines)
    elif benefit.per is Per.LINE:
        cuts, dropped = view.cut([(at, benefit.amount_minor) for at in lines])
    else:
        cuts, dropped = view.cut([_for_units(benefit.amount_minor, unit, view) for unit in view.limited(lines)])
    return Given(cuts, dropped_minor=dropped)


def unit_price(benefit: UnitPrice, view: View) -> Given:
    """A price per unit where it is lower than what the unit costs now."""
    wanted = []
    for unit in view.limited(view.lines()):
        at, target = _for_units(benefit.price_minor, unit, view)
        if target < unit.amount_minor:
            wanted.append((at, unit.amount_minor - target))
    cuts, dropped = view.cut(wanted)
    return Given(cuts, dropped_minor=dropped)


def scope_price(benefit: ScopePrice, view: View) -> Given:
    """All positions together for one price."""
    lines = view.lines()
    total = sum(view.now.amounts[at] for at in lines)
    cuts, dropped = view.spread(max(0, total - benefit.price_minor), lines)
    return Given(cuts, dropped_minor=dropped)


def free_delivery(benefit: FreeDelivery, view: View) -> Given:
    """The charges off, up to the cap."""
    lines = list(view.offer.lines)
    total = sum(view.now.amounts[at] for at in lines)
    cuts, dropped = view.spread(total if benefit.cap_minor is None else min(total, benefit.cap_minor), lines)
    return Given(cuts, dropped_minor=dropped)


def _for_units(each_minor: int, unit: Taken, view: View) -> Cut:
    goods = view.basket.goods[unit.at]
    if goods.item.weighed:
        return unit.at, line_amount_minor(each_minor, goods.quantity_thousandths)
    return unit.at, each_minor * unit.pieces
