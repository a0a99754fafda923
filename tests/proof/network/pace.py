"""How long a sale takes while the agent, a process of its own, sends a week's backlog, beside the same till at rest.

Turns of both kinds follow each other at once, so that whatever else the machine does meets them alike; where that is
allowed, till and agent also go before it, for a till has a machine of its own. The cloud's is another: here it shares
one core with the agent, so that together they take no more of the machine than an agent may by itself.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from math import comb
from pathlib import Path

import uuid_utils

from domain.ids import OperatorId
from domain.permissions import Operator
from domain.tender import TenderKind
from pos_app.services.housekeeping import DiskLimits
from pos_app.wiring import Outside, TillApp, open_till
from sync import journal_store
from sync.journal import Entry
from tests import selling
from tests.bench.chain import CASHIER, AgentProcess, running_chain
from tests.bench.million import code_of
from tests.bench.repeated_sale import repeated
from tests.contract.office import wait_until

LINES, TURN_SALES = 3, 10
AHEAD = -15
"""Steps by which till and agent go before others; the agent gives way to the till by some of its own."""
PAUSE_S = 0.005
"""Between two sales: a cashier far faster than any, so that a week's backlog meets enough of them."""
TRIES = 8
"""A machine that sends the whole backlog within a turn has so many more rounds than count."""
SURE = 0.005
"""A rise is taken for real where chance would show as many slower rounds less often than that."""


@dataclass
class Till:
    """A till that sells in this process, its agent and the cloud in theirs; both can be held still."""

    app: TillApp
    cashier: Operator
    agent: AgentProcess
    cloud_pid: int

    @property
    def unsent(self) -> int:
        return self.app.health.unsent()

    def hold(self, *, still: bool) -> None:
        """The agent, and the cloud, which in a shop has a machine of its own."""
        for pid in (self.agent.pid, self.cloud_pid):
            os.kill(pid, signal.SIGSTOP if still else signal.SIGCONT)

    def sell(self) -> float:
        """One sale, and the agent is told; how long it took, in milliseconds."""
        begun_s = time.perf_counter()
        for number in range(1, LINES + 1):
            selling.scan(self.app, code_of(number))
        payment = self.app.checkout.start(self.app.selling.cart)
        self.app.checkout.add_tender(TenderKind.CASH, payment.cash_due_minor)
        self.app.checkout.complete(self.cashier)
        took_ms = (time.perf_counter() - begun_s) * 1000
        self.agent.tell("wake")
        return took_ms

    def turn(self) -> list[float]:
        """So many sales, one after the other."""
        took_ms = []
        for _ in range(TURN_SALES):
            took_ms.append(self.sell())
            time.sleep(PAUSE_S)
        return took_ms

    def put_by(self, sales: int) -> None:
        """So many sales of a week without a line: the last one again and again, in the till's own journal."""
        self.sell()
        with self.app.database.write() as uow:
            *_, last = journal_store.iterate(uow.raw, journal_store.incarnation(uow.raw))
            for number in range(1, sales):
                body = json.loads(last.fact.body)
                body["sale"] |= {"sale_id": str(uuid_utils.uuid7()), "receipt_no": _number(last, body, number)}
                journal_store.append(uow.raw, repeated(last.fact, number, body=body))
            uow.commit()


def _number(last: Entry, body: dict[str, dict[str, str]], number: int) -> str:
    return f"{body['sale']['receipt_no']}/{last.seq}.{number}"


@dataclass
class Paces:
    """What sales took, in milliseconds, in rounds of a backlog each: at rest, and while it went up."""

    rounds: list[tuple[list[float], list[float]]] = field(default_factory=list)
    sent: int = 0
    sending_s: float = 0.0

    @property
    def ratios(self) -> list[float]:
        """Each round's p95 while sending, as a multiple of that at rest."""
        return [p95(sending) / p95(resting) for resting, sending in self.rounds]

    @property
    def rise(self) -> float:
        """By which share a sale's p95 rises, in the median of the rounds."""
        return statistics.median(self.ratios) - 1

    def surely_rises(self, share: float) -> bool:
        """Whether chance does not explain in how many rounds it rose by more than that (a sign test)."""
        count, slower = len(self.rounds), sum(ratio > 1 + share for ratio in self.ratios)
        chance: float = sum(comb(count, k) for k in range(slower, count + 1)) / 2**count
        return chance < SURE

    def told(self) -> str:
        """The figures in a line."""
        rest, sending = ([ms for one in self.rounds for ms in one[kind]] for kind in (0, 1))
        return (
            f"{self.sent} entries up at {self.sent / self.sending_s:.0f}/s beside {len(sending)} sales; a sale's p50 "
            f"{statistics.median(rest):.2f} → {statistics.median(sending):.2f} ms, p95 {p95(rest):.2f} → "
            f"{p95(sending):.2f} ms; p95 {self.rise:+.1%} in the median of {len(self.rounds)} rounds"
        )


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


@contextmanager
def till_at_work(folder: Path) -> Iterator[Till]:
    """A cloud, a till that is level with it, and its agent: three processes. The cloud has another disk, or none."""
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with (
        tempfile.TemporaryDirectory(dir=memory, prefix="evertill-pace-") as elsewhere,
        ExitStack() as running,
    ):
        with on_one_core():
            chain = running.enter_context(running_chain(Path(elsewhere), 50))
            running.enter_context(going_ahead())
            directory = replace(chain, folder=folder).new_till()
            agent = running.enter_context(AgentProcess(directory))
            agent.wait_until_level()
        app = open_till(directory, outside=Outside(disk_limits=DiskLimits(0, 0)))
        till = Till(app, app.operators.sign_on(OperatorId(CASHIER), chain.pin), agent, chain.cloud.pid)
        try:
            yield till
        finally:
            till.hold(still=False)
            app.close()


@contextmanager
def on_one_core() -> Iterator[None]:
    """What is started meanwhile stays on the last core; this thread only meanwhile. Not where a system cannot."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def going_ahead() -> Iterator[None]:
    """This thread, and what it starts meanwhile."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, AHEAD)
    try:
        yield
    finally:
        with suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, before)


def measure(
    till: Till, *, backlog: int, rounds: int, hindrance: Callable[[], AbstractContextManager[object]] = nullcontext
) -> Paces:
    """So many rounds; a turn in which the backlog ended does not count, for some of it was at rest."""
    paces = Paces()
    for _ in range(TRIES * rounds):
        if len(paces.rounds) == rounds:
            break
        till.hold(still=True)
        till.put_by(backlog)
        resting, sending = list[float](), list[float]()
        while True:
            at_rest = till.turn()
            before, begun_s = till.unsent, time.perf_counter()
            with hindrance():
                till.hold(still=False)
                amid = till.turn()
                left = till.unsent
                till.hold(still=True)
            if left <= TURN_SALES:
                break
            resting += at_rest
            sending += amid
            paces.sent += before + TURN_SALES - left
            paces.sending_s += time.perf_counter() - begun_s
        if sending:
            paces.rounds.append((resting, sending))
        till.hold(still=False)
        wait_until(lambda: till.unsent == 0, "the backlog does not arrive", 60)
    return paces
