"""The tills' routes over HTTP: who gets in, what is answered, how long it may be kept."""

from __future__ import annotations

import gzip
from typing import Any

import msgspec
import pytest
import zstandard
from starlette.testclient import TestClient

from cloud_api.context import Cloud
from cloud_api.db import master_rows
from cloud_api.db.master_tables import TERMINAL
from cloud_api.routes import sync_wire
from cloud_api.routes.sync import router
from cloud_api.routes.sync_openapi import EXAMPLES
from cloud_api.services.background import Background
from cloud_api.services.terminals.tokens import LIFETIME_MS
from sync.feed import chain, chain_start
from sync.messages import Audit, BucketHead, Enrolled, Fork, Gone, Hello, Manifest, Page, Problem, Token, UpAck
from tests.cloud_api.sync.shop import CAT, PRICES, STORE_BUCKET, TERMINAL_ID, Shop, TestTill
from tests.cloud_api.sync.test_snapshots import change_taxes

YEAR = "max-age=31536000, immutable"


@pytest.fixture
def pass_(till: TestTill, client: TestClient) -> dict[str, str]:
    """The header with the till's token."""
    return till.sign_in(client)


def read(answer: Any, kind: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return msgspec.json.decode(answer.content, type=kind)


def refused(answer: Any, status: int, code: str) -> Problem:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem: Problem = msgspec.json.decode(answer.content, type=Problem)
    assert (problem.status, problem.code) == (status, code)
    assert problem.text_zh
    assert problem.text_en
    return problem


def head_of(client: TestClient, pass_: dict[str, str], bucket: str) -> BucketHead:
    hello: Hello = read(client.get("/v1/hello", headers=pass_), Hello)
    return next(head for head in hello.buckets if head.b == bucket)


# --- Enrolment ------------------------------------------------------------------------------------------


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
    refused(enrol(client, code, thief), 409, "enrol.code_used")
    shop.clock.forward(seconds=601)
    refused(enrol(client, code, blank), 409, "enrol.code_used")
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
    refused(client.get("/v1/hello", headers=old_pass), 401, "token.invalid")
    refused(client.post("/v1/token", json=till.token_request()), 401, "token.bad_signature")
    assert new.sign_in(client)


def test_a_code_expires_and_guessing_is_slow(client: TestClient, shop: Shop, blank: TestTill) -> None:
    code = shop.make_code()
    shop.clock.forward(seconds=600)
    refused(enrol(client, code, blank), 410, "enrol.code_expired")
    for _ in range(10):
        refused(enrol(client, "AAAAA-AAAAA", blank), 404, "enrol.code_wrong")
    limited = enrol(client, shop.make_code(), blank)
    assert refused(limited, 429, "enrol.too_many_tries").retry_after_ms == 60_000
    assert limited.headers["retry-after"] == "60"
    shop.clock.forward(seconds=60)
    assert enrol(client, shop.make_code(), blank).status_code == 200


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"code":1}', b'{"a":' * 2000])
def test_nonsense_is_refused_politely(client: TestClient, shop: Shop, body: bytes) -> None:
    for path in ("/v1/enrol", "/v1/token"):
        refused(client.post(path, content=body), 400, "request.malformed")


def test_a_key_that_is_none_is_refused(client: TestClient, shop: Shop) -> None:
    body = {"code": shop.make_code(), "pubkey": "AAAA", "device": "d", "app_ver": "1"}
    refused(client.post("/v1/enrol", json=body), 400, "request.malformed")
    refused(client.post("/v1/enrol", json=body | {"extra": 1}), 400, "request.malformed")


# --- Tokens ---------------------------------------------------------------------------------------------


def test_a_token_lasts_an_hour(client: TestClient, till: TestTill, shop: Shop) -> None:
    token: Token = read(client.post("/v1/token", json=till.token_request()), Token)
    assert token.expires_at == shop.clock.now_ms() + LIFETIME_MS
    pass_ = {"Authorization": f"Bearer {token.access}"}
    shop.clock.forward(ms=LIFETIME_MS - 1)
    assert client.get("/v1/hello", headers=pass_).status_code == 200
    shop.clock.forward(ms=1)
    problem = refused(client.get("/v1/hello", headers=pass_), 401, "token.invalid")
    assert problem.server_time == shop.clock.now_ms()


def test_only_the_key_gets_a_token(client: TestClient, till: TestTill, shop: Shop) -> None:
    request = till.token_request()
    refused(client.post("/v1/token", json=request | {"inc": 2}), 401, "token.bad_signature")
    refused(client.post("/v1/token", json=request | {"sig": "AAAA"}), 401, "token.bad_signature")
    refused(client.post("/v1/token", json=request | {"sig": "ü"}), 401, "token.bad_signature")
    refused(client.post("/v1/token", json=request | {"terminal": "9999-9"}), 401, "terminal.unknown")
    shop.add_till("0102-2")
    refused(client.post("/v1/token", json=request | {"terminal": "0102-2"}), 401, "terminal.unknown")
    off = till.token_request(ts=shop.clock.now_ms() - 600_001)
    assert refused(client.post("/v1/token", json=off), 401, "token.clock").server_time == shop.clock.now_ms()
    assert client.post("/v1/token", json=request).status_code == 200
    refused(client.post("/v1/token", json=request), 401, "token.bad_signature")


def test_a_token_cannot_be_made_up(client: TestClient, till: TestTill, pass_: dict[str, str]) -> None:
    token = pass_["Authorization"].removeprefix("Bearer ")
    head, _, mac = token.partition(".")
    assert token.startswith("evt_")
    for made_up in ("", "evt_", "evt_a.b", head, f"{head}.", f"{head}.{mac[:-2]}", f"{head}x.{mac}", f"{head}.ü"):
        headers = {"Authorization": b"Bearer " + made_up.encode()}
        refused(client.get("/v1/hello", headers=headers), 401, "token.invalid")  # type: ignore[arg-type]
    refused(client.get("/v1/hello"), 401, "token.invalid")
    refused(client.get("/v1/hello", headers={"Authorization": f"Basic {token}"}), 401, "token.invalid")


# --- Hello ----------------------------------------------------------------------------------------------


def test_hello_tells_where_everything_stands(
    client: TestClient, till: TestTill, pass_: dict[str, str], background: Background, shop: Shop
) -> None:
    background.turn()
    till.sell()
    till.acked(background)
    answer = client.get(f"/v1/hello?schema=1&app=0.2.0&inc=1&tip={till.tip.seq + 5}", headers=pass_)
    hello: Hello = read(answer, Hello)
    assert answer.headers["cache-control"] == "no-store"
    assert [head.b for head in hello.buckets] == [CAT, PRICES, STORE_BUCKET]
    assert {head.b: head.head for head in hello.buckets} == {CAT: 1, PRICES: 3, STORE_BUCKET: 1}
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
    assert [(head.head, head.low, head.snap) for head in first.buckets] == [(0, 1, None)] * 3
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


# --- Pages ----------------------------------------------------------------------------------------------


def test_pages_can_be_kept_for_ever_and_the_tail_never(
    client: TestClient, pass_: dict[str, str], background: Background, shop: Shop
) -> None:
    change_taxes(shop.cloud, 0, 130)
    background.turn()
    head = head_of(client, pass_, CAT)
    manifest: Manifest = read(client.get(f"/v1/b/{CAT}/{head.epoch}/manifest", headers=pass_), Manifest)
    assert (manifest.head, manifest.tail_from, manifest.low) == (131, 129, 1)
    assert [(page.first, page.last) for page in manifest.pages] == [(1, 64), (65, 128)]
    digest = chain_start(CAT, head.epoch)
    for first in (1, 65, 129):
        answer = client.get(f"/v1/b/{CAT}/{head.epoch}/p/{first}", headers=pass_ | {"Accept-Encoding": "identity"})
        page: Page = read(answer, Page)
        assert (page.first, page.prev, page.sealed) == (first, digest, first < 129)
        for raw in page.groups:
            digest = chain(digest, bytes(raw))
        assert page.hash == digest
        if page.sealed:
            assert answer.headers["cache-control"] == f"public, {YEAR}"
            tag = answer.headers["etag"]
            same = client.get(
                f"/v1/b/{CAT}/{head.epoch}/p/{first}",
                headers=pass_ | {"Accept-Encoding": "identity", "If-None-Match": tag},
            )
            assert (same.status_code, same.content) == (304, b"")
        else:
            assert answer.headers["cache-control"] == "no-store"
            assert "etag" not in answer.headers
    inner: Page = read(client.get(f"/v1/b/{CAT}/{head.epoch}/p/100", headers=pass_), Page)
    assert (inner.first, inner.last) == (65, 128)


def test_what_is_personal_is_kept_by_no_shared_cache(
    client: TestClient, pass_: dict[str, str], background: Background, shop: Shop, cloud: Cloud
) -> None:
    for number in range(70):
        with cloud.unit_of_work() as uow:
            row = {"store_id": "0102", "operator_id": f"{number}", "name": "李", "role": "cashier", "pin_hash": "$x"}
            master_rows.write_row(uow, master_rows.OPERATOR, row | {"created_at_ms": 1})
            uow.commit()
    background.turn()
    head = head_of(client, pass_, STORE_BUCKET)
    answer = client.get(f"/v1/b/{STORE_BUCKET}/{head.epoch}/p/1", headers=pass_)
    assert read(answer, Page).sealed
    assert answer.headers["cache-control"] == f"private, {YEAR}"


@pytest.mark.parametrize("coding", ["zstd", "gzip", "identity", "br", "zstd;q=0, gzip", "gzip, zstd"])
def test_pages_come_in_the_coding_that_is_asked_for(
    client: TestClient, pass_: dict[str, str], background: Background, shop: Shop, coding: str
) -> None:
    change_taxes(shop.cloud, 0, 70)
    background.turn()
    head = head_of(client, pass_, CAT)
    for first in (1, 65):
        url = f"/v1/b/{CAT}/{head.epoch}/p/{first}"
        with client.stream("GET", url, headers=pass_ | {"Accept-Encoding": coding}) as answer:
            body = b"".join(answer.iter_raw())
            got = answer.headers.get("content-encoding", "identity")
        wanted = "gzip" if coding.startswith("zstd;q=0") else coding.split(",")[-1].strip()
        assert got == (wanted if wanted in ("zstd", "gzip") else "identity")
        plain = sync_wire.unpacked(body, got)
        assert msgspec.json.decode(plain, type=Page).first == first


def test_a_page_that_is_gone_or_never_was_says_so(
    client: TestClient, pass_: dict[str, str], background: Background, shop: Shop
) -> None:
    background.turn()
    head = head_of(client, pass_, CAT)
    for url, why in (
        (f"/v1/b/{CAT}/0-other/p/1", "epoch"),
        (f"/v1/b/{CAT}/0-other/manifest", "epoch"),
        (f"/v1/b/{CAT}/{head.epoch}/p/0", "low"),
        (f"/v1/b/{CAT}/{head.epoch}/p/3", "head"),
    ):
        answer = client.get(url, headers=pass_)
        gone: Gone = read(answer, Gone, 410)
        assert (gone.b, gone.epoch, gone.why) == (CAT, head.epoch, why)
        assert answer.headers["cache-control"] == "no-store"
    assert client.get(f"/v1/b/{CAT}/{head.epoch}/p/x", headers=pass_).status_code == 422


def test_news_of_another_process_are_found_when_asked_for(
    client: TestClient, pass_: dict[str, str], background: Background, shop: Shop
) -> None:
    """This process has not looked yet; a till that was told elsewhere must not be sent to the snapshot."""
    background.turn()
    head = head_of(client, pass_, PRICES)
    shop.set_price("A-1", 400)
    shop.set_price("A-2", 500)
    Background(shop.cloud).feed_turn()
    page: Page = read(client.get(f"/v1/b/{PRICES}/{head.epoch}/p/{head.head + 2}", headers=pass_), Page)
    assert page.last == head.head + 2


def test_a_tail_that_was_sealed_meanwhile_is_read_whole(
    client: TestClient, pass_: dict[str, str], background: Background, shop: Shop
) -> None:
    change_taxes(shop.cloud, 0, 60)
    background.turn()
    head = head_of(client, pass_, CAT)
    change_taxes(shop.cloud, 100, 60)
    Background(shop.cloud).feed_turn()
    page: Page = read(client.get(f"/v1/b/{CAT}/{head.epoch}/p/{head.head + 50}", headers=pass_), Page)
    assert (page.first, page.last, page.sealed) == (65, 121, False)
    page = read(client.get(f"/v1/b/{CAT}/{head.epoch}/p/1", headers=pass_), Page)
    assert (page.first, page.last, page.sealed) == (1, 64, True)


def test_other_stores_feeds_are_not_for_this_till(client: TestClient, pass_: dict[str, str]) -> None:
    for bucket in ("store:9999", "price:hk", "ctl:0102-2", "nonsense"):
        for rest in ("manifest", "p/1", "audit/1"):
            refused(client.get(f"/v1/b/{bucket}/e/{rest}", headers=pass_), 403, "bucket.not_subscribed")
        refused(client.get(f"/v1/snap/{bucket}/e/1/1.sqlite.zst", headers=pass_), 403, "bucket.not_subscribed")
        refused(client.get(f"/v1/live?wait=1&c=e.1.{bucket}", headers=pass_), 403, "bucket.not_subscribed")


# --- Snapshots and audit --------------------------------------------------------------------------------


def test_a_snapshot_can_be_fetched_in_parts(
    client: TestClient, pass_: dict[str, str], background: Background, shop: Shop
) -> None:
    change_taxes(shop.cloud, 0, 70)
    background.turn()
    assert background.snapshots.build(CAT)
    background.turn()
    head = head_of(client, pass_, CAT)
    assert head.snap is not None
    assert (head.snap.seq, head.snap.page_from) == (71, 65)
    whole = client.get(head.snap.url, headers=pass_)
    assert (whole.status_code, len(whole.content)) == (200, head.snap.bytes)
    assert whole.headers["cache-control"] == f"public, {YEAR}"
    assert "content-encoding" not in whole.headers
    part = client.get(head.snap.url, headers=pass_ | {"Range": "bytes=100-", "If-Range": whole.headers["etag"]})
    assert (part.status_code, part.content) == (206, whole.content[100:])
    changed = client.get(head.snap.url, headers=pass_ | {"Range": "bytes=100-", "If-Range": '"other"'})
    assert (changed.status_code, changed.content) == (200, whole.content)
    assert client.get(head.snap.url, headers=pass_ | {"Range": "bytes=99999999-"}).status_code == 416
    with_other_schema: Hello = read(client.get("/v1/hello?schema=99", headers=pass_), Hello)
    assert all(one.snap is None for one in with_other_schema.buckets)
    for name in (
        "1.sqlite.zst",
        "x.sqlite.zst",
        "-1.sqlite.zst",
        "71.sqlite",
        "..%2f..%2fcloud.db",
        "9" * 30 + ".sqlite.zst",
    ):
        answer = client.get(f"/v1/snap/{CAT}/{head.epoch}/1/{name}", headers=pass_)
        assert answer.status_code == 404, name


def test_figures_to_compare_by(client: TestClient, pass_: dict[str, str], background: Background, shop: Shop) -> None:
    change_taxes(shop.cloud, 0, 3)
    background.turn()
    head = head_of(client, pass_, CAT)
    audit: Audit = read(client.get(f"/v1/b/{CAT}/{head.epoch}/audit/{head.head}", headers=pass_), Audit)
    assert (audit.seq, audit.tables["tax"].n, audit.tables["item"].n) == (4, 3, 3)
    refused(client.get(f"/v1/b/{CAT}/{head.epoch}/audit/2", headers=pass_), 404, "audit.not_at_seq")


# --- Up -------------------------------------------------------------------------------------------------


def up_body(till: TestTill, **changes: Any) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(till.batch(), **changes))


def test_entries_are_taken_in_any_coding(client: TestClient, till: TestTill, pass_: dict[str, str]) -> None:
    for coding, pack in (("zstd", zstandard.compress), ("gzip", gzip.compress), ("identity", bytes)):
        till.sell()
        answer = client.post("/v1/up", content=pack(up_body(till)), headers=pass_ | {"Content-Encoding": coding})
        ack: UpAck = read(answer, UpAck)
        assert (ack.seq, ack.hash) == (till.tip.seq, till.tip.hash)
        assert answer.headers["cache-control"] == "no-store"


def test_a_fork_is_an_answer(client: TestClient, till: TestTill, pass_: dict[str, str]) -> None:
    till.sell()
    clone = till.clone()
    till.sell("A-1")
    clone.sell("A-2")
    assert client.post("/v1/up", content=up_body(till), headers=pass_).status_code == 200
    answer = client.post("/v1/up", content=up_body(clone), headers=pass_)
    fork: Fork = read(answer, Fork, 409)
    assert (fork.fork, fork.new_inc, fork.common.seq) == (True, 2, 1)
    assert answer.headers["cache-control"] == "no-store"


def test_what_is_too_large_is_refused_before_it_is_unpacked(
    client: TestClient, till: TestTill, pass_: dict[str, str]
) -> None:
    bomb = b'"' + b"a" * 50_000_000
    for coding, pack in (("zstd", zstandard.compress), ("gzip", gzip.compress)):
        body = pack(bomb)
        assert len(body) < 100_000
        answer = client.post("/v1/up", content=body, headers=pass_ | {"Content-Encoding": coding})
        refused(answer, 413, "up.too_large")
    refused(client.post("/v1/up", content=b"x" * 3_000_000, headers=pass_), 413, "cloud.too_large")
    till.sell()
    many = up_body(till, ev=till.batch().ev * 501)
    refused(client.post("/v1/up", content=many, headers=pass_), 413, "up.too_large")


@pytest.mark.parametrize(
    ("body", "coding"),
    [(b"", ""), (b"{}", ""), (b"not zstd", "zstd"), (b"not gzip", "gzip"), (zstandard.compress(b"{}")[:-3], "zstd")],
)
def test_what_cannot_be_read_is_refused(client: TestClient, pass_: dict[str, str], body: bytes, coding: str) -> None:
    answer = client.post("/v1/up", content=body, headers=pass_ | {"Content-Encoding": coding})
    refused(answer, 400, "request.malformed")


def test_a_coding_that_nobody_knows_is_refused(client: TestClient, pass_: dict[str, str]) -> None:
    answer = client.post("/v1/up", content=b"x", headers=pass_ | {"Content-Encoding": "br"})
    refused(answer, 415, "cloud.wrong_media_type")


# --- States ---------------------------------------------------------------------------------------------


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
        refused(client.get(f"/v1/{url}", headers=pass_), 403, code)
    refused(client.get(f"/v1/snap/{CAT}/{head.epoch}/1/1.sqlite.zst", headers=pass_), 403, code)
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
    assert (hello.sub_ver, [head.b for head in hello.buckets]) == (2, [CAT, "price:hk", STORE_BUCKET])


# --- The document ---------------------------------------------------------------------------------------


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
