"""Bugs of the cloud's side, as patches of cloud_api."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from cloud_api.db import master_rows, unit_of_work
from cloud_api.db.changes import Change, insert_pending
from cloud_api.db.engine import writing
from cloud_api.db.sync_tables import EVENT, SYNC_BUCKET, TERMINAL_STREAM
from cloud_api.services.feeds import buckets, restore, sequencer
from cloud_api.services.feeds.buckets import Bucket
from cloud_api.services.feeds.pages import StoredGroup, Stretch, group_bytes, seal
from cloud_api.services.intake import applier, ingest
from cloud_api.services.intake.desk import Desk
from cloud_api.services.intake.group_commit import Outcome
from cloud_api.services.intake.ingest import Arrival, Judged, Stored, Stream
from cloud_api.services.snapshots import shadow
from cloud_api.services.snapshots.files import Snapshots
from cloud_api.services.terminals import enrolment
from sync.feed import chain, chain_start
from sync.messages import Fork, Group, UpAck
from sync.replica.apply import apply_groups
from tests.sim import cloud_acts
from tests.sim.faults import DEATH_ODDS, Killed
from tests.sim.fixed import patched

if TYPE_CHECKING:
    from tests.sim.bugs import Patch
    from tests.sim.world import World


def one_counter_for_all_feeds(_: World) -> list[Patch]:
    """A group has the number that its transaction drew when it wrote."""

    def numbered(bucket: Bucket, taken: Sequence[sequencer.Pending]) -> list[StoredGroup]:
        groups, digest = [], bucket.head_hash
        for pending in taken:
            body = group_bytes(pending.id, pending.at_ms, changes=pending.changes)
            digest = chain(digest, body)
            groups.append(StoredGroup(pending.id, digest, body))
        return groups

    return [(sequencer, {"_numbered": numbered})]


def transaction_split_over_groups(_: World) -> list[Patch]:
    """Each change is queued for itself."""

    def one_by_one(connection: sa.Connection, changes: Sequence[Change], *, at_ms: int) -> None:
        for change in changes:
            insert_pending(connection, [change], at_ms=at_ms)

    return [(unit_of_work, {"insert_pending": one_by_one})]


def tail_told_as_sealed(_: World) -> list[Patch]:
    """The open tail is answered as a page that never changes."""
    page = Stretch.page
    return [(Stretch, {"page": lambda self, *, sealed=False: page(self, sealed=True)})]


def page_overlaps_the_one_before(_: World) -> list[Patch]:
    """A sealed page begins one group too early."""

    def early(connection: sa.Connection, page: Stretch, *, at_ms: int) -> None:
        seal(connection, replace(page, first=max(1, page.first - 1)), at_ms=at_ms)

    return [(sequencer, {"seal": early})]


def torn_snapshot(_: World) -> list[Patch]:
    """The shadow's cursor stands where its rows do not."""

    def torn(conn: Any, bucket: str, *, groups: Sequence[Group]) -> Any:
        return apply_groups(conn, bucket, groups=groups[:-1])

    return [(shadow, {"apply_groups": torn})]


def trim_without_410(_: World) -> list[Patch]:
    """Pages go, and the cloud still says that it has them."""
    trim = Snapshots._trim

    def silent(self: Snapshots, connection: sa.Connection, name: str) -> None:
        trim(self, connection, name)
        connection.execute(sa.update(SYNC_BUCKET).where(SYNC_BUCKET.c.bucket == name).values(low_seq=1))

    return [(Snapshots, {"_trim": silent})]


def epoch_kept_after_restore(_: World) -> list[Patch]:
    """After a restore the feeds go on under their old names."""

    def same(bucket: Bucket, at_ms: int) -> Bucket:
        fresh = buckets.new_bucket(bucket.bucket, bucket.epoch_no, at_ms=at_ms)
        start = chain_start(bucket.bucket, bucket.epoch)
        return replace(fresh, epoch=bucket.epoch, head_hash=start, tail_prev=start)

    return [(buckets, {"reborn": same})]


def deletion_not_published(_: World) -> list[Patch]:
    """What HQ takes away stays at the tills."""

    def quiet(uow: unit_of_work.UnitOfWork, master: Any, match: Any) -> Any:
        with patched(uow, publish=lambda _change: None):
            return delete_row(uow, master, match)

    delete_row = master_rows.delete_row
    return [(master_rows, {"delete_row": quiet})]


def durable_is_stored(_: World) -> list[Patch]:
    """What is stored is called beyond loss."""
    receive = Desk.receive

    def promise(self: Desk, up: Any, known: Any) -> UpAck | Fork:
        answer = receive(self, up, known)
        if isinstance(answer, Fork):
            return answer
        return UpAck(**{name: getattr(answer, name) for name in UpAck.__struct_fields__} | {"durable": answer.seq})

    return [(Desk, {"receive": promise})]


def gap_accepted(_: World) -> list[Patch]:
    """An entry behind a gap is stored."""

    def judge(arrival: Arrival, stream: Stream, *, known: dict[int, str]) -> Judged:
        events = arrival.up.ev
        if any(event.s <= stream.last_seq and known.get(event.s) != event.hash for event in events):
            return Judged([], forked=True)
        return Judged([event for event in events if event.s > stream.last_seq])

    return [(ingest, {"_judge": judge})]


def ack_before_commit(world: World) -> list[Patch]:
    """Now and then the answer goes out and the transaction is lost, as when a process dies between the two."""
    store = Desk._store

    def hasty(self: Desk, arrival: Arrival) -> Outcome:
        if world.rng.random() > 0.2:
            return store(self, arrival)
        connection = self._cloud.engine.connect()
        try:
            outcome = ingest.ingest(connection, arrival)
            if isinstance(outcome, Stored):
                outcome = replace(outcome, stream=replace(outcome.stream, durable_seq=outcome.stream.last_seq))
            return Outcome(outcome, restore.epoch_up(connection))
        finally:
            connection.close()

    return [(Desk, {"_store": hasty})]


def no_dedupe(_: World) -> list[Patch]:
    """An event that comes again under another incarnation is taken for another event."""
    append = ingest._append

    def again(connection: sa.Connection, arrival: Arrival, *, stream: Stream, judged: Judged) -> Stream:
        ids = [event.id for event in judged.fresh]
        connection.execute(sa.delete(EVENT).where(EVENT.c.event_id.in_(ids)))
        return append(connection, arrival, stream=stream, judged=judged)

    return [(ingest, {"_append": again})]


def effect_apart_from_state(world: World) -> list[Patch]:
    """An effect is committed before the entry is marked as applied."""
    finish = applier._finish

    def late(connection: sa.Connection, done: Any, *, held: Any, now_ms: int) -> None:
        connection.commit()
        connection.begin()
        if world.has_faults and world.cloud.open_act is None and world.rng.random() < DEATH_ODDS:
            raise Killed
        finish(connection, done, held=held, now_ms=now_ms)

    return [(applier, {"_finish": late}), (cloud_acts, {"DYING_ODDS": 1})]


def held_stops_the_rest(_: World) -> list[Patch]:
    """What cannot be applied is tried again first of all, and what is behind it waits."""

    def stubborn(engine: sa.Engine, now_ms: int, *, limit: int = 1) -> int:
        with writing(engine) as connection:
            first = applier._take(connection, 1)
            if first and not isinstance(applier._effects(first[0]), applier.Held):
                done, refused = applier._write(connection, [(first[0], applier._effects(first[0]))], now_ms=now_ms)  # type: ignore[list-item]
                applier._finish(connection, done, held=refused, now_ms=now_ms)
                return 1
        return 0

    return [(applier, {"apply_some": stubborn})]


def held_kept_from_cloud(_: World) -> list[Patch]:
    """An entry that nobody knows is passed over instead of stored."""
    reason = ingest._reason

    def lost(event: Any, judged: Judged, *, heard: bool) -> str:
        if event.ty == "mystery":
            return "entry.hash_wrong"
        return reason(event, judged, heard=heard)

    return [(ingest, {"_reason": lost})]


def incarnation_given_twice(_: World) -> list[Patch]:
    """The next incarnation is the one above the highest that was used, not above the highest that was given."""

    def used(connection: sa.Connection, terminal_id: str, *, claim: bool) -> int:
        query = sa.select(sa.func.max(TERMINAL_STREAM.c.inc)).where(TERMINAL_STREAM.c.terminal_id == terminal_id)
        return int(connection.execute(query).scalar_one() or 0) + claim

    return [(ingest, {"next_incarnation": used}), (enrolment, {"next_incarnation": used})]


def incarnations_forgotten(_: World) -> list[Patch]:
    """A cloud that was restored gives out incarnations that it has forgotten it gave."""
    return [(restore, {"FORGOTTEN_INCARNATIONS": 0})]


def late_commit_lost(_: World) -> list[Patch]:
    """Whoever numbers takes it that ids come into sight in their order."""
    take, furthest = sequencer._take, dict[str, int]()

    def rising(connection: sa.Connection, bucket: str) -> list[sequencer.Pending]:
        taken = [one for one in take(connection, bucket) if one.id > furthest.get(bucket, 0)]
        furthest[bucket] = max((one.id for one in taken), default=furthest.get(bucket, 0))
        return taken

    return [(sequencer, {"_take": rising})]
