"""Transactions of HQ that commit after others that began later: the order of ids is not the order of commits.

SQLite has one writer, so what it published is held back, and its id comes into sight after greater ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from cloud_api.db.engine import writing
from cloud_api.db.sync_tables import CHANGE_PENDING
from cloud_api.services import items
from tests.sim.template import code_of

if TYPE_CHECKING:
    from tests.sim.world import World

FIRST_LATE_ITEM = 1_000
"""Goods that nobody else writes to: their rows would be locked."""
Held = tuple[int, list[dict[str, Any]]]
"""Which life of the database it is of, and what is held back."""


def late_commit(world: World) -> str:
    """A transaction begins that will be slow to commit, or the slow one commits."""
    if world.cloud.open_act is not None:
        return "another act is open"
    if world.held_back is not None:
        return commit_late(world)
    before = world.cloud.rows("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'change_pending'")[0][0]
    with world.cloud.acting() as act:
        number = FIRST_LATE_ITEM + before
        names = {"sku": f"L{number}", "name_zh": f"晚到{number}", "name_en": f"Late {number}"}
        codes = [{"code": code_of(number), "pack_thousandths": 1000}]
        items.create_item(act, "main", names | {"department_id": "food", "tax_code": "vat13", "barcodes": codes})
    with writing(world.cloud.cloud.engine) as connection:
        mine = CHANGE_PENDING.c.id > before
        rows = connection.execute(sa.select(CHANGE_PENDING).where(mine)).mappings().all()
        connection.execute(sa.delete(CHANGE_PENDING).where(mine))
    world.held_back = world.cloud.restores, [dict(row) for row in rows]
    return f"began {number}"


def commit_late(world: World) -> str:
    """It commits at last; a cloud that came back from a backup since has published the row anew."""
    if world.held_back is None:
        return "none"
    (life, rows), world.held_back = world.held_back, None
    if life != world.cloud.restores:
        return "lost"
    with writing(world.cloud.cloud.engine) as connection:
        connection.execute(sa.insert(CHANGE_PENDING), rows)
    return f"committed {rows[0]['id']}"
