"""[best_total]: the search alone, where rules clash most: all on the same goods, in and out of groups."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

from domain.pricing import price_cart
from domain.promotions.rule import RuleStage
from domain.rulebook import RuleBook
from tests.bench.harness import Goal, Result
from tests.bench.price_shop import samples_ms
from tests.domain.rule_books import case

CASES = 400


def bench(_folder: Path) -> Iterator[Result]:
    """Carts of up to 12 lines with up to 8 rules, which are searched through, and larger ones."""
    yield measure("best_total", cases=CASES, rules=8, lines=12)
    yield measure("best_total_large", cases=CASES, rules=40, lines=25)


def measure(name: str, *, cases: int, rules: int, lines: int) -> Result:
    """So many random clashes; the slowest counts."""
    samples: list[float] = []
    for seed in range(cases):
        one = case(Random(seed), most_rules=rules, most_lines=lines)
        promotions = tuple(rule for rule in one.book.rules if rule.stage is not RuleStage.ITEM_PRICE)
        book = RuleBook(one.book.version, choices=one.book.choices, groups=one.book.groups, rules=promotions)
        samples += samples_ms(partial(price_cart, one.cart, book, context=one.context), 1)
    return Result(name, "ms", [*samples, max(samples)], Goal(p99=20))
