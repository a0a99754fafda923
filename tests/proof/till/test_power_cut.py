"""R2: the power goes at any moment; what the till confirmed is there, once, and the file is whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from pos_app.db import engine
from tests.proof.till.conftest import FreshTill
from tests.proof.till.power import fault_after, sell_until_dark

CHECKPOINT_PAGES = (5, 40, 1000)
"""A till takes its log into the file each 1,000 pages: at that size a run of some sales would never see it."""
Connect = Callable[..., Any]


def cut_the_power(fresh: FreshTill, seeds: range, *, synchronous: str = "", lies: bool = False) -> Counter[str]:
    """What was found after each cut, and under ``confirmed`` how many sales there were in all."""
    found: Counter[str] = Counter()
    with pytest.MonkeyPatch.context() as patch:
        real: Connect = engine._connect_durable
        for seed in seeds:

            def connect(*path: Any, pages: int = CHECKPOINT_PAGES[seed % 3]) -> Any:
                made = real(*path)
                made.execute(f"PRAGMA wal_autocheckpoint = {pages}")
                if synchronous:
                    made.execute(f"PRAGMA synchronous = {synchronous}")
                return made

            patch.setattr(engine, "_connect_durable", connect)
            directory = fresh()
            confirmed = sell_until_dark(directory, seed, lies=lies)
            found["confirmed"] += len(confirmed.sale_ids)
            fault = fault_after(directory, confirmed)
            found[fault.partition(":")[0]] += 1
    return found


def test_sixty_power_cuts_lose_nothing(fresh: FreshTill) -> None:
    found = cut_the_power(fresh, range(60))
    assert found[""] == 60, found
    assert found["confirmed"] > 100


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_two_thousand_power_cuts_lose_nothing(fresh: FreshTill) -> None:
    found = cut_the_power(fresh, range(1000, 3000))
    assert found[""] == 2000, found


def test_it_can_go_red_where_a_commit_is_not_synced(fresh: FreshTill) -> None:
    """Self-test: with ``synchronous = NORMAL`` confirmed sales are lost, most where checkpoints are rare."""
    found = cut_the_power(fresh, range(2, 92, 3), synchronous="NORMAL")
    assert found["lost"] > 10, found


def test_it_can_go_red_on_a_disk_that_lies(fresh: FreshTill) -> None:
    """Self-test: a disk that says "synced" and has not is no disk for a till."""
    found = cut_the_power(fresh, range(30), lies=True)
    assert found["lost"] + found["corrupt"] > 10, found
