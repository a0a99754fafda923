"""The search where there are too many rules to try every selection: bounded work, never worse than greedy.

Greedy takes rules by priority. Beside it stands what is best for each part of the goods by itself. The better one is
improved by single changes; coupons come last, on either beginning, so that another coupon never makes it worse.
"""

from collections.abc import Iterator

from domain.promotions.basket import positions
from domain.promotions.rule import RuleStage
from domain.promotions.selection import EXACT_WORK, RULE_WORK, Best, Field, best_of, exact, exact_work, parts_of

CHANGE_WORK = 1_000
"""Rules × (their lines + 8) that single changes may cost."""
APART_WORK = 1_500
"""What searching through the parts of item promotions may cost, where something looks at all of them anyway."""
COUPON_SETS = 24


def best_selection(field: Field) -> int:
    """The offers to take."""
    hopeful = field.hopeful
    coupled = field.reckoning.couples_all
    parts = [hopeful] if coupled and hopeful else parts_of(field, hopeful)
    left, chosen = EXACT_WORK, 0
    for part in parts:
        if part.bit_count() == 1 and not coupled:
            chosen |= part
        elif (work := exact_work(field, part)) <= left:
            left -= work
            chosen |= exact(field, part)
        else:
            chosen |= _bounded(field, part)
    return chosen


def greedy(field: Field, pool: int, chosen: int = 0) -> int:
    """Take from the pool by duty, priority, saving alone and id whatever fits to the chosen ones."""
    pool &= ~chosen
    for at in field.by_rank:
        if pool >> at & 1 and not field.conflicts[at] & chosen:
            chosen |= 1 << at
    return chosen


def _bounded(field: Field, part: int) -> int:
    coupons = part & field.of_stage(RuleStage.COUPON)
    promotions = part & ~coupons
    best = best_of(field, greedy(field, promotions), None)
    best = best_of(field, _apart(field, promotions), best)
    assert best is not None
    best = _improved(field, promotions, best)
    return _with_coupons(field, promotions, coupons, base=best.chosen)


def _apart(field: Field, promotions: int) -> int:
    """Item promotions by parts that share goods among themselves, then the others by rank."""
    items = promotions & field.of_stage(RuleStage.ITEM)
    chosen, left = 0, APART_WORK
    duty = greedy(field, field.mandatory & promotions)
    for part in parts_of(field, items):
        if part.bit_count() == 1:
            found = part
        elif (work := exact_work(field, part)) <= left:
            left -= work
            found = exact(field, part)
        else:
            found = greedy(field, part)
        for at in positions(found):
            if field.fits(at, chosen | duty):
                chosen |= 1 << at
    return greedy(field, promotions, chosen | duty)


def _improved(field: Field, promotions: int, best: Best) -> Best:
    """Leave one rule out, or bring one in for those that it excludes, as long as the work lasts."""
    most = field.work + CHANGE_WORK
    for at in (at for at in field.by_rank if promotions >> at & 1):
        if field.work > most:
            break
        field.work += RULE_WORK
        bit = 1 << at
        if best.chosen & bit:
            changed = greedy(field, promotions & ~bit, best.chosen & ~bit)
        else:
            changed = greedy(field, promotions, best.chosen & ~field.conflicts[at] | bit)
        if field.keeps_duty(changed, promotions):
            best = best_of(field, changed, best) or best
    return best


def _with_coupons(field: Field, promotions: int, coupons: int, *, base: int) -> int:
    best: Best | None = None
    for some in _sets(field, coupons):
        beginnings = {base & ~_excluded(field, some) | some, greedy(field, promotions, some)}
        for chosen in sorted(beginnings):
            if field.keeps_duty(chosen, promotions | coupons):
                best = best_of(field, chosen, best)
    for chosen in (greedy(field, promotions | coupons), _of_first_coupons(field, promotions, coupons)):
        if coupons and field.keeps_duty(chosen, promotions | coupons):
            best = best_of(field, chosen, best) or best
    return best.chosen if best else greedy(field, promotions | coupons)


def _of_first_coupons(field: Field, promotions: int, coupons: int) -> int:
    """The best with as many coupons as can be searched through: one coupon more must not cost what they saved."""
    pool = promotions
    if exact_work(field, pool) > EXACT_WORK:
        return 0
    for at in _presented(field, coupons):
        if exact_work(field, pool | 1 << at) > EXACT_WORK:
            break
        pool |= 1 << at
    return exact(field, pool)


def _sets(field: Field, coupons: int) -> Iterator[int]:
    """Sets of coupons that go together; with one more coupon the same ones come first."""
    found = [0]
    for at in _presented(field, coupons):
        found += [some | 1 << at for some in found if field.fits(at, some)]
    return iter(found[:COUPON_SETS])


def _presented(field: Field, coupons: int) -> list[int]:
    """Coupons in the order in which the customer presented them."""
    presented = {coupon.coupon_id: at for at, coupon in enumerate(field.reckoning.context.coupons)}
    return sorted(positions(coupons), key=lambda at: (presented.get(field.offers[at].coupon_id, -1), at))


def _excluded(field: Field, chosen: int) -> int:
    excluded = 0
    for at in positions(chosen):
        excluded |= field.conflicts[at]
    return excluded
