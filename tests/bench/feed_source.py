"""A cloud of the tests in a process of its own, whose pages are made beforehand: the fastest feed an agent can get.

``python -m tests.bench.feed_source ITEMS CHANGES``: says its address, and answers each line on standard input
(``go``) by publishing so many price changes of random goods and saying the seq that the price feed stands at then.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

from sync import feed
from sync.journal import GENESIS
from tests.bench.million import BUCKETS, EPOCH, PRICE
from tests.builders import STORE
from tests.sync.builders import put_price, raw_group
from tests.sync.server import Reply, as_json, serving
from tests.sync.small_cloud import Bucket, SmallCloud

GROUP_CHANGES = 500
"""Four groups make a page: about as much as the cloud puts into one."""
SEED = 7


@dataclass
class HashedBucket(Bucket):
    """A bucket that knows its hashes without computing them again."""

    hashes: list[str] = field(default_factory=list)

    def hash_at(self, seq: int) -> str:
        return self.hashes[seq - 1] if seq else feed.chain_start(self.name, self.epoch)

    def extend(self, groups: list[bytes]) -> None:
        for group in groups:
            self.hashes.append(feed.chain(self.hash_at(len(self.hashes)), group))
        self.groups += groups


class FeedCloud(SmallCloud):
    """Confirms whatever a till says its journal's tip is."""

    def _hello(self, inc: int) -> Reply:
        answer: dict[str, Any] = json.loads(super()._hello(inc).body)
        return as_json(answer | {"ack": self.stands_at | {"inc": inc}})

    stands_at: dict[str, Any] = {"seq": 0, "hash": GENESIS, "durable": 0}  # noqa: RUF012 replaced, never changed


class FeedSource:
    """The process, as a measurement holds it."""

    def __init__(self, items: int, changes: int, *, tip: tuple[int, str] = (0, GENESIS)) -> None:
        command = [sys.executable, "-m", "tests.bench.feed_source", str(items), str(changes), str(tip[0]), tip[1]]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        self.url = self._line()

    def publish(self) -> int:
        """The next changes; gives the seq of the last."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return int(self._line())

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def main(items: int, changes: int, *, tip: tuple[int, str]) -> None:
    """Serve until standard input ends."""
    cloud = FeedCloud()
    cloud.stands_at = {"seq": tip[0], "hash": tip[1], "durable": tip[0]}
    cloud.buckets = {name: HashedBucket(name, EPOCH) for name in BUCKETS}
    prices = cloud.buckets[PRICE]
    assert isinstance(prices, HashedBucket)
    with serving(cloud.answer) as url:
        print(url, flush=True)
        rng, made = random.Random(SEED), _Versions()
        groups = _groups(rng, items, changes, after=0, versions=made)
        for _ in sys.stdin:
            prices.extend(groups)
            cloud.tell_head(PRICE)
            print(len(prices.groups), flush=True)
            groups = _groups(rng, items, changes, after=len(prices.groups), versions=made)


class _Versions:
    """Rising versions of rows; those of the snapshot have 1."""

    def __init__(self) -> None:
        self.last = 1

    def next(self) -> int:
        self.last += 1
        return self.last


def _groups(rng: random.Random, items: int, changes: int, *, after: int, versions: _Versions) -> list[bytes]:
    chosen = [rng.randint(1, items) for _ in range(changes)]
    rows = [put_price(number, rng.randint(50, 9_999), versions.next()) for number in chosen]
    parts = [rows[first : first + GROUP_CHANGES] for first in range(0, changes, GROUP_CHANGES)]
    return [raw_group(seq, part) for seq, part in enumerate(parts, after + 1)]


if __name__ == "__main__":
    assert STORE in BUCKETS[-1]
    main(int(sys.argv[1]), int(sys.argv[2]), tip=(int(sys.argv[3]), sys.argv[4]))
