"""What every feed of the cloud has said so far, kept apart from the product, and what a replica must hold for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import zstandard

from cloud_api.db.changes import Change, wire_form
from sync.replica.tables import TABLES, TableSpec, tables_of
from tests.sim.faults import require

if TYPE_CHECKING:
    from tests.sim.cloud import CloudHost

Key = tuple[str, tuple[Any, ...]]
State = dict[Key, tuple[Any, ...]]
"""Rows by (table, key): the other columns and the version."""


@dataclass
class Feed:
    """One life of a bucket: its groups from 1 on, and its rows after each of them."""

    bucket: str
    epoch: str
    groups: list[bytes] = field(default_factory=list)
    states: list[State] = field(default_factory=lambda: [{}])
    versions: dict[Key, int] = field(default_factory=dict)
    pages: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    sealed_to: int = 0

    @property
    def head(self) -> int:
        return len(self.groups)

    def add(self, raw: bytes) -> None:
        """The next group."""
        group = json.loads(raw)
        name = f"{self.bucket}@{self.epoch}"
        require(group["s"] == self.head + 1, "I2", f"{name}: group {group['s']} comes after {self.head}")
        state = dict(self.states[-1])
        for op, table, pk, ver, row in group["c"]:
            key = (table, tuple(pk))
            require(ver > self.versions.get(key, 0), "I8", f"{name}: {key} has version {ver} again")
            self.versions[key] = ver
            if op == "del":
                state.pop(key, None)
            else:
                state[key] = (*(row[column] for column, _ in TABLES[table].columns), ver)
        self.groups.append(raw)
        self.states.append(state)

    def add_page(self, first: int, last: int, body: bytes) -> None:
        """A sealed page: it continues the pages before it, and says what the groups said."""
        name, raw = f"{self.bucket}@{self.epoch}", zstandard.ZstdDecompressor().decompress(body)
        if first in self.pages:
            require(self.pages[first] == (last, raw), "I9", f"{name}: sealed page {first} changed")
            return
        require(first == self.sealed_to + 1, "I9", f"{name}: page {first} comes after {self.sealed_to}")
        self.pages[first] = (last, raw)
        self.sealed_to = last
        told = b",".join(self.groups[first - 1 : last])
        require(raw.endswith(b'"groups":[' + told + b"]}"), "I9", f"{name}: page {first} differs from its groups")


class Feeds:
    """All feeds that ever were."""

    def __init__(self) -> None:
        self.by_life: dict[tuple[str, str], Feed] = {}
        self._transactions: dict[str, set[bytes]] = {}

    def of(self, bucket: str, epoch: str) -> Feed:
        """A life of a bucket; an unknown one is empty."""
        return self.by_life.get((bucket, epoch)) or Feed(bucket, epoch)

    def note_transaction(self, changes: Sequence[Change]) -> None:
        """What one transaction of the cloud changed: in each bucket it must become one group."""
        buckets = {change.bucket for change in changes}
        for bucket in buckets:
            body = wire_form([change for change in changes if change.bucket == bucket])
            self._transactions.setdefault(bucket, set()).add(_digest(body))

    def look(self, cloud: CloudHost) -> None:
        """Take in what was numbered and sealed since the last look."""
        sealed = False
        rows = cloud.rows("SELECT bucket, epoch, head_seq, tail_from FROM sync_bucket ORDER BY bucket")
        for bucket, epoch, head, tail_from in rows:
            known = self.by_life.get((bucket, epoch))
            feed = known or self.by_life.setdefault((bucket, epoch), Feed(bucket, epoch))
            require(head >= feed.head, "I8", f"{bucket}@{epoch}: the head fell from {feed.head} to {head}")
            if head > feed.head:
                self._take_groups(cloud, feed, is_new=known is None)
            if known is None:
                for (body,) in cloud.rows("SELECT body FROM change_pending WHERE bucket = ?", bucket):
                    self._transactions.setdefault(bucket, set()).add(_digest(body))
            require(feed.head == head, "I2", f"{bucket}@{epoch}: groups reach {feed.head}, the head says {head}")
            sealed = sealed or tail_from > feed.sealed_to + 1
        if sealed:
            self.look_at_pages(cloud)

    def look_at_pages(self, cloud: CloudHost) -> None:
        """Every sealed page that is still there."""
        pages = cloud.rows("SELECT bucket, epoch, from_seq, to_seq, body FROM feed_page ORDER BY bucket, from_seq")
        for bucket, epoch, first, last, body in pages:
            if (feed := self.by_life.get((bucket, epoch))) is not None:
                feed.add_page(first, last, body)

    def _take_groups(self, cloud: CloudHost, feed: Feed, *, is_new: bool) -> None:
        where = "WHERE bucket = ? AND epoch = ?"
        pages = cloud.rows(
            f"SELECT from_seq, body FROM feed_page {where} AND to_seq > ? ORDER BY from_seq",
            *(feed.bucket, feed.epoch, feed.head),
        )
        for first, body in pages:
            raw = zstandard.ZstdDecompressor().decompress(body)
            for seq, group in enumerate(_groups_of(raw), first):
                if seq > feed.head:
                    self._take(feed, group, is_new=is_new)
        tail = cloud.rows(
            f"SELECT body FROM feed_group {where} AND seq > ? ORDER BY seq", feed.bucket, feed.epoch, feed.head
        )
        for (body,) in tail:
            self._take(feed, body, is_new=is_new)

    def _take(self, feed: Feed, raw: bytes, *, is_new: bool) -> None:
        feed.add(raw)
        changes = raw.partition(b',"c":')[2][:-1]
        is_whole = is_new or _digest(changes) in self._transactions.get(feed.bucket, ())
        require(is_whole, "I11", f"{feed.bucket}: group {feed.head} is not one whole transaction")


def _groups_of(page: bytes) -> list[bytes]:
    """The raw groups of a page; a text in a row may hold anything, so the cut is made by parsing."""
    decoder, text = json.JSONDecoder(), page.decode()
    at = text.index('"groups":[') + len('"groups":[')
    groups = []
    while text[at] != "]":
        _, end = decoder.raw_decode(text, at)
        groups.append(text[at:end].encode())
        at = end + (text[end] == ",")
    return groups


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


def rows_of(conn: Any, bucket: str) -> State:
    """What a replica or a snapshot holds in the tables of a bucket."""
    state: State = {}
    for spec in tables_of(bucket):
        state |= _table(conn, spec)
    return state


def _table(conn: Any, spec: TableSpec) -> State:
    names, keys = [*spec.column_names, "ver"], len(spec.key)
    rows = conn.execute(f"SELECT {', '.join(names)} FROM {spec.name}")
    return {(spec.name, tuple(row[:keys])): tuple(row[keys:]) for row in rows}


def difference(found: State, wanted: State) -> str:
    """The first few rows in which two states differ."""
    wrong = [key for key in sorted(found.keys() | wanted.keys(), key=str) if found.get(key) != wanted.get(key)]
    shown = [f"{key}: {found.get(key)} instead of {wanted.get(key)}" for key in wrong[:3]]
    return f"{len(wrong)} rows differ: " + "; ".join(shown) if wrong else ""
