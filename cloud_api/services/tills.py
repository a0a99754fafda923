"""Tills as HQ sees them: prepared, enrolled by a one-time code, watched, drained, revoked."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from cloud_api.db.master_rows import Row
from cloud_api.db.master_tables import ENROL_CODE, STORE, TERMINAL
from cloud_api.db.sync_tables import TERMINAL_STREAM
from cloud_api.problems import ApiProblem
from cloud_api.services import enrol_codes
from cloud_api.services.act import Act

TRANSITIONS = {
    "active": {"drain"},
    "drain": {"active"},
    "revoked": {"new", "active", "drain"},
    "lost": {"new", "active", "drain", "revoked"},
}
"""The states from which each may be reached by HQ's word; enrolling makes a till active again from any."""


def list_tills(connection: sa.Connection, only_stores: list[str] | None = None) -> list[Row]:
    """All tills by id, or those of some stores."""
    query = _query().order_by(TERMINAL.c.terminal_id)
    if only_stores is not None:
        query = query.where(TERMINAL.c.store_id.in_(only_stores))
    rows = [dict(row) for row in connection.execute(query).mappings()]
    streams = _streams(connection, [row["terminal_id"] for row in rows])
    return [_shown(row, streams.get(row["terminal_id"], [])) for row in rows]


def get_till(connection: sa.Connection, terminal_id: str) -> Row:
    """One till; 404 where there is none."""
    row = connection.execute(_query().where(TERMINAL.c.terminal_id == terminal_id)).mappings().one_or_none()
    if row is None:
        raise ApiProblem(404, "cloud.not_found", what="收银机 till", key=terminal_id)
    return _shown(dict(row), _streams(connection, [terminal_id]).get(terminal_id, []))


def create_till(act: Act, store_id: str, *, number: int | None = None, label: str = "") -> Row:
    """A new till of a store, the next number unless given, with the code that enrols it (shown this once)."""
    store = sa.select(STORE.c.store_id).where(STORE.c.store_id == store_id).with_for_update()
    if act.connection.execute(store).first() is None:
        raise ApiProblem(404, "cloud.not_found", what="门店 store", key=store_id)
    query = sa.select(TERMINAL.c.number).where(TERMINAL.c.store_id == store_id)
    taken = set(act.connection.execute(query).scalars())
    number = number or max(taken, default=0) + 1
    terminal_id = f"{store_id}-{number}"
    if number in taken:
        raise ApiProblem(409, "cloud.exists", what="收银机 till", key=terminal_id)
    row = {"terminal_id": terminal_id, "store_id": store_id, "number": number, "label": label}
    act.connection.execute(sa.insert(TERMINAL).values(**row, state="new", created_at_ms=act.now_ms))
    act.note("create", "till", key=terminal_id, after=row)
    return new_code(act, terminal_id)


def new_code(act: Act, terminal_id: str) -> Row:
    """A new one-time code for a till, shown this once; earlier unused ones die."""
    till = get_till(act.connection, terminal_id)
    _drop_codes(act.connection, terminal_id)
    code, expires_at_ms = enrol_codes.new_code(), act.now_ms + act.settings.enrol_code_ttl_s * 1000
    act.connection.execute(
        sa.insert(ENROL_CODE).values(
            code_hash=enrol_codes.hash_code(code),
            terminal_id=terminal_id,
            created_at_ms=act.now_ms,
            created_by=act.who,
            expires_at_ms=expires_at_ms,
        )
    )
    act.note("new_code", "till", key=terminal_id, after={"store_id": till["store_id"], "expires_at_ms": expires_at_ms})
    return till | {"code": code, "code_expires_at_ms": expires_at_ms}


def set_state(act: Act, terminal_id: str, state: str) -> Row:
    """Drain, revoke, report lost, or take a drain back; 409 where the present state does not allow it."""
    query = sa.select(TERMINAL).where(TERMINAL.c.terminal_id == terminal_id).with_for_update()
    row = act.connection.execute(query).mappings().one_or_none()
    if row is None:
        raise ApiProblem(404, "cloud.not_found", what="收银机 till", key=terminal_id)
    if row["state"] != state:
        if row["state"] not in TRANSITIONS[state]:
            raise ApiProblem(409, "cloud.till_state", state=row["state"])
        act.connection.execute(
            sa.update(TERMINAL).where(TERMINAL.c.terminal_id == terminal_id).values(state=state, ver=TERMINAL.c.ver + 1)
        )
        if state in ("revoked", "lost"):
            _drop_codes(act.connection, terminal_id)
        store = {"store_id": row["store_id"]}
        act.note(
            "set_state", "till", key=terminal_id, before=store | {"state": row["state"]}, after=store | {"state": state}
        )
    return get_till(act.connection, terminal_id)


def _query() -> sa.Select[Any]:
    stream = (TERMINAL_STREAM.c.terminal_id == TERMINAL.c.terminal_id) & (TERMINAL_STREAM.c.inc == TERMINAL.c.tip_inc)
    return sa.select(TERMINAL, TERMINAL_STREAM.c.last_seq).outerjoin(TERMINAL_STREAM, stream)


def _streams(connection: sa.Connection, terminal_ids: Sequence[str]) -> dict[str, list[str]]:
    """How far the cloud has each incarnation of a till, as ``evertill-verify --confirmed`` takes it."""
    columns = TERMINAL_STREAM.c
    query = (
        sa.select(columns.terminal_id, columns.inc, columns.last_seq, columns.last_hash)
        .where(columns.terminal_id.in_(terminal_ids), columns.last_seq > 0)
        .order_by(columns.terminal_id, columns.inc)
    )
    found: dict[str, list[str]] = {}
    for terminal_id, *place in connection.execute(query):
        found.setdefault(terminal_id, []).append(":".join(map(str, place)))
    return found


def _shown(row: Row, confirmed: list[str]) -> Row:
    received = row.pop("last_seq") or 0
    public_key = row.pop("pubkey")
    sent = {"unsent": max(0, row["tip_seq"] - received), "received_seq": received}
    return row | sent | {"public_key": public_key, "confirmed": confirmed}


def _drop_codes(connection: sa.Connection, terminal_id: str) -> None:
    connection.execute(
        sa.delete(ENROL_CODE).where(ENROL_CODE.c.terminal_id == terminal_id, ENROL_CODE.c.used_at_ms.is_(None))
    )
