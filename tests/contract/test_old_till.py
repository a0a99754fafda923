"""An app that is too old for its cloud: no news, by name; it sells on, sends all, and goes on after its update."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import requests

from resources.texts import LANGUAGES, error_text
from sync import downloader, identity
from sync.journal import GENESIS, Tip
from sync.messages import Hello, cursor_text
from sync.release import RELEASE, TOO_OLD, user_agent
from sync.transport import Call, Response
from tests.contract.conftest import NewCounter
from tests.contract.counter import Counter, books_agree
from tests.contract.office import COLA, Office, Shop, wait_until
from tests.contract.test_wire import Caller, exactly, fact, problem, sample

LEAST = "7.2"
NEW_ENOUGH = tuple(map(user_agent, ("7.2", "7.2.0", "7.10", "8", "7.2rc1")))
TOO_OLD_ONES = (*map(user_agent, ("7.1.9", "0", "", "new")), "evertill", "Evertill/8", "curl/8", None)

pytestmark = pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
"""Nothing of this comes near a database."""


def ask_for(office: Office, min_app: str) -> None:
    """The cloud is started again and asks for at least this release."""
    office.stop()
    office.settings = office.settings.with_changes(min_app=min_app)
    office.start()


@pytest.fixture
def caller(office: Office, shop: Shop, tmp_path: Path) -> Iterator[Caller]:
    counter = Counter(tmp_path / "till", shop.pins)
    counter.enrol(office.url, shop.new_till()[1])
    made = Caller(office, identity.load(counter.directory))
    yield made
    made.close()


def say(caller: Caller, name: str | None, path: str) -> requests.Response:
    return caller.get(path, headers={"User-Agent": name})


def down_routes(office: Office, caller: Caller) -> list[str]:
    """One address of each kind that brings news."""
    office.background.snapshots.build("price:cn")
    office.background.look_at("price:cn")
    heads = caller.client.hello(Tip(1, 0, GENESIS), app_ver=RELEASE).buckets
    head = next(head for head in heads if head.b == "price:cn")
    assert head.snap
    bucket = f"/v1/b/price:cn/{head.epoch}"
    live = f"/v1/live?c={cursor_text('price:cn', head.epoch, seq=0)}&wait=1"
    return [f"{bucket}/manifest", f"{bucket}/p/1", f"{bucket}/audit/{head.snap.seq}", head.snap.url, live]


def test_news_are_refused_to_whoever_is_too_old(office: Office, caller: Caller) -> None:
    ask_for(office, LEAST)
    routes = down_routes(office, caller)
    for path in routes:
        for name in TOO_OLD_ONES:
            refusal = problem(say(caller, name, path))
            assert (refusal.status, refusal.code) == (426, TOO_OLD), (path, name)
        for name in NEW_ENOUGH:
            assert say(caller, name, path).status_code == 200, (path, name)
    with caller.session.get(office.url + routes[-1].partition("&wait")[0], stream=True, timeout=10) as stream:
        assert stream.status_code == 426, "the stream itself"
    assert {problem(say(caller, None, path)).text_zh for path in routes} == {str(error_text(TOO_OLD, "zh"))}


def test_by_itself_a_cloud_serves_everybody(office: Office, caller: Caller) -> None:
    for path in down_routes(office, caller):
        assert {say(caller, name, path).status_code for name in TOO_OLD_ONES} == {200}, path


def test_what_a_till_must_reach_always_answers(office: Office, shop: Shop, caller: Caller) -> None:
    """Else it could not learn that it is served again, nor send what it sold, nor be brought in at all."""
    ask_for(office, LEAST)
    hello = exactly(say(caller, None, "/v1/hello?schema=1&inc=1&tip=0").content, Hello)
    assert hello.min_app == LEAST and len(hello.buckets) == 4
    caller.session.headers["User-Agent"] = user_agent("0.0.1")
    _, code = shop.new_till()
    assert (
        caller.post("/v1/enrol", json.dumps(sample(caller, "/v1/enrol") | {"code": code}).encode()).status_code == 200
    )
    assert caller.post("/v1/token", json.dumps(sample(caller, "/v1/token")).encode()).status_code == 200
    assert caller.post("/v1/up", msgspec.json.encode(caller.up(fact(1)))).status_code == 200


# A whole till ------------------------------------------------------------------------------------------------


def requests_of(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the down loop asks from now on, by path."""
    transport, asked = counter.agent.downloader.client._transport, list[str]()
    send = transport.open

    def heard(call: Call) -> Response:
        asked.append(call.path.partition("?")[0])
        return send(call)

    monkeypatch.setattr(transport, "open", heard)
    return asked


def test_an_old_till_sells_on_sends_all_and_is_told(
    office: Office, shop: Shop, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloader, "_REST_S", 0.5)
    counter.disconnect()
    ask_for(office, LEAST)
    asked = requests_of(counter, monkeypatch)
    begun_s = time.monotonic()
    counter.connect()
    wait_until(lambda: counter.heard.status.get("error") == TOO_OLD, "the till is not told")
    assert (counter.heard.status["state"], counter.heard.status["min_app"]) == ("online", LEAST)
    shop.set_price(COLA, 360)
    counter.sell(times=3)
    counter.sent()
    assert books_agree(office, counter)
    assert counter.price() == 350, "the goods that it has"
    wait_until(lambda: asked.count("/v1/hello") > 1, "it does not ask again")
    turns = asked.count("/v1/hello")
    assert set(asked) <= {"/v1/hello", "/v1/token"}, "it does not ask for what it is refused"
    assert turns <= 2 + (time.monotonic() - begun_s) / 0.5
    told = [event["error"] for event in counter.heard.of("status")]
    assert set(told[told.index(TOO_OLD) :]) == {TOO_OLD}, "told without a break"
    assert all(str(error_text(TOO_OLD, language)) for language in LANGUAGES)
    counter.disconnect()
    counter.release = "7.2"
    counter.connect()
    counter.wait_until(lambda: counter.price() == 360, "updated, it gets no news")
    wait_until(lambda: not counter.heard.status["error"], "it goes on complaining")


def test_a_cloud_that_asks_for_less_again_is_noticed(
    office: Office, shop: Shop, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloader, "_REST_S", 0.2)
    ask_for(office, LEAST)
    wait_until(lambda: counter.heard.status.get("error") == TOO_OLD, "the till is not told")
    ask_for(office, RELEASE)
    shop.set_price(COLA, 360)
    counter.wait_until(lambda: counter.price() == 360, "it gets no news")


def test_a_refusal_that_hello_did_not_announce_is_heeded(
    office: Office, shop: Shop, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cloud's word counts, not the till's own comparison: of two processes one may know it already."""
    monkeypatch.setattr(downloader, "is_too_old", lambda *_: False)
    counter.disconnect()
    ask_for(office, LEAST)
    shop.set_price(COLA, 360)
    asked = requests_of(counter, monkeypatch)
    counter.connect()
    wait_until(lambda: counter.heard.status.get("error") == TOO_OLD, "the till is not told")
    assert counter.heard.status["state"] == "online"
    counter.sell()
    counter.sent()
    assert len(asked) <= 3, asked


def test_a_new_till_that_is_too_old_from_the_start_is_told(office: Office, new_counter: NewCounter) -> None:
    ask_for(office, LEAST)
    counter = new_counter(online=False)
    counter.connect()
    wait_until(lambda: counter.heard.status.get("error") == TOO_OLD, "the till is not told")
    assert not counter.app.catalog.is_ready
