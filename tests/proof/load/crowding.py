"""Tills that listen and say hello while some of them upload all at once, and how long each waits for what it asks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sync.feed import Cursor
from sync.live import HELLO_EACH_MS, SseParser, news_of
from sync.messages import Page
from tests.bench.chain import Chain
from tests.proof.load.crowd import Member
from tests.proof.load.trend import p95
from tests.proof.load.wire import Refused, Wire, packed_batch

UPLOAD_SALES = 5
"""A till that is busy sends what it sold within a moment."""
PRICE_EACH_S = 1.0
HEARD_WITHIN_S = 5.0
KINDS = ("hello", "up", "news")
T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """How long, and how many of the tills upload all the while."""

    for_s: float
    uploaders: int
    wave_s: float = 0.0
    """All uploads begin in one moment, so far after the last; 0: each till sends again as soon as it is answered."""
    hello_each_s: float = HELLO_EACH_MS / 1000


@dataclass
class Crowded:
    """What happened; ``ms`` by kind of what a till waits for."""

    tills: int
    ms: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    errors: list[str] = field(default_factory=list)
    changed_s: list[float] = field(default_factory=list)
    """When HQ asked for each price change."""
    enough: bool = False
    heard: list[int] = field(default_factory=list)
    """How many groups each till was told of."""

    def __str__(self) -> str:
        figures = ", ".join(f"{len(ms)} × {kind} p95 {p95(ms):.0f} ms" for kind, ms in self.ms.items() if ms)
        return f"{self.tills} tills: {figures}; {len(self.errors)} errors"


@dataclass
class Listener:
    """One till: its line, and the connections that it says hello and uploads on."""

    member: Member
    port: int
    told: Crowded
    heard: int = 0
    sent: int = 0

    def __post_init__(self) -> None:
        self.line, self.side = Wire(self.port, self.member.who), Wire(self.port, self.member.who)

    async def open(self) -> asyncio.StreamReader:
        """Token, hello, and the live channel from where everything stands."""
        await self.line.token()
        self.side.access = self.line.access
        hello = await self.line.hello(self.member.tip)
        return await self.line.listen(hello.sub_ver, {h.b: Cursor(h.epoch, h.head, "", 0) for h in hello.buckets})

    async def listen(self, reader: asyncio.StreamReader) -> None:
        """Count each group, and how long after HQ asked for it the line brought it.

        Headers and the sizes of HTTP's chunks are lines too, of no field that the parser knows.
        """
        parser = SseParser()
        while data := await reader.read(65_536):
            for event in parser.feed(data):
                news = news_of(event)
                for _ in range(len(news.groups) if isinstance(news, Page) else 0):
                    since_s = time.monotonic() - self.told.changed_s[self.heard]
                    self.told.ms["news"].append(since_s * 1000)
                    self.heard += 1
        self.told.errors.append(f"the line of {self.member.who.terminal} ended")

    async def say_hello(self, first_s: float, each_s: float) -> None:
        """Again and again, as a till does whose line does not hold."""
        await asyncio.sleep(first_s)
        while True:
            begin_s = time.monotonic()
            await self._timed("hello", self.side.hello(self.member.tip))
            await asyncio.sleep(max(0.0, begin_s + each_s - time.monotonic()))

    async def upload(self, begin_s: float, wave_s: float) -> None:
        """Batch after batch, until it is enough."""
        wire = Wire(self.port, self.member.who, access=self.side.access)
        entries = self.member.entries
        wave = 0
        try:
            while not self.told.enough:
                due_s = max(time.monotonic(), begin_s + wave * wave_s) if wave_s else time.monotonic()
                await asyncio.sleep(due_s - time.monotonic())
                wave += 1
                assert self.sent < len(entries), "there is always something to send"
                batch = entries[self.sent : self.sent + UPLOAD_SALES]
                packed = packed_batch(self.member.who, self.member.tip, batch)
                answer = await self._timed("up", wire.up(packed))
                self.sent = answer.seq if answer else self.sent
        finally:
            wire.close()

    async def _timed(self, kind: str, asking: Awaitable[T]) -> T | None:
        begin_s = time.monotonic()
        try:
            answer = await asking
        except (Refused, OSError, EOFError, TimeoutError) as error:
            self.told.errors.append(f"{kind}: {error!r}")
            return None
        self.told.ms[kind].append((time.monotonic() - begin_s) * 1000)
        return answer


async def crowding(chain: Chain, crowd: Sequence[Member], plan: Plan) -> Crowded:
    """All listen and say hello, the first of them upload, HQ changes a price each second."""
    told = Crowded(len(crowd))
    listeners = [Listener(member, chain.cloud.port, told) for member in crowd]
    try:
        await _live(chain, listeners, plan)
    finally:
        for one in listeners:
            one.line.close()
            one.side.close()
        await asyncio.sleep(0)  # the loop closes them
    for one in listeners:
        told.heard.append(one.heard)
        one.member.entries = one.member.entries[: one.sent]
    return told


async def _live(chain: Chain, listeners: Sequence[Listener], plan: Plan) -> None:
    told, spread_s = listeners[0].told, plan.hello_each_s / len(listeners)
    readers = [await one.open() for one in listeners]
    idle = [asyncio.create_task(one.listen(reader)) for one, reader in zip(listeners, readers, strict=True)]
    idle += [asyncio.create_task(one.say_hello(n * spread_s, plan.hello_each_s)) for n, one in enumerate(listeners)]
    async with asyncio.TaskGroup() as uploads:
        for one in listeners[: plan.uploaders]:
            uploads.create_task(one.upload(time.monotonic(), plan.wave_s))
        await _change_prices(chain, told, plan.for_s)
        told.enough = True
    await _wait_until_heard(listeners, len(told.changed_s))
    for task in idle:
        task.cancel()
    await asyncio.gather(*idle, return_exceptions=True)


async def _change_prices(chain: Chain, told: Crowded, for_s: float) -> None:
    begin_s = time.monotonic()
    while time.monotonic() < begin_s + for_s:
        number = len(told.changed_s)
        told.changed_s.append(time.monotonic())
        await asyncio.to_thread(chain.set_price, 1 + number % chain.items, 100 + number)
        await asyncio.sleep(max(0.0, begin_s + (number + 1) * PRICE_EACH_S - time.monotonic()))


async def _wait_until_heard(listeners: Sequence[Listener], changes: int) -> None:
    """The last change may still be on its way."""
    end_s = time.monotonic() + HEARD_WITHIN_S
    while any(one.heard < changes for one in listeners) and time.monotonic() < end_s:
        await asyncio.sleep(0.02)


def faults(told: Crowded, p95_ms: float = float("inf")) -> Iterator[str]:
    """Errors, news that somebody did not hear, and what takes too long."""
    yield from told.errors[:20]
    deaf = sum(heard != len(told.changed_s) for heard in told.heard)
    if deaf:
        yield f"{deaf} tills did not hear each of {len(told.changed_s)} changes"
    for kind, ms in told.ms.items():
        if ms and p95(ms) > p95_ms:
            yield f"p95 of {kind} is {p95(ms):.0f} ms, {p95_ms:.0f} are allowed"
