"""HQ's users: who they are, what they may do, when they are out."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from cloud_api.db.master_rows import Row
from cloud_api.db.master_tables import HQ_USER, HQ_USER_STORE, STORE
from cloud_api.permissions import HqRole
from cloud_api.problems import ApiProblem
from cloud_api.services import sessions
from cloud_api.services.act import Act


def list_users(connection: sa.Connection) -> list[Row]:
    """All users by name, with their stores; no hashes."""
    bound: dict[str, list[str]] = {}
    for row in connection.execute(sa.select(HQ_USER_STORE).order_by(HQ_USER_STORE.c.store_id)).mappings():
        bound.setdefault(row["user_name"], []).append(row["store_id"])
    users = connection.execute(sa.select(HQ_USER).order_by(HQ_USER.c.user_name)).mappings()
    return [_shown(dict(user), bound.get(user["user_name"], [])) for user in users]


def get_user(connection: sa.Connection, user_name: str) -> Row:
    """One user; 404 where there is none."""
    user = _find(connection, user_name)
    query = sa.select(HQ_USER_STORE.c.store_id).where(HQ_USER_STORE.c.user_name == user["user_name"])
    return _shown(user, sorted(connection.execute(query).scalars()))


def create_user(act: Act, user_name: str, *, password_hash: str, role: HqRole, stores: Sequence[str] = ()) -> Row:
    """A new user; 409 where the name is taken, 422 for stores that do not fit the role."""
    name = user_name.strip().casefold()
    taken = sa.select(HQ_USER.c.user_name).where(HQ_USER.c.user_name == name)
    if act.connection.execute(taken).first():
        raise ApiProblem(409, "cloud.exists", what="用户 user", key=name)
    act.connection.execute(
        sa.insert(HQ_USER).values(
            user_name=name,
            role=role.value,
            password_hash=password_hash,
            active=1,
            created_at_ms=act.now_ms,
            password_at_ms=act.now_ms,
        )
    )
    _bind(act, name, role=role, stores=stores)
    user = get_user(act.connection, name)
    act.note("create", "user", key=name, after=user)
    return user


def update_user(act: Act, user_name: str, changes: Mapping[str, Any]) -> Row:
    """Change role, stores or ``active``; each change ends the user's sessions. The last admin stays one."""
    before = get_user(act.connection, user_name)
    role, active = HqRole(changes.get("role", before["role"])), bool(changes.get("active", before["active"]))
    if before["role"] == HqRole.ADMIN and (role is not HqRole.ADMIN or not active):
        _require_another_admin(act.connection, before["user_name"])
    act.connection.execute(
        sa.update(HQ_USER).where(HQ_USER.c.user_name == before["user_name"]).values(role=role.value, active=int(active))
    )
    stores = changes.get("stores", before["stores"] if role is HqRole.STORE_MANAGER else [])
    _bind(act, before["user_name"], role=role, stores=stores)
    after = get_user(act.connection, user_name)
    if after != before:
        sessions.end_all(act.connection, before["user_name"])
        act.note("update", "user", key=before["user_name"], before=before, after=after)
    return after


def set_password(act: Act, user_name: str, *, password_hash: str, keep_token: str | None = None) -> Row:
    """A new password; ends all sessions but the one of ``keep_token``."""
    user = get_user(act.connection, user_name)
    act.connection.execute(
        sa.update(HQ_USER)
        .where(HQ_USER.c.user_name == user["user_name"])
        .values(password_hash=password_hash, password_at_ms=act.now_ms)
    )
    sessions.end_all(act.connection, user["user_name"], but=keep_token)
    act.note("set_password", "user", key=user["user_name"])
    return user


def end_sessions(act: Act, user_name: str) -> Row:
    """Sign a user out everywhere."""
    user = get_user(act.connection, user_name)
    ended = sessions.end_all(act.connection, user["user_name"])
    act.note("end_sessions", "user", key=user["user_name"], after={"ended": ended})
    return user


def _find(connection: sa.Connection, user_name: str) -> Row:
    query = sa.select(HQ_USER).where(HQ_USER.c.user_name == user_name.strip().casefold()).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise ApiProblem(404, "cloud.not_found", what="用户 user", key=user_name)
    return dict(row)


def _bind(act: Act, user_name: str, *, role: HqRole, stores: Sequence[str]) -> None:
    wanted = sorted(set(stores))
    if (role is HqRole.STORE_MANAGER) != bool(wanted):
        raise ApiProblem(422, "cloud.stores_of_role")
    known = set(act.connection.execute(sa.select(STORE.c.store_id).where(STORE.c.store_id.in_(wanted))).scalars())
    for store_id in wanted:
        if store_id not in known:
            raise ApiProblem(404, "cloud.not_found", what="门店 store", key=store_id)
    act.connection.execute(sa.delete(HQ_USER_STORE).where(HQ_USER_STORE.c.user_name == user_name))
    if wanted:
        rows = [{"user_name": user_name, "store_id": store_id} for store_id in wanted]
        act.connection.execute(sa.insert(HQ_USER_STORE), rows)


def _require_another_admin(connection: sa.Connection, user_name: str) -> None:
    query = sa.select(HQ_USER.c.user_name).where(
        HQ_USER.c.role == HqRole.ADMIN.value, HQ_USER.c.active == 1, HQ_USER.c.user_name != user_name
    )
    if connection.execute(query.with_for_update()).first() is None:
        raise ApiProblem(409, "cloud.last_admin")


def _shown(user: Row, stores: list[str]) -> Row:
    shown = ("user_name", "role", "active", "created_at_ms", "password_at_ms")
    return {name: user[name] for name in shown} | {"active": bool(user["active"]), "stores": stores}
