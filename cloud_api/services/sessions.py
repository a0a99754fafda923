"""Signing in and out of HQ: tokens of 256 random bits, kept as hashes, ended by time or by hand."""

import hashlib
import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from cloud_api.context import Cloud
from cloud_api.db.engine import reading, writing
from cloud_api.db.master_rows import Row
from cloud_api.db.master_tables import AUDIT_LOG, HQ_TOKEN, HQ_USER, HQ_USER_STORE, IDEMPOTENCY
from cloud_api.permissions import HqRole, Principal
from cloud_api.problems import ApiProblem
from cloud_api.services import login_guard
from cloud_api.services.passwords import password_fits

TOKEN_PREFIX = "evh_"  # noqa: S105 - marks a token, is none
TOUCH_EVERY_MS = 30_000
"""How exactly the last use is kept: a write at every request would cost more than it tells."""


@dataclass(frozen=True, slots=True)
class Session:
    """A fresh sign-in; ``token`` exists only here and at who asked for it."""

    token: str
    expires_at_ms: int
    principal: Principal


def sign_in(cloud: Cloud, user_name: str, *, password: str, address: str) -> Session:
    """A new session; 401 for a wrong pair, 429 while name or address is locked."""
    name = prove_password(cloud, user_name, password=password, address=address)
    with writing(cloud.engine) as connection:
        _note(connection, name, action="login", at_ms=cloud.clock.now_ms())
        _sweep(connection, cloud)
        return _open(connection, cloud, name)


def prove_password(cloud: Cloud, user_name: str, *, password: str, address: str) -> str:
    """The user's name in its stored form, if the password is theirs; 401 if not, 429 while locked."""
    name, now_ms = user_name.strip().casefold(), cloud.clock.now_ms()
    guards = {
        login_guard.user_guard(name): cloud.settings.login_free_attempts,
        login_guard.address_guard(address): cloud.settings.address_free_attempts,
    }
    with writing(cloud.engine) as connection:
        login_guard.count_attempt(connection, cloud.settings, guards=guards, now_ms=now_ms)
        user = _user(connection, name)
    fits = password_fits(cloud.settings, user["password_hash"] if user else None, password)
    with writing(cloud.engine) as connection:
        if user is not None and fits and user["active"]:
            login_guard.forgive(connection, name, address=address)
            return name
        _note(connection, name, action="login_failed", at_ms=now_ms)
    raise ApiProblem(401, "cloud.login_failed")


def principal_of(cloud: Cloud, token: str) -> Principal | None:
    """Who holds a token, or None where it is unknown, idle for too long, too old or its user disabled."""
    now_ms, token_hash = cloud.clock.now_ms(), hash_token(token)
    with reading(cloud.engine) as connection:
        query = (
            sa.select(HQ_TOKEN.c.last_used_ms, HQ_TOKEN.c.expires_at_ms, HQ_USER)
            .join(HQ_USER, HQ_USER.c.user_name == HQ_TOKEN.c.user_name)
            .where(HQ_TOKEN.c.token_hash == token_hash, HQ_USER.c.active == 1)
        )
        row = connection.execute(query).mappings().one_or_none()
        if row is None or now_ms >= min(row["expires_at_ms"], row["last_used_ms"] + cloud.settings.token_idle_s * 1000):
            return None
        principal = _principal(connection, dict(row))
    if now_ms - row["last_used_ms"] >= TOUCH_EVERY_MS:
        with writing(cloud.engine) as connection:
            connection.execute(
                sa.update(HQ_TOKEN).where(HQ_TOKEN.c.token_hash == token_hash).values(last_used_ms=now_ms)
            )
    return principal


def sign_out(connection: sa.Connection, token: str) -> None:
    """End one session."""
    connection.execute(sa.delete(HQ_TOKEN).where(HQ_TOKEN.c.token_hash == hash_token(token)))


def end_all(connection: sa.Connection, user_name: str, *, but: str | None = None) -> int:
    """End all sessions of a user (but the one of a token); how many there were."""
    query = sa.delete(HQ_TOKEN).where(HQ_TOKEN.c.user_name == user_name)
    if but is not None:
        query = query.where(HQ_TOKEN.c.token_hash != hash_token(but))
    return connection.execute(query).rowcount


def hash_token(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _sweep(connection: sa.Connection, cloud: Cloud) -> None:
    """Remove what is over: each sign-in does it, so nothing else has to remember."""
    now_ms = cloud.clock.now_ms()
    connection.execute(sa.delete(HQ_TOKEN).where(HQ_TOKEN.c.expires_at_ms <= now_ms))
    login_guard.forget_old(connection, now_ms)
    old_ms = now_ms - cloud.settings.idempotency_keep_s * 1000
    connection.execute(sa.delete(IDEMPOTENCY).where(IDEMPOTENCY.c.at_ms < old_ms))


def _open(connection: sa.Connection, cloud: Cloud, user_name: str) -> Session:
    now_ms = cloud.clock.now_ms()
    token, expires_at_ms = TOKEN_PREFIX + secrets.token_urlsafe(32), now_ms + cloud.settings.token_absolute_s * 1000
    connection.execute(
        sa.insert(HQ_TOKEN).values(
            token_hash=hash_token(token),
            user_name=user_name,
            created_at_ms=now_ms,
            last_used_ms=now_ms,
            expires_at_ms=expires_at_ms,
        )
    )
    user = _user(connection, user_name)
    assert user is not None
    return Session(token, expires_at_ms, _principal(connection, user))


def _user(connection: sa.Connection, user_name: str) -> Row | None:
    row = connection.execute(sa.select(HQ_USER).where(HQ_USER.c.user_name == user_name)).mappings().one_or_none()
    return None if row is None else dict(row)


def _principal(connection: sa.Connection, user: Row) -> Principal:
    role = HqRole(user["role"])
    if role is not HqRole.STORE_MANAGER:
        return Principal(user["user_name"], role)
    query = sa.select(HQ_USER_STORE.c.store_id).where(HQ_USER_STORE.c.user_name == user["user_name"])
    return Principal(user["user_name"], role, frozenset(connection.execute(query).scalars()))


def _note(connection: sa.Connection, user_name: str, *, action: str, at_ms: int) -> None:
    row = {"at_ms": at_ms, "who": user_name, "action": action, "entity": "user", "key": user_name, "store_id": ""}
    connection.execute(sa.insert(AUDIT_LOG).values(**row))
