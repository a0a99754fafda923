"""What goods cost at a moment of computing, and what one rule does to that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.promotions.offers import Offer
from domain.promotions.rule import RuleStage

Cut = tuple[int, int]
"""Position and what comes off there, above zero."""


class Taken(NamedTuple):
    """Units of one position: how many and what they cost."""

    at: int
    pieces: int
    amount_minor: int


# A search makes thousands of these, and frozen ones take three times as long to make: they are left as they are.
@dataclass(slots=True)
class Given:
    """What a rule gives: cuts, how often, the units that are used up by it, and what found no room."""

    cuts: list[Cut]
    times: int = 1
    used: tuple[Taken, ...] = ()
    dropped_minor: int = 0

    @property
    def amount_minor(self) -> int:
        """All cuts together."""
        return sum([amount for _, amount in self.cuts])


@dataclass(slots=True)
class Applied:
    """A rule in its turn (None: the manual discount of the cart); ``bases`` are what its lines cost right before."""

    offer: Offer | None
    given: Given
    bases: tuple[int, ...]
    before: Applied | None


@dataclass(slots=True)
class Running:
    """Amounts by position after some rules; never changed, each rule makes another.

    ``by_hand`` tells whether the manual discount of the cart is in. ``free`` holds, where N-item rules have used units
    of a position, how many pieces are left and what they cost. ``beside`` are parts of the goods that were reckoned
    apart, whose rules came before.
    """

    amounts: list[int]
    total: int
    stage: RuleStage | None = None
    at_stage: list[int] = field(default_factory=list)
    free: dict[int, tuple[int, int]] = field(default_factory=dict)
    last: Applied | None = None
    by_hand: bool = False
    beside: tuple[Running, ...] = ()

    def applied(self) -> list[Applied]:
        """The rules so far, first to last."""
        before = [one for part in self.beside for one in part.applied()]
        return before + list(self._backwards())[::-1]

    def _backwards(self) -> Iterator[Applied]:
        at = self.last
        while at:
            yield at
            at = at.before
