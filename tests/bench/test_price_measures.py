"""The measures of pricing in a small form: they give their figures, and the rules they price with really apply."""

from __future__ import annotations

from tests.bench import price_20x50, price_100x500, price_best_total, price_reprice_one_scan
from tests.bench.harness import Result


def is_whole(result: Result, samples: int) -> bool:
    return len(result.samples) == samples and min(result.samples) > 0 and "p99" in str(result.goal)


def test_pricing_a_cart() -> None:
    assert is_whole(price_20x50.measure(carts=2, times=2), 4)
    assert is_whole(price_100x500.measure(carts=1, times=1), 1)


def test_one_more_scan() -> None:
    assert is_whole(price_reprice_one_scan.measure(carts=1, scans=2), 2)


def test_the_search() -> None:
    assert is_whole(price_best_total.measure("best_total", cases=5, rules=8, lines=12), 6)
