"""What runs behind the routes: workers that outlive trouble, slow lines, and what is written now and then."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
import sqlalchemy as sa

from cloud_api.context import Cloud
from cloud_api.db.engine import SQLITE_BUSY_TIMEOUT_MS, begin_writing, writing
from cloud_api.db.master_tables import TERMINAL
from cloud_api.db.turnstile import Turnstile
from cloud_api.services import live
from cloud_api.services.background import Background
from cloud_api.services.terminals.presence import QUIET_MS, Presence, Seen
from cloud_api.services.workers import Worker
from cloud_api.wake import Wake
from tests.cloud_api.sync.shop import PRICES, TERMINAL_ID, Shop, TestTill

WAIT_S = 10.0


def test_a_worker_outlives_its_errors(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr("cloud_api.services.workers.PAUSE_AFTER_ERROR_S", 0.01)
    done = threading.Event()
    turns: list[int] = []

    def turn() -> None:
        turns.append(1)
        if len(turns) < 3:
            raise ConnectionError
        done.set()

    worker = Worker("test", turn, wake=Wake(), every_s=0.001)
    worker.start()
    assert done.wait(WAIT_S)
    worker.stop()
    ended_after = len(turns)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        "evertill-test failed: ConnectionError"
    ] * 2
    assert len(turns) == ended_after


def test_a_worker_comes_when_it_is_rung_for() -> None:
    wake, came = Wake(), threading.Semaphore(0)
    worker = Worker("test", came.release, wake=wake, every_s=60)
    worker.start()
    assert came.acquire(timeout=WAIT_S)
    wake.set()
    assert came.acquire(timeout=WAIT_S)
    began = time.monotonic()
    worker.stop()
    assert time.monotonic() - began < WAIT_S


def test_writers_are_served_in_the_order_they_came() -> None:
    line, order, threads = Turnstile(), list[int](), list[threading.Thread]()
    assert line.enter(0)

    def write(number: int) -> None:
        assert line.enter(WAIT_S)
        order.append(number)
        line.leave()

    for number in range(10):
        thread = threading.Thread(target=write, args=(number,))
        thread.start()
        threads.append(thread)
        deadline = time.monotonic() + WAIT_S
        while len(line._waiting) <= number:
            assert time.monotonic() < deadline
    assert not line.enter(0.01)
    line.leave()
    for thread in threads:
        thread.join()
    assert order == list(range(10))
    assert line.enter(0)


def test_a_writer_gives_its_turn_back_however_it_ends(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloud_api.db.engine.SQLITE_BUSY_TIMEOUT_MS", 100)
    assert SQLITE_BUSY_TIMEOUT_MS == 10_000
    with pytest.raises(ZeroDivisionError), writing(cloud.engine):
        _ = 1 // 0
    with pytest.raises(sa.exc.SQLAlchemyError), writing(cloud.engine) as connection:
        connection.execute(sa.text("INSERT INTO nowhere VALUES (1)"))
    abandoned = begin_writing(cloud.engine)
    abandoned.invalidate()
    abandoned.close()
    with writing(cloud.engine) as connection:
        assert connection.execute(sa.select(1)).scalar_one() == 1
        if connection.dialect.name == "sqlite":
            with pytest.raises(sa.exc.TimeoutError):
                begin_writing(cloud.engine)


def test_a_line_that_cannot_keep_up_is_closed(
    shop: Shop, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "QUEUE_MAX", 3)
    background.turn()
    view = background.mirror.view(PRICES)
    assert view is not None

    async def listen() -> list[live.Item]:
        background.hub.attach(asyncio.get_running_loop())
        line = background.hub.open(TERMINAL_ID, [(PRICES, view.row.epoch, view.row.head_seq)])
        for price in range(6):
            await asyncio.to_thread(shop.set_price, "A-1", price, valid_from_ms=price)
            await asyncio.to_thread(background.feed_turn)
        await asyncio.sleep(0)
        assert line.closed
        items = line.ready()
        background.hub.close(line)
        assert background.hub.open_lines == 0
        return items

    assert [item.kind for item in asyncio.run(listen())] == ["page"] * 3


def test_presence_is_written_when_it_is_news(shop: Shop) -> None:
    presence = Presence(shop.cloud.engine)
    now_ms = shop.clock.now_ms()

    def row() -> dict[str, object]:
        return shop.rows(TERMINAL)[0]

    presence.note(TERMINAL_ID, Seen(now_ms, "0.1.0", tip_inc=1, tip_seq=5))
    assert presence.flush() == 1
    assert (row()["last_seen_ms"], row()["app_ver"], row()["tip_seq"]) == (now_ms, "0.1.0", 5)
    presence.note(TERMINAL_ID, Seen(now_ms + 1))
    assert presence.flush() == 0
    presence.note(TERMINAL_ID, Seen(now_ms + 2, tip_inc=1, tip_seq=6))
    assert presence.flush() == 1
    assert (row()["last_seen_ms"], row()["app_ver"], row()["tip_seq"]) == (now_ms + 2, "0.1.0", 6)
    presence.note(TERMINAL_ID, Seen(now_ms + 2 + QUIET_MS))
    assert presence.flush() == 1
    assert (row()["last_seen_ms"], row()["tip_seq"]) == (now_ms + 2 + QUIET_MS, 6)


def test_what_hq_changes_about_a_till_is_noticed(till: TestTill, background: Background, shop: Shop) -> None:
    assert background.directory.refresh() == []
    shop.set_state("drain")
    (turned,) = background.directory.refresh()
    assert (turned.terminal_id, turned.what, turned.ends) == (till.terminal, "state", True)
    shop.set_state("active")
    (turned,) = background.directory.refresh()
    assert (turned.what, turned.ends) == ("state", False)
    assert background.directory.refresh() == []
