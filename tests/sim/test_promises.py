"""The short form of the simulation: whatever goes wrong, every promise holds; and one seed is one course of events."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sim.world import simulate

ROOT = Path(__file__).resolve().parents[2]
SHORT_SEEDS, SHORT_STEPS = 36, 20
SEEDS_A_TEST = 4
LONG_SEEDS, LONG_STEPS, LONG_SEEDS_A_TEST = 2_000, 120, 50


def in_ranges(seeds: int, size: int) -> Iterator[range]:
    """Seeds in portions that workers can share."""
    return (range(first, first + size) for first in range(1, seeds + 1, size))


@pytest.mark.parametrize("seeds", list(in_ranges(SHORT_SEEDS, SEEDS_A_TEST)), ids=str)
def test_every_promise_holds(seeds: range) -> None:
    for seed in seeds:
        outcome = simulate(seed, steps=SHORT_STEPS)
        assert outcome.broken is None, outcome.report()


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seeds", list(in_ranges(LONG_SEEDS, LONG_SEEDS_A_TEST)), ids=str)
def test_every_promise_holds_for_long(seeds: range) -> None:
    for seed in seeds:
        outcome = simulate(10_000 + seed, steps=LONG_STEPS)
        assert outcome.broken is None, outcome.report()


def test_a_seed_is_one_course_of_events() -> None:
    """Three times the same in one process, and the same in another one, whatever its hashes are salted with."""
    seed, steps = 7, 40
    digests = {simulate(seed, steps=steps).digest for _ in range(3)}
    command = [sys.executable, "-m", "tests.sim", str(seed), "--steps", str(steps)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert digests == {told.split("trace ")[1].split()[0]}


def test_a_broken_promise_names_the_command_that_shows_it_again() -> None:
    outcome = simulate(1, bug="transaction_split_over_groups")
    assert outcome.broken is not None
    words = outcome.report().split("replay: ")[1].split()
    assert words[1:4] == ["-m", "tests.sim", "1"]
    again = subprocess.run([sys.executable, *words[1:]], cwd=ROOT, capture_output=True, text=True)
    assert again.returncode == 1
    assert str(outcome.broken) in again.stdout and outcome.digest in again.stdout
