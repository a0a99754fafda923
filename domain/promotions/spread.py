"""Spreading an amount over lines that have floors."""

from collections.abc import Sequence

from domain.money import allocate


def spread(total: int, weights: Sequence[int], rooms: Sequence[int]) -> tuple[list[int], int]:
    """Parts in proportion to the weights, none above its room, and what found no room at all.

    Largest remainder, ties to the earlier line. What a line cannot take goes to those with room. A weight is at least
    its room.
    """
    taken = min(total, sum(rooms))
    if taken == 0:
        return [0] * len(rooms), total
    first = allocate(taken, weights)
    if rooms is weights or all(part <= room for part, room in zip(first, rooms, strict=True)):
        return first, total - taken
    return _around_floors(taken, weights, rooms), total - taken


def _around_floors(total: int, weights: Sequence[int], rooms: Sequence[int]) -> list[int]:
    parts = [0] * len(rooms)
    still = [at for at, room in enumerate(rooms) if room]
    rest = total
    while rest:
        shares = allocate(rest, [weights[at] for at in still])
        rest = 0
        for at, share in zip(still, shares, strict=True):
            given = min(share, rooms[at] - parts[at])
            parts[at] += given
            rest += share - given
        still = [at for at in still if parts[at] < rooms[at]]
    return parts
