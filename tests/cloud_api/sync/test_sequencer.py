"""The sequencer loses nothing, numbers without gaps, and its pages tile and never change."""

from __future__ import annotations

import threading

import msgspec
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_api.context import Cloud
from cloud_api.db.changes import GROUP_CHANGES_MAX, Change, insert_pending
from cloud_api.db.engine import make_engine, reading, writing
from cloud_api.db.schema import METADATA
from cloud_api.db.sync_tables import CHANGE_PENDING, FEED_PAGE, SYNC_BUCKET
from cloud_api.services.background import Background
from cloud_api.services.feeds import buckets, sequencer
from cloud_api.services.feeds.buckets import Bucket
from cloud_api.services.feeds.pages import decompress, groups_of, read_groups
from sync.feed import chain, chain_start
from sync.messages import Group, Page

NOW_MS = 1_780_000_000_000


def change(bucket: str, number: int, *, ver: int = 1, size: int = 10) -> Change:
    return Change(bucket, "tax", "put", (f"t{number}",), ver, {"rate_bp": number, "name_zh": "x" * size, "name_en": ""})


def publish(engine: sa.Engine, *changes: Change) -> None:
    with writing(engine) as connection:
        insert_pending(connection, changes, at_ms=NOW_MS)


def sequence_all(engine: sa.Engine) -> None:
    while sequencer.run(engine, NOW_MS):
        pass


def row_of(engine: sa.Engine, name: str) -> Bucket:
    with reading(engine) as connection:
        return buckets.of_row(connection.execute(sa.select(SYNC_BUCKET).where(SYNC_BUCKET.c.bucket == name)).one())


def sealed_pages(engine: sa.Engine, name: str) -> list[Page]:
    query = sa.select(FEED_PAGE.c.body).where(FEED_PAGE.c.bucket == name).order_by(FEED_PAGE.c.from_seq)
    with reading(engine) as connection:
        return [msgspec.json.decode(decompress(body), type=Page) for body in connection.execute(query).scalars()]


def all_groups(engine: sa.Engine, name: str) -> list[Group]:
    """Every group of a feed, read as a till would: pages first, then the tail; the chain is checked on the way."""
    row = row_of(engine, name)
    bodies: list[bytes] = []
    digest = chain_start(name, row.epoch)
    for page in sealed_pages(engine, name):
        assert (page.b, page.epoch, page.sealed, page.prev) == (name, row.epoch, True, digest)
        assert page.first == len(bodies) + 1
        raws = [bytes(raw) for raw in page.groups]
        for raw in raws:
            digest = chain(digest, raw)
        assert page.hash == digest
        assert page.last == page.first + len(raws) - 1
        bodies += raws
    assert row.tail_from == len(bodies) + 1
    with reading(engine) as connection:
        tail = read_groups(connection, name, epoch=row.epoch, first=1)
    for stored in tail:
        digest = chain(digest, stored.body)
        assert (stored.seq, stored.hash) == (len(bodies) + 1, digest)
        bodies.append(stored.body)
    assert (row.head_seq, row.head_hash) == (len(bodies), digest)
    groups = [msgspec.json.decode(body, type=Group) for body in bodies]
    assert [group.s for group in groups] == list(range(1, len(groups) + 1))
    return groups


def test_sixteen_writers_at_once_lose_nothing(cloud: Cloud) -> None:
    """And every writer's own order is kept, while two sequencers compete."""
    engine, each, writers = cloud.engine, 12, 16
    stop = threading.Event()

    def write(writer: int) -> None:
        for number in range(each):
            key = writer * 1000 + number
            publish(engine, change("cat:main", key), change("price:cn", key), change("cat:main", key + 500))

    def sequence() -> None:
        while not stop.is_set():
            sequencer.run(engine, NOW_MS)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(writers)]
    sequencers = [threading.Thread(target=sequence) for _ in range(2)]
    for thread in threads + sequencers:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    for thread in sequencers:
        thread.join()
    sequence_all(engine)

    for name, per_group in (("cat:main", 2), ("price:cn", 1)):
        groups = all_groups(engine, name)
        assert len(groups) == writers * each
        assert {len(group.c) for group in groups} == {per_group}
        told = [int(str(group.c[0][2][0])[1:]) for group in groups]
        assert sorted(told) == sorted(w * 1000 + n for w in range(writers) for n in range(each))
        for writer in range(writers):
            own = [key for key in told if key // 1000 == writer]
            assert own == sorted(own)
    with reading(engine) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(CHANGE_PENDING)).scalar_one() == 0


def test_a_row_that_is_fought_over_rises_in_the_feed_as_in_the_table(cloud: Cloud) -> None:
    """The row's lock orders the writers; the pending ids, taken under it, order the groups."""
    engine = cloud.engine
    with writing(engine) as connection:
        connection.execute(sa.text("CREATE TABLE fought (id INTEGER PRIMARY KEY, ver INTEGER NOT NULL)"))
        connection.execute(sa.text("INSERT INTO fought VALUES (1, 0)"))

    def write() -> None:
        for _ in range(15):
            with writing(engine) as connection:
                connection.execute(sa.text("UPDATE fought SET ver = ver + 1 WHERE id = 1"))
                ver = connection.execute(sa.text("SELECT ver FROM fought")).scalar_one()
                insert_pending(connection, [change("cat:main", 1, ver=ver)], at_ms=NOW_MS)
            sequencer.run(engine, NOW_MS)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sequence_all(engine)
    assert [group.c[0][3] for group in all_groups(engine, "cat:main")] == list(range(1, 121))


def test_what_is_rolled_back_leaves_no_trace_and_no_gap(cloud: Cloud) -> None:
    publish(cloud.engine, change("cat:main", 1))
    with cloud.unit_of_work() as uow:
        uow.publish(change("cat:main", 2))
    publish(cloud.engine, change("cat:main", 3))
    sequence_all(cloud.engine)
    assert [group.c[0][2] for group in all_groups(cloud.engine, "cat:main")] == [["t1"], ["t3"]]


def test_an_uncommitted_writer_delays_nobody(postgres_url: str) -> None:
    """On PostgreSQL a long transaction with a smaller id is simply numbered later."""
    engine = make_engine(postgres_url)
    METADATA.create_all(engine)
    with writing(engine) as slow:
        insert_pending(slow, [change("cat:main", 1)], at_ms=NOW_MS)
        publish(engine, change("cat:main", 2))
        assert sequencer.run(engine, NOW_MS) == {"cat:main"}
    sequence_all(engine)
    assert [group.c[0][2] for group in all_groups(engine, "cat:main")] == [["t2"], ["t1"]]
    engine.dispose()


def test_a_huge_transaction_becomes_groups_that_fit(cloud: Cloud) -> None:
    publish(cloud.engine, *(change("cat:main", number) for number in range(GROUP_CHANGES_MAX * 2 + 1)))
    sequence_all(cloud.engine)
    groups = all_groups(cloud.engine, "cat:main")
    assert [len(group.c) for group in groups] == [GROUP_CHANGES_MAX, GROUP_CHANGES_MAX, 1]


@settings(max_examples=15)
@given(
    rounds=st.lists(st.lists(st.integers(10, 120_000), min_size=1, max_size=40), min_size=1, max_size=6),
)
def test_pages_tile_and_never_change(rounds: list[list[int]]) -> None:
    """Whatever the sizes and the rhythm: sealed bytes stay, pages are full, nothing is lost between them."""
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    METADATA.create_all(engine)
    seen: dict[int, bytes] = {}
    number = 0
    for sizes in rounds:
        for size in sizes:
            number += 1
            publish(engine, change("cat:main", number, size=size))
        sequence_all(engine)
        with reading(engine) as connection:
            for page in connection.execute(sa.select(FEED_PAGE)):
                body = bytes(page.body)
                assert seen.setdefault(page.from_seq, body) == body
                groups = groups_of(decompress(body))
                assert len(groups) == 64 or sum(map(len, groups)) >= 256 * 1024
                assert sum(map(len, groups[:-1])) < 256 * 1024
    assert len(all_groups(engine, "cat:main")) == number
    row = row_of(engine, "cat:main")
    assert row.tail_bytes < 256 * 1024
    assert row.head_seq - row.tail_from + 1 < 64
    engine.dispose()


def test_the_mirror_holds_what_a_fresh_one_would_read(cloud: Cloud, background: Background) -> None:
    for number in range(1, 200):
        publish(cloud.engine, change("cat:main", number, size=number * 20))
        if number % 7 == 0:
            background.feed_turn()
    background.feed_turn()
    view = background.mirror.view("cat:main")
    assert view is not None
    assert view.row == row_of(cloud.engine, "cat:main")
    assert (view.recent.last, view.recent.hash) == (view.row.head_seq, view.row.head_hash)
    bodies = [msgspec.json.encode(group) for group in all_groups(cloud.engine, "cat:main")]
    for seq in range(view.recent.first - 1, view.row.head_seq + 1):
        stretch = view.after(seq)
        assert stretch is not None
        assert [group.body for group in stretch.groups] == bodies[seq:]
    assert view.after(view.recent.first - 2) is None
    assert view.after(view.row.head_seq + 1) is None
