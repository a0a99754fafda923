"""A straight line through samples, and how sure its slope is: tells growth from noise."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

BLOCKS = 10
"""Samples near each other are alike, so that thousands of them know no more than a few medians of stretches."""
SURE = 3.36
"""Student's t of BLOCKS - 2 degrees of freedom: a flat line is taken for a slope once in two hundred times."""


@dataclass(frozen=True)
class Trend:
    """The fitted line: units per second, the standard error of that, and where it begins and ends."""

    slope: float
    error: float
    first: float
    last: float

    @property
    def rise(self) -> float:
        """How much it grew over the whole time."""
        return self.last - self.first

    def surely_above(self, slope: float) -> bool:
        """Whether noise does not explain that it grows faster than that."""
        return self.slope - SURE * self.error > slope

    def surely_rose(self, share: float) -> bool:
        """Whether noise does not explain a rise by more than this share of where it began."""
        unsure = SURE * self.error * (self.rise / self.slope) if self.slope else 0.0
        return self.rise - unsure > share * self.first


def fit(times_s: Sequence[float], values: Sequence[float], *, quantile: float = 0.5) -> Trend:
    """Least squares through the quantile of each of ``BLOCKS`` stretches of equal length."""
    assert len(times_s) == len(values) >= 2 * BLOCKS, f"{len(values)} samples are too few"
    size = len(values) / BLOCKS
    cuts = [round(number * size) for number in range(BLOCKS + 1)]
    stretches = [slice(begin, end) for begin, end in pairwise(cuts)]
    xs = [statistics.fmean(times_s[stretch]) for stretch in stretches]
    ys = [of_sorted(sorted(values[stretch]), quantile) for stretch in stretches]
    x_mean, y_mean = statistics.fmean(xs), statistics.fmean(ys)
    spread = sum((x - x_mean) ** 2 for x in xs)
    slope = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True)) / spread
    rest = sum((y - y_mean - slope * (x - x_mean)) ** 2 for x, y in zip(xs, ys, strict=True))
    error = math.sqrt(rest / (BLOCKS - 2) / spread)
    return Trend(slope, error, y_mean + slope * (xs[0] - x_mean), y_mean + slope * (xs[-1] - x_mean))


def of_sorted(ordered: Sequence[float], quantile: float) -> float:
    """The value below which that share lies."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * quantile))]


def p95(values: Sequence[float]) -> float:
    """What one in twenty exceeds."""
    return of_sorted(sorted(values), 0.95)
