"""`python -m tests.sim SEED [--count N] [--steps N] [--bug NAME]`: run seeds, or replay one and see how it goes."""

from __future__ import annotations

import argparse
import logging
import sys
import time

from tests.sim.bugs import BUGS
from tests.sim.world import STEPS, simulate


def main() -> int:
    """The number of seeds that broke a promise, as far as an exit code can tell it."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("seed", type=int, help="the seed, or the first of several")
    parser.add_argument("--count", type=int, default=1, help="how many seeds")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--bug", default="", choices=["", *BUGS], help="plant a bug that must be caught")
    parser.add_argument("--trace", action="store_true", help="print every line of the trace")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    begun_s, broken = time.process_time(), 0
    for seed in range(options.seed, options.seed + options.count):
        outcome = simulate(seed, steps=options.steps, bug=options.bug)
        if options.trace:
            print("\n".join(outcome.trace))
        if outcome.broken is not None or options.count == 1:
            print(f"seed {seed}\n{outcome.report()}")
        broken += outcome.broken is not None
    took_s = time.process_time() - begun_s
    print(f"{options.count} seeds x {options.steps} steps in {took_s:.1f} s of CPU, {broken} broken")
    return min(broken, 100)


if __name__ == "__main__":
    sys.exit(main())
