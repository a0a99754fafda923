"""The wire itself: every answer of the cloud is exactly the message it claims to be, and so is every request."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud_api.db.engine import writing
from cloud_api.db.sync_tables import FEED_PAGE
from sync import feed, identity, upload
from sync.client import BucketGone, CloudClient
from sync.feed import Cursor
from sync.journal import GENESIS, Fact, Stamp, Tip, anchor_bytes, seal
from sync.live import ServerEvent, SseParser, news_of
from sync.messages import (
    Audit,
    BucketHead,
    Ctl,
    Enrol,
    Enrolled,
    Fork,
    Gone,
    Hello,
    LivePoll,
    Manifest,
    Page,
    Problem,
    SnapshotRef,
    Token,
    TokenRequest,
    Up,
    UpAck,
    cursor_text,
    token_bytes,
)
from sync.system_clock import SystemClock
from sync.tokens import CloudClock, TokenSource
from sync.transport import Terminal, Transport
from tests.contract.counter import Counter
from tests.contract.office import COLA, WATER, Office, Shop, make_settings, open_shop, wait_until

BUCKETS = ("cat:main", "price:cn", "promo:cn", "store:0101")


class Caller:
    """Requests as they are on the wire, of an enrolled till without an agent."""

    def __init__(self, office: Office, who: identity.Identity) -> None:
        self.office, self.who = office, who
        self.clock = CloudClock(SystemClock(), None, keep=lambda _: None)
        self.transport = Transport(office.url)
        self.tokens = TokenSource(who, self.clock)
        self.client = CloudClient(self.transport, tokens=self.tokens, clock=self.clock)
        self.session = requests.Session()

    def close(self) -> None:
        self.transport.close()
        self.session.close()

    def get(self, path: str, **options: Any) -> requests.Response:
        self.session.headers["Authorization"] = f"Bearer {self.tokens.get(self.transport)}"
        return self.session.get(self.office.url + path, timeout=10, **options)

    def post(self, path: str, body: bytes) -> requests.Response:
        if path == "/v1/up":
            self.session.headers["Authorization"] = f"Bearer {self.tokens.get(self.transport)}"
        headers = {"Content-Type": "application/json"}
        return self.session.post(self.office.url + path, data=body, headers=headers, timeout=10)

    def up(self, *facts: Fact) -> Up:
        tip, entries = Tip(1, 0, GENESIS), []
        for fact in facts:
            entries.append(seal(tip, fact, terminal=self.who.terminal))
            tip = Tip(1, entries[-1].seq, entries[-1].hash)
        signature = self.who.signature(anchor_bytes(self.who.terminal, tip))
        return upload.request(tip, entries, terminal=self.who.terminal, signature=signature)


def fact(number: int) -> Fact:
    stamp = Stamp(SystemClock().now_ms(), SystemClock().now_ms(), 0, "boot", 1)
    return Fact(f"event-{number}", "sign_on", 1, stamp, b'{"operator_id":"1001"}')


@pytest.fixture
def caller(office: Office, shop: Shop, tmp_path: Path) -> Iterator[Caller]:
    counter = Counter(tmp_path / "till", shop.pins)
    counter.enrol(office.url, shop.new_till()[1])
    made = Caller(office, identity.load(counter.directory))
    yield made
    made.close()


def exactly(body: bytes, kind: type[Any]) -> Any:
    """The message of a body; nothing in the body is left over, nothing of the message is missing in it."""
    message = msgspec.json.decode(body, type=kind)
    assert json.loads(msgspec.json.encode(message)) == json.loads(body)
    return message


def test_every_answer_is_the_message_it_claims_to_be(office: Office, shop: Shop, caller: Caller) -> None:
    hello = exactly(caller.get("/v1/hello?schema=1&app=0.1.0&inc=1&tip=0").content, Hello)
    assert tuple(head.b for head in hello.buckets) == BUCKETS
    assert (hello.state, hello.ack.seq, hello.ack.hash) == ("active", 0, GENESIS)
    shop.set_prices(WATER, range(301, 371))
    head = "SELECT head_seq FROM sync_bucket WHERE bucket = 'price:cn'"
    wait_until(lambda: office.number(head) >= 73, "not sequenced")
    office.background.snapshots.build("price:cn")
    office.background.look_at("price:cn")
    epoch = next(head.epoch for head in hello.buckets if head.b == "price:cn")
    manifest = exactly(caller.get(f"/v1/b/price:cn/{epoch}/manifest").content, Manifest)
    assert manifest.pages and manifest.snaps and manifest.head == 73
    pages = walk(caller, "price:cn", epoch)
    assert [page.sealed for page in pages] == [True, False]
    assert pages[0].hash == manifest.pages[0].hash
    ref: SnapshotRef = manifest.snaps[-1]
    whole = caller.get(ref.url).content
    assert len(whole) == ref.bytes
    part = caller.get(ref.url, headers={"Range": "bytes=100-"})
    assert (part.status_code, part.content) == (206, whole[100:])
    audit = exactly(caller.get(f"/v1/b/price:cn/{epoch}/audit/73").content, Audit)
    assert audit.tables["price"].n == 4
    cursors = "&".join(f"c={cursor_text(b, epoch, seq=70)}" for b in ("price:cn",))
    poll = exactly(caller.get(f"/v1/live?sub_ver={hello.sub_ver}&{cursors}&wait=5").content, LivePoll)
    assert [(page.first, page.last) for page in poll.pages] == [(71, 73)]
    ack = exactly(caller.post("/v1/up", msgspec.json.encode(caller.up(fact(1)))).content, UpAck)
    assert (ack.seq, ack.durable) == (1, 0)
    conflict = caller.post("/v1/up", msgspec.json.encode(caller.up(fact(2))))
    assert conflict.status_code == 409
    assert exactly(conflict.content, Fork).new_inc == 2


def walk(caller: Caller, bucket: str, epoch: str) -> list[Page]:
    """Every page from the first, its chain checked by the till's own code."""
    cursor, pages = feed.start(bucket, epoch), []
    while True:
        answer = caller.get(f"/v1/b/{bucket}/{epoch}/p/{cursor.page_from}")
        assert answer.status_code == 200
        page = exactly(answer.content, Page)
        news = feed.read_page(page, cursor, bucket=bucket)
        assert [group.s for group in news.groups] == list(range(cursor.seq + 1, page.last + 1))
        cursor = news.cursor
        pages.append(page)
        immutable = "immutable" in answer.headers["Cache-Control"]
        assert immutable == page.sealed
        if not page.sealed:
            return pages


def test_live_events_are_pages_heads_and_words(office: Office, shop: Shop, caller: Caller) -> None:
    hello = caller.client.hello(Tip(1, 0, GENESIS), app_ver="0.1.0")
    cursors = {head.b: Cursor(head.epoch, head.head, "0" * 64, 1) for head in hello.buckets}
    behind = {**cursors, "price:cn": Cursor("another", 1, "0" * 64, 1)}
    with caller.client.stream(hello.sub_ver, behind) as stream:
        events: list[ServerEvent] = []
        chunks = stream.chunks()
        while not events:
            events = SseParser().feed(next(chunks))
    assert events[0].name == "head" and exactly(events[0].data, BucketHead).b == "price:cn"
    parser = SseParser()
    seen: list[ServerEvent] = []
    with caller.client.stream(hello.sub_ver, cursors) as stream:
        chunks = stream.chunks()
        shop.set_price(COLA, 399)
        while len(seen) < 1:
            seen += parser.feed(next(chunks))
        page = exactly(seen[0].data, Page)
        assert (seen[0].name, page.b, page.first) == ("page", "price:cn", cursors["price:cn"].seq + 1)
        assert b'"price_minor":399' in bytes(page.groups[0])
        shop.set_state(caller.who.terminal, "drain")
        while len(seen) < 2:
            seen += parser.feed(next(chunks))
        assert (seen[1].name, exactly(seen[1].data, Ctl).what) == ("ctl", "state")
    assert all(news_of(event) is not None for event in seen)


REQUESTS: dict[str, type[Any]] = {"/v1/enrol": Enrol, "/v1/token": TokenRequest, "/v1/up": Up}


def sample(caller: Caller, path: str) -> dict[str, Any]:
    """A right request, as the till's own struct makes it."""
    who, at_ms = caller.who, SystemClock().now_ms()
    key = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    nonce = f"nonce-{path}"
    signature = who.signature(token_bytes(who.terminal, 1, ts=at_ms, nonce=nonce))
    message: Any = {
        "/v1/enrol": Enrol(code="7F3A91C2KM", pubkey=key, device="till", app_ver="0.1.0"),
        "/v1/token": TokenRequest(terminal=who.terminal, inc=1, ts=at_ms, nonce=nonce, sig=signature),
        "/v1/up": caller.up(fact(1)),
    }[path]
    body: dict[str, Any] = json.loads(msgspec.json.encode(message))
    return body


@pytest.mark.parametrize("path", REQUESTS)
def test_a_request_is_taken_exactly_as_the_till_makes_it(caller: Caller, path: str) -> None:
    right = sample(caller, path)
    for name in [field.name for field in msgspec.structs.fields(REQUESTS[path]) if field.required]:
        less = {key: value for key, value in right.items() if key != name}
        assert problem(caller.post(path, json.dumps(less).encode())).code == "request.malformed"
    more = caller.post(path, json.dumps(right | {"surprise": 1}).encode())
    assert problem(more).code == "request.malformed"
    assert problem(caller.post(path, b"{")).code == "request.malformed"
    answer = caller.post(path, json.dumps(right).encode())
    if path == "/v1/enrol":  # the code is invented
        assert problem(answer).code == "enrol.code_wrong"
    else:
        assert exactly(answer.content, Token if path == "/v1/token" else UpAck)


def problem(answer: requests.Response) -> Problem:
    """The refusal; its words are there in both languages."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    found = msgspec.json.decode(answer.content, type=Problem)
    assert (found.status, bool(found.text_zh), bool(found.text_en)) == (answer.status_code, True, True)
    assert found.server_time
    return found


def test_what_is_gone_is_told_so(office: Office, shop: Shop, caller: Caller) -> None:
    hello = caller.client.hello(Tip(1, 0, GENESIS), app_ver="0.1.0")
    head = next(head for head in hello.buckets if head.b == "price:cn")
    other = Cursor("another", 1, "0" * 64, 1)
    with pytest.raises(BucketGone):
        caller.client.page("price:cn", other)
    with pytest.raises(BucketGone):
        caller.client.manifest("price:cn", "another")
    gone = caller.get("/v1/b/price:cn/another/p/1")
    assert (gone.status_code, exactly(gone.content, Gone).epoch) == (410, head.epoch)
    assert gone.headers["Cache-Control"] == "no-store"
    assert caller.client.audit("price:cn", Cursor(head.epoch, 99, "0" * 64, 1)) is None
    with pytest.raises(Terminal) as refused:
        caller.client.page("price:hk", other)
    assert refused.value.code == "bucket.not_subscribed"


def test_a_page_let_go_of_a_moment_ago_is_gone_too(tmp_path: Path, cloud_database_url: str) -> None:
    """The process that answers has not seen yet that another one removed the page."""
    office = Office(make_settings(tmp_path / "cloud", cloud_database_url, background=False))
    office.start()
    shop = open_shop(office)
    counter = Counter(tmp_path / "till", shop.pins)
    counter.enrol(office.url, shop.new_till()[1])
    caller = Caller(office, identity.load(counter.directory))
    try:
        shop.set_prices(WATER, range(301, 371))
        office.background.feed_turn()
        head = next(h for h in caller.client.hello(Tip(1, 0, GENESIS), app_ver="0").buckets if h.b == "price:cn")
        cursor = feed.start("price:cn", head.epoch)
        assert caller.client.page("price:cn", cursor).sealed
        with writing(office.cloud.engine) as connection:
            connection.execute(FEED_PAGE.delete().where(FEED_PAGE.c.bucket == "price:cn"))
        with pytest.raises(BucketGone):
            caller.client.page("price:cn", cursor)
    finally:
        caller.close()
        office.stop()


def test_an_enrolment_answer_is_exact_and_the_same_again(office: Office, shop: Shop, caller: Caller) -> None:
    terminal, code = shop.new_till()
    right = sample(caller, "/v1/enrol") | {"code": code}
    first, second = (caller.post("/v1/enrol", json.dumps(right).encode()) for _ in range(2))
    enrolled = exactly(first.content, Enrolled)
    assert (enrolled.terminal, enrolled.inc, enrolled.store) == (terminal, 1, "0101")
    again = exactly(second.content, Enrolled)
    assert msgspec.structs.replace(again, server_time=0) == msgspec.structs.replace(enrolled, server_time=0)
