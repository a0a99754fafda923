"""A till's journal as a file that stands for itself: JSON lines of entries, signed anchors, a seal over it all.

Lines, in this order: a header; for each incarnation its base, its entries and an anchor (its end, signed as upload
batches are); a seal: the SHA-256 of every byte before it, signed. ``evertill-verify`` reads it with the public key
alone.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from typing import BinaryIO

from domain.ids import TerminalId
from sync import journal_store
from sync.journal import Entry, Tip, anchor_bytes
from sync.journal_store import Connection

FORMAT = 1
Sign = Callable[[bytes], bytes]


def write_export(conn: Connection, out: BinaryIO, *, sign: Sign, public_key: str, at_ms: int) -> int:
    """Writes the whole journal as it stands in one moment; returns the number of entries."""
    digest, count = hashlib.sha256(), 0
    conn.execute("BEGIN")
    try:
        for kind, content in _lines(conn, sign=sign, public_key=public_key, at_ms=at_ms):
            line = _line(kind, content)
            digest.update(line)
            out.write(line)
            count += kind == "entry"
    finally:
        conn.execute("ROLLBACK")
    sha256 = digest.hexdigest()
    out.write(_line("seal", {"sha256": sha256, "sig": _text(sign(seal_bytes(sha256)))}))
    return count


def seal_bytes(sha256: str) -> bytes:
    """What the till signs for a whole export."""
    return f"evertill/1 export\n{sha256}".encode()


def _lines(conn: Connection, *, sign: Sign, public_key: str, at_ms: int) -> Iterator[tuple[str, dict[str, object]]]:
    terminal = journal_store.terminal_of(conn)
    yield (
        "evertill_export",
        {"format": FORMAT, "terminal": terminal, "public_key": public_key, "made_at_ms": at_ms},
    )
    for inc in journal_store.incarnations(conn):
        yield "base", _place(journal_store.base_of(conn, inc))
        for entry in journal_store.iterate(conn, inc):
            yield "entry", _entry(entry)
        end = journal_store.tip_of(conn, inc)
        yield "anchor", {**_place(end), "sig": _text(sign(anchor_bytes(TerminalId(terminal), end)))}


def _entry(entry: Entry) -> dict[str, object]:
    fact, stamp = entry.fact, entry.fact.stamp
    return {
        "inc": entry.incarnation,
        "seq": entry.seq,
        "event_id": fact.event_id,
        "kind": fact.kind,
        "version": fact.version,
        "at_ms": stamp.at_ms,
        "est_ms": stamp.estimate_ms,
        "off_ms": stamp.offset_age_ms,
        "boot": stamp.boot_id,
        "mono_ms": stamp.mono_ms,
        "prev": entry.prev_hash,
        "hash": entry.hash,
        "body": fact.body.decode(),
    }


def _place(tip: Tip) -> dict[str, object]:
    return {"inc": tip.incarnation, "seq": tip.seq, "hash": tip.hash}


def _line(kind: str, content: dict[str, object]) -> bytes:
    return json.dumps({kind: content}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
