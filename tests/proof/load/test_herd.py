"""L4: 200 tills come back at once after eight hours: all are level within five minutes, and none is blocked."""

from __future__ import annotations

import asyncio
import random

import pytest

from sync.backoff import Backoff
from tests.bench.chain import Chain
from tests.proof.load.cloud_books import wait_until_applied, wrong_in_books
from tests.proof.load.crowd import Casting, Member
from tests.proof.load.herd import MakeBackoff, Return, Wanderer, come_back, cursors_now, faults
from tests.proof.load.planted_cloud import TURNED_AWAY
from tests.proof.load.planting import planted

TILLS, SALES, CHANGES = 200, 170, 480
"""What a till sells and HQ changes in eight hours: a sale each three minutes, a price a minute."""
WITHIN_S = 300.0
AWAY_S, SHORT_AWAY_S = 12.0, 1.5


class Hasty(Backoff):
    """Does not hear when to come back, and waits the same each time."""

    def failed(self, *, retry_after_ms: int = 0, most_ms: int = 0) -> int:
        return 200


def change_prices(chain: Chain, count: int) -> None:
    for number in range(count):
        chain.set_price(1 + number % chain.items, 100 + number)


def herd(
    chain: Chain, crowd: list[Member], *, changes: int, away_s: float, make_backoff: MakeBackoff = Backoff
) -> Return:
    """Everybody has everything, HQ changes prices, the line breaks, and comes back for all at once."""

    async def act() -> Return:
        known = await cursors_now(chain, crowd[0])
        await asyncio.to_thread(change_prices, chain, changes)
        wanderers = [
            Wanderer(member, dict(known), chain.cloud.port, make_backoff, random.Random(seed))
            for seed, member in enumerate(crowd)
        ]
        return await come_back(chain, wanderers, away_s=away_s, within_s=WITHIN_S)

    back = asyncio.run(act())
    wait_until_applied(chain, crowd)
    back.errors += wrong_in_books(chain, crowd)
    return back


def assert_level(back: Return, *, changes: int) -> None:
    """The work was really done: each till read every change, and waited for a cloud that was not there."""
    ends = {tuple(sorted((bucket, at.seq) for bucket, at in one.cursors.items())) for one in back.wanderers}
    assert len(ends) == 1 and max(seq for _, seq in ends.pop()) >= changes
    assert all(one.unreachable >= 2 and one.sent == len(one.member.entries) for one in back.wanderers)


def test_a_herd_comes_back(on_sqlite: Casting) -> None:
    """The first of them are sent away again."""
    crowd = on_sqlite.crowd(40, sales=20)
    with planted(on_sqlite.chain.cloud, "turn_away"):
        back = herd(on_sqlite.chain, crowd, changes=10, away_s=SHORT_AWAY_S)
    assert not list(faults(back, WITHIN_S))
    assert_level(back, changes=10)
    assert back.refused() == {503: TURNED_AWAY}


def test_tills_that_hurry_are_found(on_sqlite: Casting) -> None:
    """None waits as the cloud asks it to, and all wait alike."""
    crowd = on_sqlite.crowd(40, sales=2)
    with planted(on_sqlite.chain.cloud, "turn_away"):
        back = herd(on_sqlite.chain, crowd, changes=1, away_s=0.3, make_backoff=Hasty)
    found = list(faults(back, WITHIN_S))
    assert any("before the time that the cloud named" in fault for fault in found), found
    assert any("within a quarter of a second" in fault for fault in found), found


def test_a_blocked_till_is_found(on_sqlite: Casting) -> None:
    crowd = on_sqlite.crowd(3, sales=2)
    back = Return([Wanderer(one, {}, on_sqlite.chain.cloud.port, Backoff, random.Random(1)) for one in crowd], 0.0, [])
    assert any("3 tills are blocked" in fault for fault in faults(back, WITHIN_S))


def prove(casting: Casting) -> None:
    back = herd(casting.chain, casting.crowd(TILLS, sales=SALES), changes=CHANGES, away_s=AWAY_S)
    print(back)
    assert not list(faults(back, WITHIN_S))
    assert_level(back, changes=CHANGES)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_200_tills_after_eight_hours_on_sqlite(on_sqlite: Casting) -> None:
    prove(on_sqlite)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_200_tills_after_eight_hours_on_postgresql(on_postgres: Casting) -> None:
    prove(on_postgres)
