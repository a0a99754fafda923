"""Code that is stopped anywhere lets go of all that it held: what is left would be taken for a lock of the product."""

from __future__ import annotations

import random
import weakref

from tests.sim.faults import Killed
from tests.sim.interrupt import bury, interrupted


class File:
    """Something that is held."""


def opened(kept: list[weakref.ref[File]]) -> File:
    file = File()
    kept.append(weakref.ref(file))
    return file


def die() -> None:
    raise Killed


def test_whatever_dies_lets_go_also_on_its_return() -> None:
    deaths = 0
    for seed in range(60):
        kept: list[weakref.ref[File]] = []
        try:
            with interrupted((__file__,), random.Random(seed), die):
                for _ in range(40):
                    opened(kept)
        except Killed as death:
            bury(death)
            deaths += 1
            assert [file() for file in kept if file() is not None] == [], seed  # whoever still holds the death
    assert deaths > 10
