"""The wire messages of evertill/1: strict structs, short names on the wire, integers and texts only.

Every struct refuses unknown *types* of values; unknown fields are ignored on answers (a newer cloud may add
some) and refused on requests. Times are UTC milliseconds. What PROTOCOL leaves open and both sides keep to:

Down
    - A bucket's chain starts at ``sync.feed.chain_start(b, epoch)`` and goes on by ``sync.feed.chain`` over the
      raw bytes of each group, exactly as they stand in the page; the cloud stores and repeats those bytes.
    - ``GET /v1/b/{b}/{epoch}/p/{from}`` answers with the page that *holds* ``from`` (its ``from`` may be lower);
      at ``from = head + 1`` with the open tail, which may have no groups (``to = from - 1``, ``hash = prev``).
      Tills ask for the start they know, so sealed pages have one URL. Below ``low`` or unknown epoch: 410, Gone.
    - A change's pk is the list of its key columns in the order of ``TABLES``; ``row`` holds the other columns
      (key columns in it are allowed and ignored). Unknown columns are kept in ``extra``; unknown tables and ops
      are skipped and recorded.
    - A bucket without snapshot (``snap`` None) is read from seq 1 on an empty base; else ``low`` counts.
    - ``GET /v1/hello?schema=1&app=0.1.0&inc=1&tip=17``: ``ack`` is of that ``inc`` (seq 0, GENESIS where unknown);
      ``buckets`` is empty for a revoked or lost till, and the till then drops every row it holds.
    - A snapshot is the SQLite file that ``sync.replica`` makes (tables of one bucket and its ``sync_bucket`` row,
      no secondary index), zstd-compressed; ``bytes`` and ``sha256`` are of the compressed file; ``url`` may be
      relative to the cloud or absolute (then it is fetched without the token).
    - Every request names the till's release: ``User-Agent: evertill/0.1.0`` (``sync.release``). Below hello's
      ``min_app`` the routes of this list but hello, and live, answer 426 ``app.too_old``: a till then says hello once
      a minute, sells on and sends all it has. ``min_app`` "0" serves every till, also one that names no release.
    - The audit is answered for the seq the shadow till stands at (``sync.replica.audit``), else 404
      ``audit.not_at_seq`` and the till asks again another day.

Live
    - ``GET /v1/live?sub_ver=3&c=<epoch>.<seq>.<bucket>&c=…`` (``cursor_text``): Server-Sent Events.
      At once, for each bucket behind its cursor or of another epoch, and then for each news: ``event: page`` with
      a Page (contiguous behind what the stream sent before, ≤ ``INLINE_BYTES``) or ``event: head`` with a
      BucketHead. ``event: ctl`` with a Ctl. A comment line at least each 15 s. Every event's data is one line.
      A ``sub_ver`` that is not the till's present one is answered with ``ctl`` ``sub`` at once.
    - With ``wait=25`` the same URL is a long poll: LivePoll, at once if something is behind the cursors.

Up
    - Judged in this order: stream locked; each event with ``s <= last`` must have the stored hash, else fork;
      ``s == last + 1`` with ``prev`` = last hash and a true hash is stored; a wrong ``prev`` is a fork; at a gap
      stop. ``want_inc`` is a fork. Everything else is 200 with what the cloud has now; a till that finds a seq
      above its own tip in it asks again with ``want_inc`` (a delayed duplicate must not fork a healthy till).
    - An entry whose hash is not true for its bytes stops the batch like a gap (damage in transit heals by sending
      again); when the same bytes come again it is stored and held.
    - A fork's ``common`` is the highest seq that both are known to share: the last event of the batch with equal
      hash, else ``ev[0].s - 1`` where ``ev[0].prev`` is the stored hash there, else the tip where equal, else
      seq 0. ``new_inc`` is above every inc ever handed out, fresh in each answer: clones must not share one.
    - ``held`` is what now waits for HQ in this stream, newest first, at most 100.
    - Bodies of requests may be ``Content-Encoding: zstd``. Answers follow ``Accept-Encoding`` (zstd, gzip).

Problems (problem+json, ``code``; each carries ``server_time``, so that a wrong clock can be corrected)
    401 ``token.invalid`` (get a new one), ``token.clock`` (ts > 10 min off: sign again with the estimate),
    ``terminal.unknown``, ``token.bad_signature`` · 403 ``bucket.not_subscribed`` (hello again),
    ``terminal.revoked`` (down routes of a revoked till; /v1/token, /v1/hello and /v1/up still answer it) ·
    400 ``up.bad_signature``, ``request.malformed`` · 413 ``up.too_large`` (send half) ·
    426 ``app.too_old`` (down routes and live only) · 429 and 503 with ``Retry-After`` ·
    enrol: 404 ``enrol.code_wrong``, 410 ``enrol.code_expired``, 409 ``enrol.code_used``, 429 ``enrol.too_many_tries``.
"""

from typing import Any

import msgspec

INLINE_BYTES = 65_536
"""The most that travels inside a push event; more is fetched as a page."""
UP_EVENTS_MAX = 500
UP_BYTES_MAX = 1_000_000


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a till sends."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the cloud answers."""


class Enrol(Request, frozen=True):
    """POST /v1/enrol: bind a key made on this device to a terminal by a one-time code."""

    code: str
    pubkey: str
    """Ed25519 public key, 32 bytes, base64."""
    device: str
    app_ver: str


class Enrolled(Answer, frozen=True):
    """The identity that HQ prepared for the code."""

    terminal: str
    inc: int
    store: str
    store_name_zh: str
    store_name_en: str
    sub_ver: int
    pin_pepper: str
    """Base64 key of this store's PIN hashes; kept in the key store, never in a database."""
    server_time: int


class TokenRequest(Request, frozen=True):
    """POST /v1/token: prove the key, get an access token. ``sig`` is Ed25519, base64, over ``token_bytes``."""

    terminal: str
    inc: int
    ts: int
    nonce: str
    sig: str


class Token(Answer, frozen=True):
    """An access token for an hour."""

    access: str
    expires_at: int
    server_time: int


class SnapshotRef(Answer, frozen=True):
    """A ready SQLite file of a bucket at ``seq``; ``page_from`` is where the pages after it start."""

    seq: int
    page_from: int
    hash: str
    url: str
    bytes: int
    sha256: str


class BucketHead(Answer, frozen=True):
    """Where a bucket stands."""

    b: str
    epoch: str
    head: int
    low: int
    """The first seq that pages still hold; a cursor below ``low - 1`` needs the snapshot."""
    snap: SnapshotRef | None = None


class Ack(Answer, frozen=True):
    """What the cloud has of a till's journal: the last seq and its hash, and what a restore cannot lose."""

    inc: int
    seq: int
    hash: str
    durable: int


class Hello(Answer, frozen=True):
    """GET /v1/hello."""

    server_time: int
    sub_ver: int
    min_app: str
    state: str
    """active | drain | revoked | lost"""
    epoch_up: str
    buckets: list[BucketHead]
    ack: Ack


class PageRef(Answer, frozen=True):
    """A sealed page in the manifest; ``bytes`` is its body before compression."""

    first: int
    last: int
    hash: str
    bytes: int


class Manifest(Answer, frozen=True):
    """GET /v1/b/{b}/{epoch}/manifest."""

    b: str
    epoch: str
    head: int
    low: int
    tail_from: int
    snaps: list[SnapshotRef]
    pages: list[PageRef]


Change = tuple[str, str, list[Any], int, dict[str, Any] | None]
"""``(op, table, pk, ver, row)``: op is "put" or "del"; row is the full post-image, None for "del"."""


class Group(Answer, frozen=True):
    """The changes of one cloud transaction in one bucket: one seq, atomic to readers."""

    s: int
    at: int
    c: list[Change]


class Page(Answer, frozen=True, rename={"first": "from", "last": "to"}):
    """Groups ``first``..``last``; sealed pages never change. The live channel sends the tail in the same form.

    ``groups`` are kept as raw bytes: ``hash`` = chain over them from ``prev`` (see sync.feed.chain).
    """

    b: str
    epoch: str
    first: int
    last: int
    sealed: bool
    prev: str
    hash: str
    groups: list[msgspec.Raw]


class Gone(Answer, frozen=True):
    """410: unknown epoch or below ``low``; ``epoch`` is the bucket's present one; take the snapshot."""

    b: str
    epoch: str
    why: str


class Event(Request, frozen=True):
    """A journal entry on the wire; ``body`` is verbatim."""

    s: int
    id: str
    ty: str
    v: int
    at: int
    est: int
    off: int
    boot: str
    mono: int
    prev: str
    hash: str
    body: str


class TipMessage(Request, frozen=True):
    """The end of the till's journal."""

    seq: int
    hash: str


class Up(Request, frozen=True):
    """POST /v1/up: entries behind what the cloud confirmed; ≤ 500 events, ≤ 1 MB. ``sig`` signs ``anchor_bytes``
    of the last event sent (or the tip where none is sent), base64."""

    terminal: str
    inc: int
    tip: TipMessage
    ev: list[Event]
    sig: str
    want_inc: bool = False


class HeldEvent(Answer, frozen=True):
    """An entry that is stored but waits for HQ."""

    seq: int
    code: str


class UpAck(Answer, frozen=True):
    """200 of /v1/up: stored verbatim up to ``(seq, hash)``; ``applied`` counts what took effect."""

    epoch_up: str
    seq: int
    hash: str
    durable: int
    applied: int
    held: list[HeldEvent]
    server_time: int
    retry_ms: int = 0


class Common(Answer, frozen=True):
    """The last entry that both histories share; seq 0 where there is none."""

    inc: int
    seq: int
    hash: str


class Fork(Answer, frozen=True):
    """409 of /v1/up: two histories under one number; go on under ``new_inc``."""

    fork: bool
    new_inc: int
    common: Common


class TableAudit(Answer, frozen=True):
    """Count, sum of versions and a mix of keys and versions of one table at a seq."""

    n: int
    sum_ver: int
    mix: str


class Audit(Answer, frozen=True):
    """GET /v1/b/{b}/{epoch}/audit/{seq}."""

    seq: int
    tables: dict[str, TableAudit]


class Ctl(Answer, frozen=True):
    """``event: ctl`` of the live channel. ``upload_now``: send what you have; every other word, known or not
    (``sub``, ``state``, ``wipe``, ``time``), says: get a fresh hello."""

    what: str


class LivePoll(Answer, frozen=True):
    """Long-poll answer of /v1/live?wait=…: pages behind the cursors that were sent, empty at time-out."""

    pages: list[Page]
    heads: list[BucketHead]
    ctl: list[str]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457 problem+json with our code and both languages."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    text_zh: str = ""
    text_en: str = ""
    retry_after_ms: int = 0
    server_time: int = 0


def token_bytes(terminal: str, inc: int, *, ts: int, nonce: str) -> bytes:
    """What a till signs to get a token."""
    return f"evertill/1 token\n{terminal}\n{inc}\n{ts}\n{nonce}".encode()


def cursor_text(bucket: str, epoch: str, *, seq: int) -> str:
    """A cursor in the live channel's query: ``<epoch>.<seq>.<bucket>``; an epoch holds no dot."""
    return f"{epoch}.{seq}.{bucket}"


def parse_cursor(text: str) -> tuple[str, str, int]:
    """``(bucket, epoch, seq)`` of ``cursor_text``; ValueError where it is none."""
    epoch, seq, bucket = text.split(".", 2)
    return bucket, epoch, int(seq)
