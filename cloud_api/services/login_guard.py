"""Guessing passwords gets slower with every miss: locks per user name and per address, doubling."""

from collections.abc import Mapping

import sqlalchemy as sa

from cloud_api.db.master_tables import LOGIN_GUARD
from cloud_api.problems import ApiProblem
from cloud_api.settings import Settings

FORGET_AFTER_MS = 24 * 3600 * 1000


def user_guard(user_name: str) -> str:
    """The guarded name of an account, whether it exists or not."""
    return f"user:{user_name}"


def address_guard(address: str) -> str:
    """The guarded name of a network address."""
    return f"address:{address}"


def count_attempt(connection: sa.Connection, settings: Settings, *, guards: Mapping[str, int], now_ms: int) -> None:
    """Count a try as failed before it is made, so that many at once cannot slip through; 429 while locked.

    ``guards`` maps each guarded name to the tries it has before it is locked. ``forgive`` takes it back.
    """
    for guarded, free in sorted(guards.items()):
        failed = _lock_row(connection, guarded, now_ms)
        locked_ms = 0
        if failed + 1 >= free:
            locked_ms = min(settings.login_lock_s * 2 ** min(failed + 1 - free, 20), settings.login_lock_max_s) * 1000
        connection.execute(
            sa.update(LOGIN_GUARD)
            .where(LOGIN_GUARD.c.guarded == guarded)
            .values(failed=failed + 1, locked_until_ms=now_ms + locked_ms, last_failed_ms=now_ms)
        )


def forgive(connection: sa.Connection, user_name: str, *, address: str) -> None:
    """The try was right: the account starts anew, the address gets its try back."""
    connection.execute(sa.delete(LOGIN_GUARD).where(LOGIN_GUARD.c.guarded == user_guard(user_name)))
    connection.execute(
        sa.update(LOGIN_GUARD)
        .where(LOGIN_GUARD.c.guarded == address_guard(address), LOGIN_GUARD.c.failed > 0)
        .values(failed=LOGIN_GUARD.c.failed - 1, locked_until_ms=0)
    )


def forget_old(connection: sa.Connection, now_ms: int) -> None:
    """Remove what nobody has tried for a day."""
    connection.execute(sa.delete(LOGIN_GUARD).where(LOGIN_GUARD.c.last_failed_ms < now_ms - FORGET_AFTER_MS))


def _lock_row(connection: sa.Connection, guarded: str, now_ms: int) -> int:
    """How often it failed until now; 429 where it is locked at this moment."""
    query = sa.select(LOGIN_GUARD).where(LOGIN_GUARD.c.guarded == guarded).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        connection.execute(
            sa.insert(LOGIN_GUARD).values(guarded=guarded, failed=0, locked_until_ms=0, last_failed_ms=now_ms)
        )
        return 0
    left_ms = row["locked_until_ms"] - now_ms
    if left_ms > 0:
        raise ApiProblem(429, "cloud.login_locked", retry_after_ms=left_ms, seconds=-(-left_ms // 1000))
    return 0 if now_ms - row["last_failed_ms"] > FORGET_AFTER_MS else int(row["failed"])
