"""A till, its agent and a cloud under steady work, and what grows meanwhile."""

from __future__ import annotations

import random
import time
from bisect import bisect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from cloud_api.services.feeds.mirror import RECENT_GROUPS_MAX
from scripts.demo.cloud import Cloud, Headquarters
from scripts.demo.shop import item_by_code, open_shop
from tests.e2e.shopfloor import TillProcess
from tests.e2e.till_host import CODES
from tests.proof.load.planting import planted as planted_in
from tests.proof.load.trend import Trend, fit
from tests.proof.load.watch import Seen, Watch

CASHIER = "1001"
SALES_A_PRICE = 8
"""HQ changes one price after so many sales."""
HOUR_S = 3600


@dataclass(frozen=True)
class Limits:
    """What may grow, and by how much."""

    memory_mb_h: float = 1.0
    wal_mb: float = 64.0
    drift: float | None = 0.10
    """How much slower, as a share; None leaves time out of it."""


@dataclass
class Floor:
    """The processes that are soaked."""

    cloud: Cloud
    hq: Headquarters
    till: TillProcess
    prices: list[tuple[str, int]]
    """Zone and item of what HQ prices anew."""

    def restart_cloud(self, planted: str) -> None:
        """The same cloud with a fault in it."""
        self.cloud.stop()
        with planted_in(self.cloud, planted):
            self.cloud.start()


@dataclass
class Soaked:
    """What a soak did and what was seen."""

    watch: Watch
    warm_s: float
    """The moment from which growth counts."""
    times_s: list[float] = field(default_factory=list)
    sale_ms: list[float] = field(default_factory=list)
    price_ms: list[float] = field(default_factory=list)
    price_times_s: list[float] = field(default_factory=list)

    def processes(self) -> Iterator[tuple[str, Seen]]:
        """Each process after the warm-up."""
        return ((name, seen.after(self.warm_s)) for name, seen in self.watch.seen.items())

    def memory(self, name: str) -> Trend:
        """How a process's memory went."""
        seen = self.watch.seen[name].after(self.warm_s)
        return fit(seen.times_s, seen.memory_mb)

    def latency(self, name: str) -> Trend:
        """How the p95 went of a sale or of a price change."""
        times_s, values = {"sale": (self.times_s, self.sale_ms), "price": (self.price_times_s, self.price_ms)}[name]
        pairs = [(at, value) for at, value in zip(times_s, values, strict=True) if at >= self.warm_s]
        return fit([at for at, _ in pairs], [value for _, value in pairs], quantile=0.95)

    def cost(self) -> Trend:
        """How the processor time went that all of them need for a sale: what else runs tells little on it."""
        seen = [each for _, each in self.processes()]
        used_s = [sum(each) for each in zip(*(each.cpu_s for each in seen), strict=False)]
        return cost_ms(seen[0].times_s, used_s, sold_s=self.times_s)


def cost_ms(times_s: Sequence[float], used_s: Sequence[float], *, sold_s: Sequence[float]) -> Trend:
    """Milliseconds of processor time a sale, from what was used up to some moments and when the sales were."""
    known = [(at, used, bisect(sold_s, at)) for at, used in zip(times_s, used_s, strict=False)]
    found = [
        (at, (used - before_s) * 1000 / (sold - sold_before))
        for (_, before_s, sold_before), (at, used, sold) in pairwise(known)
        if sold > sold_before
    ]
    return fit([at for at, _ in found], [cost for _, cost in found])


@contextmanager
def soak_floor(folder: Path) -> Iterator[Floor]:
    """A cloud with the sample shop, and a till that is enrolled, open and signed on."""
    cloud, till = Cloud(folder / "cloud"), TillProcess(folder / "till")
    try:
        cloud.prepare()
        cloud.start()
        hq = Headquarters(cloud.url, "hq", cloud.password)
        shop = open_shop(hq)
        zone = hq.call("GET", f"/stores/{shop.store_id}")["price_zone"]
        till.operator = (CASHIER, shop.pins[CASHIER])
        till.start()
        till.tell("enrol", cloud.url, shop.enrolment_code)
        till.expect("enrolled")
        till.open()
        yield Floor(cloud, hq, till, [(zone, item_by_code(hq, code)["item_id"]) for code in CODES])
    finally:
        till.kill()
        cloud.stop()


def soak(floor: Floor, *, for_s: float, warm_s: float, each_s: float) -> Soaked:
    """Sell and change prices at a steady pace; sampled all the while."""
    till, chance = floor.till, random.Random(7)
    pids = {
        "cloud": lambda: floor.cloud.pid,
        "till": lambda: _pid_of(till),
        "agent": lambda: till.agent_pids[-1],
    }
    folders = [floor.cloud.folder, till.directory]
    begin_s = time.monotonic()
    with Watch(pids, folders, every_s=max(0.05, min(5.0, for_s / 400))) as watch:
        done = Soaked(watch, begin_s + warm_s)
        while (now_s := time.monotonic()) < begin_s + for_s:
            till.sell(1, seed=chance.randrange(1 << 30))
            done.times_s.append(now_s)
            done.sale_ms.append((time.monotonic() - now_s) * 1000)
            if len(done.sale_ms) % SALES_A_PRICE == 0:
                _change_a_price(floor, done, chance.randint(100, 9_000))
            time.sleep(max(0.0, now_s + each_s - time.monotonic()))
    return done


def fill_memory(floor: Floor, chance: random.Random) -> None:
    """What the cloud remembers of a feed has an end: a soak that begins below it would take that for growth."""
    for number in range(RECENT_GROUPS_MAX + SALES_A_PRICE):
        zone, item_id = floor.prices[number % len(floor.prices)]
        floor.hq.call("PUT", f"/prices/{zone}", {"item_id": item_id, "price_minor": chance.randint(100, 9_000)})


def _pid_of(till: TillProcess) -> int:
    return till._process.pid if till._process else 0


def _change_a_price(floor: Floor, done: Soaked, price_minor: int) -> None:
    zone, item_id = floor.prices[len(done.price_ms) % len(floor.prices)]
    begin_s = time.monotonic()
    floor.hq.call("PUT", f"/prices/{zone}", {"item_id": item_id, "price_minor": price_minor})
    done.price_times_s.append(begin_s)
    done.price_ms.append((time.monotonic() - begin_s) * 1000)


def faults(done: Soaked, limits: Limits) -> Iterator[str]:
    """What grew more than it may, as far as noise does not explain it."""
    yield from (f"{name} ended meanwhile" for name in done.watch.changed)
    for name, seen in done.processes():
        memory = fit(seen.times_s, seen.memory_mb)
        if memory.surely_above(limits.memory_mb_h / HOUR_S):
            yield f"{name} grows by {memory.slope * HOUR_S:.1f} MB an hour"
        if fds_grew(seen.fds):
            yield f"{name} had {seen.fds[0]} files open at first and {seen.fds[-1]} in the end"
    if done.watch.wal_mb > limits.wal_mb:
        yield f"a write-ahead log came to {done.watch.wal_mb:.1f} MB"
    for what in ("sale", "price") if limits.drift is not None else ():
        went = done.latency(what)
        if went.surely_rose(limits.drift or 0.0):
            yield f"p95 of a {what} went from {went.first:.1f} to {went.last:.1f} ms"
    if limits.drift is not None and (cost := done.cost()).surely_rose(limits.drift):
        yield f"a sale took {cost.first:.1f} ms of processor time at first and {cost.last:.1f} in the end"


def fds_grew(fds: Sequence[int]) -> bool:
    """Whether even the fewest of the last third are more than the most of the first third."""
    third = len(fds) // 3
    return min(fds[-third:]) > max(fds[:third])


def told(done: Soaked) -> str:
    """The figures as people read them."""
    lines = [f"{len(done.sale_ms)} sales, {len(done.price_ms)} prices, largest WAL {done.watch.wal_mb:.1f} MB"]
    for name, seen in done.processes():
        went = done.memory(name)
        lines.append(
            f"{name}: {went.first:.1f} → {went.last:.1f} MB, {went.slope * HOUR_S:+.2f} ± "
            f"{went.error * HOUR_S:.2f} MB/h, files {min(seen.fds)} to {max(seen.fds)}"
        )
    for what in ("sale", "price"):
        went = done.latency(what)
        lines.append(f"p95 of a {what}: {went.first:.1f} → {went.last:.1f} ms")
    cost = done.cost()
    lines.append(f"processor time of a sale: {cost.first:.1f} → {cost.last:.1f} ms")
    return "\n".join(lines)
