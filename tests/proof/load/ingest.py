"""Tills that upload batch after batch, at a pace or without a pause, and how the cloud bears it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.bench.chain import Chain
from tests.proof.load.cloud_books import wait_until_applied, wrong_in_books
from tests.proof.load.crowd import Member
from tests.proof.load.trend import p95
from tests.proof.load.wire import Wire, packed_batch

BATCH = 50
Batch = tuple[int, bytes]
"""The number of its last entry, and the request's body."""


@dataclass(frozen=True)
class Goal:
    """What the cloud has to bear at least."""

    sales_s: float = 0.0
    p95_ms: float = float("inf")


@dataclass(frozen=True)
class Ingested:
    """What was sent and how long it took."""

    sales: int
    stored_s: float
    applied_s: float
    ms: list[float]
    wrong: list[str]

    def __str__(self) -> str:
        stored, applied = self.sales / self.stored_s, self.sales / self.applied_s
        figures = f"p50 {sorted(self.ms)[len(self.ms) // 2]:.0f} ms, p95 {p95(self.ms):.0f} ms"
        return f"{self.sales} sales: {stored:.0f}/s stored, {applied:.0f}/s applied, {figures}"


def ingest(chain: Chain, crowd: Sequence[Member], *, batch: int = BATCH, offered_s: float = 0.0) -> Ingested:
    """Every till sends its journal in batches, the next as soon as the last is confirmed.

    With ``offered_s`` so many sales a second come from all of them together, whether the cloud keeps up or not:
    what waits for its turn counts as slow from the moment it was due.
    """
    batches = [list(_packed(one, batch)) for one in crowd]
    each_s = batch * len(crowd) / offered_s if offered_s else 0.0
    begin_s = time.monotonic()
    ms = asyncio.run(_send_all([Wire(chain.cloud.port, one.who) for one in crowd], batches, each_s=each_s))
    stored_s = time.monotonic() - begin_s
    wait_until_applied(chain, crowd)
    applied_s = time.monotonic() - begin_s
    sales = sum(len(one.entries) for one in crowd)
    return Ingested(sales, stored_s, applied_s, ms, list(wrong_in_books(chain, crowd)))


def faults(done: Ingested, goal: Goal) -> Iterator[str]:
    """Where it does not reach the goal."""
    yield from done.wrong
    if done.sales / done.applied_s < goal.sales_s:
        yield f"{done.sales / done.applied_s:.0f} sales a second, {goal.sales_s:.0f} are wanted"
    if p95(done.ms) > goal.p95_ms:
        yield f"p95 of an upload is {p95(done.ms):.0f} ms, {goal.p95_ms:.0f} are allowed"


async def _send_all(wires: Sequence[Wire], batches: Sequence[Sequence[Batch]], *, each_s: float) -> list[float]:
    await asyncio.gather(*(wire.token() for wire in wires))
    begin_s = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        sending = [
            tasks.create_task(_send(wire, own, pace=(begin_s + each_s * number / len(wires), each_s)))
            for number, (wire, own) in enumerate(zip(wires, batches, strict=True))
        ]
    return [took for one in sending for took in one.result()]


async def _send(wire: Wire, batches: Sequence[Batch], *, pace: tuple[float, float]) -> list[float]:
    """Milliseconds of each batch, from when it was due."""
    first_s, each_s = pace
    took_ms = []
    for number, (last_seq, packed) in enumerate(batches):
        due_s = first_s + number * each_s if each_s else time.monotonic()
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        answer = await wire.up(packed)
        took_ms.append((time.monotonic() - due_s) * 1000)
        assert answer.seq == last_seq, "every entry of the batch is confirmed"
    wire.close()
    return took_ms


def _packed(member: Member, batch: int) -> Iterator[Batch]:
    for first in range(0, len(member.entries), batch):
        entries = member.entries[first : first + batch]
        yield entries[-1].seq, packed_batch(member.who, member.tip, entries)
