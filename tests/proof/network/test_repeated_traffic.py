"""R8: what a till sends arrives up to twenty times, late, out of order, cut short or again next day; it counts once."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from cloud_api.services.intake import group_commit
from cloud_api.services.intake.ingest import Arrival, ingest, read_stream
from tests.contract.conftest import NewCounter
from tests.contract.counter import Counter, books_agree
from tests.contract.office import COLA, WATER, Office, wait_until
from tests.contract.test_terms import ShiftedClock
from tests.proof.network.conftest import sqlite_only
from tests.proof.network.lines import connect_impatiently, passes
from tests.proof.network.middlebox import Exchange, Fault, MiddleBox, Request

COPIES_MOST, LATEST_S, DAY_MS = 20, 30.0, 86_400_000
REFUSED_OR_KNOWN = {200, 400, 401}


@dataclass
class Echo:
    """Sends each upload so many times at once, older ones with it, and gives the till any of the answers."""

    chance: random.Random
    copies: Sequence[int]
    latest_s: float = 0.02
    recorded: list[bytes] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)

    def __call__(self, request: Request) -> Fault | None:
        return self._repeat if request.name == "POST /v1/up" else None

    def _repeat(self, exchange: Exchange) -> bool:
        raw = exchange.request.raw
        times = self.copies[len(self.recorded) % len(self.copies)]
        self.recorded.append(raw)
        old = self.chance.choices(self.recorded, k=3)
        waits = [self.chance.uniform(0, self.latest_s) for _ in range(times)]
        with ThreadPoolExecutor(8) as pool:
            told = [pool.submit(self._after, wait_s, exchange, raw=raw) for wait_s in waits]
            told += [pool.submit(self._after, 0, exchange, raw=one) for one in old]
            answers = [one.result() for one in told[:times]]
        exchange.tell(self.chance.choice(answers))
        return True

    def _after(self, wait_s: float, exchange: Exchange, *, raw: bytes) -> bytes:
        time.sleep(wait_s)
        answer = Exchange(Request(raw), exchange.near, exchange.port).ask()
        self.statuses.add(status_of(answer))
        return answer


def status_of(answer: bytes) -> int:
    """The status of an answer; 0 where there is none."""
    return int(answer.split(b" ", 2)[1]) if answer else 0


def busy_till(box: MiddleBox, new_counter: NewCounter, echo: Echo, *, rounds: int) -> Counter:
    """A till behind the echo that sells so often."""
    counter = new_counter(url=box.url, online=False)
    box.plan = echo
    connect_impatiently(counter)
    counter.ready()
    for _ in range(rounds):
        counter.sell(COLA, WATER, times=echo.chance.randint(1, 3))
        counter.sent()
    return counter


def assert_once(office: Office, counter: Counter) -> None:
    """Each sale is there once, and nobody took a repetition for anything else."""
    assert books_agree(office, counter)
    assert counter.tip.incarnation == 1
    assert office.number("SELECT count(*) FROM case_file") == 0
    assert office.number("SELECT count(*) FROM event_raw") == counter.tip.seq


def replay(office: Office, recorded: Sequence[bytes], chance: random.Random, *, cut: bool) -> set[int]:
    """Send recorded requests again in any order, whole or cut short; the statuses of the answers."""
    found = set()
    for raw in chance.sample(recorded, len(recorded)):
        exchange = Exchange(Request(raw), near=None, port=office.port)  # type: ignore[arg-type]
        if not cut:
            found.add(status_of(exchange.ask()))
            continue
        with exchange.connected() as far:
            far.sendall(raw[: chance.randrange(len(raw))])
    return found


def with_token(raw: bytes, token: str) -> bytes:
    """A recorded request under another token."""
    lines = raw.split(b"\r\n")
    return b"\r\n".join(b"Authorization: Bearer " + token.encode() if b"uthorization:" in one else one for one in lines)


def test_many_times_and_late(office: Office, box: MiddleBox, new_counter: NewCounter) -> None:
    echo = Echo(random.Random(1), copies=(1, 2, 5, COPIES_MOST))
    counter = busy_till(box, new_counter, echo, rounds=8)
    assert echo.statuses == {200}
    assert_once(office, counter)
    assert replay(office, echo.recorded, random.Random(2), cut=False) == {200}
    replay(office, echo.recorded * 3, random.Random(3), cut=True)
    counter.sell()
    counter.sent()
    assert_once(office, counter)


@sqlite_only
def test_again_next_day(office: Office, box: MiddleBox, new_counter: NewCounter) -> None:
    """The captured requests are worth nothing any more; under a fresh token they are known already."""
    echo = Echo(random.Random(4), copies=(1,))
    counter = busy_till(box, new_counter, echo, rounds=5)
    counter.disconnect()
    office.stop()
    office.clock = ShiftedClock(DAY_MS)
    office.start()
    assert replay(office, echo.recorded, random.Random(5), cut=False) == {401}
    token = counter.agent._tokens.get(counter.agent.uploader.client._transport)
    fresh = [with_token(raw, token) for raw in echo.recorded]
    assert replay(office, fresh, random.Random(6), cut=False) == {200}
    wait_until(lambda: not office.number("SELECT count(*) FROM event WHERE state = 'new'"), "not all is applied")
    assert_once(office, counter)
    forged = [raw[:-40] + bytes(40) for raw in fresh]
    assert replay(office, forged, random.Random(7), cut=False) <= REFUSED_OR_KNOWN - {200}
    assert_once(office, counter)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_each_number_of_copies(office: Office, box: MiddleBox, new_counter: NewCounter) -> None:
    echo = Echo(random.Random(8), copies=range(1, COPIES_MOST + 1), latest_s=0.1)
    counter = busy_till(box, new_counter, echo, rounds=5 * COPIES_MOST)
    assert echo.statuses == {200}
    assert replay(office, echo.recorded, random.Random(9), cut=False) == {200}
    assert_once(office, counter)


@pytest.mark.long
@pytest.mark.timeout(1800)
@sqlite_only
def test_half_a_minute_late(office: Office, box: MiddleBox, new_counter: NewCounter) -> None:
    """Longer than the till waits: it sends again while the first is still on its way."""
    echo = Echo(random.Random(10), copies=(1, 2, 3), latest_s=LATEST_S)
    counter = new_counter(url=box.url, online=False)
    connect_impatiently(counter)
    counter.ready()
    box.plan = echo
    end_s = time.monotonic() + 240
    while time.monotonic() < end_s:
        counter.sell()
        time.sleep(1)
    box.plan = lambda _: None
    counter.wait_until(lambda: not counter.unsent, "not all is sent")
    time.sleep(LATEST_S)
    assert_once(office, counter)
    print(f"{len(echo.recorded)} uploads, each up to {LATEST_S} s late: {len(counter.confirmed)} sales, each once")


@sqlite_only
def test_a_cloud_that_stores_whatever_comes_is_found(
    office: Office, box: MiddleBox, new_counter: NewCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof can go red: without numbers and ids of the till's own a repeated sale is there twice."""

    def store_anew(connection: Any, arrival: Arrival) -> Any:
        up = arrival.up
        stream = read_stream(connection, up.terminal, inc=up.inc)
        events, prev = [], stream.last_hash
        for number, event in enumerate(up.ev, start=stream.last_seq + 1):
            digest = secrets.token_hex(32)
            events.append(msgspec.structs.replace(event, s=number, id=secrets.token_hex(16), prev=prev, hash=digest))
            prev = digest
        ups = msgspec.structs.replace(up, ev=events)
        return ingest(connection, Arrival(ups, arrival.known, arrival.received_at_ms))

    monkeypatch.setattr("cloud_api.services.intake.ingest.is_true", lambda *_: True)
    echo = Echo(random.Random(11), copies=(1,))
    counter = busy_till(box, new_counter, echo, rounds=2)
    assert_once(office, counter)
    counter.disconnect()
    monkeypatch.setattr(group_commit, "ingest", store_anew)
    replay(office, echo.recorded, random.Random(12), cut=False)
    assert not passes(lambda: assert_once(office, counter))
