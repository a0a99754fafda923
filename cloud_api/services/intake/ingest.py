"""Ingest: a batch of journal entries goes into the cloud's copy, verbatim, before anything of it is applied."""

import hashlib
from dataclasses import dataclass, replace
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from cloud_api.db.bulk import among, insert_rows
from cloud_api.db.master_tables import TERMINAL
from cloud_api.db.sync_tables import EVENT, EVENT_BATCH, EVENT_RAW, TERMINAL_STREAM
from cloud_api.services.intake.cases import Case, open_cases
from cloud_api.services.intake.incarnations import next_incarnation, note_incarnation
from cloud_api.services.terminals.directory import HEARD_STATES, Known
from domain.ids import TerminalId
from sync.journal import GENESIS, Entry, Fact, Stamp, is_sealed
from sync.messages import Common, Event, Fork, HeldEvent, Up

HELD_TOLD_MAX = 100


@dataclass(frozen=True, slots=True)
class Arrival:
    """A batch at the door: who sent it, when, and whether entries with untrue hashes are the till's last word."""

    up: Up
    known: Known
    received_at_ms: int
    seen_before: frozenset[str] = frozenset()
    """Digests of damaged entries that came once already: the same bytes again are what the till's disk holds."""


@dataclass(frozen=True, slots=True)
class Stream:
    """What the cloud has of ``(terminal, inc)``."""

    last_seq: int
    last_hash: str
    durable_seq: int
    applied_seq: int


@dataclass(frozen=True, slots=True)
class Stored:
    """The batch is in as far as it went: ``stream`` is what the cloud has now, ``damaged`` what stopped it."""

    stream: Stream
    held: list[HeldEvent]
    fresh: int = 0
    damaged: Event | None = None


class Judged(NamedTuple):
    """The entries to append, and whether another history was met or a damaged entry stopped the batch."""

    fresh: list[Event]
    forked: bool = False
    damaged: Event | None = None
    untrue: frozenset[str] = frozenset()
    """Ids of entries among ``fresh`` whose hashes are untrue and stay so."""


def ingest(connection: sa.Connection, arrival: Arrival) -> Stored | Fork:
    """Store what is new of a batch, or find a fork; the caller commits, then answers."""
    up = arrival.up
    stream = _lock_stream(connection, up, now_ms=arrival.received_at_ms)
    arrival = replace(arrival, known=_known_now(connection, arrival.known))
    known = _known_hashes(connection, up, stream=stream)
    judged = _judge(arrival, stream, known=known)
    if judged.forked or up.want_inc:
        return _fork(connection, arrival, known=known, stream=stream)
    if judged.fresh:
        stream = _append(connection, arrival, stream=stream, judged=judged)
    return Stored(stream, _held(connection, up), len(judged.fresh), judged.damaged)


def read_stream(connection: sa.Connection, terminal_id: str, *, inc: int) -> Stream:
    """What the cloud has of a stream; an empty one where it never heard of it."""
    return _read(connection, terminal_id, inc=inc, lock=False) or Stream(0, GENESIS, 0, 0)


def entry_of(event: Event, inc: int) -> Entry:
    """The journal entry that a wire event carries."""
    stamp = Stamp(event.at, event.est, event.off, event.boot, event.mono)
    return Entry(inc, event.s, Fact(event.id, event.ty, event.v, stamp, event.body.encode()), event.prev, event.hash)


def _read(connection: sa.Connection, terminal_id: str, *, inc: int, lock: bool) -> Stream | None:
    columns = TERMINAL_STREAM.c
    query = sa.select(columns.last_seq, columns.last_hash, columns.durable_seq, columns.applied_seq).where(
        columns.terminal_id == terminal_id, columns.inc == inc
    )
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return Stream(*row) if row is not None else None


def _lock_stream(connection: sa.Connection, up: Up, *, now_ms: int) -> Stream:
    stream = _read(connection, up.terminal, inc=up.inc, lock=True)
    if stream is None:
        note_incarnation(connection, up.terminal, inc=up.inc)
        row = {"terminal_id": up.terminal, "inc": up.inc, "last_seq": 0, "last_hash": GENESIS}
        row |= {"durable_seq": 0, "applied_seq": 0, "updated_at_ms": now_ms}
        insert_rows(connection, TERMINAL_STREAM, rows=[row], skip_existing=True)
        stream = _read(connection, up.terminal, inc=up.inc, lock=True)
        assert stream is not None
    return stream


def _known_now(connection: sa.Connection, known: Known) -> Known:
    """The terminal in the state that this transaction meets: what memory says may be older than a revocation."""
    query = sa.select(TERMINAL.c.state).where(TERMINAL.c.terminal_id == known.terminal_id)
    return replace(known, state=connection.execute(query.with_for_update(read=True)).scalar_one())


def _known_hashes(connection: sa.Connection, up: Up, *, stream: Stream) -> dict[int, str]:
    """The stored hashes at the numbers that this batch speaks of."""
    known = {0: GENESIS, stream.last_seq: stream.last_hash}
    seqs = {up.tip.seq, *(event.s for event in up.ev)}
    seqs |= {up.ev[0].s - 1} if up.ev else set()
    wanted = {seq for seq in seqs if 0 < seq < stream.last_seq}
    if wanted:
        mine = sa.and_(EVENT_RAW.c.terminal_id == up.terminal, EVENT_RAW.c.inc == up.inc)
        between: sa.ColumnElement[bool] = EVENT_RAW.c.seq.between(min(wanted), max(wanted))
        if max(wanted) - min(wanted) > len(wanted) + 1:
            between = among(connection, EVENT_RAW.c.seq, sorted(wanted))
        query = sa.select(EVENT_RAW.c.seq, EVENT_RAW.c.hash).where(mine, between)
        known |= {row.seq: row.hash for row in connection.execute(query)}
    return known


def _judge(arrival: Arrival, stream: Stream, *, known: dict[int, str]) -> Judged:
    fresh: list[Event] = []
    untrue: set[str] = set()
    last_seq, last_hash = stream.last_seq, stream.last_hash
    for event in arrival.up.ev:
        if event.s <= last_seq:
            told = known.get(event.s) if event.s <= stream.last_seq else fresh[event.s - stream.last_seq - 1].hash
            if told != event.hash:
                return Judged([], forked=True)
            continue
        if event.s != last_seq + 1:
            break
        if event.prev != last_hash:
            return Judged([], forked=True)
        if not is_true(event, arrival.up):
            if damage_digest(event) not in arrival.seen_before:
                return Judged(fresh, damaged=event, untrue=frozenset(untrue))
            untrue.add(event.id)
        fresh.append(event)
        last_seq, last_hash = event.s, event.hash
    return Judged(fresh, untrue=frozenset(untrue))


def is_true(event: Event, up: Up) -> bool:
    """Whether an event's hash is true for its bytes and its place."""
    try:
        return is_sealed(entry_of(event, up.inc), TerminalId(up.terminal))
    except ValueError:
        return False


def damage_digest(event: Event) -> str:
    """What tells whether an untrue entry came with the same bytes again."""
    return hashlib.sha256(msgspec.json.encode(event)).hexdigest()


def _append(connection: sa.Connection, arrival: Arrival, *, stream: Stream, judged: Judged) -> Stream:
    up, now_ms, fresh = arrival.up, arrival.received_at_ms, judged.fresh
    insert_rows(connection, EVENT_RAW, rows=[_raw_row(event, up, received_at_ms=now_ms) for event in fresh])
    heard = arrival.known.state in HEARD_STATES
    rows = {event.id: _event_row(event, up, reason=_reason(event, judged, heard=heard)) for event in fresh}
    known = sa.select(EVENT.c.event_id).where(among(connection, EVENT.c.event_id, list(rows)))
    for event_id in connection.execute(known).scalars():
        del rows[event_id]  # sent before, under another incarnation
    insert_rows(connection, EVENT, rows=list(rows.values()))
    if fresh[-1] is up.ev[-1]:
        _keep_signature(connection, arrival)
    cases = [_damaged_case(arrival, event) for event in fresh if event.id in judged.untrue]
    cases += [] if heard else [_not_active_case(arrival)]
    open_cases(connection, cases, at_ms=now_ms)
    mine = sa.and_(TERMINAL_STREAM.c.terminal_id == up.terminal, TERMINAL_STREAM.c.inc == up.inc)
    values = {"last_seq": fresh[-1].s, "last_hash": fresh[-1].hash, "updated_at_ms": now_ms}
    connection.execute(sa.update(TERMINAL_STREAM).where(mine).values(values))
    return Stream(fresh[-1].s, fresh[-1].hash, stream.durable_seq, stream.applied_seq)


def _reason(event: Event, judged: Judged, *, heard: bool) -> str:
    """Why an entry waits for HQ from the start; empty for one that is to be applied."""
    if event.id in judged.untrue:
        return "entry.hash_wrong"
    return "" if heard else "terminal.revoked"


def _raw_row(event: Event, up: Up, *, received_at_ms: int) -> dict[str, object]:
    return {
        "terminal_id": up.terminal,
        "inc": up.inc,
        "seq": event.s,
        "event_id": event.id,
        "kind": event.ty,
        "version": event.v,
        "at_ms": event.at,
        "estimated_at_ms": event.est,
        "offset_age_ms": event.off,
        "boot_id": event.boot,
        "mono_ms": event.mono,
        "received_at_ms": received_at_ms,
        "prev_hash": event.prev,
        "hash": event.hash,
        "body": event.body.encode(),
    }


def _event_row(event: Event, up: Up, *, reason: str) -> dict[str, object]:
    row = {"event_id": event.id, "terminal_id": up.terminal, "inc": up.inc, "seq": event.s}
    return row | {"state": "held" if reason else "new", "reason": reason, "tries": 0}


def _keep_signature(connection: sa.Connection, arrival: Arrival) -> None:
    last = arrival.up.ev[-1]
    row = {"terminal_id": arrival.up.terminal, "inc": arrival.up.inc, "last_seq": last.s, "hash": last.hash}
    row |= {"signature": arrival.up.sig, "pubkey": arrival.known.pubkey or "", "received_at_ms": arrival.received_at_ms}
    insert_rows(connection, EVENT_BATCH, rows=[row], skip_existing=True)


def _held(connection: sa.Connection, up: Up) -> list[HeldEvent]:
    query = (
        sa.select(EVENT.c.seq, EVENT.c.reason)
        .where(EVENT.c.terminal_id == up.terminal, EVENT.c.inc == up.inc, EVENT.c.state == "held")
        .order_by(EVENT.c.seq.desc())
        .limit(HELD_TOLD_MAX)
    )
    return [HeldEvent(seq=seq, code=reason) for seq, reason in connection.execute(query)]


def _fork(connection: sa.Connection, arrival: Arrival, *, known: dict[int, str], stream: Stream) -> Fork:
    """Two histories under one number: a fresh incarnation for who asked, a case for HQ, nothing stored."""
    up = arrival.up
    common = _common(up, known)
    new_inc = next_incarnation(connection, up.terminal, claim=True)
    params = {"inc": up.inc, "tip_seq": up.tip.seq, "cloud_seq": stream.last_seq, "common_seq": common.seq}
    case = Case(
        kind="fork",
        dedupe_key=f"fork:{up.terminal}:{up.inc}",
        store_id=arrival.known.store_id,
        terminal_id=up.terminal,
        params=params | {"new_inc": new_inc},
    )
    open_cases(connection, [case], at_ms=arrival.received_at_ms)
    return Fork(fork=True, new_inc=new_inc, common=common)


def _common(up: Up, known: dict[int, str]) -> Common:
    """The last entry that both are known to share."""
    claims = [(event.s, event.hash) for event in reversed(up.ev)]
    claims += [(up.ev[0].s - 1, up.ev[0].prev)] if up.ev else []
    claims.append((up.tip.seq, up.tip.hash))
    for seq, digest in claims:
        if known.get(seq) == digest:
            return Common(inc=up.inc, seq=seq, hash=digest)
    return Common(inc=up.inc, seq=0, hash=GENESIS)


def _damaged_case(arrival: Arrival, event: Event) -> Case:
    return Case(
        kind="event_held",
        dedupe_key=f"event_held:{event.id}",
        store_id=arrival.known.store_id,
        terminal_id=arrival.up.terminal,
        event_id=event.id,
        params={"reason": "entry.hash_wrong", "inc": arrival.up.inc, "seq": event.s, "entry": event.ty},
    )


def _not_active_case(arrival: Arrival) -> Case:
    return Case(
        kind="terminal_not_active",
        dedupe_key=f"terminal_not_active:{arrival.up.terminal}:{arrival.up.inc}",
        store_id=arrival.known.store_id,
        terminal_id=arrival.up.terminal,
        params={"state": arrival.known.state, "inc": arrival.up.inc},
    )
