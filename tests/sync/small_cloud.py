"""A cloud in memory that keeps to the wire of evertill/1: the agent's outside world, with faults to choose."""

import hashlib
import itertools
import json
import queue
import tempfile
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
import zstandard

from sync import feed
from sync.feed import Cursor
from sync.journal import GENESIS
from sync.messages import Group, Up, parse_cursor
from sync.replica.apply import apply_groups
from sync.replica.audit import audit_bucket
from sync.replica.install import connect, write_snapshot
from sync.replica.store import create_schema, write_cursor
from sync.system_clock import SystemClock
from tests.sync.builders import Change, raw_group
from tests.sync.server import Reply, Request, as_json, problem

PAGE_GROUPS = 4


@dataclass
class Bucket:
    """One feed: raw groups, sealed in fours; ``low`` is the first that pages still hold."""

    name: str
    epoch: str = "e1"
    groups: list[bytes] = field(default_factory=list)
    low: int = 1
    snapshot: tuple[dict[str, Any], bytes] | None = None

    def hash_at(self, seq: int) -> str:
        """The chain's hash after ``seq`` groups."""
        start = feed.chain_start(self.name, self.epoch)
        *_, last = itertools.accumulate(self.groups[:seq], feed.chain, initial=start)
        return last

    def page(self, first: int, last: int, *, sealed: bool) -> bytes:
        """Groups ``first`` to ``last`` with their stored bytes."""
        facts = {"b": self.name, "epoch": self.epoch, "from": first, "to": last, "sealed": sealed}
        facts |= {"prev": self.hash_at(first - 1), "hash": self.hash_at(last)}
        head = json.dumps(facts).encode()
        return head[:-1] + b', "groups": [' + b",".join(self.groups[first - 1 : last]) + b"]}"

    def page_holding(self, seq: int) -> bytes:
        """The page that holds ``seq``."""
        first = (seq - 1) // PAGE_GROUPS * PAGE_GROUPS + 1
        last = min(first + PAGE_GROUPS - 1, len(self.groups))
        return self.page(first, last, sealed=last - first + 1 == PAGE_GROUPS)

    def head(self) -> dict[str, Any]:
        """What hello says of it."""
        snap = self.snapshot[0] if self.snapshot else None
        return {"b": self.name, "epoch": self.epoch, "head": len(self.groups), "low": self.low, "snap": snap}


class SmallCloud:
    """Answers requests; tests read and change its state between them."""

    def __init__(self, *names: str) -> None:
        self.buckets = {name: Bucket(name) for name in names}
        self.entries: dict[int, list[dict[str, Any]]] = {}
        self.state, self.sub_ver, self.epoch_up = "active", 1, "u1"
        self.durable = False
        self.calls: list[str] = []
        self.failures: deque[Reply] = deque()
        self.live_failures: deque[Reply] = deque()
        self.bad_pages = 0
        self.next_inc = 1
        self.serve_stream = True
        self._streams: list[queue.Queue[bytes]] = []
        self._clock = SystemClock()
        self._lock = threading.RLock()

    # --- What a test does ---------------------------------------------------------------------------

    def publish(self, name: str, *changes: Change) -> None:
        """One group, told to every open stream."""
        with self._lock:
            bucket = self.buckets[name]
            seq = len(bucket.groups) + 1
            bucket.groups.append(raw_group(seq, changes))
            self._tell(b"page", bucket.page(seq, seq, sealed=False))

    def tell_head(self, name: str) -> None:
        """Only that there is news."""
        self._tell(b"head", json.dumps(self.buckets[name].head()).encode())

    def tell_ctl(self, what: str) -> None:
        """A word of control."""
        self._tell(b"ctl", json.dumps({"what": what}).encode())

    @property
    def listeners(self) -> int:
        """How many live streams are open."""
        return len(self._streams)

    def close_streams(self) -> None:
        """As a restart does."""
        with self._lock:
            for stream in self._streams:
                stream.put(b"")
            self._streams.clear()

    def take_snapshot(self, name: str) -> None:
        """A snapshot of the bucket as it stands, made as a shadow till makes it."""
        bucket = self.buckets[name]
        with tempfile.TemporaryDirectory() as folder:
            conn = self._shadow(bucket)
            path = Path(folder) / "snapshot.sqlite"
            cursor = write_snapshot(conn, name, path=path)
            conn.close()
            packed = zstandard.compress(path.read_bytes())
        page_from = cursor.seq // PAGE_GROUPS * PAGE_GROUPS + 1
        facts = {"seq": cursor.seq, "page_from": page_from, "hash": cursor.hash, "bytes": len(packed)}
        url = f"/v1/snap/{name}/{bucket.epoch}/1/{cursor.seq}.sqlite.zst"
        bucket.snapshot = (facts | {"url": url, "sha256": hashlib.sha256(packed).hexdigest()}, packed)

    def seqs(self, inc: int = 1) -> list[int]:
        """What is stored of a till's journal."""
        return [entry["s"] for entry in self.entries.get(inc, [])]

    def count(self, part: str) -> int:
        """How many requests had ``part`` in their paths."""
        return sum(part in call for call in self.calls)

    # --- Requests -----------------------------------------------------------------------------------

    def answer(self, request: Request) -> Reply:
        """The routes."""
        parts = urlsplit(request.path)
        path, query = unquote(parts.path), parse_qs(parts.query)
        with self._lock:
            self.calls.append(f"{request.method} {path}")
            failures = self.live_failures if path == "/v1/live" else self.failures
            if failures:
                return failures.popleft()
            if path == "/v1/token":
                now_ms = self._clock.now_ms()
                return as_json({"access": "t", "expires_at": now_ms + 3_600_000, "server_time": now_ms})
            if path == "/v1/hello":
                return self._hello(int(query["inc"][0]))
            if path == "/v1/up":
                return self._up(msgspec.json.decode(request.body, type=Up))
            if self.state != "active":
                return problem(403, "terminal.drained" if self.state == "drain" else "terminal.revoked")
            if path.startswith("/v1/snap/"):
                return self._snapshot(path.split("/")[3], request.headers.get("Range", ""))
            if path != "/v1/live":
                return self._bucket(path.split("/")[3:])
            cursors = [parse_cursor(text) for text in query.get("c", [])]
            return self._poll(cursors) if "wait" in query else self._live(cursors, int(query["sub_ver"][0]))

    def _hello(self, inc: int) -> Reply:
        stored = self.entries.get(inc, [])
        last = stored[-1] if stored else {"s": 0, "hash": GENESIS}
        ack = {"inc": inc, "seq": last["s"], "hash": last["hash"], "durable": last["s"] if self.durable else 0}
        served = self.state == "active"
        buckets = [bucket.head() for bucket in self.buckets.values()] if served else []
        facts = {"server_time": self._clock.now_ms(), "sub_ver": self.sub_ver, "min_app": "0", "state": self.state}
        return as_json({**facts, "epoch_up": self.epoch_up, "buckets": buckets, "ack": ack})

    def _up(self, message: Up) -> Reply:
        stored = self.entries.setdefault(message.inc, [])
        forked = message.want_inc
        for event in message.ev:
            last = len(stored)
            if event.s <= last:
                forked = forked or stored[event.s - 1]["hash"] != event.hash
            elif event.s > last + 1:
                break
            elif event.prev != (stored[-1]["hash"] if stored else GENESIS):
                forked = True
            if not forked and event.s == last + 1:
                stored.append(msgspec.to_builtins(event))
            if forked:
                break
        if forked:
            self.next_inc = max(self.next_inc, message.inc) + 1
            common = {"inc": message.inc, "seq": min(message.tip.seq, len(stored)), "hash": ""}
            return as_json({"fork": True, "new_inc": self.next_inc, "common": common}, status=409)
        digest = stored[-1]["hash"] if stored else GENESIS
        durable = len(stored) if self.durable else 0
        facts = {"epoch_up": self.epoch_up, "seq": len(stored), "hash": digest, "durable": durable, "applied": 0}
        return as_json({**facts, "held": [], "server_time": self._clock.now_ms()})

    def _bucket(self, parts: Sequence[str]) -> Reply:
        name, epoch, what, *rest = parts
        bucket = self.buckets.get(name)
        if bucket is None or bucket.epoch != epoch:
            return as_json({"b": name, "epoch": bucket.epoch if bucket else "", "why": "epoch"}, status=410)
        if what == "manifest":
            return self._manifest(bucket)
        seq = int(rest[0])
        if what == "audit":
            return self._audit(bucket, seq)
        if seq < bucket.low:
            return as_json({"b": name, "epoch": epoch, "why": "low"}, status=410)
        page = bucket.page_holding(seq)
        if self.bad_pages:
            self.bad_pages -= 1
            page = page.replace(b'"hash": "', b'"hash": "00', 1)
        return Reply(200, page, {"Content-Type": "application/json"})

    def _manifest(self, bucket: Bucket) -> Reply:
        pages = [
            {"first": first, "last": first + PAGE_GROUPS - 1, "hash": "", "bytes": 100_000}
            for first in range(1, len(bucket.groups) - PAGE_GROUPS + 2, PAGE_GROUPS)
        ]
        facts = {"b": bucket.name, "epoch": bucket.epoch, "head": len(bucket.groups), "low": bucket.low, "tail_from": 1}
        return as_json({**facts, "snaps": [bucket.snapshot[0]] if bucket.snapshot else [], "pages": pages})

    def _audit(self, bucket: Bucket, seq: int) -> Reply:
        if seq != len(bucket.groups):
            return problem(404, "audit.not_at_seq")
        conn = self._shadow(bucket)
        figures = {name: msgspec.to_builtins(audit) for name, audit in audit_bucket(conn, bucket.name).items()}
        conn.close()
        return as_json({"seq": seq, "tables": figures})

    def _snapshot(self, name: str, wanted: str) -> Reply:
        held = self.buckets[name].snapshot
        assert held is not None
        begin = int(wanted.removeprefix("bytes=").removesuffix("-") or 0)
        return Reply(206 if begin else 200, held[1][begin:])

    def _behind(self, cursors: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
        return [
            bucket.head()
            for name, epoch, seq in cursors
            if (bucket := self.buckets.get(name)) and (bucket.epoch, len(bucket.groups)) != (epoch, seq)
        ]

    def _poll(self, cursors: list[tuple[str, str, int]]) -> Reply:
        return as_json({"pages": [], "heads": self._behind(cursors), "ctl": []})

    def _live(self, cursors: list[tuple[str, str, int]], sub_ver: int) -> Reply:
        if not self.serve_stream:
            return Reply(chunks=iter([b""]))
        mine: queue.Queue[bytes] = queue.Queue()
        self._streams.append(mine)
        mine.put(b": hello\n\n")
        if sub_ver != self.sub_ver:
            mine.put(b'event: ctl\ndata: {"what":"sub"}\n\n')
        for head in self._behind(cursors):
            mine.put(b"event: head\ndata: " + json.dumps(head).encode() + b"\n\n")
        return Reply(chunks=_drained(mine), headers={"Content-Type": "text/event-stream"})

    def _tell(self, name: bytes, data: bytes) -> None:
        with self._lock:
            for stream in self._streams:
                stream.put(b"event: " + name + b"\ndata: " + data + b"\n\n")

    def _shadow(self, bucket: Bucket) -> Any:
        conn = connect(Path(":memory:"))
        create_schema(conn)
        conn.execute("BEGIN")
        apply_groups(conn, bucket.name, groups=[msgspec.json.decode(raw, type=Group) for raw in bucket.groups])
        seq = len(bucket.groups)
        write_cursor(conn, bucket.name, cursor=Cursor(bucket.epoch, seq, bucket.hash_at(seq), 1))
        conn.execute("COMMIT")
        return conn


def _drained(source: "queue.Queue[bytes]") -> Iterator[bytes]:
    while chunk := source.get():
        yield chunk
