"""Making, finding and keeping snapshots: the rows in ``feed_snap`` and the files they name."""

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import sqlalchemy as sa
import zstandard

from cloud_api.db.bulk import insert_rows
from cloud_api.db.engine import reading, writing
from cloud_api.db.sync_tables import FEED_PAGE, FEED_SNAP, SYNC_BUCKET
from cloud_api.services.feeds import buckets
from cloud_api.services.feeds.buckets import Bucket
from cloud_api.services.feeds.pages import read_sealed
from cloud_api.services.feeds.restore import new_epoch
from cloud_api.services.snapshots.shadow import BaseLost, OpenShadow, Shadow, discard, flush
from sync.feed import Cursor
from sync.messages import Audit, TableAudit
from sync.replica.tables import SCHEMA

_LOG = logging.getLogger(__name__)

FIRST_AT_BYTES = 256 * 1024
"""A feed smaller than this is read faster from its pages."""
GROWN_BYTES_MIN = 1024 * 1024
DAILY_MS = 24 * 3_600_000
DAILY_GROWN_BYTES = 64 * 1024
KEPT = 3
PAGES_KEPT_MS = 7 * 24 * 3_600_000
AUDITS_KEPT = 64
_ZSTD_LEVEL = 6
_CHUNK_BYTES = 1024 * 1024

_audit_encoder = msgspec.json.Encoder()
_audit_decoder = msgspec.json.Decoder(dict[str, TableAudit])


class Snapshots:
    """The snapshot files under ``folder``; one a process, its builds and audits one at a time."""

    def __init__(self, engine: sa.Engine, folder: Path, *, now_ms: Callable[[], int]) -> None:
        self._engine = engine
        self._folder = folder
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._audits: OrderedDict[tuple[str, str, int], Audit] = OrderedDict()

    def build_due(self) -> list[str]:
        """Build every snapshot that is worth its while; the buckets that got one."""
        return [name for name in self._due() if self.build(name)]

    def build(self, name: str) -> bool:
        """Make a snapshot of a bucket at its present head; False where there is one already or nothing in it."""
        with self._lock:
            row = self._row(name)
            if row is None or row.head_seq == 0 or self._newest(row, row.head_seq) is not None:
                return False
            try:
                with self._shadow(row).opened() as shadow:
                    self._make(row, shadow)
            except BaseLost:
                _LOG.error("feed %s cannot be read from its beginning: it starts a new epoch", name)
                with writing(self._engine) as connection:
                    new_epoch(connection, name, now_ms=self._now_ms())
                return False
            return True

    def audit(self, name: str, *, epoch: str, seq: int) -> Audit | None:
        """The figures of a bucket at ``seq``; None where the shadow is beyond it or the epoch is another."""
        key = (name, epoch, seq)
        with self._lock:
            row = self._row(name)
            if row is None or row.epoch != epoch or not 0 <= seq <= row.head_seq:
                return None
            found = self._audits.get(key) or self._stored_audit(row, seq) or self._fresh_audit(row, seq)
            if found is not None:
                self._audits[key] = found
                while len(self._audits) > AUDITS_KEPT:
                    self._audits.popitem(last=False)
            return found

    def file(self, name: str, *, epoch: str, schema: int, seq: int) -> tuple[Path, str] | None:
        """A snapshot's file and its sha256, or None."""
        query = sa.select(FEED_SNAP.c.sha256).where(
            FEED_SNAP.c.bucket == name,
            FEED_SNAP.c.epoch == epoch,
            FEED_SNAP.c.schema == schema,
            FEED_SNAP.c.seq == seq,
        )
        with reading(self._engine) as connection:
            sha256 = connection.execute(query).scalar_one_or_none()
        path = self._path(name, epoch, seq=seq, schema=schema)
        return (path, sha256) if sha256 is not None and path.is_file() else None

    def clean(self) -> None:
        """Let go of old snapshots, of their files, and of pages that a snapshot and a week have overtaken.

        A row whose file is gone (another disk, a restored backup) goes too: the snapshot is made again.
        """
        self._forget_lost()
        with reading(self._engine) as connection:
            names = connection.execute(sa.select(FEED_SNAP.c.bucket).distinct()).scalars().all()
        for name in names:
            with self._lock, writing(self._engine) as connection:
                self._trim(connection, name)
        self._remove_orphans()

    def _forget_lost(self) -> None:
        with self._lock, writing(self._engine) as connection:
            for snap in connection.execute(sa.select(FEED_SNAP)).all():
                if self._path(snap.bucket, snap.epoch, seq=snap.seq, schema=snap.schema).is_file():
                    continue
                same = (FEED_SNAP.c.epoch == snap.epoch) & (FEED_SNAP.c.schema == snap.schema)
                mine = (FEED_SNAP.c.bucket == snap.bucket) & same & (FEED_SNAP.c.seq == snap.seq)
                connection.execute(sa.delete(FEED_SNAP).where(mine))
                _touch(connection, snap.bucket, at_ms=self._now_ms())

    def _due(self) -> list[str]:
        newest = (
            sa.select(
                FEED_SNAP.c.bucket,
                FEED_SNAP.c.epoch,
                sa.func.max(FEED_SNAP.c.feed_bytes).label("feed_bytes"),
                sa.func.max(FEED_SNAP.c.bytes).label("bytes"),
                sa.func.max(FEED_SNAP.c.made_at_ms).label("made_at_ms"),
            )
            .where(FEED_SNAP.c.schema == SCHEMA)
            .group_by(FEED_SNAP.c.bucket, FEED_SNAP.c.epoch)
            .subquery()
        )
        same = (newest.c.bucket == SYNC_BUCKET.c.bucket) & (newest.c.epoch == SYNC_BUCKET.c.epoch)
        query = (
            sa.select(
                SYNC_BUCKET.c.bucket,
                SYNC_BUCKET.c.total_bytes,
                newest.c.feed_bytes,
                newest.c.bytes,
                newest.c.made_at_ms,
            )
            .join(newest, same, isouter=True)
            .where(SYNC_BUCKET.c.total_bytes >= FIRST_AT_BYTES)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return [row.bucket for row in rows if self._is_due(row)]

    def _is_due(self, row: Any) -> bool:
        if row.feed_bytes is None:
            return True
        grown: int = row.total_bytes - row.feed_bytes
        if grown >= max(GROWN_BYTES_MIN, 2 * row.bytes):
            return True
        age_ms: int = self._now_ms() - row.made_at_ms
        return grown >= DAILY_GROWN_BYTES and age_ms >= DAILY_MS

    def _make(self, row: Bucket, shadow: OpenShadow) -> None:
        cursor = shadow.advance(row.head_seq)
        path = self._path(row.bucket, row.epoch, seq=cursor.seq)
        path.parent.mkdir(parents=True, exist_ok=True)
        plain, packed = path.with_suffix(".plain"), path.with_suffix(".tmp")
        discard(plain)
        shadow.write(plain)
        sha256 = _pack(plain, packed)
        discard(plain)
        flush(packed)
        packed.replace(path)
        values = {
            "bucket": row.bucket,
            "epoch": row.epoch,
            "schema": SCHEMA,
            "seq": cursor.seq,
            "hash": cursor.hash,
            "bytes": path.stat().st_size,
            "sha256": sha256,
            "feed_bytes": row.total_bytes,
            "audit": _audit_encoder.encode(shadow.audit()).decode(),
            "made_at_ms": self._now_ms(),
        }
        with writing(self._engine) as connection:
            page_from = self._page_from(connection, row.bucket, cursor=cursor)
            insert_rows(connection, FEED_SNAP, rows=[values | {"page_from": page_from}], skip_existing=True)
            _touch(connection, row.bucket, at_ms=self._now_ms())

    def _page_from(self, connection: sa.Connection, name: str, *, cursor: Cursor) -> int:
        """Where the page begins that holds the next group; under the feed's lock, as the tail may be sealed now."""
        row = buckets.lock(connection, name, at_ms=self._now_ms())
        sealed = read_sealed(connection, name, epoch=cursor.epoch, seq=cursor.seq + 1)
        return sealed.first if sealed is not None else row.tail_from

    def _trim(self, connection: sa.Connection, name: str) -> None:
        row = buckets.lock(connection, name, at_ms=self._now_ms())
        mine = FEED_SNAP.c.bucket == name
        connection.execute(sa.delete(FEED_SNAP).where(mine, FEED_SNAP.c.epoch != row.epoch))
        query = sa.select(FEED_SNAP.c.seq).where(mine, FEED_SNAP.c.schema == SCHEMA).order_by(FEED_SNAP.c.seq.desc())
        seqs = connection.execute(query).scalars().all()
        if not seqs:
            return
        oldest_kept = seqs[:KEPT][-1]
        old = FEED_SNAP.c.seq < oldest_kept
        connection.execute(sa.delete(FEED_SNAP).where(mine, FEED_SNAP.c.schema == SCHEMA, old))
        pages = (FEED_PAGE.c.bucket == name) & (FEED_PAGE.c.epoch == row.epoch)
        overtaken = (FEED_PAGE.c.to_seq <= oldest_kept) & (FEED_PAGE.c.sealed_at_ms < self._now_ms() - PAGES_KEPT_MS)
        if connection.execute(sa.delete(FEED_PAGE).where(pages, overtaken)).rowcount:
            low = connection.execute(sa.select(sa.func.min(FEED_PAGE.c.from_seq)).where(pages)).scalar_one()
            values = {"low_seq": low if low is not None else row.tail_from}
            connection.execute(sa.update(SYNC_BUCKET).where(SYNC_BUCKET.c.bucket == name).values(values))
            _touch(connection, name, at_ms=self._now_ms())

    def _remove_orphans(self) -> None:
        """Files that no row names: of old epochs, trimmed, or left by a build that was killed."""
        with self._lock, reading(self._engine) as connection:
            named = {
                self._path(snap.bucket, snap.epoch, seq=snap.seq, schema=snap.schema)
                for snap in connection.execute(sa.select(FEED_SNAP))
            }
            alive = {
                self._shadow_path(bucket) for bucket in connection.execute(sa.select(SYNC_BUCKET.c.bucket)).scalars()
            }
            for path in self._folder.glob("snap/*/*/*"):
                if path not in named:
                    path.unlink(missing_ok=True)
            for path in self._folder.glob("shadow/*.db"):
                if path not in alive:
                    discard(path)

    def _shadow(self, row: Bucket) -> Shadow:
        return Shadow(
            self._engine, self._shadow_path(row.bucket), row=row, base=lambda path: self._unpack_newest(row, path)
        )

    def _unpack_newest(self, row: Bucket, target: Path) -> bool:
        newest = self._newest(row, None)
        path = self._path(row.bucket, row.epoch, seq=newest.seq) if newest is not None else None
        if path is None or not path.is_file():
            return False
        with path.open("rb") as packed, target.open("wb") as plain:
            zstandard.ZstdDecompressor().copy_stream(packed, plain)
        return True

    def _row(self, name: str) -> Bucket | None:
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(SYNC_BUCKET).where(SYNC_BUCKET.c.bucket == name)).one_or_none()
        return buckets.of_row(row) if row is not None else None

    def _newest(self, row: Bucket, seq: int | None) -> sa.Row[Any] | None:
        """The newest snapshot of this epoch, or the one at ``seq``."""
        query = sa.select(FEED_SNAP).where(
            FEED_SNAP.c.bucket == row.bucket, FEED_SNAP.c.epoch == row.epoch, FEED_SNAP.c.schema == SCHEMA
        )
        query = query if seq is None else query.where(FEED_SNAP.c.seq == seq)
        with reading(self._engine) as connection:
            return connection.execute(query.order_by(FEED_SNAP.c.seq.desc()).limit(1)).one_or_none()

    def _stored_audit(self, row: Bucket, seq: int) -> Audit | None:
        snap = self._newest(row, seq)
        return Audit(seq=seq, tables=_audit_decoder.decode(snap.audit)) if snap is not None else None

    def _fresh_audit(self, row: Bucket, seq: int) -> Audit | None:
        try:
            with self._shadow(row).opened() as shadow:
                if shadow.cursor.seq > seq:
                    return None
                shadow.advance(seq)
                return Audit(seq=seq, tables=shadow.audit())
        except BaseLost:
            return None

    def _path(self, name: str, epoch: str, *, seq: int, schema: int = SCHEMA) -> Path:
        return self._folder / "snap" / quote(name, safe="") / epoch / f"{schema}-{seq}.zst"

    def _shadow_path(self, name: str) -> Path:
        return self._folder / "shadow" / f"{quote(name, safe='')}-{SCHEMA}.db"


def _pack(source: Path, target: Path) -> str:
    """Compress with zstd; the sha256 of the result."""
    with source.open("rb") as plain, target.open("wb") as packed:
        zstandard.ZstdCompressor(level=_ZSTD_LEVEL).copy_stream(plain, packed, size=source.stat().st_size)
    digest = hashlib.sha256()
    with target.open("rb") as packed:
        while chunk := packed.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _touch(connection: sa.Connection, name: str, *, at_ms: int) -> None:
    """Let every process look at a bucket's row again."""
    later = sa.case((SYNC_BUCKET.c.changed_at_ms < at_ms, at_ms), else_=SYNC_BUCKET.c.changed_at_ms + 1)
    connection.execute(sa.update(SYNC_BUCKET).where(SYNC_BUCKET.c.bucket == name).values(changed_at_ms=later))
