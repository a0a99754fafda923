"""The network between tills and cloud: it loses, repeats, delays and cuts, with a bad cache in front of the feed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
import requests.adapters
import urllib3
import zstandard

from sync.transport import Transport
from tests.sim.faults import Killed, require

if TYPE_CHECKING:
    from tests.sim.till import Home
    from tests.sim.world import World

LATE_KEPT = 12
REQUESTS_MAX = 3_000
"""Of a whole run; a good one needs a few hundred."""
CACHED = ("/p/", "/v1/snap/")
TOKEN_PATH, LIVE_PATH = "/v1/token", "/v1/live"


@dataclass(frozen=True)
class Sent:
    """A request as bytes."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def is_feed(self) -> bool:
        return self.method == "GET" and any(part in self.path for part in CACHED)


@dataclass(frozen=True)
class Answered:
    """An answer as bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def may_be_kept(self) -> bool:
        return self.status == 200 and "max-age" in self.headers.get("cache-control", "")


@dataclass
class Odds:
    """How often what goes wrong, per request."""

    lost: float = 0.06
    answer_lost: float = 0.06
    cut: float = 0.03
    twice: float = 0.05
    late: float = 0.06
    stale: float = 0.05
    cloud_dies: float = 0.01
    meanwhile: float = 0.3


NO_FAULTS = Odds(0, 0, 0, 0, 0, 0, 0, 0)


class Raw:
    """The part of urllib3's response that requests and the transport read from."""

    def __init__(self, answered: Answered, *, cut_at: int | None = None) -> None:
        self.status, self.reason = answered.status, ""
        self.headers = urllib3.HTTPHeaderDict(answered.headers)
        self._body = BytesIO(answered.body if cut_at is None else answered.body[:cut_at])
        self._is_cut = cut_at is not None

    def read1(self, count: int, *, decode_content: bool = False) -> bytes:
        chunk = self._body.read(count)
        if not chunk and self._is_cut:
            raise urllib3.exceptions.ProtocolError("cut")
        return chunk

    def close(self) -> None:
        """Nothing is held."""

    release_conn = shutdown = close


class Wire(requests.adapters.BaseAdapter):
    """Takes the place of the sockets of one agent."""

    def __init__(self, home: Home) -> None:
        super().__init__()
        self._home = home

    def send(self, request: requests.PreparedRequest, *_args: Any, **_options: Any) -> requests.Response:
        url = urlsplit(request.url or "")
        target = url.path + (f"?{url.query}" if url.query else "")
        body = request.body or b""
        assert isinstance(body, bytes)
        sent = Sent(request.method or "", target, {k.lower(): v for k, v in request.headers.items()}, body)
        raw = self._home.world.network.exchange(self._home, sent)
        return requests.adapters.HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Nothing is held."""


def wired(home: Home, cloud_url: str) -> Transport:
    """The product's own transport, whose sockets are this network."""
    transport = Transport(cloud_url)
    session = transport._session
    session.trust_env = False
    session.mount("https://", Wire(home))
    return transport


@dataclass
class Network:
    """All requests of a world, and what of them is still on its way or lies in a cache."""

    world: World
    odds: Odds = field(default_factory=Odds)
    late: list[Sent] = field(default_factory=list)
    cache: dict[str, Answered] = field(default_factory=dict)
    seen: dict[str, list[Answered]] = field(default_factory=dict)
    """Everything that was ever answered about a bucket's feed, for a cache that mixes things up."""
    sealed: dict[tuple[str, str, int], tuple[int, str]] = field(default_factory=dict)
    """Where each page ended that was told as sealed, and its hash."""
    requests: int = 0

    def exchange(self, home: Home, sent: Sent) -> Any:
        """One request of a till: what it gets, while the world goes on."""
        self.requests += 1
        home.requests += 1
        require(self.requests <= REQUESTS_MAX, "L5", f"{self.requests} requests and no end: {sent.method} {sent.path}")
        self._meanwhile(home, sent)
        if sent.path == LIVE_PATH:
            return self.world.cloud.live(home, sent)
        if self._happens(self.odds.lost):
            raise requests.ConnectionError("lost")
        answered = self._from_cache(sent) or self._deliver(sent)
        self.remember(sent, answered)
        self._meanwhile(home, sent)
        if self._happens(self.odds.answer_lost):
            raise requests.ReadTimeout("no answer")
        cut = self.world.rng.randrange(len(answered.body)) if answered.body and self._happens(self.odds.cut) else None
        return Raw(answered, cut_at=cut)

    def deliver_late(self) -> str:
        """A copy of an old request reaches the cloud now; nobody waits for its answer."""
        if not self.late:
            return "none"
        sent = self.late.pop(self.world.rng.randrange(len(self.late)))
        return f"{sent.method} {sent.path} {self.world.cloud.handle(sent).status}"

    def remember(self, sent: Sent, answered: Answered) -> None:
        """What a cache on the way would keep, and what a bad one would mix up."""
        if not sent.is_feed or answered.status != 200:
            return
        if "/p/" in sent.path:
            self._check_sealed(answered)
        if answered.may_be_kept:
            self.cache[sent.target] = answered
        self.seen.setdefault(_bucket_of(sent), []).append(answered)

    def _check_sealed(self, answered: Answered) -> None:
        """I9 as a till sees it: what was once told as sealed is told so for ever."""
        packed = answered.headers.get("content-encoding") == "zstd"
        page = json.loads(zstandard.ZstdDecompressor().decompress(answered.body) if packed else answered.body)
        if page["sealed"]:
            told = (page["to"], page["hash"])
            before = self.sealed.setdefault((page["b"], page["epoch"], page["from"]), told)
            require(
                before == told, "I9", f"{page['b']}: sealed page {page['from']} ended at {before[0]}, now {told[0]}"
            )

    def _deliver(self, sent: Sent) -> Answered:
        cloud, life = self.world.cloud, self.world.cloud.life
        if self._happens(self.odds.late) and len(self.late) < LATE_KEPT:
            self.late.append(sent)
        answered = cloud.handle_and_die(sent) if self._happens(self.odds.cloud_dies) else cloud.handle(sent)
        if self._happens(self.odds.twice):
            answered = cloud.handle(sent)
        if cloud.life != life:
            raise requests.ConnectionError("the cloud went away")
        return answered

    def _from_cache(self, sent: Sent) -> Answered | None:
        if not sent.is_feed or "no-cache" in sent.headers.get("cache-control", ""):
            return None
        mixed_up = self.seen.get(_bucket_of(sent), [])
        if mixed_up and self._happens(self.odds.stale):
            return self.world.rng.choice(mixed_up)
        kept = self.cache.get(sent.target)
        return kept if kept is not None and "range" not in sent.headers and self.world.rng.random() < 0.5 else None

    def _meanwhile(self, home: Home, sent: Sent) -> None:
        if self._happens(self.odds.meanwhile):
            # A token is asked for under a lock that this till's other thread would wait for.
            self.world.meanwhile(home, exclusive=sent.path == TOKEN_PATH)
        if home.doomed:
            raise Killed

    def _happens(self, odds: float) -> bool:
        return odds > 0 and self.world.rng.random() < odds


def _bucket_of(sent: Sent) -> str:
    return "/".join(sent.path.split("/")[2:4])
