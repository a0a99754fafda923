"""L1: the cloud takes in 100 sales a second on PostgreSQL and 50 on SQLite, and confirms a batch in half a second."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sync.journal import GENESIS, Tip, seal
from tests.proof.load.crowd import Casting
from tests.proof.load.ingest import BATCH, Goal, faults, ingest
from tests.proof.load.planting import planted

NOTHING_LOST = Goal()
ON_SQLITE, ON_POSTGRES = Goal(50, 500), Goal(100, 500)
TILLS, SALES = 20, 1_000
HEADROOM = 2
"""The time of an upload is judged while so many times the goal comes in."""


def test_every_batch_is_in_the_books(on_sqlite: Casting) -> None:
    done = ingest(on_sqlite.chain, on_sqlite.crowd(4, sales=150))
    assert (done.sales, len(done.ms)) == (600, 12)
    assert not list(faults(done, NOTHING_LOST))


def test_a_sale_that_is_not_in_the_books_is_found(on_sqlite: Casting) -> None:
    """Its entry is sealed and stored, but nobody can read it as a sale."""
    (member,) = on_sqlite.crowd(1, sales=3)
    before = Tip(1, 2, member.entries[1].hash)
    unreadable = replace(member.entries[2].fact, body=b'{"sale":{}}')
    member.entries[2] = seal(before, unreadable, terminal=member.who.terminal)
    assert member.entries[0].prev_hash == GENESIS
    done = ingest(on_sqlite.chain, [member])
    assert any("3 were sold, 2 are in the books" in fault for fault in faults(done, NOTHING_LOST))


def test_a_slow_cloud_is_found(on_sqlite: Casting) -> None:
    crowd = on_sqlite.crowd(1, sales=4)
    cloud = on_sqlite.chain.cloud
    with planted(cloud, "slow"):
        cloud.stop()
        cloud.start()
    done = ingest(on_sqlite.chain, crowd, batch=1)
    cloud.stop()
    cloud.start()
    found = list(faults(done, ON_SQLITE))
    assert any("sales a second" in fault for fault in found) and any("p95" in fault for fault in found), found


def prove(casting: Casting, goal: Goal) -> None:
    """Without a pause for the rate, then at a pace, due or not, for the time that an upload takes."""
    most = ingest(casting.chain, casting.crowd(TILLS, sales=SALES))
    steady = ingest(casting.chain, casting.crowd(TILLS, sales=SALES // 2), offered_s=HEADROOM * goal.sales_s)
    print(f"without a pause: {most}\n{HEADROOM * goal.sales_s:.0f}/s offered: {steady}")
    assert len(most.ms) == 2 * len(steady.ms) == TILLS * SALES / BATCH
    assert not list(faults(most, Goal(goal.sales_s)))
    assert not list(faults(steady, goal))


@pytest.mark.long
def test_ingest_on_sqlite(on_sqlite: Casting) -> None:
    prove(on_sqlite, ON_SQLITE)


@pytest.mark.long
def test_ingest_on_postgresql(on_postgres: Casting) -> None:
    prove(on_postgres, ON_POSTGRES)
