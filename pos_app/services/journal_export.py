"""The journal as a file of JSON lines that stands for itself: who, where it begins, every entry as it is."""

import json
from pathlib import Path
from typing import Any, BinaryIO

from sync.journal import Entry
from sync.journal_store import base_of, incarnations, iterate, terminal_of

FORMAT = "evertill-journal/1"


def export(connection: Any, path: Path) -> int:
    """Write all incarnations in order; gives the number of entries."""
    count = 0
    with path.open("wb") as file:
        _write(file, {"format": FORMAT, "terminal": terminal_of(connection)})
        for inc in incarnations(connection):
            base = base_of(connection, inc)
            _write(file, {"inc": inc, "after_seq": base.seq, "after_hash": base.hash})
            for entry in iterate(connection, inc):
                _write(file, _as_data(entry))
                count += 1
    return count


def _as_data(entry: Entry) -> dict[str, object]:
    fact, stamp = entry.fact, entry.fact.stamp
    return {
        "inc": entry.incarnation,
        "s": entry.seq,
        "id": fact.event_id,
        "ty": fact.kind,
        "v": fact.version,
        "at": stamp.at_ms,
        "est": stamp.estimate_ms,
        "off": stamp.offset_age_ms,
        "boot": stamp.boot_id,
        "mono": stamp.mono_ms,
        "prev": entry.prev_hash,
        "hash": entry.hash,
        "body": fact.body.decode(),
    }


def _write(file: BinaryIO, data: dict[str, object]) -> None:
    file.write(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
