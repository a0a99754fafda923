"""[price_20x50]: pricing a cart of 20 lines, 50 live rules, with member, coupons and hints, from nothing known."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

from domain.pricing import price_cart
from tests.bench.harness import Goal, Result
from tests.bench.price_shop import CONTEXT, book_of, cart_of, samples_ms

LINES, RULES, CARTS, TIMES = 20, 50, 100, 5


def bench(_folder: Path) -> Iterator[Result]:
    """A hundred carts, each five times."""
    yield measure(carts=CARTS, times=TIMES)


def measure(*, carts: int, times: int) -> Result:
    """So many carts, each so many times; every one meets rules."""
    rng = Random(11)
    samples: list[float] = []
    for _ in range(carts):
        book = book_of(RULES, rng)
        cart = cart_of(LINES, rng)
        assert price_cart(cart, book, context=CONTEXT).applied
        samples += samples_ms(partial(price_cart, cart, book, context=CONTEXT), times)
    return Result("price_20x50", "ms", samples, Goal(p99=2))
