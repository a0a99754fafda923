"""PINs: the same hash input at cloud and till, and locks that grow."""

from __future__ import annotations

from domain.pin import FAILURES_MAX, LONGEST_LOCK_MS, lock_ms, peppered


def test_a_pin_is_hashed_with_the_stores_key() -> None:
    assert peppered("482913", b"a") == peppered("482913", b"a")
    assert len({peppered("482913", b"a"), peppered("482913", b"b"), peppered("482914", b"a")}) == 3
    assert peppered("482913", b"key") == "e5fbd2adb20735dabeb35b8d36acb3b0c62f3ab6d1b4039852df4fb71fc984ac"


def test_locks_double_from_the_fifth_failure_up_to_a_quarter_hour() -> None:
    assert [lock_ms(n) // 1000 for n in range(1, FAILURES_MAX + 1)] == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900]
    assert lock_ms(60) == LONGEST_LOCK_MS
