"""The tiles of a store's sale screen."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from cloud_api.db import master_rows
from cloud_api.db.master_rows import Row
from cloud_api.db.master_tables import QUICK_KEY
from cloud_api.problems import ApiProblem
from cloud_api.services import items, stores
from cloud_api.services.act import Act


def list_quick_keys(connection: sa.Connection, store_id: str) -> list[Row]:
    """The tiles of a store by position."""
    stores.get_store(connection, store_id)
    query = (
        sa.select(QUICK_KEY)
        .where(QUICK_KEY.c.store_id == store_id, QUICK_KEY.c.deleted == 0)
        .order_by(QUICK_KEY.c.position)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def replace_quick_keys(act: Act, store_id: str, keys: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Make these the tiles of the store; positions that are not named become empty."""
    before = list_quick_keys(act.connection, store_id)
    positions = [key["position"] for key in keys]
    if len(set(positions)) != len(positions):
        raise ApiProblem(422, "cloud.invalid", fields="position")
    items.require_items(act.connection, [key["item_id"] for key in keys])
    for old in before:
        if old["position"] not in positions:
            master_rows.delete_row(act.uow, master_rows.QUICK_KEY, old)
    master_rows.write_rows(act.uow, master_rows.QUICK_KEY, [{"store_id": store_id, **key} for key in keys])
    after = list_quick_keys(act.connection, store_id)
    if after != before:
        states = ({"store_id": store_id, "keys": [[k["position"], k["item_id"]] for k in s]} for s in (before, after))
        old_state, new_state = states
        act.note("replace", "quick_keys", key=store_id, before=old_state, after=new_state)
    return after
