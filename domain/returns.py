"""What comes back for goods that come back: shares of what was paid, so that all returns together are the sale.

Whatever is given back follows from how much has come back in all: the difference of two such states is what one return
is worth. So every order and every partition of returns sums to what was paid, and the last one takes the remainder.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.errors import DomainError
from domain.money import divide_half_up
from domain.price_modifier import Cause, Stage
from domain.sale import Sale, SaleLine

Quantities = Mapping[int, int]
"""Thousandths that came back, by the line's place in the sale, from 0."""


@dataclass(frozen=True, slots=True)
class RefundLine:
    """What one line is worth that comes back, with the tax in it."""

    line: int
    quantity_thousandths: int
    amount_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Refund:
    """What one return is worth: ``amount_minor`` is money, less the share of 抹零 that was never paid."""

    lines: tuple[RefundLine, ...]
    amount_minor: int
    rounding_minor: int
    points_restored: int
    points_reversed: int
    coupons_restored: tuple[str, ...]
    gifts_asked_back: tuple[str, ...]
    """Rules whose gifts belong to what came back; the gift itself is a line of the sale."""


def refund(sale: Sale, before: Quantities, now: Quantities) -> Refund:
    """The recorded share of what was paid; raises ``returns.more_than_bought``."""
    after = {line: before.get(line, 0) + now.get(line, 0) for line in {*before, *now}}
    for line, quantity in after.items():
        if not 0 <= line < len(sale.lines) or quantity > sale.lines[line].quantity_thousandths or now.get(line, 0) < 0:
            raise DomainError("returns.more_than_bought")
    gross, gross_before = _gross(sale, after), _gross(sale, before)
    rounding = _rounding(sale, gross) - _rounding(sale, gross_before)
    is_whole = all(after.get(at, 0) == line.quantity_thousandths for at, line in enumerate(sale.lines))
    return Refund(
        tuple(_refund_line(sale, at, before, now=now) for at in sorted(now) if now[at]),
        gross - gross_before - rounding,
        rounding,
        _points_restored(sale, after) - _points_restored(sale, before),
        _points_reversed(sale, gross) - _points_reversed(sale, gross_before),
        tuple(rule.coupon_id for rule in sale.rules if rule.coupon_id) if is_whole else (),
        _gifts(sale, after),
    )


def judged_again_minor(sale: Sale, due_of_the_rest_minor: int, *, refunded_minor: int) -> int:
    """The other method: what was paid less what the kept goods cost by the offers of then, never below nothing.

    The rest is priced by the sale's own rule book; with nothing kept it costs 0, and all that was paid is back.
    """
    kept_minor = min(due_of_the_rest_minor, sale.payable_minor)
    return max(0, sale.payable_minor - kept_minor - refunded_minor)


def _share(amount_minor: int, quantity: int, line: SaleLine) -> int:
    return divide_half_up(amount_minor * quantity, line.quantity_thousandths)


def _gross(sale: Sale, quantities: Quantities) -> int:
    return sum(_share(sale.lines[at].amount_minor, quantity, sale.lines[at]) for at, quantity in quantities.items())


def _rounding(sale: Sale, gross_minor: int) -> int:
    """The share of cash rounding in what came back, rounded down: in between the customer is ahead, never the shop."""
    return sale.rounding_minor * gross_minor // sale.due_minor if sale.due_minor else 0


def _points_reversed(sale: Sale, gross_minor: int) -> int:
    return sale.points_earned * gross_minor // sale.due_minor if sale.due_minor else 0


def _points_restored(sale: Sale, quantities: Quantities) -> int:
    if not sale.points_used_minor:
        return 0
    worth = 0
    for at, quantity in quantities.items():
        line = sale.lines[at]
        taken = -sum(step.amount_minor for step in line.modifiers if step.stage is Stage.POINTS)
        worth += _share(taken, quantity, line)
    return sale.points_used * worth // sale.points_used_minor


def _refund_line(sale: Sale, at: int, before: Quantities, *, now: Quantities) -> RefundLine:
    line, first = sale.lines[at], before.get(at, 0)
    last = first + now[at]
    amount = _share(line.amount_minor, last, line) - _share(line.amount_minor, first, line)
    tax = _share(line.tax_minor, last, line) - _share(line.tax_minor, first, line)
    return RefundLine(at, now[at], amount, tax)


def _gifts(sale: Sale, after: Quantities) -> tuple[str, ...]:
    """The rules of gift lines that did not come back though other goods did."""
    if not any(after.values()):
        return ()
    kept = [line for at, line in enumerate(sale.lines) if after.get(at, 0) < line.quantity_thousandths]
    rules = (step.rule_id for line in kept for step in line.modifiers if step.cause is Cause.GIFT)
    return tuple(dict.fromkeys(rules))
