"""Enrolment: a one-time code from HQ binds a key that the till made to the terminal HQ prepared."""

import base64
import threading
from collections import OrderedDict

import sqlalchemy as sa

from cloud_api.context import Cloud
from cloud_api.db.engine import writing
from cloud_api.db.master_tables import ENROL_CODE, STORE, TERMINAL
from cloud_api.errors import ApiProblem
from cloud_api.services.enrol_codes import hash_code
from cloud_api.services.intake.incarnations import next_incarnation
from cloud_api.services.terminals.tokens import is_public_key
from sync.messages import Enrol, Enrolled

TRIES_PER_ADDRESS = 10
TRIES_OF_ALL = 200
WINDOW_MS = 60_000
ADDRESSES_MAX = 10_000


class TryLimit:
    """So many wrong codes a minute from one address, and so many from all; the process's own count."""

    def __init__(self) -> None:
        self._tries: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, address: str, now_ms: int) -> None:
        """ApiProblem 429 where there were too many wrong codes."""
        with self._lock:
            for who, most in ((address, TRIES_PER_ADDRESS), ("", TRIES_OF_ALL)):
                since_ms, tries = self._tries.get(who, (now_ms, 0))
                if tries >= most and now_ms - since_ms < WINDOW_MS:
                    raise ApiProblem(429, "enrol.too_many_tries", retry_after_ms=WINDOW_MS - (now_ms - since_ms))

    def wrong(self, address: str, now_ms: int) -> None:
        """Count a wrong code."""
        with self._lock:
            for who in (address, ""):
                since_ms, tries = self._tries.get(who, (now_ms, 0))
                if now_ms - since_ms >= WINDOW_MS:
                    since_ms, tries = now_ms, 0
                self._tries[who] = (since_ms, tries + 1)
                self._tries.move_to_end(who)
            while len(self._tries) > ADDRESSES_MAX:
                self._tries.popitem(last=False)


def enrol(cloud: Cloud, request: Enrol) -> Enrolled:
    """Bind the key and answer who the till is; the same code with the same key gets the same answer again."""
    if not is_public_key(request.pubkey):
        raise ApiProblem(400, "request.malformed")
    now_ms = cloud.clock.now_ms()
    with writing(cloud.engine) as connection:
        code = _code(connection, request.code)
        terminal_id = code.terminal_id
        query = sa.select(TERMINAL).where(TERMINAL.c.terminal_id == terminal_id).with_for_update()
        terminal = connection.execute(query).one()
        if code.used_at_ms is not None:
            if terminal.pubkey != request.pubkey or now_ms >= code.expires_at_ms:
                raise ApiProblem(409, "enrol.code_used")
            inc = next_incarnation(connection, terminal_id, claim=False)
        elif now_ms >= code.expires_at_ms:
            raise ApiProblem(410, "enrol.code_expired")
        else:
            inc = next_incarnation(connection, terminal_id, claim=True)
            _bind(connection, code, request, now_ms=now_ms)
        store = connection.execute(sa.select(STORE).where(STORE.c.store_id == terminal.store_id)).one()
    return Enrolled(
        terminal=terminal_id,
        inc=inc,
        store=store.store_id,
        store_name_zh=store.name_zh,
        store_name_en=store.name_en,
        sub_ver=store.sub_ver,
        pin_pepper=base64.b64encode(cloud.keys.store_pepper(store.store_id)).decode(),
        server_time=now_ms,
    )


def _code(connection: sa.Connection, text: str) -> sa.Row[tuple[object, ...]]:
    query = sa.select(ENROL_CODE).where(ENROL_CODE.c.code_hash == hash_code(text)).with_for_update()
    code = connection.execute(query).one_or_none()
    if code is None:
        raise ApiProblem(404, "enrol.code_wrong")
    return code


def _bind(connection: sa.Connection, code: sa.Row[tuple[object, ...]], request: Enrol, *, now_ms: int) -> None:
    connection.execute(sa.update(ENROL_CODE).where(ENROL_CODE.c.code_hash == code.code_hash).values(used_at_ms=now_ms))
    values = {
        "pubkey": request.pubkey,
        "device": request.device[:200],
        "app_ver": request.app_ver[:40],
        "state": "active",
        "enrolled_at_ms": now_ms,
        "last_seen_ms": now_ms,
        "ver": TERMINAL.c.ver + 1,
    }
    connection.execute(sa.update(TERMINAL).where(TERMINAL.c.terminal_id == code.terminal_id).values(values))
