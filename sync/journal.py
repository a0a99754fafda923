"""The till's journal: immutable entries, numbered without gaps, each sealed with the hash of all before it."""

import hashlib
from dataclasses import dataclass

import msgspec

from domain.ids import TerminalId

_encoder = msgspec.json.Encoder(order="sorted")
GENESIS = "0" * 64
"""The ``prev_hash`` of the first entry of an incarnation."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something happened: the till's word, its best estimate of true time, and what that rests on."""

    at_ms: int
    estimate_ms: int
    offset_age_ms: int
    boot_id: str
    mono_ms: int


@dataclass(frozen=True, slots=True)
class Fact:
    """What is to be journaled: kind and version tell how to read ``body`` (UTF-8 canonical JSON)."""

    event_id: str
    kind: str
    version: int
    stamp: Stamp
    body: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact in its place: ``(incarnation, seq)``, linked by ``prev_hash`` and sealed by ``hash`` (hex SHA-256)."""

    incarnation: int
    seq: int
    fact: Fact
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Tip:
    """The end of a journal: the next entry links to it. ``Tip(inc, 0, GENESIS)`` is an empty one."""

    incarnation: int
    seq: int
    hash: str


def canonical(data: object) -> bytes:
    """The one byte form of JSON-able data: sorted keys, no spaces, UTF-8; a dataclass is the mapping of its fields."""
    return _encoder.encode(data)


def seal(tip: Tip, fact: Fact, *, terminal: TerminalId) -> Entry:
    """The entry that puts ``fact`` behind ``tip``."""
    return Entry(tip.incarnation, tip.seq + 1, fact, tip.hash, entry_hash(tip, fact, terminal=terminal))


def is_sealed(entry: Entry, terminal: TerminalId) -> bool:
    """Whether an entry's hash is true for its content and its place."""
    before = Tip(entry.incarnation, entry.seq - 1, entry.prev_hash)
    return entry_hash(before, entry.fact, terminal=terminal) == entry.hash


def entry_hash(tip: Tip, fact: Fact, *, terminal: TerminalId) -> str:
    """The hash of ``fact`` behind ``tip``.

    SHA-256 over the previous hash, the header as a canonical JSON array, a newline and the body bytes.
    """
    stamp = fact.stamp
    header = [terminal, tip.incarnation, tip.seq + 1, fact.event_id, fact.kind, fact.version]
    header += [stamp.at_ms, stamp.estimate_ms, stamp.offset_age_ms, stamp.boot_id, stamp.mono_ms]
    line = _encoder.encode(header)
    return hashlib.sha256(bytes.fromhex(tip.hash) + line + b"\n" + fact.body).hexdigest()


def anchor_bytes(terminal: TerminalId, tip: Tip) -> bytes:
    """What a till signs with its Ed25519 key for each batch: the tip stands for everything before it."""
    return f"evertill/1 anchor\n{terminal}\n{tip.incarnation}\n{tip.seq}\n{tip.hash}".encode()


def check_code(digest: str) -> str:
    """``7F3A-91C2``: the first eight hex digits of an entry's hash, as printed on the receipt."""
    return f"{digest[:4]}-{digest[4:8]}".upper()
