"""L2: 200 tills listen and say hello each 15 s while 50 upload at once: no error, p95 within a second."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.proof.load.cloud_books import wait_until_applied, wrong_in_books
from tests.proof.load.crowd import Casting
from tests.proof.load.crowding import Crowded, Plan, crowding, faults

TILLS, UPLOADERS, P95_MS = 200, 50, 1_000
LONG_S, WAVE_S, SALES = 60.0, 2.0, 6_000
SHORT = Plan(1.5, uploaders=3, hello_each_s=0.5)


def run(casting: Casting, tills: int, plan: Plan, *, sales: int) -> Crowded:
    """The crowd, of which those that upload have something to sell; what they sent must be in the books."""
    crowd = casting.crowd(plan.uploaders, sales=sales) + casting.crowd(tills - plan.uploaders, sales=0)
    told = asyncio.run(crowding(casting.chain, crowd, plan))
    senders = crowd[: plan.uploaders]
    assert all(one.entries for one in senders), "each of them sent something"
    wait_until_applied(casting.chain, senders)
    told.errors += wrong_in_books(casting.chain, senders)
    return told


def test_a_crowd_is_served(on_sqlite: Casting) -> None:
    told = run(on_sqlite, 10, SHORT, sales=2_000)
    assert not list(faults(told))
    assert told.heard == [len(told.changed_s)] * 10 and len(told.changed_s) == 2
    assert len(told.ms["hello"]) >= 20 and len(told.ms["up"]) >= 3


def test_refused_and_deaf_tills_are_found(on_sqlite: Casting) -> None:
    """One whose key the cloud does not know errs; one that missed a change, and one that waited, are told."""
    crowd = on_sqlite.crowd(2, sales=0)
    crowd[0].who = replace(crowd[0].who, key=crowd[1].who.key)
    with pytest.raises(Exception, match="401"):
        asyncio.run(crowding(on_sqlite.chain, crowd, Plan(0.1, uploaders=0)))
    told = Crowded(2, changed_s=[0.0, 1.0], heard=[2, 1])
    told.ms["up"] = [10.0] * 9 + [2_000.0]
    found = list(faults(told, P95_MS))
    assert any("did not hear" in fault for fault in found) and any("p95 of up" in fault for fault in found), found


def prove(casting: Casting) -> None:
    """Waves of uploads that begin all in one moment; then fifty in flight at every moment, whose time is only told."""
    waves = run(casting, TILLS, Plan(LONG_S, UPLOADERS, wave_s=WAVE_S), sales=1_000)
    print(f"waves: {waves}")
    pressed = run(casting, TILLS, Plan(LONG_S, UPLOADERS), sales=SALES)
    print(f"without a pause: {pressed}")
    assert min(len(told.ms["hello"]) for told in (waves, pressed)) >= TILLS * (LONG_S // 15 - 1)
    assert len(waves.ms["up"]) >= UPLOADERS * (LONG_S // WAVE_S - 1)
    assert not list(faults(waves, P95_MS))
    assert not list(faults(pressed))


@pytest.mark.long
@pytest.mark.timeout(900)
def test_200_tills_on_sqlite(on_sqlite: Casting) -> None:
    prove(on_sqlite)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_200_tills_on_postgresql(on_postgres: Casting) -> None:
    prove(on_postgres)
