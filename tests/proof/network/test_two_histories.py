"""R13, R14: a cloned till and one restored from an old backup are found at once; all their sales are kept."""

from __future__ import annotations

import json
import re
import shutil
from typing import Any

import pytest

from cloud_api.services.intake import ingest
from sync.upload import Limits
from tests.contract.conftest import NewCounter
from tests.contract.counter import Counter
from tests.contract.office import COLA, WATER, Office, Shop, wait_until
from tests.e2e.books import compare, read_till
from tests.proof.network.conftest import sqlite_only
from tests.proof.network.lines import passes

BEFORE, EACH, BEHIND = 3, 20, 33
TWIN = re.compile(r"receipt_no \S+ is there 2 times at the (till|cloud)|\S+ was confirmed 2 times")


def send_all(counter: Counter) -> None:
    """Upload to the end, adopting a fork on the way, and go offline."""
    counter.connect()
    counter.sent()
    counter.disconnect()


def send_some(counter: Counter) -> None:
    """Upload a few entries of many."""
    counter.agent.uploader.limits = Limits(5, 1_000_000)
    left = counter.unsent - 5
    counter.connect()
    counter.wait_until(lambda: counter.unsent <= left, "nothing is sent")
    counter.disconnect()


def one_after_the_other(first: Counter, second: Counter) -> None:
    send_all(first)
    send_all(second)


def the_other_way_round(first: Counter, second: Counter) -> None:
    send_all(second)
    send_all(first)


def by_turns(first: Counter, second: Counter) -> None:
    send_some(first)
    send_all(second)
    send_all(first)


def both_at_once(first: Counter, second: Counter) -> None:
    for counter in (first, second):
        counter.connect()
    for counter in (first, second, first):
        counter.sent()


ORDERS = (one_after_the_other, the_other_way_round, by_turns, both_at_once)


def cloned(new_counter: NewCounter) -> tuple[Counter, Counter]:
    """A disk and its copy, each with twenty sales that the other does not know, under the same numbers."""
    first = new_counter()
    first.sell(times=BEFORE)
    first.sent()
    first.close()
    second = new_counter(like=first, online=False)
    for counter in (first, second):
        counter.sell(COLA, WATER, times=EACH)
    return first, second


def faults(office: Office, *counters: Counter) -> list[str]:
    """What is wrong with the books but for the numbers that both tills had printed before anybody knew."""
    confirmed = [one for counter in counters for one in counter.confirmed]
    paths = [counter.directory / "till.db" for counter in counters]
    found = compare(paths, office.cloud.engine, counters[0].app.identity.terminal, confirmed=confirmed)
    return [one for one in found if not TWIN.fullmatch(one)]


def assert_both_kept(office: Office, first: Counter, second: Counter) -> None:
    """One fork, nobody's history mixed with the other's, every sale there once."""
    wait_until(lambda: not office.number("SELECT count(*) FROM event WHERE state = 'new'"), "not all is applied")
    assert faults(office, first, second) == []
    assert office.number("SELECT count(*) FROM sale") == BEFORE + 2 * EACH
    assert office.number("SELECT count(*) FROM event WHERE state <> 'applied'") == 0
    assert office.number("SELECT count(*) FROM case_file WHERE kind = 'fork'") == 1
    assert len({counter.tip.incarnation for counter in (first, second)}) == 2
    stored = {row["event_id"] for row in office.rows("SELECT event_id FROM event_raw WHERE inc = 1")}
    own = [set(read_till(counter.directory / "till.db").sales) for counter in (first, second)]
    shared = own[0] & own[1]
    assert len(shared) == BEFORE
    assert not (stored & own[0] - shared and stored & own[1] - shared), "the fork was found late"


def assert_both_numbers_readable(shop: Shop, first: Counter, second: Counter) -> None:
    """A receipt of either till leads HQ to its sale, also where both were printed with one number."""
    twins = {number for number, _ in first.confirmed} & {number for number, _ in second.confirmed}
    printed = [number for counter in (first, second) for number, _ in counter.confirmed]
    assert len(twins) == EACH
    found: list[dict[str, Any]] = [
        sale for number in sorted(set(printed)) for sale in shop.hq.call("GET", "/sales", receipt_no=number)["sales"]
    ]
    assert sorted(sale["receipt_no"] for sale in found) == sorted(printed)


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.__name__)
def test_a_clone(office: Office, shop: Shop, new_counter: NewCounter, *, order: Any) -> None:
    first, second = cloned(new_counter)
    order(first, second)
    assert_both_kept(office, first, second)
    assert_both_numbers_readable(shop, first, second)


@sqlite_only
def test_a_cloud_that_looks_at_numbers_alone_is_found(
    office: Office, new_counter: NewCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof can go red: an acknowledgement by number without the hash loses the clone's sales."""
    first, second = cloned(new_counter)

    def by_number(arrival: Any, stream: Any, *, known: dict[int, str]) -> Any:
        fresh = [event for event in arrival.up.ev if event.s > stream.last_seq]
        return ingest.Judged(fresh)

    monkeypatch.setattr(ingest, "_judge", by_number)
    monkeypatch.setattr("sync.upload.diverged", lambda *_, **__: False)
    one_after_the_other(first, second)
    assert not passes(lambda: assert_both_kept(office, first, second))


def restore(counter: Counter) -> None:
    """Take a backup, sell on, lose the disk and put the backup back."""
    backup = counter.app.housekeeping.backup()
    counter.sell(COLA, WATER, times=BEHIND)
    counter.sent()
    counter.close()
    for name in ("till.db", "till.db-wal", "till.db-shm"):
        (counter.directory / name).unlink(missing_ok=True)
    shutil.copyfile(backup, counter.directory / "till.db")


def assert_found_behind(office: Office, counter: Counter) -> None:
    """HQ is told by how much, the till goes on under a new incarnation, and the lost tail is in the cloud."""
    cases = office.rows("SELECT params FROM case_file WHERE kind = 'fork'")
    assert len(cases) == 1
    told = json.loads(cases[0]["params"])
    assert told["cloud_seq"] - told["tip_seq"] == BEHIND
    wait_until(lambda: not office.number("SELECT count(*) FROM event WHERE state = 'new'"), "not all is applied")
    numbers = [row["receipt_no"] for row in office.rows("SELECT receipt_no FROM sale")]
    assert sorted(numbers) == sorted(number for number, _ in counter.confirmed)
    assert len(set(numbers)) == len(numbers), "no number was printed twice"


def test_an_old_backup_brought_back(office: Office, counter: Counter) -> None:
    counter.sell(times=10)
    counter.sent()
    restore(counter)
    counter.connect()
    counter.wait_until(lambda: counter.tip.incarnation == 2, "the till is not told that it is behind")
    counter.sell(times=5)
    counter.sent()
    assert_found_behind(office, counter)


@sqlite_only
def test_an_old_backup_that_sells_before_it_is_told(office: Office, counter: Counter) -> None:
    """Its first sales repeat numbers; none of them is lost."""
    counter.sell(times=10)
    counter.sent()
    restore(counter)
    before = len(counter.confirmed)
    counter.sell(times=5)
    counter.connect()
    counter.wait_until(lambda: counter.tip.incarnation == 2, "the till is not told that it is behind")
    counter.sent()
    wait_until(lambda: not office.number("SELECT count(*) FROM event WHERE state = 'new'"), "not all is applied")
    assert office.number("SELECT count(*) FROM sale") == before + 5
    paid = [row["payable_minor"] for row in office.rows("SELECT payable_minor FROM sale")]
    assert sorted(paid) == sorted(payable for _, payable in counter.confirmed)


@sqlite_only
def test_a_till_that_does_not_compare_hashes_is_found(
    office: Office, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof can go red: a restored till that believes the cloud's number loses what it sells."""
    counter.sell(times=10)
    counter.sent()
    restore(counter)
    monkeypatch.setattr("sync.upload.diverged", lambda *_, **__: False)
    counter.sell(times=5)
    counter.connect()
    counter.sent()
    assert not passes(lambda: assert_found_behind(office, counter))
