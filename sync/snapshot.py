"""Snapshots as decisions: whether the replica is to be built anew, from which files, and whether a file is right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sync.feed import Cursor, Next, plan
from sync.messages import BucketHead, SnapshotRef


@dataclass(frozen=True, slots=True)
class Download:
    """A snapshot to fetch for a bucket."""

    bucket: str
    epoch: str
    ref: SnapshotRef


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A new replica file: some buckets from snapshots, some from the present file, some begun empty."""

    downloads: tuple[Download, ...]
    keep: tuple[str, ...]
    empty: tuple[tuple[str, str], ...]
    """(bucket, epoch) of buckets that are read from their first page."""

    @property
    def total_bytes(self) -> int:
        """What is to be downloaded."""
        return sum(download.ref.bytes for download in self.downloads)


def plan_rebuild(
    cursors: Mapping[str, Cursor],
    heads: Sequence[BucketHead],
    *,
    damaged: Sequence[str] = (),
    prefer: Sequence[str] = (),
) -> Rebuild | None:
    """What a new replica file is made of, or None where the present one goes on with pages.

    A new file is due when the subscription changed, when a bucket's epoch did, when its pages no longer reach
    back, when its audit failed (``damaged``) or when its snapshot is the cheaper way (``prefer``).
    """
    downloads, keep, empty = [], [], []
    for head in heads:
        cursor = None if head.b in damaged else cursors.get(head.b)
        step = Next.SNAPSHOT if head.b in prefer else plan(cursor, head)
        if step is Next.SNAPSHOT and head.snap is not None:
            downloads.append(Download(head.b, head.epoch, head.snap))
        elif step is Next.PAGES and (cursor is None or cursor.epoch != head.epoch):
            empty.append((head.b, head.epoch))
        elif head.b in cursors:
            keep.append(head.b)
    if not downloads and not empty and set(keep) == set(cursors):
        return None
    return Rebuild(tuple(downloads), tuple(keep), tuple(empty))


def cursor_of(download: Download) -> Cursor:
    """The cursor that the downloaded file must carry inside (its page start may lie later)."""
    return Cursor(download.epoch, download.ref.seq, download.ref.hash, download.ref.page_from)


def is_right_file(download: Download, *, size_bytes: int, sha256: str) -> bool:
    """Whether what was downloaded is byte for byte what the cloud announced."""
    return size_bytes == download.ref.bytes and sha256 == download.ref.sha256
