"""[reprice_one_scan]: one more scan into a cart of 100 lines, 500 live rules; the last result is known."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

from domain.cart import add_line
from domain.pricing import price_cart
from tests.bench.harness import Goal, Result
from tests.bench.price_shop import CONTEXT, GOODS, book_of, cart_of, line_of, samples_ms

LINES, RULES, CARTS, SCANS = 99, 500, 20, 20


def bench(_folder: Path) -> Iterator[Result]:
    """Twenty carts, twenty scans into each."""
    yield measure(carts=CARTS, scans=SCANS)


def measure(*, carts: int, scans: int) -> Result:
    """So many scans into so many carts."""
    rng = Random(12)
    samples: list[float] = []
    for _ in range(carts):
        book = book_of(RULES, rng)
        cart = cart_of(LINES, rng)
        known = price_cart(cart, book, context=CONTEXT)
        for _ in range(scans):
            longer = add_line(cart, line_of(rng.randint(1, GOODS)))
            samples += samples_ms(partial(price_cart, longer, book, context=CONTEXT, known=known), 1)
    return Result("reprice_one_scan", "ms", samples, Goal(p99=5))
