"""Uploads that wait share a transaction, none suffers by another, and the applier lets them go first, for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from cloud_api.db.engine import writing
from cloud_api.db.master_tables import SALE, TERMINAL
from cloud_api.db.sync_tables import EVENT_RAW, TERMINAL_STREAM
from cloud_api.services import background as background_module
from cloud_api.services.background import Background
from cloud_api.services.intake import group_commit, right_of_way
from cloud_api.services.intake.group_commit import GroupCommit, Ticket
from cloud_api.services.intake.ingest import Arrival, Stored, ingest
from cloud_api.services.intake.right_of_way import RightOfWay
from sync.messages import Fork, UpAck
from tests.cloud_api.sync.shop import Shop, TestTill

WAIT_S = 10.0
TILLS, SALES = 6, 3


def wait_until(true: Callable[[], object]) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < deadline_s
        time.sleep(0.002)


@contextmanager
def counted_commits(shop: Shop) -> Iterator[list[int]]:
    """One number a transaction that was committed meanwhile."""
    commits: list[int] = []

    def count(_: sa.Connection) -> None:
        commits.append(1)

    sa.event.listen(shop.cloud.engine, "commit", count)
    yield commits
    sa.event.remove(shop.cloud.engine, "commit", count)


def crowd(shop: Shop, background: Background) -> list[TestTill]:
    """Tills with sales to send."""
    tills = [shop.new_till(background) for _ in range(TILLS)]
    for till in tills:
        for _ in range(SALES):
            till.sell()
        till.known(background)
    return tills


def send_at_once(shop: Shop, background: Background, tills: list[TestTill]) -> dict[str, object]:
    """The first one's transaction cannot go on until all others have come; what each was answered."""
    answers: dict[str, object] = {}

    def send(till: TestTill) -> None:
        try:
            answers[till.terminal] = till.send(background)
        except sa.exc.SQLAlchemyError as error:
            answers[till.terminal] = error

    threads = [threading.Thread(target=send, args=(till,)) for till in tills]
    waiting = background.desk._commits._waiting
    with writing(shop.cloud.engine) as connection:
        connection.execute(sa.update(TERMINAL).values(ver=TERMINAL.c.ver))
        threads[0].start()
        wait_until(lambda: background.desk.right_of_way._inside == 1)
        for thread in threads[1:]:
            thread.start()
        wait_until(lambda: background.desk.right_of_way._inside == TILLS and len(waiting) >= TILLS - 1)
    for thread in threads:
        thread.join(WAIT_S)
    assert not waiting and len(answers) == TILLS
    return answers


def test_those_who_wait_are_stored_together(shop: Shop, background: Background) -> None:
    tills = crowd(shop, background)
    with counted_commits(shop) as commits:
        answers = send_at_once(shop, background, tills)
    assert len(commits) <= 1 + 2, "the blocking one, the first alone at most, the rest as one"
    for till in tills:
        ack = answers[till.terminal]
        assert isinstance(ack, UpAck) and (ack.seq, ack.hash) == (SALES, till.tip.hash)
    assert len(shop.rows(EVENT_RAW)) == TILLS * SALES


def test_a_group_is_no_larger_than_others_can_wait(
    shop: Shop, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "GROUP_EVENTS_MAX", 2 * SALES)
    tills = crowd(shop, background)
    with counted_commits(shop) as commits:
        answers = send_at_once(shop, background, tills)
    assert len(commits) >= 1 + TILLS // 2
    assert all(isinstance(answer, UpAck) and answer.seq == SALES for answer in answers.values())


def test_what_is_wrong_with_one_is_not_the_others_trouble(
    shop: Shop, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    tills = crowd(shop, background)
    bad = tills[3]

    def spoilt(connection: sa.Connection, arrival: Arrival) -> Stored | Fork:
        if arrival.up.terminal == bad.terminal:
            connection.execute(sa.text("SELECT nothing FROM nowhere"))
        return ingest(connection, arrival)

    with monkeypatch.context() as patch:
        patch.setattr(group_commit, "ingest", spoilt)
        answers = send_at_once(shop, background, tills)
    assert isinstance(answers.pop(bad.terminal), sa.exc.DBAPIError)
    assert all(isinstance(answer, UpAck) and answer.seq == SALES for answer in answers.values())
    assert {row["terminal_id"] for row in shop.rows(TERMINAL_STREAM)} == set(answers)
    assert bad.acked(background).seq == SALES


def test_a_database_that_is_away_is_told_to_everybody(
    till: TestTill, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: sa.Engine) -> None:
        raise sa.exc.TimeoutError

    till.sell()
    with monkeypatch.context() as patch:
        patch.setattr(group_commit, "writing", away)
        for _ in range(2):
            with pytest.raises(sa.exc.TimeoutError):
                till.send(background)
    assert till.acked(background).seq == 1


def test_a_bug_leaves_nobody_waiting(shop: Shop, background: Background, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that writes fails with it, those it writes for are told that nothing came of it."""
    commits = GroupCommit(shop.cloud.engine)
    tills = [shop.new_till(background) for _ in range(2)]
    for till in tills:
        till.sell()
    arrivals = [Arrival(till.batch(), till.known(background), shop.clock.now_ms()) for till in tills]

    def buggy(_: sa.Connection, arrival: Arrival) -> Stored | Fork:
        raise KeyError(arrival.up.terminal)

    other = Ticket(arrivals[1], Future())
    commits._waiting.append(other)
    with monkeypatch.context() as patch:
        patch.setattr(group_commit, "ingest", buggy)
        with pytest.raises(KeyError):
            commits.store(arrivals[0])
    with pytest.raises(CancelledError):
        other.outcome.result(timeout=0)
    assert isinstance(commits.store(arrivals[1]).stored, Stored)


def test_the_way_is_free_until_it_is_taken() -> None:
    way = RightOfWay()
    began_s = time.monotonic()
    way.wait_until_free(began_s + WAIT_S)
    assert time.monotonic() - began_s < WAIT_S / 2
    with way.taken():
        way.wait_until_free(time.monotonic() + 0.02)  # it is not: but time is up
        free = threading.Event()

        def wait() -> None:
            way.wait_until_free(time.monotonic() + WAIT_S)
            free.set()

        waiter = threading.Thread(target=wait)
        waiter.start()
        assert not free.wait(0.05)
    assert free.wait(WAIT_S)
    waiter.join()


def test_the_way_is_kept_for_the_next_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(right_of_way, "NEXT_BATCH_S", 0.05)
    way = RightOfWay()
    began_s = time.monotonic()
    way.keep()
    way.wait_until_free(began_s + 0.01)
    assert time.monotonic() - began_s >= 0.01
    way.wait_until_free(began_s + WAIT_S)
    assert 0.05 <= time.monotonic() - began_s < WAIT_S


def test_a_till_that_has_more_keeps_the_way(till: TestTill, background: Background) -> None:
    way = background.desk.right_of_way
    for _ in range(4):
        till.sell()
    till.acked(background, till.journal[:3])
    assert way._kept_until_s > time.monotonic() - right_of_way.NEXT_BATCH_S
    kept_until_s = way._kept_until_s
    till.acked(background)
    assert way._kept_until_s == kept_until_s


def test_the_books_wait_for_uploads_but_not_for_ever(
    till: TestTill, background: Background, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background_module, "APPLY_WITHIN_S", 0.3)
    monkeypatch.setattr(background, "_applied_at_once", 2)
    for _ in range(5):
        till.sell()
    till.acked(background)
    began_s = time.monotonic()
    with background.desk.right_of_way.taken():
        applying = threading.Thread(target=background._apply_beside_uploads)
        applying.start()
        assert shop.rows(SALE) == [] or time.monotonic() - began_s >= 0.3
        wait_until(lambda: len(shop.rows(SALE)) == 5)
        assert time.monotonic() - began_s >= 0.3
    applying.join(WAIT_S)
    assert not applying.is_alive()
