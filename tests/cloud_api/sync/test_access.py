"""Who gets in, and what a till is told first: enrolment, tokens, hello, states and the document."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from cloud_api.context import Cloud
from cloud_api.db import master_rows
from cloud_api.db.master_tables import TERMINAL
from cloud_api.routes.sync import router
from cloud_api.routes.sync_openapi import EXAMPLES
from cloud_api.services.background import Background
from cloud_api.services.terminals.tokens import LIFETIME_MS
from sync.feed import chain_start
from sync.messages import Enrolled, Hello, Page, Token, UpAck
from tests.cloud_api.sync.shop import CAT, PRICES, PROMO, STORE_BUCKET, TERMINAL_ID, Shop, TestTill
from tests.cloud_api.sync.wire import check_refused, head_of, read, up_body

# --- Enrolment ----------------------------------------------------------------------------------------


def enrol(client: TestClient, code: str, till: TestTill) -> Any:
    return client.post("/v1/enrol", json={"code": code, "pubkey": till.pubkey, "device": "d", "app_ver": "0.1.0"})


@pytest.fixture
def blank(shop: Shop) -> TestTill:
    """A till that is not enrolled."""
    return TestTill(TERMINAL_ID, shop.clock, shop.items)  # type: ignore[arg-type]


def test_a_code_binds_a_key_once(client: TestClient, shop: Shop, blank: TestTill, cloud: Cloud) -> None:
    code = shop.make_code()
    told: Enrolled = read(enrol(client, code.lower().replace("-", " "), blank), Enrolled)
    assert (told.terminal, told.inc, told.store, told.sub_ver) == (TERMINAL_ID, 1, "0102", 1)
    assert (told.store_name_zh, told.store_name_en) == ("人民路店", "Renmin Road")
    assert len(told.pin_pepper) == 44
    (row,) = shop.rows(TERMINAL)
    assert (row["state"], row["pubkey"], row["app_ver"]) == ("active", blank.pubkey, "0.1.0")
    # The answer was lost: the same key gets it again, another one does not.
    assert read(enrol(client, code, blank), Enrolled) == told
    thief = TestTill(blank.terminal, shop.clock, shop.items)
    check_refused(enrol(client, code, thief), 409, "enrol.code_used")
    shop.clock.forward(seconds=601)
    check_refused(enrol(client, code, blank), 409, "enrol.code_used")
    assert blank.sign_in(client)


def test_a_till_that_is_replaced_gets_the_next_incarnation(
    client: TestClient, shop: Shop, till: TestTill, background: Background
) -> None:
    old_pass = till.sign_in(client)
    till.sell()
    till.acked(background)
    new = TestTill(till.terminal, shop.clock, shop.items)
    told: Enrolled = read(enrol(client, shop.make_code(), new), Enrolled)
    assert told.inc == 2
    check_refused(client.get("/v1/hello", headers=old_pass), 401, "token.invalid")
    check_refused(client.post("/v1/token", json=till.token_request()), 401, "token.bad_signature")
    assert new.sign_in(client)


def test_a_code_expires_and_guessing_is_slow(client: TestClient, shop: Shop, blank: TestTill) -> None:
    code = shop.make_code()
    shop.clock.forward(seconds=600)
    check_refused(enrol(client, code, blank), 410, "enrol.code_expired")
    for _ in range(10):
        check_refused(enrol(client, "AAAAA-AAAAA", blank), 404, "enrol.code_wrong")
    limited = enrol(client, shop.make_code(), blank)
    assert check_refused(limited, 429, "enrol.too_many_tries").retry_after_ms == 60_000
    assert limited.headers["retry-after"] == "60"
    shop.clock.forward(seconds=60)
    assert enrol(client, shop.make_code(), blank).status_code == 200


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"code":1}', b'{"a":' * 2000])
def test_nonsense_is_refused_politely(client: TestClient, shop: Shop, body: bytes) -> None:
    for path in ("/v1/enrol", "/v1/token"):
        check_refused(client.post(path, content=body), 400, "request.malformed")


def test_a_key_that_is_none_is_refused(client: TestClient, shop: Shop) -> None:
    body = {"code": shop.make_code(), "pubkey": "AAAA", "device": "d", "app_ver": "1"}
    check_refused(client.post("/v1/enrol", json=body), 400, "request.malformed")
    check_refused(client.post("/v1/enrol", json=body | {"extra": 1}), 400, "request.malformed")


# --- Tokens -------------------------------------------------------------------------------------------


def test_a_token_lasts_an_hour(client: TestClient, till: TestTill, shop: Shop) -> None:
    token: Token = read(client.post("/v1/token", json=till.token_request()), Token)
    assert token.expires_at == shop.clock.now_ms() + LIFETIME_MS
    pass_ = {"Authorization": f"Bearer {token.access}"}
    shop.clock.forward(ms=LIFETIME_MS - 1)
    assert client.get("/v1/hello", headers=pass_).status_code == 200
    shop.clock.forward(ms=1)
    problem = check_refused(client.get("/v1/hello", headers=pass_), 401, "token.invalid")
    assert problem.server_time == shop.clock.now_ms()


def test_only_the_key_gets_a_token(client: TestClient, till: TestTill, shop: Shop) -> None:
    request = till.token_request()
    check_refused(client.post("/v1/token", json=request | {"inc": 2}), 401, "token.bad_signature")
    check_refused(client.post("/v1/token", json=request | {"sig": "AAAA"}), 401, "token.bad_signature")
    check_refused(client.post("/v1/token", json=request | {"sig": "ü"}), 401, "token.bad_signature")
    check_refused(client.post("/v1/token", json=request | {"terminal": "9999-9"}), 401, "terminal.unknown")
    shop.add_till("0102-2")
    check_refused(client.post("/v1/token", json=request | {"terminal": "0102-2"}), 401, "terminal.unknown")
    off = till.token_request(ts=shop.clock.now_ms() - 600_001)
    assert check_refused(client.post("/v1/token", json=off), 401, "token.clock").server_time == shop.clock.now_ms()
    assert client.post("/v1/token", json=request).status_code == 200
    check_refused(client.post("/v1/token", json=request), 401, "token.bad_signature")


def test_a_token_cannot_be_made_up(client: TestClient, till: TestTill, pass_: dict[str, str]) -> None:
    token = pass_["Authorization"].removeprefix("Bearer ")
    head, _, mac = token.partition(".")
    assert token.startswith("evt_")
    for made_up in ("", "evt_", "evt_a.b", head, f"{head}.", f"{head}.{mac[:-2]}", f"{head}x.{mac}", f"{head}.ü"):
        headers = {"Authorization": b"Bearer " + made_up.encode()}
        check_refused(client.get("/v1/hello", headers=headers), 401, "token.invalid")  # type: ignore[arg-type]
    check_refused(client.get("/v1/hello"), 401, "token.invalid")
    check_refused(client.get("/v1/hello", headers={"Authorization": f"Basic {token}"}), 401, "token.invalid")


# --- Hello --------------------------------------------------------------------------------------------


def test_hello_tells_where_everything_stands(
    client: TestClient, till: TestTill, pass_: dict[str, str], background: Background, shop: Shop
) -> None:
    background.turn()
    till.sell()
    till.acked(background)
    answer = client.get(f"/v1/hello?schema=1&app=0.2.0&inc=1&tip={till.tip.seq + 5}", headers=pass_)
    hello: Hello = read(answer, Hello)
    assert answer.headers["cache-control"] == "no-store"
    assert [head.b for head in hello.buckets] == [CAT, PRICES, PROMO, STORE_BUCKET]
    assert {head.b: head.head for head in hello.buckets} == {CAT: 1, PRICES: 3, PROMO: 0, STORE_BUCKET: 1}
    assert (hello.ack.inc, hello.ack.seq, hello.ack.hash) == (1, 1, till.tip.hash)
    assert (hello.state, hello.sub_ver, hello.server_time) == ("active", 1, shop.clock.now_ms())
    assert hello.epoch_up == till.acked(background, []).epoch_up
    other: Hello = read(client.get("/v1/hello?inc=7", headers=pass_), Hello)
    assert (other.ack.inc, other.ack.seq, other.ack.hash) == (7, 0, "0" * 64)
    background.presence.flush()
    (row,) = shop.rows(TERMINAL)
    assert (row["app_ver"], row["tip_inc"], row["last_seen_ms"]) == ("0.2.0", 1, shop.clock.now_ms())


def test_hello_names_buckets_that_nobody_published_into_yet(
    client: TestClient, till: TestTill, pass_: dict[str, str]
) -> None:
    """The rows are still pending: the feeds begin empty, with an epoch that stays."""
    first: Hello = read(client.get("/v1/hello", headers=pass_), Hello)
    assert [(head.head, head.low, head.snap) for head in first.buckets] == [(0, 1, None)] * 4
    again: Hello = read(client.get("/v1/hello", headers=pass_), Hello)
    assert again.buckets == first.buckets
    empty: Page = read(client.get(f"/v1/b/{CAT}/{first.buckets[0].epoch}/p/1", headers=pass_), Page)
    assert (empty.first, empty.last, empty.groups, empty.sealed) == (1, 0, [], False)
    assert empty.hash == empty.prev == chain_start(CAT, empty.epoch)


def test_idle_tills_cost_no_query(
    client: TestClient, till: TestTill, pass_: dict[str, str], background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    background.turn()
    client.get("/v1/hello", headers=pass_)

    def no_query(*_: object, **__: object) -> None:
        raise AssertionError("a query")

    with monkeypatch.context() as patch:
        patch.setattr(background.cloud.engine, "connect", no_query)
        for _ in range(5):
            assert client.get("/v1/hello?tip=3", headers=pass_).status_code == 200
        head = head_of(client, pass_, PRICES)
        assert client.get(f"/v1/b/{PRICES}/{head.epoch}/p/{head.head}", headers=pass_).status_code == 200


# --- States -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "code"), [("drain", "terminal.drained"), ("revoked", "terminal.revoked"), ("lost", "terminal.revoked")]
)
def test_a_till_that_is_out_gets_nothing_but_may_send(
    client: TestClient, till: TestTill, pass_: dict[str, str], background: Background, shop: Shop, state: str, code: str
) -> None:
    background.turn()
    head = head_of(client, pass_, CAT)
    shop.set_state(state)
    background.look()
    for url in (f"b/{CAT}/{head.epoch}/p/1", f"b/{CAT}/{head.epoch}/manifest", "live?wait=1", f"b/{CAT}/e/audit/1"):
        check_refused(client.get(f"/v1/{url}", headers=pass_), 403, code)
    check_refused(client.get(f"/v1/snap/{CAT}/{head.epoch}/1/1.sqlite.zst", headers=pass_), 403, code)
    hello: Hello = read(client.get("/v1/hello", headers=till.sign_in(client)), Hello)
    assert (hello.state, hello.buckets) == (state, [])
    till.sell()
    assert read(client.post("/v1/up", content=up_body(till), headers=pass_), UpAck).seq == 1


def test_a_store_that_moves_changes_its_tills_buckets(
    client: TestClient, till: TestTill, pass_: dict[str, str], background: Background, shop: Shop, cloud: Cloud
) -> None:
    with cloud.unit_of_work() as uow:
        master_rows.write_row(uow, master_rows.STORE, {"store_id": "0102", "price_zone": "hk", "sub_ver": 2})
        uow.commit()
    background.turn()
    background.look()
    hello: Hello = read(client.get("/v1/hello", headers=pass_), Hello)
    assert (hello.sub_ver, [head.b for head in hello.buckets]) == (2, [CAT, "price:hk", "promo:hk", STORE_BUCKET])


# --- The document -------------------------------------------------------------------------------------


def test_every_route_is_documented_with_examples(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for route in router.routes:
        methods: set[str] = getattr(route, "methods", set())
        path = getattr(route, "path", "")
        for method in methods:
            operation = paths[path][method.lower()]
            assert operation["x-permission"] in ("public", "till")
            assert operation["summary"]
            good = operation["responses"]["200"]["content"]
            assert all("example" in form or form["schema"] == {"type": "string"} for form in good.values()), path
            if method == "POST":
                assert operation["requestBody"]["content"]["application/json"]["example"]


@pytest.mark.parametrize("kind", list(EXAMPLES), ids=lambda kind: kind.__name__)
def test_examples_are_messages(kind: type[msgspec.Struct]) -> None:
    assert isinstance(msgspec.json.decode(msgspec.json.encode(EXAMPLES[kind]), type=kind), kind)
