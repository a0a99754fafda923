"""Waiting: jittered, bounded, longer with each failure, and never shorter than the cloud asked for."""

import random

from hypothesis import given
from hypothesis import strategies as st

from sync.backoff import (
    FAILING_MOST_MS,
    FIRST_MS,
    MOST_MS,
    RETRY_AFTER_MOST_MS,
    UNREACHABLE_MOST_MS,
    Backoff,
    spread_ms,
)


@given(st.integers(), st.integers(0, 40))
def test_waits_stay_below_a_doubling_ceiling(seed: int, failures: int) -> None:
    backoff = Backoff(random.Random(seed))
    waits = [backoff.failed() for _ in range(failures)]
    assert all(0 <= wait <= min(MOST_MS, FIRST_MS * 2**number) for number, wait in enumerate(waits))


def test_waits_grow_and_success_begins_anew() -> None:
    backoff = Backoff(random.Random(1))
    assert max(backoff.failed() for _ in range(40)) > MOST_MS // 2
    backoff.succeeded()
    assert backoff.failed() <= FIRST_MS


@given(st.integers(), st.integers(0, 10**9))
def test_the_clouds_word_is_obeyed_within_reason(seed: int, asked_ms: int) -> None:
    wait_ms = Backoff(random.Random(seed)).failed(retry_after_ms=asked_ms)
    least_ms = min(asked_ms, RETRY_AFTER_MOST_MS)
    assert least_ms <= wait_ms <= least_ms + max(FIRST_MS, min(least_ms, MOST_MS))


def test_who_was_sent_away_together_does_not_come_back_together() -> None:
    waits = [Backoff(random.Random(seed)).failed(retry_after_ms=2_000) for seed in range(200)]
    assert min(waits) >= 2_000
    assert len({wait // 250 for wait in waits}) >= 7


def test_a_cloud_that_comes_back_has_its_tills_back_within_half_a_minute() -> None:
    """A busy shop has tried often; the cloud's own second comes before each wait."""
    for seed in range(50):
        backoff = Backoff(random.Random(seed))
        waits = [backoff.failed(retry_after_ms=1_000, most_ms=FAILING_MOST_MS) for _ in range(30)]
        assert max(waits) <= 1_000 + FAILING_MOST_MS < 30_000


@given(st.integers())
def test_a_network_that_is_down_is_tried_more_often(seed: int) -> None:
    backoff = Backoff(random.Random(seed))
    assert all(backoff.failed(most_ms=8000) <= 8000 for _ in range(30))


def test_a_night_offline_does_not_make_the_first_refusal_a_long_wait() -> None:
    for seed in range(50):
        backoff = Backoff(random.Random(seed))
        for _ in range(1_000):
            backoff.failed(most_ms=UNREACHABLE_MOST_MS)
        assert 2_000 <= backoff.failed(retry_after_ms=2_000) <= 2_000 + UNREACHABLE_MOST_MS


def test_many_tills_do_not_come_back_together() -> None:
    rng = random.Random(1)
    waits = [spread_ms(rng, 30_000) for _ in range(1000)]
    assert min(waits) >= 0
    assert max(waits) <= 30_000
    assert len({wait // 1000 for wait in waits}) >= 30
