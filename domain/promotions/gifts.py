"""Benefits that hand something over or count more points."""

from domain.promotions.benefits import Gift, PointsTimes
from domain.promotions.running import Given, Taken
from domain.promotions.view import View, take


def gift(benefit: Gift, view: View) -> Given:
    """Gift lines of the cart cost nothing, up to what the rule gives; with none there it is still an offer."""
    amounts, pieces = view.now.amounts, view.basket.pieces
    units = [Taken(at, pieces[at], amounts[at]) for at in view.offer.lines]
    free = take(units, benefit.count)
    return Given([(unit.at, unit.amount_minor) for unit in free if unit.amount_minor], times=benefit.count)


def points_times(_benefit: PointsTimes, view: View) -> Given:
    """No money: it counts when points are earned."""
    return Given([], times=1 if view.lines() else 0)
