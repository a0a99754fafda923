"""What happens in the cloud: HQ writes, the workers take their turns, the machine dies or comes back from a backup."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from cloud_api.problems import ApiProblem
from cloud_api.services import items, prices, stores, tills
from cloud_api.services.act import Act
from cloud_api.services.intake import applier
from tests.sim.invariants import check_snapshot
from tests.sim.template import ITEMS, NOW_ON, STORES, TILLS_OF, ZONES, code_of

if TYPE_CHECKING:
    from tests.sim.world import World

DYING_ODDS = 0.07
RESTORES_MAX = 2
ROLL_BACK_ODDS = 0.4
HOUR_MS = 3_600_000


def _turn(world: World, work: Callable[[], Any]) -> str:
    """A turn of a worker, in a process that may die in it."""
    cloud, life = world.cloud, world.cloud.life
    dies = world.has_faults and cloud.open_act is None and world.rng.random() < DYING_ODDS
    with cloud.dying() if dies else nullcontext(), cloud.working():
        work()
    world.truth.feeds.look(world.cloud)
    return "died" if world.cloud.life != life else "done"


def number(world: World) -> str:
    """The sequencer's turn."""
    return _turn(world, world.cloud.background.feed_turn)


def apply(world: World) -> str:
    """The applier's turn."""
    return _turn(world, world.cloud.background.apply_turn)


def look(world: World) -> str:
    """What changed about terminals and streams becomes known to the process."""
    return _turn(world, world.cloud.background.look)


def retry_held(world: World) -> str:
    """The hourly try of what is held."""
    return _turn(world, lambda: applier.retry_held(world.cloud.cloud.engine))


def snapshot(world: World) -> str:
    """A snapshot of a bucket is made; what it holds is looked at."""
    bucket = world.rng.choice([row[0] for row in world.cloud.rows("SELECT bucket FROM sync_bucket ORDER BY bucket")])
    outcome = _turn(world, lambda: world.cloud.background.snapshots.build(bucket))
    snapshots = world.cloud.background.snapshots
    row = snapshots._row(bucket)
    assert row is not None
    plain = world.folder / "looked-at.sqlite"
    if snapshots._unpack_newest(row, plain):
        check_snapshot(world, bucket, plain)
    return f"{bucket} {outcome}"


def clean(world: World) -> str:
    """Old snapshots and old pages go."""
    world.truth.feeds.look(world.cloud)
    return _turn(world, world.cloud.background.snapshots.clean)


def back_up(world: World) -> str:
    """The verified backup, after which tills may forget."""
    return _turn(world, world.cloud.back_up)


def restore(world: World) -> str:
    """The cloud's disk dies and the newest backup is brought back."""
    if not world.cloud.backups or world.cloud.restores >= RESTORES_MAX:
        return "none"
    world.cloud.restore()
    return f"backup {world.cloud.backups}"


def crash(world: World) -> str:
    """The cloud's process dies between two things."""
    world.cloud.crash()
    return str(world.cloud.life)


def late_request(world: World) -> str:
    """A copy of an old request arrives."""
    return world.network.deliver_late()


# HQ ----------------------------------------------------------------------------------------------------------


def _hq(world: World, change: Callable[[Act], str]) -> str:
    """An act of HQ; the refusals of its services are no news here."""
    if world.cloud.open_act is not None:
        return "another act is open"
    try:
        with world.cloud.acting() as act:
            done = change(act)
    except ApiProblem as problem:
        return problem.code
    return done


def price(world: World) -> str:
    """One price or several, from now on or planned."""
    return _hq(world, lambda act: _set_prices(world, act))


def _set_prices(world: World, act: Act) -> str:
    rng, zone = world.rng, world.rng.choice(ZONES)
    numbers = rng.sample(range(1, ITEMS + 1), rng.randint(1, 3))
    start = {} if rng.random() < 0.7 else {"kind": "special", "valid_from_ms": act.now_ms + rng.randint(0, HOUR_MS)}
    rows = [NOW_ON | start | {"item_id": number, "price_minor": rng.randint(1, 9_999)} for number in numbers]
    prices.set_prices(act, zone, rows)
    return f"{zone} {numbers}"


def withdraw_price(world: World) -> str:
    """A price row is taken back."""
    rows = world.cloud.rows(
        "SELECT zone, item_id, channel, kind, valid_from_ms FROM price WHERE deleted = 0 ORDER BY 1, 2, 3, 4, 5"
    )
    if not rows:
        return "none"
    key = dict(zip(prices.KEY, world.rng.choice(rows), strict=True))
    return _hq(world, lambda act: str(prices.withdraw_price(act, key)["item_id"]))


def item(world: World) -> str:
    """An item gets another name, or leaves the range for a while."""
    number, status = world.rng.randint(1, ITEMS), world.rng.choice(["active", "active", "blocked"])
    name = f"商品{number}-{world.rng.randint(1, 99)}"
    changes = {"name_zh": name, "status": status}
    return _hq(world, lambda act: str(items.update_item(act, number, changes)["ver"]))


def barcode(world: World) -> str:
    """A second code of an item comes or goes."""
    number = world.rng.randint(1, ITEMS)
    code = code_of(number + 100)
    if world.rng.random() < 0.5:
        return _hq(world, lambda act: str(items.put_barcode(act, number, code, pack_thousandths=6_000)["ver"]))
    return _hq(world, lambda act: str(items.delete_barcode(act, number, code)["ver"]))


def zone(world: World) -> str:
    """A store moves to another price zone."""
    store, to_zone = world.rng.choice(list(STORES)), world.rng.choice(ZONES)
    return f"{store} {to_zone} " + _hq(
        world, lambda act: str(stores.update_store(act, store, {"price_zone": to_zone})["sub_ver"])
    )


def drain(world: World) -> str:
    """A till is taken out of service for a while, or back into it."""
    state = world.rng.choice(["drain", "active", "active"])
    return _set_state(world, state)


def revoke(world: World) -> str:
    """A till is taken out of service for good."""
    return _set_state(world, world.rng.choice(["revoked", "lost"]))


def _set_state(world: World, state: str) -> str:
    store = world.rng.choice(list(STORES))
    terminal = f"{store}-{world.rng.randint(1, TILLS_OF[store])}"
    return f"{terminal} " + _hq(world, lambda act: str(tills.set_state(act, terminal, state)["state"]))


def open_transaction(world: World) -> str:
    """Somebody's transaction stays open while the world goes on; then it is committed, or rolled back."""
    cloud, life = world.cloud, world.cloud.life
    with cloud.cloud.unit_of_work() as uow:
        cloud.open_act = uow
        _set_prices(world, Act(uow, "hq", cloud.cloud.keys, cloud.settings))
        world.meanwhile(world.homes[0])
        if cloud.life != life:
            return "the cloud went away"
        cloud.open_act = None
        if world.rng.random() < ROLL_BACK_ODDS:
            return "rolled back"
        world.truth.note_transaction(uow.changes)
        uow.commit()
    return "committed"
