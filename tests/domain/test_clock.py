"""The business date: the store's own day, also where it ends after midnight."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import business_date

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


@pytest.mark.parametrize(
    ("moment", "start_hour", "day"),
    [
        ("2026-11-03T15:59:59", 0, "2026-11-03"),
        ("2026-11-03T16:00:00", 0, "2026-11-04"),
        ("2026-11-03T17:30:00", 4, "2026-11-03"),
        ("2026-11-03T20:00:00", 4, "2026-11-04"),
    ],
)
def test_the_day_turns_at_the_stores_own_hour(moment: str, start_hour: int, day: str) -> None:
    assert business_date(at(moment), SHANGHAI, day_start_hour=start_hour) == day


@given(st.integers(0, 4 * 10**12))
def test_days_never_go_back(at_ms: int) -> None:
    assert business_date(at_ms, SHANGHAI) <= business_date(at_ms + 3_600_000, SHANGHAI)
