"""R11: every write takes effect and its answer is lost; the second try gets that answer, and nothing happens twice."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests

from cloud_api.db.schema import METADATA
from cloud_api.db.sync_tables import SYNC_BUCKET
from cloud_api.idempotency import WriteCall
from cloud_api.main import create_app
from sync import identity
from sync.messages import Enrolled, Up, UpAck
from tests.contract.counter import Counter, books_agree
from tests.contract.office import Office, Shop, make_settings
from tests.contract.test_wire import Caller, fact
from tests.proof.network.conftest import sqlite_only
from tests.proof.network.middlebox import Exchange, Fault, MiddleBox, Request
from tests.proof.network.writes import OTHERWISE, WRITES, Write, payload, prepare, routes

TIMEOUT_S = 30
FLEETING = {"hq_token", "login_guard", "sync_state", "import_finding"} | {
    name for name in METADATA.tables if name.startswith(("feed_", "change_"))
}
"""Tables that background work writes, or that count tries: what an act leaves for good is in the others."""


class Loser:
    """Loses the first answer to each request that carries a new mark, and keeps what it was."""

    def __init__(self) -> None:
        self.lost: dict[str, bytes] = {}

    def __call__(self, request: Request) -> Fault | None:
        mark = mark_of(request)
        return None if mark in self.lost else self._lose

    def _lose(self, exchange: Exchange) -> bool:
        self.lost[mark_of(exchange.request)] = exchange.ask()
        return False


def mark_of(request: Request) -> str:
    """The request's key; for a till's, the route."""
    for line in request.raw.partition(b"\r\n\r\n")[0].split(b"\r\n"):
        name, _, value = line.partition(b": ")
        if name.lower() == b"idempotency-key":
            return value.decode()
    return request.name


@pytest.fixture
def loser(box: MiddleBox) -> Loser:
    box.plan = made = Loser()
    return made


def send(box: MiddleBox, write: Write, method: str, *, path: str, headers: dict[str, str]) -> requests.Response:
    url = f"{box.url}/v1/hq{path}" + (f"?{write.query}" if write.query else "")
    return requests.request(method, url, data=payload(write), headers=headers, timeout=TIMEOUT_S)


def counts(office: Office) -> dict[str, int]:
    """How many rows each table has."""
    names = [name for name in METADATA.tables if name not in FLEETING and name != SYNC_BUCKET.name]
    return {name: office.number(f"SELECT count(*) FROM {name}") for name in names}


def settled(office: Office) -> dict[str, int]:
    """The same once nothing moves any more: an import goes on behind its answer."""
    running = "SELECT count(*) FROM import_run WHERE ended_at_ms IS NULL"
    found = counts(office)
    while office.number(running) or found != counts(office):
        time.sleep(0.02)
        found = counts(office)
    return found


def twice(office: Office, box: MiddleBox, loser: Loser, *, name: str, headers: dict[str, str], ids: str) -> list[str]:
    """Send a write until it is answered; what is wrong about the second answer."""
    method, write = name.partition(" ")[0], WRITES[name]
    path = write.path.replace("{import_id}", ids)
    key = secrets.token_hex(8)
    headers = headers | {"Idempotency-Key": key, "Content-Type": "application/json"}
    with pytest.raises(requests.ConnectionError):
        send(box, write, method, path=path, headers=headers)
    before = settled(office)
    second = send(box, write, method, path=path, headers=headers)
    head, _, body = loser.lost[key].partition(b"\r\n\r\n")
    status = int(head.split(b" ")[1])
    found = []
    if status >= 300:
        found.append(f"{name}: the proof's own request is refused: {body.decode()}")
    if (second.status_code, second.content) != (status, body):
        found.append(f"{name}: first {status} {body!r}, then {second.status_code} {second.content!r}")
    more = sorted(name for name, count in counts(office).items() if count != before[name])
    if more:
        found.append(f"{name}: the second try left more behind in {', '.join(more)}")
    return found


def all_twice(office: Office, shop: Shop, box: MiddleBox, *, loser: Loser) -> list[str]:
    """Every write, each with its first answer lost."""
    ids = prepare(shop)
    settled(office)
    headers = {"Authorization": str(shop.hq._session.headers["Authorization"])}
    return [one for name in WRITES for one in twice(office, box, loser, name=name, headers=headers, ids=ids)]


def test_every_write_of_hq(office: Office, shop: Shop, box: MiddleBox, loser: Loser) -> None:
    found = all_twice(office, shop, box, loser=loser)
    assert not found, "\n".join(found)
    assert len(loser.lost) == len(WRITES)


def test_every_write_route_is_proven(tmp_path: Path) -> None:
    """A new write must be listed, with a body or with the reason why it needs no key."""
    app = create_app(make_settings(tmp_path, "", background=False))
    told = {f"{method} /v1/hq{path}" for method, path in (name.split(" ") for name in WRITES)}
    assert routes(app.openapi()) == told | OTHERWISE.keys()
    assert not told & OTHERWISE.keys()


@sqlite_only
def test_a_cloud_that_forgets_its_answers_is_found(
    office: Office, shop: Shop, box: MiddleBox, *, loser: Loser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof can go red: without the kept answers nearly every second try differs or leaves more behind."""
    monkeypatch.setattr(WriteCall, "_stored", lambda *_: None)
    monkeypatch.setattr(WriteCall, "_keep", lambda *_: None)
    found = all_twice(office, shop, box, loser=loser)
    wrong = {one.partition(":")[0] for one in found}
    assert {"POST /users", "POST /stores/{store_id}/tills", "POST /tills/{terminal_id}/code"} <= wrong
    assert len(wrong) > len(WRITES) / 2, sorted(wrong)


@pytest.fixture
def caller(office: Office, shop: Shop, tmp_path: Path) -> Iterator[Caller]:
    counter = Counter(tmp_path / "till", shop.pins)
    counter.enrol(office.url, shop.new_till()[1])
    made = Caller(office, identity.load(counter.directory))
    yield made
    made.close()


def lost_and_again(box: MiddleBox, loser: Loser, path: str, *, body: bytes, token: str = "") -> tuple[bytes, bytes]:
    """A till's request twice: the answer that was lost, and the second one."""
    loser.lost.clear()
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    with pytest.raises(requests.ConnectionError):
        requests.post(box.url + path, data=body, headers=headers, timeout=TIMEOUT_S)
    second = requests.post(box.url + path, data=body, headers=headers, timeout=TIMEOUT_S).content
    return loser.lost[f"POST {path}"].partition(b"\r\n\r\n")[2], second


def test_the_tills_own_writes(
    office: Office, shop: Shop, box: MiddleBox, *, loser: Loser, caller: Caller, tmp_path: Path
) -> None:
    up = msgspec.json.encode(caller.up(*(fact(number) for number in range(1, 8))))
    token = caller.tokens.get(caller.transport)
    first, again = (
        msgspec.json.decode(one, type=UpAck) for one in lost_and_again(box, loser, "/v1/up", body=up, token=token)
    )
    assert (first.seq, first.hash) == (again.seq, again.hash) == (7, msgspec.json.decode(up, type=Up).tip.hash)
    assert office.number("SELECT count(*) FROM event_raw") == 7
    pubkey = json.dumps(enrolment(shop, tmp_path)).encode()
    told, retold = (
        msgspec.json.decode(one, type=Enrolled) for one in lost_and_again(box, loser, "/v1/enrol", body=pubkey)
    )
    assert msgspec.structs.replace(told, server_time=0) == msgspec.structs.replace(retold, server_time=0)
    assert (told.inc, office.number("SELECT max(last_inc) FROM terminal_inc")) == (1, 1)


def enrolment(shop: Shop, folder: Path) -> dict[str, Any]:
    key = identity.pending_key(folder / "another")
    code = shop.new_till()[1].replace("-", "")
    return {"code": code, "pubkey": identity.public_key_text(key), "device": "till", "app_ver": "0.1.0"}


def test_a_till_whose_every_answer_is_lost_once(office: Office, shop: Shop, box: MiddleBox, *, tmp_path: Path) -> None:
    """Each single upload is lost once, for as long as the till sells; each sale is there once."""
    seen: set[bytes] = set()

    def plan(request: Request) -> Fault | None:
        body = request.raw.partition(b"\r\n\r\n")[2]
        if request.name != "POST /v1/up" or body in seen:
            return None
        seen.add(body)
        return lambda exchange: bool(exchange.ask()) and False

    box.plan = plan
    counter = Counter(tmp_path / "till", shop.pins)
    counter.enrol(box.url, shop.new_till()[1])
    counter.connect()
    counter.ready()
    for _ in range(4):
        counter.sell(times=5)
        counter.sent()
    assert len(seen) >= 4
    assert books_agree(office, counter)
    counter.close()
