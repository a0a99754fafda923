"""The live channel, on a real server with its workers running: news at once, nothing per idle till."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import msgspec
import pytest
import requests
import uvicorn

from cloud_api.main import create_app
from cloud_api.services.background import Background
from cloud_api.settings import Settings
from sync.messages import BucketHead, Ctl, Hello, LivePoll, Page, cursor_text
from tests.cloud_api.conftest import SettableClock
from tests.cloud_api.sync.shop import CAT, PRICES, Shop, TestTill, change_taxes, make_shop

WAIT_S = 10.0


class LiveServer:
    """The app under uvicorn in a thread."""

    def __init__(self, settings: Settings) -> None:
        self.app = create_app(replace(settings, background=True), clock=SettableClock())
        config = uvicorn.Config(self.app, port=0, log_level="critical", timeout_graceful_shutdown=1)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)
        self.background: Background = self.app.state.background

    def __enter__(self) -> LiveServer:
        self.thread.start()
        deadline = time.monotonic() + WAIT_S
        while not self.server.started:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(WAIT_S)
        assert not self.thread.is_alive()

    @property
    def url(self) -> str:
        port: int = self.server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    @property
    def clock(self) -> SettableClock:
        clock = self.background.cloud.clock
        assert isinstance(clock, SettableClock)
        return clock


class Listener:
    """One till on the live channel."""

    def __init__(self, server: LiveServer, pass_: dict[str, str], cursors: list[str], *, sub_ver: int = 1) -> None:
        query = [("sub_ver", str(sub_ver)), *(("c", cursor) for cursor in cursors)]
        self.answer = requests.get(server.url + "/v1/live", params=query, headers=pass_, stream=True, timeout=WAIT_S)
        assert self.answer.status_code == 200, self.answer.text
        self._lines = self.answer.iter_lines(chunk_size=1)

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self.answer.close()

    def next(self) -> Any:
        """The next event as its message; None where the stream has ended."""
        kind = ""
        for line in self._lines:
            if line.startswith(b"event: "):
                kind = line.removeprefix(b"event: ").decode()
            elif line.startswith(b"data: "):
                types: dict[str, Any] = {"page": Page, "head": BucketHead, "ctl": Ctl}
                return msgspec.json.decode(line.removeprefix(b"data: "), type=types[kind])
        return None


@pytest.fixture
def server(cloud_settings: Settings) -> Iterator[LiveServer]:
    with LiveServer(cloud_settings) as running:
        yield running


@pytest.fixture
def live_shop(server: LiveServer) -> Shop:
    """The shop, its first changes already in the feeds."""
    shop = make_shop(server.background.cloud, server.clock)
    wait_for(lambda: heads(server).get(PRICES) == 3)
    return shop


@pytest.fixture
def live_till(live_shop: Shop, server: LiveServer) -> TestTill:
    return live_shop.enrolled_till(server.background)


def wait_for(condition: Any) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def heads(server: LiveServer) -> dict[str, int]:
    return {view.row.bucket: view.row.head_seq for view in server.background.mirror.views()}


def sign_in(server: LiveServer, till: TestTill) -> dict[str, str]:
    answer = requests.post(
        server.url + "/v1/token", json=till.token_request(nonce=str(time.monotonic_ns())), timeout=10
    )
    return {"Authorization": f"Bearer {answer.json()['access']}"}


def cursors(server: LiveServer, *, behind: int = 0) -> list[str]:
    views = server.background.mirror.views()
    return [
        cursor_text(view.row.bucket, view.row.epoch, seq=max(view.row.head_seq - behind, 0))
        for view in views
        if view.row.bucket in (CAT, PRICES)
    ]


@contextmanager
def listening(server: LiveServer, till: TestTill, **options: Any) -> Iterator[Listener]:
    told = options.pop("cursors", None) or cursors(server)
    with Listener(server, sign_in(server, till), told, **options) as listener:
        wait_for(lambda: server.background.hub.open_lines > 0)
        yield listener


def test_a_price_is_told_as_it_changes(server: LiveServer, live_till: TestTill, live_shop: Shop) -> None:
    with listening(server, live_till) as listener:
        assert listener.answer.headers["content-type"].startswith("text/event-stream")
        assert listener.answer.headers["cache-control"] == "no-store"
        seq = heads(server)[PRICES]
        for price in (400, 401, 402):
            live_shop.set_price("A-1", price, valid_from_ms=price)
            page = listener.next()
            assert isinstance(page, Page)
            seq += 1
            assert (page.b, page.first, page.last) == (PRICES, seq, seq)
            group = msgspec.json.decode(bytes(page.groups[0]))
            assert group["c"][0][4]["price_minor"] == price
    wait_for(lambda: server.background.hub.open_lines == 0)


def test_what_was_missed_comes_first(server: LiveServer, live_till: TestTill, live_shop: Shop) -> None:
    with listening(server, live_till, cursors=cursors(server, behind=2)) as listener:
        pages = [listener.next(), listener.next()]
        assert {(page.b, page.first, page.last) for page in pages} == {(CAT, 1, 1), (PRICES, 2, 3)}


def test_too_much_for_the_line_is_told_as_a_head(server: LiveServer, live_till: TestTill, live_shop: Shop) -> None:
    with listening(server, live_till) as listener:
        change_taxes(server.background.cloud, 0, 1, name="税" * 500)
        head = listener.next()
        assert isinstance(head, BucketHead)
        assert (head.b, head.head) == (CAT, 2)
        change_taxes(server.background.cloud, 1, 1)
        page = listener.next()
        assert (page.b, page.first, page.last) == (CAT, 3, 3)


def test_a_cursor_of_another_epoch_is_told_the_head(server: LiveServer, live_till: TestTill, live_shop: Shop) -> None:
    with listening(server, live_till, cursors=[cursor_text(PRICES, "0-old", seq=99)]) as listener:
        head = listener.next()
        assert isinstance(head, BucketHead)
        assert (head.b, head.head) == (PRICES, 3)


def test_another_process_commits_and_this_one_tells(server: LiveServer, live_till: TestTill, live_shop: Shop) -> None:
    """No bell rings here: the poll finds it."""
    other = create_app(server.background.cloud.settings).state.cloud
    with listening(server, live_till) as listener:
        Shop(other, live_shop.clock, live_shop.items).set_price("A-2", 777)
        page = listener.next()
        assert (page.b, page.last) == (PRICES, 4)
    other.engine.dispose()


def test_a_revoked_till_is_told_and_its_line_ends(server: LiveServer, live_till: TestTill, live_shop: Shop) -> None:
    with listening(server, live_till) as listener:
        live_shop.set_state("revoked")
        assert listener.next() == Ctl(what="state")
        assert listener.next() is None


def test_a_till_with_old_buckets_is_told_to_ask(server: LiveServer, live_till: TestTill, live_shop: Shop) -> None:
    with listening(server, live_till, sub_ver=7) as listener:
        assert listener.next() == Ctl(what="sub")


def test_an_idle_line_is_kept_warm(
    server: LiveServer, live_till: TestTill, live_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cloud_api.routes.sync_live.COMMENT_EVERY_S", 0.05)
    with listening(server, live_till) as listener:
        comments = [line for _, line in zip(range(8), listener._lines, strict=False) if line.startswith(b":")]
        assert len(comments) >= 3


def test_a_long_poll_waits_for_news(server: LiveServer, live_till: TestTill, live_shop: Shop) -> None:
    pass_ = sign_in(server, live_till)

    def poll(told: list[str], wait: int) -> LivePoll:
        query = [("wait", str(wait)), *(("c", cursor) for cursor in told)]
        answer = requests.get(server.url + "/v1/live", params=query, headers=pass_, timeout=WAIT_S)
        assert answer.headers["cache-control"] == "no-store"
        return msgspec.json.decode(answer.content, type=LivePoll)

    at_once = poll(cursors(server, behind=1), 5)
    assert {page.b for page in at_once.pages} == {CAT, PRICES}
    assert poll(cursors(server), 1) == LivePoll(pages=[], heads=[], ctl=[])
    timer = threading.Timer(0.1, live_shop.set_price, ("A-1", 999))
    timer.start()
    news = poll(cursors(server), 8)
    timer.join()
    assert [(page.b, page.last) for page in news.pages] == [(PRICES, 4)]
    wait_for(lambda: server.background.hub.open_lines == 0)


def test_forty_tills_hear_one_change(server: LiveServer, live_shop: Shop) -> None:
    tills = [live_shop.new_till(server.background) for _ in range(40)]
    told = cursors(server)
    listeners = [Listener(server, sign_in(server, till), told) for till in tills]
    wait_for(lambda: server.background.hub.open_lines == 40)
    live_shop.set_price("A-3", 1)
    pages = [listener.next() for listener in listeners]
    assert {(page.b, page.last) for page in pages} == {(PRICES, 4)}
    for listener in listeners:
        listener.answer.close()


def test_every_commit_is_heard_once_and_in_order(server: LiveServer, live_till: TestTill, live_shop: Shop) -> None:
    with listening(server, live_till) as listener:
        pages = []
        for price in range(500, 520):
            live_shop.set_price("A-1", price, valid_from_ms=price)
            pages.append(listener.next())
    assert all(isinstance(page, Page) for page in pages)
    firsts = [page.first for page in pages if isinstance(page, Page)]
    assert firsts == list(range(firsts[0], firsts[0] + 20))


def test_an_upload_takes_effect_by_itself(server: LiveServer, live_till: TestTill, live_shop: Shop) -> None:
    live_till.sell("A-1")
    pass_ = sign_in(server, live_till)
    body = msgspec.json.encode(live_till.batch())
    assert requests.post(server.url + "/v1/up", data=body, headers=pass_, timeout=WAIT_S).status_code == 200
    wait_for(lambda: live_till.acked(server.background, []).applied == 1)
    hello = requests.get(server.url + "/v1/hello", headers=pass_, timeout=WAIT_S)
    assert msgspec.json.decode(hello.content, type=Hello).ack.seq == 1
