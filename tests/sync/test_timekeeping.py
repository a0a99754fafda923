"""Time: the cloud's word within half a round trip, carried by the monotonic clock, whatever the wall clock does."""

from hypothesis import given
from hypothesis import strategies as st

from sync import timekeeping as tk
from sync.timekeeping import Offset, Reading

BOOT = "boot-1"
TRUE_MS = 1_800_000_000_000
delays = st.integers(0, 5_000)


def at(mono_ms: int, *, wall_ms: int = 0, boot: str = BOOT) -> Reading:
    return Reading(wall_ms or TRUE_MS + mono_ms, mono_ms, boot)


def measured(sent: Reading, received: Reading, server_ms: int) -> Offset:
    offset = tk.measure(sent, received, server_ms=server_ms)
    assert offset is not None
    return offset


@given(delays, delays, st.integers(-(10**9), 10**9))
def test_the_truth_lies_within_the_bound(there_ms: int, back_ms: int, off_ms: int) -> None:
    sent = at(1000, wall_ms=TRUE_MS + off_ms)
    received = at(1000 + there_ms + back_ms, wall_ms=TRUE_MS + off_ms + there_ms + back_ms)
    offset = measured(sent, received, TRUE_MS + there_ms)
    truth = TRUE_MS + there_ms + back_ms
    assert abs(offset.server_ms - truth) <= offset.bound_ms + 1
    assert abs(offset.offset_ms + off_ms) <= offset.bound_ms + 1


@given(st.integers(0, 10**8), st.integers(-(10**10), 10**10))
def test_within_a_boot_the_estimate_ignores_what_is_done_to_the_wall_clock(elapsed_ms: int, jump_ms: int) -> None:
    offset = Offset(TRUE_MS, 5, at(1000))
    best = tk.estimate(at(1000 + elapsed_ms, wall_ms=TRUE_MS + jump_ms), offset)
    assert best == tk.Estimate(TRUE_MS + elapsed_ms, elapsed_ms)


def test_after_a_boot_the_wall_clock_and_its_last_offset_serve() -> None:
    offset = Offset(TRUE_MS + 500, 5, at(1000, wall_ms=TRUE_MS))
    best = tk.estimate(at(3, wall_ms=TRUE_MS + 60_000, boot="boot-2"), offset)
    assert best == tk.Estimate(TRUE_MS + 60_500, 60_000)
    assert tk.estimate(at(3, wall_ms=TRUE_MS - 5, boot="boot-2"), offset).age_ms == 0


def test_without_a_measurement_the_wall_clock_is_all_there_is() -> None:
    assert tk.estimate(at(5), None) == tk.Estimate(TRUE_MS + 5, -1)
    assert tk.wrong_by_ms(at(5), None) == 0
    assert tk.stamp(at(5), None).offset_age_ms == -1


def test_an_exchange_across_a_boot_or_backwards_tells_nothing() -> None:
    assert tk.measure(at(10), at(5, boot="boot-2"), server_ms=TRUE_MS) is None
    assert tk.measure(at(10), at(9), server_ms=TRUE_MS) is None


def test_a_tight_measurement_is_kept_against_a_loose_one_until_drift_has_eaten_it() -> None:
    tight = Offset(TRUE_MS, 2, at(0))
    soon = Offset(TRUE_MS + 1000, 50, at(1000))
    late = Offset(TRUE_MS + 10**6, 50, at(10**6))
    assert tk.better(tight, soon) is tight
    assert tk.better(tight, late) is late
    assert tk.better(None, soon) is soon
    assert tk.better(soon, Offset(TRUE_MS + 1100, 1, at(1100))).bound_ms == 1


def test_a_measurement_of_another_boot_or_from_before_gives_way() -> None:
    tight = Offset(TRUE_MS, 0, at(1000))
    other = Offset(TRUE_MS, 900, at(2000, boot="boot-2"))
    before = Offset(TRUE_MS, 900, at(10))
    assert tk.better(tight, other) is other and tk.better(tight, before) is before


def test_a_cloud_whose_clock_was_set_is_believed_again() -> None:
    tight = Offset(TRUE_MS, 2, at(0))
    moved = Offset(TRUE_MS + 3_600_000, 50, at(1000))
    assert tk.better(tight, moved) is moved


def test_a_stamp_holds_both_words_and_what_the_estimate_rests_on() -> None:
    stamp = tk.stamp(at(3000, wall_ms=TRUE_MS - 400_000), Offset(TRUE_MS, 5, at(1000)))
    assert (stamp.at_ms, stamp.estimate_ms, stamp.offset_age_ms) == (TRUE_MS - 400_000, TRUE_MS + 2000, 2000)
    assert (stamp.boot_id, stamp.mono_ms) == (BOOT, 3000)
    assert tk.wrong_by_ms(at(3000, wall_ms=TRUE_MS - 400_000), Offset(TRUE_MS, 5, at(1000))) < -tk.WRONG_AFTER_MS


@given(st.integers(-(10**9), 10**9), st.integers(0, 10**8))
def test_a_set_wall_clock_is_seen_and_passing_time_is_not(jump_ms: int, passed_ms: int) -> None:
    before = at(1000)
    now = at(1000 + passed_ms, wall_ms=before.wall_ms + passed_ms + jump_ms)
    assert tk.jump(before, now) == (jump_ms if abs(jump_ms) >= tk.JUMP_MS else 0)


def test_across_a_boot_only_a_step_back_can_be_seen() -> None:
    assert tk.jump(at(1000), at(5, wall_ms=TRUE_MS - 10_000, boot="boot-2")) == -11_000
    assert tk.jump(at(1000), at(5, wall_ms=TRUE_MS + 10**9, boot="boot-2")) == 0


def test_an_offset_survives_as_facts() -> None:
    offset = Offset(TRUE_MS, 7, at(1000, wall_ms=TRUE_MS - 123))
    assert tk.offset_of(tk.facts_of(offset)) == offset
    assert tk.offset_of({}) is None
