"""Every planted bug is caught, and by the promise that it breaks: one that never breaks would promise nothing."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.sim.bugs import BUGS, CAUGHT_BY, SEEDS
from tests.sim.faults import Broken
from tests.sim.world import Outcome, simulate

SHORT_STEPS, TRIES = 50, 6
"""The first try catches it as the product is now; others are there for when it has changed a little."""
LONG_STEPS, LONG_SEEDS = 120, 20


def caught(name: str, seeds: Iterable[int], steps: int) -> Outcome | None:
    """The first run in which one of the promises that have to did notice it."""
    for seed in seeds:
        outcome = simulate(seed, steps=steps, bug=name)
        if outcome.broken is not None and outcome.broken.promise in CAUGHT_BY[name]:
            return outcome
    return None


def test_each_bug_has_its_promise() -> None:
    assert BUGS.keys() == CAUGHT_BY.keys() and SEEDS.keys() <= BUGS.keys()


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_caught_by_its_promise(name: str) -> None:
    first = SEEDS.get(name, 1)
    assert caught(name, range(first, first + TRIES), SHORT_STEPS), f"not by {CAUGHT_BY[name]}"


def test_a_false_alarm_is_not_taken_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def alarm(_world: object) -> None:
        raise Broken("I13", "a harness that cries wolf")

    monkeypatch.setattr("tests.sim.world.check_safety", alarm)
    assert caught("trim_without_410", range(1, 3), SHORT_STEPS) is None


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_caught_in_any_range(name: str) -> None:
    seeds = range(1_001, 1_001 + LONG_SEEDS)
    assert caught(name, seeds, LONG_STEPS), f"not by {CAUGHT_BY[name]}"
