"""Tills that were away for hours and come back all at once, each doing what the agent does: two loops that back off."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from sync import feed
from sync.backoff import FAILING_MOST_MS, UNREACHABLE_MOST_MS, Backoff
from sync.feed import Cursor
from sync.journal import Entry
from sync.messages import UP_EVENTS_MAX, BucketHead, Hello, Page
from sync.upload import Limits
from tests.bench.chain import Chain
from tests.proof.load.crowd import Member
from tests.proof.load.wire import Refused, Wire, packed_batch

CROWDED_S = 0.25
CROWDED_SHARE = 0.5
"""More of the tills than this within one such moment is no jitter."""
MakeBackoff = Callable[[random.Random], Backoff]


@dataclass
class Wanderer:
    """One till on its way back."""

    member: Member
    cursors: dict[str, Cursor]
    port: int
    make_backoff: MakeBackoff
    rng: random.Random
    sent: int = 0
    sent_s: float = 0.0
    level_s: float = 0.0
    came_s: float = 0.0
    """When it knocked, the first time that anybody answered."""
    refused: Counter[int] = field(default_factory=Counter)
    waits: list[tuple[int, float]] = field(default_factory=list)
    """What the cloud asked for in ms, and how long it was until the next try, in ms."""
    unreachable: int = 0
    timeouts: int = 0

    def __post_init__(self) -> None:
        self._up, self._down = Wire(self.port, self.member.who), Wire(self.port, self.member.who)
        self._token_lock = asyncio.Lock()

    async def run(self) -> None:
        """Until all is sent and every bucket is level."""
        await asyncio.gather(self._loop(self._up_step), self._loop(self._down_step))

    def close(self) -> None:
        """Hang up."""
        self._up.close()
        self._down.close()

    async def _loop(self, step: Callable[[], Awaitable[bool]]) -> None:
        backoff = self.make_backoff(self.rng)
        while True:
            try:
                await self._with_token()
                if await step():
                    return
                backoff.succeeded()
                continue
            except Refused as refusal:
                if not refusal.again:
                    raise
                self.refused[refusal.status] += 1
                asked_ms = refusal.retry_after_ms
                wait_ms = backoff.failed(retry_after_ms=asked_ms, most_ms=FAILING_MOST_MS)
            except TimeoutError:
                self.timeouts += 1
                asked_ms, wait_ms = 0, backoff.failed(most_ms=UNREACHABLE_MOST_MS)
            except (OSError, EOFError):
                self.unreachable += 1
                asked_ms, wait_ms = 0, backoff.failed(most_ms=UNREACHABLE_MOST_MS)
            begin_s = time.monotonic()
            await asyncio.sleep(wait_ms / 1000)
            self.waits.append((asked_ms, (time.monotonic() - begin_s) * 1000))

    async def _with_token(self) -> None:
        """Both loops share one token; who comes second waits for it."""
        async with self._token_lock:
            if not self._down.access:
                knocked_s = time.monotonic()
                await self._down.token()
                self.came_s = knocked_s
                self._up.access = self._down.access

    async def _up_step(self) -> bool:
        """One batch; whether it was the last."""
        entries, limits = self.member.entries, Limits()
        if self.sent < len(entries):
            batch: list[Entry] = []
            size = 0
            for entry in entries[self.sent : self.sent + UP_EVENTS_MAX]:
                size += len(entry.fact.body) + 420
                if batch and size > limits.bytes:
                    break
                batch.append(entry)
            answer = await self._up.up(packed_batch(self.member.who, self.member.tip, batch))
            assert answer.hash == entries[answer.seq - 1].hash
            self.sent = answer.seq
        self.sent_s = time.monotonic()
        return self.sent == len(entries)

    async def _down_step(self) -> bool:
        """Hello, every page behind the cursors, and the line that stays open."""
        hello = await self._down.hello(self.member.tip)
        for head in hello.buckets:
            await self._page_up(head)
        await self._down.listen(hello.sub_ver, self.cursors)
        self.level_s = time.monotonic()
        return True

    async def _page_up(self, head: BucketHead) -> None:
        while (at := self.cursors[head.b]).seq < head.head:
            body = await self._down.ask("page", f"GET /v1/b/{head.b}/{at.epoch}/p/{at.page_from}")
            news = feed.read_page(msgspec.json.decode(body, type=Page), at, bucket=head.b)
            if news.cursor.seq == at.seq:
                body = await self._down.ask("page", f"GET /v1/b/{head.b}/{at.epoch}/p/{at.seq + 1}")
                news = feed.read_page(msgspec.json.decode(body, type=Page), at, bucket=head.b)
            assert news.cursor.seq > at.seq, "a page behind the cursor brings something"
            self.cursors[head.b] = news.cursor


@dataclass
class Return:
    """How the herd came back: seconds from the moment at which the cloud answered again."""

    wanderers: Sequence[Wanderer]
    back_s: float
    errors: list[str]

    @property
    def synced_s(self) -> list[float]:
        """When each till was level both ways; those that never were are missing."""
        both = ((one.sent_s, one.level_s) for one in self.wanderers)
        return [max(sent_s, level_s) - self.back_s for sent_s, level_s in both if sent_s and level_s]

    def refused(self) -> Counter[int]:
        """How many answers of each status sent somebody away."""
        return sum((one.refused for one in self.wanderers), Counter())

    def __str__(self) -> str:
        synced = sorted(self.synced_s)
        timeouts = sum(one.timeouts for one in self.wanderers)
        return (
            f"{len(synced)} of {len(self.wanderers)} level: half after {synced[len(synced) // 2]:.1f} s, "
            f"all after {synced[-1]:.1f} s; sent away {dict(self.refused())}, timed out {timeouts}"
        )


async def come_back(chain: Chain, wanderers: Sequence[Wanderer], *, away_s: float, within_s: float) -> Return:
    """The cloud is gone for everybody, then there again; the tills find out by themselves."""
    await asyncio.to_thread(chain.cloud.stop)
    tasks = [asyncio.create_task(one.run()) for one in wanderers]
    await asyncio.sleep(away_s)
    await asyncio.to_thread(chain.cloud.start)
    back_s = time.monotonic()
    done, late = await asyncio.wait(tasks, timeout=within_s)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    for one in wanderers:
        one.close()
    errors = [repr(error) for task in done if (error := task.exception())]
    return Return(wanderers, back_s, errors)


def faults(back: Return, within_s: float) -> Iterator[str]:
    """Who is not level in time, who did not wait as asked, and whether they came all in one moment."""
    yield from back.errors
    synced = back.synced_s
    if len(synced) < len(back.wanderers):
        yield f"{len(back.wanderers) - len(synced)} tills are blocked"
    if synced and max(synced) > within_s:
        yield f"the last till is level after {max(synced):.0f} s"
    hasty = sum(waited_ms < asked_ms for one in back.wanderers for asked_ms, waited_ms in one.waits)
    if hasty:
        yield f"{hasty} times a till came back before the time that the cloud named"
    if crowded(back) > CROWDED_SHARE:
        yield f"{crowded(back):.0%} of the tills came within a quarter of a second"


def crowded(back: Return) -> float:
    """The largest share of the tills that came within one moment."""
    came = sorted(one.came_s for one in back.wanderers if one.came_s)
    most = max((sum(begin <= at < begin + CROWDED_S for at in came) for begin in came), default=0)
    return most / len(back.wanderers)


async def cursors_now(chain: Chain, member: Member) -> dict[str, Cursor]:
    """Where a till that has everything stands in each of its buckets."""
    wire = Wire(chain.cloud.port, member.who)
    await wire.token()
    hello: Hello = await wire.hello(member.tip)
    found = {}
    for head in hello.buckets:
        at = feed.start(head.b, head.epoch)
        while at.seq < head.head:
            page = await wire.ask("page", f"GET /v1/b/{head.b}/{head.epoch}/p/{at.seq + 1}")
            at = feed.read_page(msgspec.json.decode(page, type=Page), at, bucket=head.b).cursor
        found[head.b] = at
    wire.close()
    return found
