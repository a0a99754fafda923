"""Staff of a store: who stands at its tills; PINs are random, shown once and kept as peppered hashes."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from cloud_api.db import master_rows
from cloud_api.db.master_rows import Row
from cloud_api.db.master_tables import OPERATOR
from cloud_api.problems import ApiProblem
from cloud_api.services import stores
from cloud_api.services.act import Act
from cloud_api.services.passwords import hash_pin, new_pin


def list_staff(connection: sa.Connection, store_id: str) -> list[Row]:
    """The staff of a store by id, without hashes."""
    stores.get_store(connection, store_id)
    query = sa.select(OPERATOR).where(OPERATOR.c.store_id == store_id).order_by(OPERATOR.c.operator_id)
    return [_shown(dict(row)) for row in connection.execute(query).mappings()]


def create_operator(act: Act, store_id: str, values: Mapping[str, Any]) -> Row:
    """A new person at a store (``operator_id``, ``name``, ``role``) with the PIN, shown this once."""
    stores.get_store(act.connection, store_id)
    match = {"store_id": store_id, "operator_id": values["operator_id"]}
    if master_rows.find_rows(act.connection, master_rows.OPERATOR, [match]):
        raise ApiProblem(409, "cloud.exists", what="员工 operator", key=values["operator_id"])
    return _with_new_pin(act, match | {"name": values["name"], "role": values["role"], "created_at_ms": act.now_ms})


def update_operator(act: Act, store_id: str, operator_id: str, *, changes: Mapping[str, Any]) -> Row:
    """Change name, role or ``active``."""
    before = _find(act, store_id, operator_id)
    row = {name: changes[name] for name in ("name", "role", "active") if changes.get(name) is not None}
    if "active" in row:
        row["active"] = int(row["active"])
    match = {"store_id": store_id, "operator_id": operator_id}
    written = master_rows.write_row(act.uow, master_rows.OPERATOR, match | row)
    if written.changed:
        act.note("update", "operator", key=operator_id, before=before, after=written.after)
    return _shown(written.after)


def reset_pin(act: Act, store_id: str, operator_id: str) -> Row:
    """A new PIN, shown this once; the old one ends when the tills hear of it."""
    _find(act, store_id, operator_id)
    return _with_new_pin(act, {"store_id": store_id, "operator_id": operator_id})


def _with_new_pin(act: Act, row: Row) -> Row:
    pin = new_pin()
    row["pin_hash"] = hash_pin(act.settings, pin, act.keys.store_pepper(row["store_id"]))
    written = master_rows.write_row(act.uow, master_rows.OPERATOR, row)
    action = "reset_pin" if written.before else "create"
    act.note(action, "operator", key=row["operator_id"], before=written.before, after=written.after)
    return _shown(written.after) | {"pin": pin}


def _find(act: Act, store_id: str, operator_id: str) -> Row:
    match = {"store_id": store_id, "operator_id": operator_id}
    found = master_rows.find_rows(act.connection, master_rows.OPERATOR, [match], lock=True)
    if not found:
        raise ApiProblem(404, "cloud.not_found", what="员工 operator", key=operator_id)
    return next(iter(found.values()))


def _shown(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "pin_hash"} | {"active": bool(row["active"])}
