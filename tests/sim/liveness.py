"""What must come about once nothing goes wrong any more: everything arrives, takes effect, and then it is quiet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud_api.db.engine import reading
from cloud_api.db.master_rows import rows_of_bucket
from cloud_api.services import tills
from sync.replica.files import current_replica
from sync.replica.tables import TABLES
from tests.sim import late_commits
from tests.sim.faults import require
from tests.sim.feeds import State, difference, rows_of
from tests.sim.invariants import check_applied_again, check_safety

if TYPE_CHECKING:
    from tests.sim.till import Home
    from tests.sim.world import World

ROUNDS_MAX = 30
STEPS_A_ROUND = 12
AUDIT_EVERY, AUDIT_AT = 6, 2
STALLED_ROUNDS = AUDIT_EVERY + 1
"""So many rounds, an audit among them, in which nothing came nearer: nothing will."""
LAST_WORDS_ROUNDS = 4
"""A till whose events came by its twin has a fork to adopt yet."""
IDLE_REQUESTS_MAX = 4
"""Of a till in a round in which nothing happens: a hello, a live channel, perhaps a new token."""
OWN_REASONS = {
    "mystery": {"entry.kind_unknown", "terminal.revoked"},
    "drawer_open": {"entry.unreadable", "terminal.revoked"},
}


def settle(world: World) -> None:
    """L1 to L5, after the faults stopped."""
    world.heal()
    _take_back_drains(world)
    late_commits.commit_late(world)
    rounds, stalled, before = 0, 0, _standing(world)
    while (open_question := _open_question(world)) and rounds < ROUNDS_MAX and stalled < STALLED_ROUNDS:
        _round(world)
        if rounds % AUDIT_EVERY == AUDIT_AT:
            for home in world.homes:
                home.audit()
                home.spoiled.clear()
        rounds += 1
        now = _standing(world)
        stalled, before = stalled + 1 if now == before else 0, now
    require(not open_question, open_question[:2] or "L1", f"after {rounds} quiet rounds: {open_question}")
    check_safety(world)
    _check_quiet(world)
    check_safety(world)
    for home in world.homes:
        check_applied_again(world, home)


def _take_back_drains(world: World) -> None:
    for terminal, state in world.cloud.rows("SELECT terminal_id, state FROM terminal"):
        if state == "drain":
            with world.cloud.acting() as act:
                tills.set_state(act, terminal, "active")


def _round(world: World) -> None:
    world.time.pass_ms(70_000)
    world.cloud.background.turn()
    world.cloud.background.look()
    world.cloud.background.apply_turn()
    for home in world.homes:
        for _ in range(STEPS_A_ROUND):
            home.listen()
            before = home.requests
            home.up()
            if home.requests == before and not home.heard.events:
                break
        world.note(f"{home.directory.name} {home.down()}")
        home.listen()
    world.cloud.background.turn()
    world.note("round")


def _open_question(world: World) -> str:
    """What has not come about yet, beginning with the promise's name."""
    cloud, truth = world.cloud, world.truth
    known = {row[0]: row[1:] for row in cloud.rows("SELECT event_id, state, reason FROM event")}
    missing = sorted(truth.committed.keys() - truth.lost - known.keys())
    if missing:
        first = truth.committed[missing[0]]
        return f"L2 {len(missing)} events did not reach the cloud, such as a {first.kind} of {first.terminal}"
    for event_id, (state, reason) in sorted(known.items()):
        kind = truth.committed[event_id].kind
        if state == "new" or (state == "held" and reason not in OWN_REASONS.get(kind, {"terminal.revoked"})):
            return f"L3 a {kind} of {truth.committed[event_id].terminal} is {state} {reason}"
    return next((wrong for home in world.homes if (wrong := _lags(world, home))), "")


def _lags(world: World, home: Home) -> str:
    """In what a replica differs from what HQ wrote."""
    known = world.cloud.background.directory.look_up(home.terminal)
    assert known is not None
    wanted = known.buckets if known.state == "active" else ()
    if home.garbled is not None and home.garbled == current_replica(home.directory):
        return f"L1 {home.directory.name} still reads a damaged file"
    with home.reading_replica() as conn:
        held = {row[0] for row in conn.execute("SELECT bucket FROM sync_bucket")} if conn is not None else set()
        if held != set(wanted):
            return f"L1 {home.directory.name} ({known.state}) holds {sorted(held)} instead of {sorted(wanted)}"
        for bucket in wanted:
            wrong = difference(rows_of(conn, bucket), _master(world, bucket))
            if wrong:
                return f"L1 {home.directory.name} {bucket}: {wrong}"
    return ""


def _master(world: World, bucket: str) -> State:
    with reading(world.cloud.cloud.engine) as connection:
        changes = list(rows_of_bucket(connection, bucket))
    state: State = {}
    for change in changes:
        assert change.row is not None
        columns = [name for name, _ in TABLES[change.table].columns]
        state[change.table, change.pk] = (*(change.row[name] for name in columns), change.ver)
    return state


def _standing(world: World) -> list[Any]:
    """How far everybody is: journals, replicas, streams, effects, feeds."""
    rows = world.cloud.rows
    standing: list[Any] = [
        rows("SELECT terminal_id, inc, last_seq, last_hash FROM terminal_stream ORDER BY 1, 2"),
        rows("SELECT state, reason, count(*) FROM event GROUP BY 1, 2 ORDER BY 1, 2"),
        rows("SELECT bucket, epoch, head_seq FROM sync_bucket ORDER BY 1"),
    ]
    for home in world.homes:
        standing.append(home.tip())
        if home.garbled is None or home.garbled != current_replica(home.directory):
            with home.reading_replica() as conn:
                standing.append(conn and conn.execute("SELECT * FROM sync_bucket ORDER BY 1").fetchall())
    return standing


def _check_quiet(world: World) -> None:
    """L5: where nothing happens nobody asks again and again."""
    for _ in range(1 + LAST_WORDS_ROUNDS):
        asked = {home.directory.name: -home.requests for home in world.homes}
        before = _standing(world)
        _round(world)
        if _standing(world) == before:
            break
    for home in world.homes:
        count = asked[home.directory.name] + home.requests
        require(count <= IDLE_REQUESTS_MAX, "L5", f"{home.directory.name} asked {count} times though nothing happened")
