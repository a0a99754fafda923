"""The feeds and the upload over HTTP: what is answered, and how long it may be kept."""

from __future__ import annotations

import gzip

import msgspec
import pytest
import zstandard
from starlette.testclient import TestClient

from cloud_api.context import Cloud
from cloud_api.db import master_rows
from cloud_api.routes import sync_wire
from cloud_api.services.background import Background
from sync.feed import chain, chain_start
from sync.messages import Audit, Fork, Gone, Hello, Manifest, Page, UpAck
from tests.cloud_api.sync.shop import CAT, PRICES, STORE_BUCKET, Shop, TestTill, change_taxes
from tests.cloud_api.sync.wire import check_refused, head_of, read, up_body

YEAR = "max-age=31536000, immutable"


# --- Pages --------------------------------------------------------------------------------------------


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
            check_refused(client.get(f"/v1/b/{bucket}/e/{rest}", headers=pass_), 403, "bucket.not_subscribed")
        check_refused(client.get(f"/v1/snap/{bucket}/e/1/1.sqlite.zst", headers=pass_), 403, "bucket.not_subscribed")
        check_refused(client.get(f"/v1/live?wait=1&c=e.1.{bucket}", headers=pass_), 403, "bucket.not_subscribed")


# --- Snapshots and audit ------------------------------------------------------------------------------


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
    check_refused(client.get(f"/v1/b/{CAT}/{head.epoch}/audit/2", headers=pass_), 404, "audit.not_at_seq")


# --- Up -----------------------------------------------------------------------------------------------


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
        check_refused(answer, 413, "up.too_large")
    check_refused(client.post("/v1/up", content=b"x" * 3_000_000, headers=pass_), 413, "cloud.too_large")
    till.sell()
    many = up_body(till, ev=till.batch().ev * 501)
    check_refused(client.post("/v1/up", content=many, headers=pass_), 413, "up.too_large")


@pytest.mark.parametrize(
    ("body", "coding"),
    [(b"", ""), (b"{}", ""), (b"not zstd", "zstd"), (b"not gzip", "gzip"), (zstandard.compress(b"{}")[:-3], "zstd")],
)
def test_what_cannot_be_read_is_refused(client: TestClient, pass_: dict[str, str], body: bytes, coding: str) -> None:
    answer = client.post("/v1/up", content=body, headers=pass_ | {"Content-Encoding": coding})
    check_refused(answer, 400, "request.malformed")


def test_a_coding_that_nobody_knows_is_refused(client: TestClient, pass_: dict[str, str]) -> None:
    answer = client.post("/v1/up", content=b"x", headers=pass_ | {"Content-Encoding": "br"})
    check_refused(answer, 415, "cloud.wrong_media_type")
