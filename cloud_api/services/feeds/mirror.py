"""The feeds in memory: heads, snapshots and the newest groups of every bucket, so that idle tills cost no query."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from cloud_api.db.engine import reading
from cloud_api.db.sync_tables import FEED_SNAP, SYNC_BUCKET
from cloud_api.services.feeds import buckets
from cloud_api.services.feeds.buckets import Bucket
from cloud_api.services.feeds.pages import StoredGroup, Stretch, decompress, groups_of, read_groups, read_sealed
from sync.feed import chain
from sync.messages import BucketHead, SnapshotRef
from sync.replica.tables import SCHEMA

RECENT_BYTES_MAX = 256 * 1024
RECENT_GROUPS_MAX = 256
OVERLAP_MS = 5_000
"""How far back a refresh looks again: a sequencer elsewhere may commit late, its clock may differ."""


_CHANGED = sa.select(SYNC_BUCKET).where(SYNC_BUCKET.c.changed_at_ms >= sa.bindparam("since_ms"))
_NAMED = sa.select(SYNC_BUCKET).where(SYNC_BUCKET.c.bucket.in_(sa.bindparam("names", expanding=True)))
_SNAPS = (
    sa.select(FEED_SNAP).where(FEED_SNAP.c.bucket.in_(sa.bindparam("names", expanding=True))).order_by(FEED_SNAP.c.seq)
)


@dataclass(frozen=True, slots=True)
class View:
    """One bucket at a moment: its row, its newest groups (without a gap up to the head) and its snapshots."""

    row: Bucket
    recent: Stretch
    snaps: tuple[tuple[int, SnapshotRef], ...] = ()
    """(schema, reference), oldest first."""

    def head(self, schema: int = SCHEMA) -> BucketHead:
        """Where the bucket stands, for hello and for news too large to travel along."""
        newest = [ref for of_schema, ref in self.snaps if of_schema == schema]
        return BucketHead(
            b=self.row.bucket,
            epoch=self.row.epoch,
            head=self.row.head_seq,
            low=self.row.low_seq,
            snap=newest[-1] if newest else None,
        )

    def after(self, seq: int) -> Stretch | None:
        """The groups behind ``seq`` up to the head; None where memory does not reach back that far."""
        skip = seq + 1 - self.recent.first
        if skip < 0 or seq > self.row.head_seq:
            return None
        prev = self.recent.groups[skip - 1].hash if skip else self.recent.prev
        return replace(self.recent, first=seq + 1, prev=prev, groups=self.recent.groups[skip:])


@dataclass(frozen=True, slots=True)
class News:
    """A bucket moved on from ``before`` (None: it is new here, or has a new epoch) to ``view``."""

    before: View | None
    view: View


class Mirror:
    """Views of all buckets; refreshed by the feed worker, read by every request."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._views: dict[str, View] = {}
        self._lock = threading.Lock()
        self._seen_ms = 0

    def view(self, bucket: str) -> View | None:
        """A bucket as last seen; None where nothing was ever published into it."""
        return self._views.get(bucket)

    def views(self) -> list[View]:
        """All buckets as last seen."""
        return list(self._views.values())

    def load(self) -> None:
        """Read every bucket anew."""
        with self._lock, reading(self._engine) as connection:
            rows = map(buckets.of_row, connection.execute(sa.select(SYNC_BUCKET)))
            self._take(connection, list(rows))

    def refresh(self, touched: Iterable[str] | None = None) -> list[News]:
        """Look at the buckets named, or at whatever changed lately; what moved since the last look."""
        with self._lock, reading(self._engine) as connection:
            if touched is None:
                found = connection.execute(_CHANGED, {"since_ms": self._seen_ms - OVERLAP_MS})
            else:
                found = connection.execute(_NAMED, {"names": list(touched)})
            return self._take(connection, list(map(buckets.of_row, found)))

    def _take(self, connection: sa.Connection, rows: Sequence[Bucket]) -> list[News]:
        moved = [row for row in rows if not self._knows(row)]
        snaps = _snapshots(connection, moved)
        news = []
        for row in moved:
            before = self._views.get(row.bucket)
            if before is not None and before.row.epoch != row.epoch:
                before = None
            view = View(row, _recent(connection, row, before=before), snaps.get(row.bucket, ()))
            self._views[row.bucket] = view
            news.append(News(before, view))
            self._seen_ms = max(self._seen_ms, row.changed_at_ms)
        return news

    def _knows(self, row: Bucket) -> bool:
        known = self._views.get(row.bucket)
        return known is not None and known.row == row


def _recent(connection: sa.Connection, row: Bucket, *, before: View | None) -> Stretch:
    """What memory holds of a bucket: what it held plus what is new, else its open tail."""
    known = before.recent if before is not None else None
    first = max(row.tail_from, known.last + 1) if known else row.tail_from
    fresh = read_groups(connection, row.bucket, epoch=row.epoch, first=first)
    if known is None:
        return Stretch(row.bucket, row.epoch, row.tail_from, row.tail_prev, fresh)
    between = _just_sealed(connection, known, row=row) if known.last + 1 < row.tail_from else []
    if between is None:
        return Stretch(row.bucket, row.epoch, row.tail_from, row.tail_prev, fresh)
    return _bounded(replace(known, groups=[*known.groups, *between, *fresh]), row.tail_from)


def _just_sealed(connection: sa.Connection, known: Stretch, *, row: Bucket) -> list[StoredGroup] | None:
    """The groups between memory and the tail, where the page that took them is a small one."""
    page = read_sealed(connection, row.bucket, epoch=row.epoch, seq=known.last + 1)
    if page is None or page.last + 1 != row.tail_from or len(page.body) > RECENT_BYTES_MAX:
        return None
    groups, digest = [], known.hash
    for seq, body in enumerate(groups_of(decompress(page.body)), page.first):
        if seq > known.last:
            digest = chain(digest, body)
            groups.append(StoredGroup(seq, digest, body))
    return groups


def _bounded(recent: Stretch, tail_from: int) -> Stretch:
    """Let go of old groups, but never of the open tail."""
    groups, total = list(recent.groups), recent.size_bytes
    drop = 0
    while drop < len(groups) and groups[drop].seq < tail_from:
        if total <= RECENT_BYTES_MAX and len(groups) - drop <= RECENT_GROUPS_MAX:
            break
        total -= len(groups[drop].body)
        drop += 1
    if not drop:
        return recent
    return replace(recent, first=recent.first + drop, prev=groups[drop - 1].hash, groups=groups[drop:])


def _snapshots(connection: sa.Connection, rows: Sequence[Bucket]) -> dict[str, tuple[tuple[int, SnapshotRef], ...]]:
    epochs = {row.bucket: row.epoch for row in rows}
    found: dict[str, list[tuple[int, SnapshotRef]]] = {}
    for snap in connection.execute(_SNAPS, {"names": list(epochs)}) if rows else ():
        if snap.epoch == epochs[snap.bucket]:
            found.setdefault(snap.bucket, []).append((snap.schema, snapshot_ref(snap)))
    return {bucket: tuple(refs) for bucket, refs in found.items()}


def snapshot_ref(snap: sa.Row[tuple[object, ...]]) -> SnapshotRef:
    """A row of ``feed_snap`` on the wire."""
    return SnapshotRef(
        seq=snap.seq,
        page_from=snap.page_from,
        hash=snap.hash,
        url=f"/v1/snap/{snap.bucket}/{snap.epoch}/{snap.schema}/{snap.seq}.sqlite.zst",
        bytes=snap.bytes,
        sha256=snap.sha256,
    )
