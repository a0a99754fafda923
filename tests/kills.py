"""A till that sells in a process of its own and is killed without warning; what it confirmed is counted (R1)."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from multiprocessing.connection import Connection
from pathlib import Path

from domain.quantity import ONE
from pos_app.services.housekeeping import DiskLimits
from pos_app.wiring import Outside, TillApp, open_till
from tests.builders import CASHIER, CRISPS, WATER
from tests.selling import assert_sound, journaled_sales, pay, scan

Child = Callable[[Path, Connection, int], None]
START_TIMEOUT_S = 60
LATEST_KILL_S = 0.05
LATEST_POINT_ACTS = 6
"""The moment of the kill is up to ``LATEST_KILL_S`` behind one of the till's first so many words."""


@dataclass
class Confirmed:
    """What the killed tills had said: sales in order, and the open cart's pieces when the last one died."""

    sale_ids: list[str] = field(default_factory=list)
    pieces: int = 0


def sell_for_ever(directory: Path, said: Connection, seed: int) -> None:
    """Sell, and say so only after each act returned."""
    chance = random.Random(seed)
    till = open_till(directory, outside=Outside(disk_limits=DiskLimits(0, 0)))
    said.send(("open", _pieces(till.selling.cart.cart.lines)))
    _finish_half_paid(till, said)
    while True:
        if chance.random() < 0.7 or till.selling.cart.cart.is_empty:
            scan(till, chance.choice((WATER, CRISPS)).code)
            said.send(("cart", _pieces(till.selling.cart.cart.lines)))
        elif chance.random() < 0.1:
            till.selling.suspend(CASHIER.operator_id)
            till.selling.recall(till.selling.suspended()[-1].cart_id)
        else:
            said.send(("sale", pay(till).sale_id))


def _finish_half_paid(till: TillApp, said: Connection) -> None:
    """A kill between taking the money and completing leaves the tenders with the cart: such a sale is gone on with."""
    if till.selling.cart.cart.is_empty:
        return
    payment = till.checkout.start(till.selling.cart)
    if not payment.tenders:
        till.checkout.back()
        return
    assert payment.settlement.is_complete, "it had been paid in full"
    said.send(("sale", till.checkout.complete(CASHIER).sale.sale_id))


def _pieces(lines: tuple[object, ...]) -> int:
    return sum(getattr(line, "quantity_thousandths", 0) for line in lines) // ONE


def kill_again_and_again(directory: Path, times: int, *, seed: int = 1, child: Child = sell_for_ever) -> Confirmed:
    """Start, sell, kill at a random moment, so many times; checks the files after each."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.kills"])
    confirmed = Confirmed()
    chance = random.Random(seed)
    for number in range(times):
        hears, said = context.Pipe(duplex=False)
        process = context.Process(target=child, args=(directory, said, seed * 1000 + number), daemon=True)
        process.start()
        said.close()
        heard = []
        for _ in range(chance.randrange(1, LATEST_POINT_ACTS + 1)):
            assert hears.poll(START_TIMEOUT_S), "the till did not open, or stopped selling"
            heard.append(hears.recv())
        assert process.pid
        time.sleep(chance.uniform(0, LATEST_KILL_S))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        _hear(chain(heard, _messages(hears)), confirmed)
        assert_all_there(directory, confirmed)
    return confirmed


def _hear(messages: Iterable[tuple[str, str | int]], confirmed: Confirmed) -> None:
    for what, value in messages:
        if what == "sale":
            confirmed.sale_ids.append(str(value))
            confirmed.pieces = 0
        elif what == "open":
            assert value in (confirmed.pieces, confirmed.pieces + 1, 0), (
                f"{confirmed.pieces} pieces before the kill, {value} after"
            )
            confirmed.pieces = int(value)
        else:
            confirmed.pieces = int(value)


def _messages(hears: Connection) -> Iterator[tuple[str, str | int]]:
    try:
        while True:
            yield hears.recv()
    except (EOFError, OSError):
        hears.close()


def assert_all_there(directory: Path, confirmed: Confirmed) -> None:
    """Each confirmed sale exactly once; at most one more per kill (committed, killed before it could say so)."""
    found = [sale.sale_id for sale in journaled_sales(directory / "till.db")]
    assert len(found) == len(set(found))
    assert len(found) <= len(confirmed.sale_ids) + 1
    assert [one for one in found if one in set(confirmed.sale_ids)] == confirmed.sale_ids, "confirmed and lost"
    confirmed.sale_ids[:] = [str(one) for one in found]
    assert_sound(directory / "till.db")
