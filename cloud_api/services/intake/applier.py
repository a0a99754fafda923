"""The applier: stored entries take effect, each exactly once; one that cannot is held and the rest goes on."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from cloud_api.db.bulk import among, insert_rows
from cloud_api.db.engine import writing
from cloud_api.db.master_tables import CASE_FILE, STORE, TERMINAL
from cloud_api.db.sync_tables import EVENT, EVENT_RAW, TERMINAL_STREAM
from cloud_api.services.intake.activity import ACTS, activity_handler
from cloud_api.services.intake.cases import Case, open_cases
from cloud_api.services.intake.effects import Effects, Handler, StoredEvent
from cloud_api.services.intake.price_audit import price_cases
from cloud_api.services.intake.repricing import repriced_cases
from cloud_api.services.intake.sale import sale_effects
from sync.timekeeping import WRONG_AFTER_MS

_LOG = logging.getLogger(__name__)

BATCH_MAX = 400
NOT_RETRIED = ("terminal.revoked", "entry.hash_wrong")
"""Only HQ's word (``release``) takes these up again."""

HANDLERS: dict[tuple[str, int], Handler] = {
    ("sale", 1): sale_effects,
    **{(kind, 1): activity_handler(body) for kind, body in ACTS.items()},
}

_CANNOT_BE_STORED = (sa.exc.DataError, sa.exc.IntegrityError, OverflowError)
"""The entry's own fault; everything else the database may raise says nothing about the entry."""


@dataclass(frozen=True, slots=True)
class Held:
    """An entry that waits, and the code of the reason."""

    event: StoredEvent
    reason: str


def apply_some(engine: sa.Engine, now_ms: int, *, limit: int = BATCH_MAX) -> int:
    """Apply the oldest new entries in one transaction; how many were taken (0: none is left)."""
    with writing(engine) as connection:
        events = _take(connection, limit)
        if not events:
            return 0
        ready: list[tuple[StoredEvent, Effects]] = []
        held: list[Held] = []
        for event in events:
            outcome = _effects(event)
            if isinstance(outcome, Held):
                held.append(outcome)
            else:
                ready.append((event, outcome))
        done, refused = _write(connection, ready, now_ms=now_ms)
        _finish(connection, done, held=[*held, *refused], now_ms=now_ms)
        return len(events)


def retry_held(engine: sa.Engine) -> int:
    """Give held entries another try, as after a new release; how many."""
    with writing(engine) as connection:
        query = sa.update(EVENT).where(EVENT.c.state == "held", EVENT.c.reason.not_in(NOT_RETRIED))
        return connection.execute(query.values(state="new")).rowcount


def release(engine: sa.Engine, *, event_ids: Sequence[str] | None = None, terminal_id: str | None = None) -> int:
    """HQ's word: let these held entries (or all of a terminal) take effect now; how many."""
    query = sa.update(EVENT).where(EVENT.c.state == "held")
    if event_ids is not None:
        query = query.where(EVENT.c.event_id.in_(list(event_ids)))
    if terminal_id is not None:
        query = query.where(EVENT.c.terminal_id == terminal_id)
    with writing(engine) as connection:
        return connection.execute(query.values(state="new")).rowcount


_OLDEST = (
    sa.select(EVENT.c.n, EVENT.c.event_id, EVENT.c.terminal_id, EVENT.c.inc, EVENT.c.seq, EVENT.c.tries)
    .where(EVENT.c.state == sa.literal_column("'new'"))  # in the words of the partial index
    .order_by(EVENT.c.n)
    .limit(sa.bindparam("limit"))
    # Appliers of other processes take other entries.
    .with_for_update(skip_locked=True)
    # By itself, so that no planner joins all that waits before it takes the oldest.
    .cte("oldest")
)
_TAKEN = (
    sa.select(
        *_OLDEST.c,
        EVENT_RAW.c.kind,
        EVENT_RAW.c.version,
        EVENT_RAW.c.at_ms,
        EVENT_RAW.c.estimated_at_ms,
        EVENT_RAW.c.boot_id,
        EVENT_RAW.c.received_at_ms,
        EVENT_RAW.c.hash,
        EVENT_RAW.c.body,
        sa.func.coalesce(STORE.c.store_id, "").label("store_id"),
        sa.func.coalesce(STORE.c.price_zone, "").label("price_zone"),
    )
    .join(
        EVENT_RAW,
        (EVENT_RAW.c.terminal_id == _OLDEST.c.terminal_id)
        & (EVENT_RAW.c.inc == _OLDEST.c.inc)
        & (EVENT_RAW.c.seq == _OLDEST.c.seq),
    )
    .join(TERMINAL, TERMINAL.c.terminal_id == _OLDEST.c.terminal_id, isouter=True)
    .join(STORE, STORE.c.store_id == TERMINAL.c.store_id, isouter=True)
    .order_by(_OLDEST.c.n)
)


def _take(connection: sa.Connection, limit: int) -> list[StoredEvent]:
    rows = connection.execute(_TAKEN, {"limit": limit}).all()
    return [StoredEvent(**row._mapping) for row in rows]


def _effects(event: StoredEvent) -> Effects | Held:
    handler = HANDLERS.get((event.kind, event.version))
    if handler is None:
        known = any(kind == event.kind for kind, _ in HANDLERS)
        return Held(event, "entry.version_unknown" if known else "entry.kind_unknown")
    try:
        effects = handler(event)
    except Exception as error:  # whatever is wrong with an entry may hold that entry only
        _LOG.warning("entry %s of %s is held: %s", event.event_id, event.terminal_id, type(error).__name__)
        return Held(event, "entry.unreadable")
    return replace(effects, cases=[*effects.cases, *_clock_cases(event)])


def _clock_cases(event: StoredEvent) -> Iterable[Case]:
    off_ms = event.at_ms - event.estimated_at_ms
    ahead_ms = event.estimated_at_ms - event.received_at_ms
    if abs(off_ms) < WRONG_AFTER_MS and ahead_ms < WRONG_AFTER_MS and event.kind != "clock_jump":
        return
    found = event.case("clock_wrong", off_ms=off_ms, ahead_ms=max(ahead_ms, 0), entry=event.kind)
    # One case a run of the machine, not one an entry.
    yield replace(found, dedupe_key=f"clock_wrong:{event.terminal_id}:{event.boot_id}")


def _write(
    connection: sa.Connection, ready: Sequence[tuple[StoredEvent, Effects]], *, now_ms: int
) -> tuple[list[StoredEvent], list[Held]]:
    """Write all at once; where the database refuses a value, one by one, to find whose it is."""
    try:
        with connection.begin_nested():
            _insert(connection, ready, now_ms=now_ms)
    except _CANNOT_BE_STORED:
        if len(ready) > 1:
            return _write_one_by_one(connection, ready, now_ms=now_ms)
        return [], [Held(event, "entry.cannot_be_stored") for event, _ in ready]
    return [event for event, _ in ready], []


def _write_one_by_one(
    connection: sa.Connection, ready: Sequence[tuple[StoredEvent, Effects]], *, now_ms: int
) -> tuple[list[StoredEvent], list[Held]]:
    done: list[StoredEvent] = []
    held: list[Held] = []
    for one in ready:
        written, refused = _write(connection, [one], now_ms=now_ms)
        done += written
        held += refused
    return done, held


def _insert(connection: sa.Connection, ready: Sequence[tuple[StoredEvent, Effects]], *, now_ms: int) -> None:
    rows: dict[sa.Table, list[dict[str, object]]] = {}
    cases: list[Case] = []
    for _, effects in ready:
        cases += effects.cases
        for table, added in effects.rows.items():
            rows.setdefault(table, []).extend(added)
    for table, added in rows.items():
        insert_rows(connection, table, rows=added)
    cases += price_cases(connection, [(event, effects) for event, effects in ready if effects.priced_lines])
    cases += repriced_cases(connection, [event for event, effects in ready if effects.is_promoted])
    open_cases(connection, cases, at_ms=now_ms)


def _finish(connection: sa.Connection, done: Sequence[StoredEvent], *, held: Sequence[Held], now_ms: int) -> None:
    """Mark every entry with what became of it."""
    _mark(connection, [event.n for event in done], state="applied", reason="", held_at_ms=None)
    for reason in sorted({one.reason for one in held}):
        numbers = [one.event.n for one in held if one.reason == reason]
        _mark(connection, numbers, state="held", reason=reason, held_at_ms=now_ms, tries=EVENT.c.tries + 1)
    open_cases(connection, [_held_case(one) for one in held], at_ms=now_ms)
    _settle_cases(connection, [event for event in done if event.tries], now_ms=now_ms)
    ends: dict[tuple[str, int], int] = {}
    for event in [*done, *(one.event for one in held)]:
        stream = (event.terminal_id, event.inc)
        ends[stream] = max(ends.get(stream, 0), event.seq)
    for (terminal_id, inc), seq in sorted(ends.items()):
        mine = (TERMINAL_STREAM.c.terminal_id == terminal_id) & (TERMINAL_STREAM.c.inc == inc)
        values = {"applied_seq": seq, "updated_at_ms": now_ms}
        connection.execute(sa.update(TERMINAL_STREAM).where(mine, TERMINAL_STREAM.c.applied_seq < seq).values(values))


def _mark(connection: sa.Connection, numbers: Sequence[int], **values: object) -> None:
    if numbers:
        connection.execute(sa.update(EVENT).where(among(connection, EVENT.c.n, numbers)).values(**values))


def _held_case(held: Held) -> Case:
    event = held.event
    return event.case("event_held", reason=held.reason, inc=event.inc, seq=event.seq, entry=event.kind)


def _settle_cases(connection: sa.Connection, events: Sequence[StoredEvent], *, now_ms: int) -> None:
    """What was held and has taken effect after all needs no look any more."""
    if events:
        keys = [f"event_held:{event.event_id}" for event in events]
        mine = among(connection, CASE_FILE.c.dedupe_key, keys)
        values = {"state": "resolved", "resolved_at_ms": now_ms, "resolved_by": "", "outcome": "applied"}
        connection.execute(sa.update(CASE_FILE).where(mine, CASE_FILE.c.state == "open").values(values))
