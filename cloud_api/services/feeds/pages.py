"""Pages of a feed: their exact bytes, how they are sealed, kept and read back."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa
import zstandard

from cloud_api.db.sync_tables import FEED_GROUP, FEED_PAGE
from sync.messages import Page

PAGE_GROUPS_MAX = 64
PAGE_BYTES_MAX = 256 * 1024
_ZSTD_LEVEL = 3

_page_decoder = msgspec.json.Decoder(Page)


@dataclass(frozen=True, slots=True)
class StoredGroup:
    """A numbered group: the hash after it and its raw JSON bytes, the same wherever they travel."""

    seq: int
    hash: str
    body: bytes


@dataclass(frozen=True, slots=True)
class SealedPage:
    """A page that never changes again; ``body`` is its JSON, zstd."""

    first: int
    last: int
    hash: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive groups of a feed from ``first`` on, behind the hash ``prev``; perhaps none."""

    bucket: str
    epoch: str
    first: int
    prev: str
    groups: Sequence[StoredGroup]

    @property
    def last(self) -> int:
        """The seq of the last group, ``first - 1`` where there is none."""
        return self.first + len(self.groups) - 1

    @property
    def hash(self) -> str:
        """The hash after the last group."""
        return self.groups[-1].hash if self.groups else self.prev

    @property
    def size_bytes(self) -> int:
        """Of the groups alone."""
        return sum(len(group.body) for group in self.groups)

    def page(self, *, sealed: bool = False) -> bytes:
        """The JSON of a page, the groups' own bytes spliced in."""
        names = {"b": self.bucket, "epoch": self.epoch, "from": self.first, "to": self.last}
        head = msgspec.json.encode(names | {"sealed": sealed, "prev": self.prev, "hash": self.hash})
        return head[:-1] + b',"groups":[' + b",".join(group.body for group in self.groups) + b"]}"


def group_bytes(seq: int, at_ms: int, *, changes: bytes) -> bytes:
    """The JSON of a group around the changes that a transaction left in wire form."""
    return b'{"s":%d,"at":%d,"c":%s}' % (seq, at_ms, changes)


def compress(data: bytes) -> bytes:
    """zstd with the size in its frame."""
    return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(data)


def decompress(data: bytes) -> bytes:
    """What ``compress`` took."""
    return zstandard.ZstdDecompressor().decompress(data)


def groups_of(page_json: bytes) -> list[bytes]:
    """The raw bytes of each group of a page."""
    return [bytes(raw) for raw in _page_decoder.decode(page_json).groups]


def read_sealed(connection: sa.Connection, bucket: str, *, epoch: str, seq: int) -> SealedPage | None:
    """The sealed page that holds ``seq``, or None."""
    row = connection.execute(_SEALED, {"of": bucket, "life": epoch, "seq": seq}).one_or_none()
    return SealedPage(*row) if row is not None and row.to_seq >= seq else None


def read_groups(connection: sa.Connection, bucket: str, *, epoch: str, first: int) -> list[StoredGroup]:
    """The groups of the open tail from ``first`` on."""
    rows = connection.execute(_GROUPS, {"of": bucket, "life": epoch, "first": first})
    return [StoredGroup(*row) for row in rows]


_SEALED = (
    sa.select(FEED_PAGE.c.from_seq, FEED_PAGE.c.to_seq, FEED_PAGE.c.hash, FEED_PAGE.c.body)
    .where(
        FEED_PAGE.c.bucket == sa.bindparam("of"),
        FEED_PAGE.c.epoch == sa.bindparam("life"),
        FEED_PAGE.c.from_seq <= sa.bindparam("seq"),
    )
    .order_by(FEED_PAGE.c.from_seq.desc())
    .limit(1)
)
_GROUPS = (
    sa.select(FEED_GROUP.c.seq, FEED_GROUP.c.hash, FEED_GROUP.c.body)
    .where(
        FEED_GROUP.c.bucket == sa.bindparam("of"),
        FEED_GROUP.c.epoch == sa.bindparam("life"),
        FEED_GROUP.c.seq >= sa.bindparam("first"),
    )
    .order_by(FEED_GROUP.c.seq)
)


def seal(connection: sa.Connection, page: Stretch, *, at_ms: int) -> None:
    """Store a page for good; its groups leave the tail."""
    body = page.page(sealed=True)
    values = {
        "bucket": page.bucket,
        "epoch": page.epoch,
        "from_seq": page.first,
        "to_seq": page.last,
        "prev_hash": page.prev,
        "hash": page.hash,
        "bytes": len(body),
        "sealed_at_ms": at_ms,
        "body": compress(body),
    }
    connection.execute(sa.insert(FEED_PAGE).values(values))
    of_page = FEED_GROUP.c.seq.between(page.first, page.last)
    connection.execute(
        sa.delete(FEED_GROUP).where(FEED_GROUP.c.bucket == page.bucket, FEED_GROUP.c.epoch == page.epoch, of_page)
    )
