"""Everything that may happen, and how likely it is: a table of acts, each a function from the world to a word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.sim import cloud_acts, disk_acts, late_commits, till_acts

if TYPE_CHECKING:
    from tests.sim.world import World


@dataclass(frozen=True)
class Act:
    """``weight`` is its share of the dice; ``nests``: it may also happen while something else is under way."""

    name: str
    weight: float
    run: Callable[[World], str]
    nests: bool = True


ACTS = (
    Act("sell", 14, till_acts.sell),
    Act("record", 2, till_acts.record),
    Act("up", 14, till_acts.up),
    Act("down", 10, till_acts.down),
    Act("listen", 8, till_acts.listen),
    Act("prune", 2, till_acts.prune),
    Act("audit", 1, till_acts.audit),
    Act("kill_agent", 1.5, till_acts.kill_agent),
    Act("kill_app", 1, till_acts.kill_app),
    Act("set_clock", 0.7, till_acts.set_clock),
    Act("pass_time", 1.5, till_acts.pass_time),
    Act("save_image", 1.2, disk_acts.save_image),
    Act("restore_image", 0.7, disk_acts.restore_image, nests=False),
    Act("restore_till_db", 0.4, disk_acts.restore_till_db, nests=False),
    Act("clone", 0.4, disk_acts.clone, nests=False),
    Act("lose_replica", 0.4, disk_acts.lose_replica, nests=False),
    Act("spoil_replica", 0.4, disk_acts.spoil_replica, nests=False),
    Act("garble_replica", 0.4, disk_acts.garble_replica, nests=False),
    Act("number", 12, cloud_acts.number),
    Act("apply", 8, cloud_acts.apply),
    Act("look", 2, cloud_acts.look),
    Act("retry_held", 0.5, cloud_acts.retry_held),
    Act("snapshot", 3, cloud_acts.snapshot),
    Act("clean", 1.5, cloud_acts.clean),
    Act("back_up", 2, cloud_acts.back_up),
    Act("restore_cloud", 0.5, cloud_acts.restore, nests=False),
    Act("crash_cloud", 0.7, cloud_acts.crash),
    Act("price", 8, cloud_acts.price),
    Act("withdraw_price", 1.5, cloud_acts.withdraw_price),
    Act("item", 3, cloud_acts.item),
    Act("barcode", 2, cloud_acts.barcode),
    Act("zone", 0.8, cloud_acts.zone),
    Act("drain", 0.5, cloud_acts.drain),
    Act("revoke", 0.15, cloud_acts.revoke),
    Act("open_transaction", 1.5, cloud_acts.open_transaction, nests=False),
    Act("late_commit", 1.5, late_commits.late_commit),
    Act("late_request", 5, cloud_acts.late_request),
)


def act(world: World) -> None:
    """One thing happens."""
    possible = [one for one in ACTS if one.nests or not world.depth]
    weights = [world.weights.get(one.name, one.weight) for one in possible]
    (chosen,) = world.rng.choices(possible, weights)
    world.note(f"{chosen.name} …") if chosen.name in ("up", "down", "open_transaction") else None
    world.note(f"{chosen.name}: {chosen.run(world)}")
