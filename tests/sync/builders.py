"""Journals, groups, pages and replica files for the tests of sync, in one line each."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import uuid_utils

from domain.ids import TerminalId
from sync import feed, journal_store
from sync.feed import Cursor
from sync.journal import Entry, Fact, Stamp, canonical
from sync.journal_store import Connection
from sync.messages import BucketHead, Page, SnapshotRef
from sync.replica.install import connect
from sync.replica.store import create_schema

TERMINAL = TerminalId("0102-2")
CAT, PRICE, STORE = "cat:main", "price:cn", "store:0102"
EPOCH = "1f00"
_numbers = itertools.count(1)


def fact(kind: str = "sale", **content: Any) -> Fact:
    """A fact with a fresh id; its body tells a running number and ``content``."""
    number = next(_numbers)
    body = canonical({"number": number, "name": "可口可乐", **content})
    stamp = Stamp(1_700_000_000_000 + number, 1_700_000_000_000 + number, 5, "boot-1", 1000 + number)
    return Fact(str(uuid_utils.uuid7()), kind, 1, stamp, body)


def journal_file(path: Path | str = ":memory:", *, inc: int = 1) -> Connection:
    """An empty journal in a till.db."""
    conn = connect(Path(path))
    conn.execute("PRAGMA journal_mode = WAL")
    conn.executescript(journal_store.SCHEMA_SQL)
    journal_store.begin_journal(conn, TERMINAL, inc=inc)
    return conn


def journal_of(count: int, path: Path | str = ":memory:") -> Connection:
    """A journal with so many entries."""
    conn = journal_file(path)
    append(conn, count)
    return conn


def append(conn: Connection, count: int = 1) -> list[Entry]:
    """Appends facts in one transaction."""
    conn.execute("BEGIN IMMEDIATE")
    entries = [journal_store.append(conn, fact()) for _ in range(count)]
    conn.execute("COMMIT")
    return entries


def replica_file(path: Path | str = ":memory:") -> Connection:
    """An empty replica (or shadow till) without indices."""
    conn = connect(Path(path))
    create_schema(conn)
    return conn


Change = tuple[str, str, list[Any], int, dict[str, Any] | None]


def put_price(item_id: int, price_minor: int, ver: int) -> Change:
    """A list price."""
    return ("put", "price", [item_id, "", "list", 0], ver, {"valid_until_ms": 0, "price_minor": price_minor})


def put_item(item_id: int, name_zh: str = "可口可乐", *, ver: int = 1, name_en: str = "Coca-Cola") -> Change:
    """An item of the catalogue."""
    row = {
        "sku": f"S{item_id}",
        "name_zh": name_zh,
        "name_en": name_en,
        "pinyin": "kkkl",
        "unit": "瓶",
        "spec": "500ml",
        "department_id": "d1",
        "tax_code": "t",
        "weighed": 0,
        "status": "active",
        "override_allowed": 1,
        "discount_allowed": 1,
        "min_price_minor": 0,
    }
    return ("put", "item", [item_id], ver, row)


def delete(table: str, pk: list[Any], ver: int) -> Change:
    """The end of a row."""
    return ("del", table, pk, ver, None)


def raw_group(seq: int, changes: Sequence[Change]) -> bytes:
    """A group as the cloud stores it."""
    return msgspec.json.encode({"s": seq, "at": 1, "c": changes})


def page_after(
    cursor: Cursor, groups: Sequence[Sequence[Change]], *, bucket: str = PRICE, sealed: bool = False
) -> Page:
    """A page that goes on exactly behind ``cursor``."""
    raws = [raw_group(seq, changes) for seq, changes in enumerate(groups, cursor.seq + 1)]
    return page_of(cursor, raws, bucket=bucket, sealed=sealed)


def page_of(cursor: Cursor, raws: Sequence[bytes], *, bucket: str = PRICE, sealed: bool = False) -> Page:
    """A page of raw groups whose first is ``cursor.seq + 1``."""
    digest = cursor.hash
    for raw in raws:
        digest = feed.chain(digest, raw)
    return Page(
        b=bucket,
        epoch=cursor.epoch,
        first=cursor.seq + 1,
        last=cursor.seq + len(raws),
        sealed=sealed,
        prev=cursor.hash,
        hash=digest,
        groups=[msgspec.Raw(raw) for raw in raws],
    )


def head(
    seq: int, *, bucket: str = PRICE, epoch: str = EPOCH, low: int = 1, snap: SnapshotRef | None = None
) -> BucketHead:
    """Where the cloud says a bucket stands."""
    return BucketHead(b=bucket, epoch=epoch, head=seq, low=low, snap=snap)


def snap_ref(seq: int, *, size_bytes: int = 1000, digest: str = "00", sha256: str = "") -> SnapshotRef:
    """A snapshot on offer."""
    return SnapshotRef(seq=seq, page_from=1, hash=digest, url="/v1/snap/x", bytes=size_bytes, sha256=sha256)


def rows(conn: Connection, table: str) -> list[tuple[Any, ...]]:
    """A table's whole content, in key order."""
    found: list[tuple[Any, ...]] = conn.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
    return found
