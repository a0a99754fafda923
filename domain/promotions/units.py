"""Benefits of groups of units (N for a price, every Nth, buy and get, bundles): each uses up the units it takes."""

from collections.abc import Callable

from domain.money import percent_minor
from domain.promotions.basket import positions
from domain.promotions.benefits import (
    ALL_BP,
    AddOn,
    Bundle,
    BuyGet,
    CheapestFree,
    GroupPick,
    NAmountOff,
    NForPrice,
    NPercentOff,
    NthPercentOff,
)
from domain.promotions.rule import UnitPick
from domain.promotions.running import Given, Taken
from domain.promotions.thresholds import NOTHING
from domain.promotions.view import View, part_of, take


def n_for_price(benefit: NForPrice, view: View) -> Given:
    """Complete groups of the dearest units for a price each, as many as save something."""
    units = view.units(view.lines())
    most = view.times(_count(units) // benefit.count)
    return _for_price(
        view, most, price_minor=benefit.price_minor, taken=lambda times: take(units, times * benefit.count)
    )


def n_amount_off(benefit: NAmountOff, view: View) -> Given:
    """So much off each complete group."""
    units = view.units(view.lines())
    times = view.times(_count(units) // benefit.count)
    return _less(view, take(units, times * benefit.count), times, off_minor=times * benefit.amount_minor)


def n_percent_off(benefit: NPercentOff, view: View) -> Given:
    """A percentage off all units of complete groups."""
    units = view.units(view.lines())
    times = view.times(_count(units) // benefit.count)
    used = take(units, times * benefit.count)
    return _at_percent(view, used, benefit.percent_bp, used=used, times=times)


def nth_percent_off(benefit: NthPercentOff, view: View) -> Given:
    """The cheapest of each group of N at a percentage off."""
    return _of_groups(view, benefit.nth - 1, 1, percent_bp=benefit.percent_bp, pick=view.group_pick(benefit.pick))


def buy_get(benefit: BuyGet, view: View) -> Given:
    """Units of complete groups, or other goods, at a percentage off."""
    pick = view.group_pick(benefit.pick)
    if benefit.goods is None:
        return _of_groups(view, benefit.buy, benefit.get, percent_bp=benefit.percent_bp, pick=pick)
    others = view.basket.mask(benefit.goods) & view.basket.everything
    own = [at for at in view.lines() if not others >> at & 1 and at in view.offer.counted]
    bought = view.units(own)
    wanted = view.units(positions(others), dear_first=pick is GroupPick.DEAREST)
    times = view.times(min(_count(bought) // benefit.buy, -(-_count(wanted) // benefit.get)))
    given = take(wanted, times * benefit.get)
    return _at_percent(view, given, benefit.percent_bp, used=[*take(bought, times * benefit.buy), *given], times=times)


def cheapest_free(benefit: CheapestFree, view: View) -> Given:
    """Once: the cheapest or dearest of the scope, when there are enough."""
    units = view.units(view.lines())
    if _count(units) < benefit.count:
        return NOTHING
    given = take(units if benefit.dearest else units[::-1], benefit.free)
    rest = _without(units, given)
    return _at_percent(view, given, ALL_BP, used=[*given, *take(rest, benefit.count - benefit.free)], times=1)


def bundle(benefit: Bundle, view: View) -> Given:
    """All parts together for a price, as often as they are complete."""
    units = view.units(view.lines())
    most = view.times(_count(units) // sum(part.count for part in benefit.parts))
    masks = [(view.basket.mask(part.goods), part.count) for part in benefit.parts]

    def taken(times: int) -> list[Taken] | None:
        rest, found = units, []
        for mask, count in masks:
            part = take([unit for unit in rest if mask >> unit.at & 1], times * count)
            if _count(part) < times * count:
                return None
            rest = _without(rest, part)
            found += part
        return found

    while most and taken(most) is None:
        most -= 1
    return _for_price(view, most, price_minor=benefit.price_minor, taken=lambda times: taken(times) or [])


def add_on(benefit: AddOn, view: View) -> Given:
    """So many units of other goods at their add-on price."""
    dear_first = (view.rule.unit_pick or view.choices.unit_pick) is UnitPick.DEAREST
    units = take(view.units(view.lines(), dear_first=dear_first), view.times(benefit.count))
    used = [unit for unit in units if unit.amount_minor > benefit.price_minor * unit.pieces]
    wanted = [(unit.at, unit.amount_minor - benefit.price_minor * unit.pieces) for unit in used]
    cuts, dropped = view.cut(wanted)
    return Given(cuts, _count(used), tuple(used), dropped)


def _of_groups(view: View, buy: int, get: int, *, percent_bp: int, pick: GroupPick) -> Given:
    units = view.units(view.lines())
    size, total = buy + get, _count(units)
    times = view.times(total // size)
    if not times:
        return NOTHING
    if pick is GroupPick.BASKET_CHEAPEST:
        given = take(units[::-1], times * get)
        used = [*given, *take(_without(units, given), times * buy)]
        return _at_percent(view, given, percent_bp, used=used, times=times)
    used = take(units, times * size)
    given, before = [], 0
    for unit in used:
        after = before + unit.pieces
        chosen = _chosen(after, buy, get, pick=pick) - _chosen(before, buy, get, pick=pick)
        if chosen:
            given.append(part_of(unit, chosen))
        before = after
    return _at_percent(view, given, percent_bp, used=used, times=times)


def _chosen(position: int, buy: int, get: int, *, pick: GroupPick) -> int:
    """How many of the first so many units, sorted dear to cheap and cut into groups, are given."""
    groups, rest = divmod(position, buy + get)
    return groups * get + (min(rest, get) if pick is GroupPick.DEAREST else max(0, rest - buy))


def _at_percent(view: View, units: list[Taken], percent_bp: int, *, used: list[Taken], times: int) -> Given:
    merged = _merged(units)
    cuts, dropped = view.cut([(unit.at, percent_minor(unit.amount_minor, percent_bp)) for unit in merged])
    return Given(cuts, times, tuple(_merged(used)), dropped)


def _for_price(view: View, most: int, *, price_minor: int, taken: Callable[[int], list[Taken]]) -> Given:
    """As many groups as save the most: later ones are cheaper, so that the saving rises and then falls."""

    def saving(times: int) -> int:
        return _worth(taken(times)) - times * price_minor

    least = 0
    while least < most:
        middle = (least + most + 1) // 2
        if saving(middle) > saving(middle - 1):
            least = middle
        else:
            most = middle - 1
    return _less(view, taken(least), least, off_minor=saving(least))


def _less(view: View, used: list[Taken], times: int, *, off_minor: int) -> Given:
    merged = _merged(used)
    off_minor = min(off_minor, _worth(merged))
    if not times or off_minor <= 0:
        return NOTHING
    cuts, dropped = view.spread(off_minor, [unit.at for unit in merged], [unit.amount_minor for unit in merged])
    return Given(cuts, times, tuple(merged), dropped)


def _merged(units: list[Taken]) -> list[Taken]:
    by_place: dict[int, Taken] = {}
    for unit in units:
        known = by_place.get(unit.at)
        more = Taken(unit.at, known.pieces + unit.pieces, known.amount_minor + unit.amount_minor) if known else unit
        by_place[unit.at] = more
    return [by_place[at] for at in sorted(by_place)]


def _without(units: list[Taken], gone: list[Taken]) -> list[Taken]:
    less = {unit.at: unit for unit in _merged(gone)}
    rest = []
    for unit in units:
        taken = less.get(unit.at)
        if taken is None:
            rest.append(unit)
        elif taken.pieces < unit.pieces:
            left = unit.amount_minor - taken.amount_minor
            rest.append(Taken(unit.at, unit.pieces - taken.pieces, left))
    return rest


def _count(units: list[Taken]) -> int:
    return sum(unit.pieces for unit in units)


def _worth(units: list[Taken]) -> int:
    return sum(unit.amount_minor for unit in units)
