"""R7: the line is cut at any byte of any request or answer; all of it heals, soon after the line is back."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from cloud_api.services.feeds.restore import new_epochs
from cloud_api.wiring import make_cloud
from scripts.demo.wire import Wire
from sync.client import CloudClient
from sync.messages import Up, UpAck
from sync.transport import Call, Retryable, Transport
from tests.contract.counter import Counter, books_agree
from tests.contract.office import COLA, WATER, Office, Shop, wait_until
from tests.proof.network.conftest import NewCounter, sqlite_only
from tests.proof.network.lines import KINDS, Script, begin_anew, connect_impatiently, kind_of, passes
from tests.proof.network.middlebox import Fault, MiddleBox, cut_answer, cut_request

RESUMES_WITHIN_S = 10
SHORT_FORM = (0, 1, 17, 200, 333, 1_500)
LONG_FORM = (*range(600), *range(600, 6_000, 11))
"""Every byte of heads and small messages, every eleventh of the rest; nothing here is longer."""


def cut_everything_at(after_bytes: int, *, office: Office, shop: Shop, counter: Counter, box: MiddleBox) -> Script:
    """Begin anew with each exchange cut twice at a byte, once on the way there and once on the way back."""
    faults: dict[str, Iterable[Fault]] = {kind: (cut_request(after_bytes), cut_answer(after_bytes)) for kind in KINDS}
    box.plan = script = Script(faults)
    begin_anew(counter)
    counter.sell(COLA, WATER)
    counter.ready()
    price_minor = 400 + after_bytes
    shop.set_prices(COLA, [price_minor])
    counter.wait_until(lambda: counter.price() == price_minor, "the price does not come")
    counter.sent()
    wait_until(lambda: script.bitten >= 2 * (len(KINDS) - 2), "not every exchange was cut", 5)
    return script


def behind_the_box(box: MiddleBox, office: Office, new_counter: NewCounter) -> Counter:
    """A till with goods whose cloud is the box; the catalogue comes by a snapshot, the rest by pages."""
    office.background.feed_turn()
    assert office.background.snapshots.build("cat:main")
    office.background.look_at("cat:main")
    counter = new_counter(url=box.url, online=False)
    connect_impatiently(counter)
    counter.ready()
    return counter


def assert_healthy(office: Office, counter: Counter) -> None:
    """The books agree, and nobody took a cut for anything else."""
    assert books_agree(office, counter)
    assert counter.tip.incarnation == 1
    assert office.number("SELECT count(*) FROM case_file WHERE kind <> 'price_out_of_date'") == 0


def test_every_exchange_cut(office: Office, shop: Shop, box: MiddleBox, new_counter: NewCounter) -> None:
    counter = behind_the_box(box, office, new_counter)
    for after_bytes in SHORT_FORM:
        cut_everything_at(after_bytes, office=office, shop=shop, counter=counter, box=box)
    assert_healthy(office, counter)
    assert {"snapshot", "page", "up", "live"} <= {kind for kind in KINDS if kind in seen(box)}


def seen(box: MiddleBox) -> str:
    """What went over the box, as the words of KINDS."""
    return " ".join(box.names).replace("/snap/", " snapshot ").replace("/p/", " page ")


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_every_exchange_cut_at_every_byte(office: Office, shop: Shop, box: MiddleBox, new_counter: NewCounter) -> None:
    counter = behind_the_box(box, office, new_counter)
    for after_bytes in LONG_FORM:
        cut_everything_at(after_bytes, office=office, shop=shop, counter=counter, box=box)
    assert_healthy(office, counter)


def prove_enrolment(shop: Shop, box: MiddleBox, directory: Path, *, after_bytes: int) -> None:
    """Three tries with one code: cut on the way there, cut on the way back, whole."""
    box.plan = script = Script({"enrol": (cut_request(after_bytes), cut_answer(after_bytes))})
    terminal, code = shop.new_till()
    counter = Counter(directory, shop.pins)
    while script.bitten < 2:
        try:
            counter.enrol(box.url, code)
        except Retryable:
            continue
        break
    else:
        assert counter.enrol(box.url, code) == terminal
    assert counter.app.identity.terminal == terminal
    counter.close()


@pytest.mark.parametrize("after_bytes", [0, 5, 120, 300, 450])
@sqlite_only
def test_an_enrolment_cut(shop: Shop, box: MiddleBox, tmp_path: Path, *, after_bytes: int) -> None:
    prove_enrolment(shop, box, tmp_path / "till", after_bytes=after_bytes)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_an_enrolment_cut_at_every_byte(shop: Shop, box: MiddleBox, tmp_path: Path) -> None:
    for after_bytes in range(900):
        prove_enrolment(shop, box, tmp_path / f"till-{after_bytes}", after_bytes=after_bytes)


def outage(office: Office, shop: Shop, counter: Counter, *, wire: Wire, seconds: float) -> float:
    """Pull the cable, sell, change a price, plug it in: how long until both sides know everything."""
    wire.pull()
    counter.sell(times=5)
    price_minor = round(time.time() * 10) % 10_000 + 1
    shop.set_prices(COLA, [price_minor])
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        counter.sell()
        time.sleep(0.05)
    assert counter.unsent
    wire.plug()
    begun_s = time.monotonic()
    counter.wait_until(lambda: not counter.unsent and counter.price() == price_minor, "it does not resume")
    return time.monotonic() - begun_s


@sqlite_only
def test_sync_resumes_soon(office: Office, shop: Shop, new_counter: NewCounter) -> None:
    wire = Wire(("127.0.0.1", office.port))
    counter = new_counter(url=wire.url)
    assert outage(office, shop, counter, wire=wire, seconds=2) <= RESUMES_WITHIN_S
    assert_healthy(office, counter)
    wire.close()


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seconds", [0.2, 5, 15, 40, 90])
@sqlite_only
def test_sync_resumes_soon_after_any_outage(
    office: Office, shop: Shop, new_counter: NewCounter, *, seconds: float
) -> None:
    wire = Wire(("127.0.0.1", office.port))
    counter = new_counter(url=wire.url)
    took_s = [outage(office, shop, counter, wire=wire, seconds=seconds) for _ in range(3)]
    print(f"after {seconds} s without a line all was level within {max(took_s):.1f} s")
    assert max(took_s) <= RESUMES_WITHIN_S
    assert_healthy(office, counter)
    wire.close()


def sell_through_a_restore(office: Office, shop: Shop, box: MiddleBox, *, new_counter: NewCounter) -> Counter:
    """Every bucket begins anew and the line is cut amid it: the till sells from what it has until all is there."""
    counter = new_counter(url=box.url, online=False)
    connect_impatiently(counter)
    counter.ready()
    box.plan = lambda request: cut_answer(60) if kind_of(request) == "page" else None
    office.stop()
    restored = make_cloud(office.settings)
    assert new_epochs(restored.engine, restored.clock.now_ms()) == len(counter.agent.replica.cursors())
    restored.engine.dispose()
    box.names.clear()
    office.start()
    wait_until(lambda: "/p/" in " ".join(box.names), "nothing is asked for")
    for _ in range(20):
        time.sleep(0.02)
        counter.take_events()
        assert counter.app.catalog.is_ready
        counter.sell()
    box.plan = lambda _: None
    shop.set_price(COLA, 377)
    counter.wait_until(lambda: counter.price() == 377, "the new epoch does not come")
    counter.sent()
    return counter


@sqlite_only
def test_a_restored_cloud_never_empties_the_shelves(
    office: Office, shop: Shop, box: MiddleBox, new_counter: NewCounter
) -> None:
    assert_healthy(office, sell_through_a_restore(office, shop, box, new_counter=new_counter))


@sqlite_only
def test_a_till_that_clears_its_shelves_first_is_found(
    office: Office, shop: Shop, box: MiddleBox, new_counter: NewCounter, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof can go red."""
    monkeypatch.setattr("sync.bootstrap._read_from_pages", lambda *_: None)
    assert not passes(lambda: sell_through_a_restore(office, shop, box, new_counter=new_counter))


def test_a_line_that_swallows_everything() -> None:
    """No refusal, no answer: that is no slow cloud but no line, and is tried again within seconds."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, ExitStack() as callers:
        for _ in range(4):  # the queue is full: further callers get no sign at all
            caller = callers.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        transport = Transport(f"http://127.0.0.1:{listener.getsockname()[1]}")
        callers.callback(transport.close)
        with pytest.raises(Retryable) as failure:
            transport.call(Call("GET", "/v1/health"))
        assert failure.value.code == "sync.unreachable"


@sqlite_only
def test_a_till_that_takes_sending_for_arriving_is_found(
    office: Office, shop: Shop, box: MiddleBox, new_counter: NewCounter, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof can go red: what was cut off on its way is missing in the cloud's book."""
    counter = behind_the_box(box, office, new_counter)
    true_up = CloudClient.up

    def hopeful_up(self: CloudClient, body: bytes) -> object:
        try:
            return true_up(self, body)
        except Retryable:
            last = msgspec.json.decode(body, type=Up).ev[-1]
            told = {"applied": 0, "held": [], "server_time": 1, "durable": 0, "epoch_up": ""}
            return UpAck(seq=last.s, hash=last.hash, **told)  # type: ignore[arg-type]

    monkeypatch.setattr(CloudClient, "up", hopeful_up)
    counter.sell()
    counter.sent()
    box.plan = script = Script({"up": (cut_request(100),)})
    counter.sell()  # one entry; a later one would show the cloud the gap, and the till would send again
    counter.sent()
    assert script.bitten == 1
    assert not passes(lambda: books_agree(office, counter))
