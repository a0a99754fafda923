"""Every planted bug is caught: a promise that never breaks would promise nothing."""

from __future__ import annotations

import pytest

from tests.sim.bugs import BUGS
from tests.sim.world import simulate

SEEDS_MAX = 30


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_caught(name: str) -> None:
    for seed in range(1, SEEDS_MAX + 1):
        broken = simulate(seed, bug=name).broken
        if broken is not None:
            print(f"{name}: caught at seed {seed} by {broken}")
            return
    pytest.fail(f"{name} was not noticed in {SEEDS_MAX} seeds")
