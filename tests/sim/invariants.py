"""What must always hold (PROTOCOL's I-numbers, docs/simulation.md), checked against the world's own book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pysqlite3.dbapi2 as sqlite

from sync import journal_store
from sync.feed import BadPage
from sync.messages import Group
from sync.replica import apply
from sync.replica.files import current_replica
from sync.replica.tables import TABLES, tables_of
from tests.sim.faults import require
from tests.sim.feeds import difference, rows_of

if TYPE_CHECKING:
    from tests.sim.till import Home
    from tests.sim.world import World

GENESIS = "0" * 64
APPLIED_AGAIN = 8
_RAW = "event_id, kind, version, at_ms, estimated_at_ms, offset_age_ms, boot_id, mono_ms, prev_hash, hash, body"


def check_safety(world: World) -> None:
    """Everything that must hold at any moment."""
    world.truth.feeds.look(world.cloud)
    world.truth.feeds.look_at_pages(world.cloud)
    for home in world.homes:
        check_replica(world, home)
        check_till(home)
    check_streams(world)
    check_effects(world)
    check_nothing_left_too_early(world)


def check_replica(world: World, home: Home) -> None:
    """I1, I8, I11, I12: each bucket of a replica is its feed folded up to the cursor, as any reader sees it."""
    path = current_replica(home.directory)
    if home.garbled is not None and path != home.garbled:
        home.garbled, home.cursors = None, {}
    if path is None or home.garbled is not None:
        return
    world.truth.feeds.look(world.cloud)
    with home.reading_replica() as conn:
        cursors = conn.execute("SELECT bucket, epoch, seq FROM sync_bucket").fetchall()
        for bucket, epoch, seq in cursors:
            if bucket not in home.spoiled:
                _check_bucket(world, home, conn, at=(bucket, epoch, seq))
        kinds = {bucket.partition(":")[0] for bucket, _, _ in cursors}
        require(len(kinds) == len(cursors), "I12", f"{home.directory.name} holds two buckets of a kind: {cursors}")
        for spec in TABLES.values():
            if spec.bucket_kind not in kinds:
                left = conn.execute(f"SELECT count(*) FROM {spec.name}").fetchone()[0]
                require(not left, "I12", f"{home.directory.name} holds {left} rows of {spec.name} and no such bucket")


def _check_bucket(world: World, home: Home, conn: Any, *, at: tuple[str, str, int]) -> None:
    bucket, epoch, seq = at
    feed, where = world.truth.feeds.of(bucket, epoch), f"{home.directory.name} {bucket}@{epoch[:8]}:{seq}"
    require(seq <= feed.head, "I1", f"{where} is beyond the head {feed.head}")
    wrong = difference(rows_of(conn, bucket), feed.states[seq])
    require(not wrong, "I1", f"{where}: {wrong}")
    life, furthest = home.cursors.get(bucket, (epoch, 0))
    require(life != epoch or seq >= furthest, "I8", f"{where} was at {furthest} before")
    home.cursors[bucket] = (epoch, seq)


def check_till(home: Home) -> None:
    """A till's list of sales tells what its journal tells, and no receipt that was printed is missing in it."""
    with home.reading() as conn:
        inc = journal_store.incarnation(conn)
        sql = "SELECT event_id FROM journal WHERE inc = ? AND kind = 'sale'"
        entries = {row[0] for row in conn.execute(sql, (inc,))}
        listed = {row[0] for row in conn.execute("SELECT event_id FROM sale WHERE journal_inc = ?", (inc,))}
    name = home.directory.name
    require(
        entries == listed, "a sale is whole or not at all", f"{name}: {entries ^ listed} in one of list and journal"
    )


def check_streams(world: World) -> None:
    """I2, I13: every stream is numbered from 1 and linked, its bytes are the till's bytes."""
    entries, end = world.truth.entries, (("", 0), 0, GENESIS)
    for terminal, inc, seq, *entry in world.cloud.rows(
        f"SELECT terminal_id, inc, seq, {_RAW} FROM event_raw ORDER BY terminal_id, inc, seq"
    ):
        stream, last, digest = end
        if stream != (terminal, inc):
            stream, last, digest = (terminal, inc), 0, GENESIS
        name = f"{terminal}/{inc}/{seq}"
        require((seq, entry[8]) == (last + 1, digest), "I2", f"{name} does not follow {last} {digest[:8]}")
        mine = entries.get((terminal, inc, seq, entry[9]))
        require(mine is not None, "I4", f"{name} was never committed by a till")
        require(mine == tuple(entry), "I13", f"{name} is not what the till wrote")
        end = stream, seq, entry[9]
    tips = world.cloud.rows(
        "SELECT s.terminal_id, s.inc, s.last_seq, s.last_hash, r.hash FROM terminal_stream s LEFT JOIN event_raw r "
        "ON r.terminal_id = s.terminal_id AND r.inc = s.inc AND r.seq = s.last_seq"
    )
    for terminal, inc, seq, digest, stored in tips:
        require(digest == (stored or GENESIS), "I2", f"the stream {terminal}/{inc} does not end at {seq}")


def check_effects(world: World) -> None:
    """I3, I4: an event has one effect exactly if it was applied, and it is one that a till committed."""
    effects = world.cloud.rows("SELECT event_id FROM sale UNION ALL SELECT event_id FROM activity")
    applied = {row[0] for row in world.cloud.rows("SELECT event_id FROM event WHERE state = 'applied'")}
    found = [row[0] for row in effects]
    twice = {event_id for event_id in found if found.count(event_id) > 1} if len(set(found)) < len(found) else set()
    require(not twice, "I3", f"two effects of {sorted(twice)[:3]}")
    for event_id in set(found) - world.truth.committed.keys():
        require(False, "I4", f"an effect of {event_id}, which no till committed")
    wrong = sorted(applied ^ set(found))
    require(not wrong, "I3", f"effect and state of {wrong[:3]} do not agree")


def check_nothing_left_too_early(world: World) -> None:
    """I7: every event is in the present journal of a till, or in the cloud's backup, or its disk is lost."""
    kept = set(world.truth.safe) | world.truth.lost
    for home in world.homes:
        with home.reading() as conn:
            inc = journal_store.incarnation(conn)
            kept |= {row[0] for row in conn.execute("SELECT event_id FROM journal WHERE inc = ?", (inc,))}
    gone = sorted(world.truth.committed.keys() - kept)
    if gone:
        what = [f"{world.truth.committed[one].terminal} {world.truth.committed[one].kind}" for one in gone[:3]]
        require(False, "I7", f"{len(gone)} events are neither on a till nor beyond loss: {what}")


def check_applied_again(world: World, home: Home) -> None:
    """I10: the last groups of each bucket once more change nothing."""
    with home.reading_replica() as replica:
        if replica is None or home.garbled == current_replica(home.directory):
            return
        again = sqlite.connect(":memory:", isolation_level=None)
        try:
            replica.backup(again)
            for bucket, epoch, seq in again.execute("SELECT bucket, epoch, seq FROM sync_bucket").fetchall():
                held, last = rows_of(again, bucket), world.truth.feeds.of(bucket, epoch).groups[:seq][-APPLIED_AGAIN:]
                where = f"{home.directory.name} {bucket}: its last {len(last)} groups once more"
                try:
                    apply.apply_groups(again, bucket, groups=[msgspec.json.decode(raw, type=Group) for raw in last])
                except BadPage as error:
                    require(False, "I10", f"{where} are refused: {error}")
                wrong = difference(rows_of(again, bucket), held)
                require(not wrong, "I10", f"{where}: {wrong}")
        finally:
            again.close()


def check_snapshot(world: World, bucket: str, path: Any) -> None:
    """I10: a snapshot is the fold of the groups up to its number."""
    conn = sqlite.connect(str(path))
    try:
        (found,) = conn.execute("SELECT bucket, epoch, seq FROM sync_bucket").fetchall()
        held = rows_of(conn, bucket)
        others = sum(
            conn.execute(f"SELECT count(*) FROM {spec.name}").fetchone()[0]
            for spec in TABLES.values()
            if spec not in tables_of(bucket)
        )
    finally:
        conn.close()
    require(found[0] == bucket and not others, "I10", f"the snapshot of {bucket} holds other buckets")
    world.truth.feeds.look(world.cloud)
    wrong = difference(held, world.truth.feeds.of(found[0], found[1]).states[found[2]])
    require(not wrong, "I10", f"the snapshot of {bucket} at {found[2]}: {wrong}")
