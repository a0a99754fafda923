"""The feed as a till reads it: its hash chain, what to fetch next, and which groups of a page are news."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

import msgspec

from sync.messages import BucketHead, Group, Manifest, Page

PAGE_COMPRESSION = 5
"""How much smaller a page of rows gets on the wire, roughly; snapshots are measured compressed."""
SNAPSHOT_WINS_PERCENT = 40
"""Pages worth more than this share of the snapshot's bytes cost more than the snapshot."""
WEIGH_ABOVE_GROUPS = 64
"""A smaller gap fits about one page: it is fetched without asking for the manifest."""


class BadPage(Exception):
    """A page that must not be applied; ``code`` says why, the cursor stays where it is."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a replica stands in a bucket: the last applied group, its hash, and the start of the page behind it."""

    epoch: str
    seq: int
    hash: str
    page_from: int


class Next(StrEnum):
    """What brings a bucket up to date."""

    NOTHING = "nothing"
    PAGES = "pages"
    SNAPSHOT = "snapshot"
    WEIGH = "weigh"
    """Ask for the manifest, then ``weigh``."""


def chain_start(bucket: str, epoch: str) -> str:
    """The hash before the first group of an epoch."""
    return hashlib.sha256(f"evertill/1 feed\n{bucket}\n{epoch}".encode()).hexdigest()


def chain(prev: str, group: bytes) -> str:
    """The hash after a group: SHA-256 over the hash before it (32 bytes) and the group's raw JSON bytes."""
    return hashlib.sha256(bytes.fromhex(prev) + group).hexdigest()


def start(bucket: str, epoch: str) -> Cursor:
    """The cursor of an empty base."""
    return Cursor(epoch, 0, chain_start(bucket, epoch), 1)


def plan(cursor: Cursor | None, head: BucketHead) -> Next:
    """What to do about a bucket that the cloud says stands at ``head``."""
    if cursor is None or cursor.epoch != head.epoch:
        return _from_nothing(head)
    gap = head.head - cursor.seq
    if gap <= 0:
        return Next.NOTHING
    if cursor.seq + 1 < head.low:
        return Next.SNAPSHOT
    worth_asking = gap > WEIGH_ABOVE_GROUPS and head.snap is not None and head.snap.seq > cursor.seq
    return Next.WEIGH if worth_asking else Next.PAGES


def _from_nothing(head: BucketHead) -> Next:
    return Next.PAGES if head.snap is None and head.low <= 1 else Next.SNAPSHOT


def weigh(cursor: Cursor, manifest: Manifest) -> Next:
    """Pages or the newest snapshot, by what each would carry over the wire."""
    if cursor.epoch != manifest.epoch or cursor.seq + 1 < manifest.low:
        return Next.SNAPSHOT
    newest = max(manifest.snaps, key=lambda snap: snap.seq, default=None)
    if newest is None or newest.seq <= cursor.seq:
        return Next.PAGES
    pages_bytes = sum(page.bytes for page in manifest.pages if page.last > cursor.seq) // PAGE_COMPRESSION
    return Next.SNAPSHOT if pages_bytes * 100 > newest.bytes * SNAPSHOT_WINS_PERCENT else Next.PAGES


@dataclass(frozen=True, slots=True)
class News:
    """What a page adds to a replica, and the cursor that goes into the same transaction."""

    groups: tuple[Group, ...]
    cursor: Cursor


_group_decoder = msgspec.json.Decoder(Group)


def read_page(page: Page, cursor: Cursor, *, bucket: str) -> News:
    """The groups behind ``cursor`` and where they lead; BadPage where anything at all does not fit.

    The page must name this bucket and epoch, be numbered without holes, and its hashes must run from its own
    ``prev`` through the cursor's to its own ``hash``. A page that ends before the cursor is old: no news.
    """
    if (page.b, page.epoch) != (bucket, cursor.epoch):
        raise BadPage("feed.other_bucket")
    if page.last - page.first + 1 != len(page.groups):
        raise BadPage("feed.numbering")
    if page.first > cursor.seq + 1:
        raise BadPage("feed.hole")
    known = cursor.seq + 1 - page.first
    hashes = _hashes(page)
    if hashes[-1] != page.hash or (known < len(hashes) and hashes[known] != cursor.hash):
        raise BadPage("feed.chain")
    if known >= len(hashes):
        return News((), cursor)
    groups = tuple(_group(seq, raw) for seq, raw in enumerate(page.groups[known:], cursor.seq + 1))
    page_from = page.last + 1 if page.sealed else cursor.page_from
    return News(groups, Cursor(cursor.epoch, page.last, page.hash, page_from))


def _hashes(page: Page) -> list[str]:
    try:
        return list(accumulate(map(bytes, page.groups), chain, initial=page.prev))
    except ValueError:
        raise BadPage("feed.chain") from None


def _group(seq: int, raw: msgspec.Raw) -> Group:
    try:
        group = _group_decoder.decode(raw)
    except msgspec.DecodeError:
        raise BadPage("feed.unreadable") from None
    if group.s != seq:
        raise BadPage("feed.numbering")
    return group
