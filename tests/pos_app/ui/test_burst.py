"""Scans told from typing by time alone (U8)."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.ui.burst import Burst, ScannerProfile, Verdict

HOLD_MS = ScannerProfile().hold_ms
DIGITS = "0123456789"


def play(burst: Burst, keys: list[tuple[str, int]], start_ms: int = 0) -> list[tuple[Verdict, str]]:
    """Feed keys with the gap before each; expire as the timer would."""
    verdicts, now = [], start_ms
    for char, gap_ms in keys:
        if burst.is_holding and gap_ms > HOLD_MS:
            verdicts.append((burst.expire(), burst.text))
        now += gap_ms
        verdicts.append((burst.feed(char, now), burst.text))
    verdicts.append((burst.expire(), burst.text))
    return [one for one in verdicts if one[0] is not Verdict.HOLD]


def scanned(code: str, gap_ms: int, end: str = "\r") -> list[tuple[Verdict, str]]:
    return play(Burst(ScannerProfile()), [(char, gap_ms) for char in code + end])


@pytest.mark.parametrize("gap_ms", [0, 1, 5, 15, 30, 35])
@pytest.mark.parametrize("end", ["\r", "\n", "\t"])
def test_a_fast_code_with_its_end_is_a_scan(gap_ms: int, end: str) -> None:
    assert scanned("6901285991219", gap_ms, end) == [(Verdict.SCAN, "6901285991219")]


def test_signs_that_are_keys_are_data_within_a_scan() -> None:
    assert scanned("A+*/- 12", 5) == [(Verdict.SCAN, "A+*/- 12")]


def test_five_characters_are_typed_however_fast() -> None:
    assert scanned("12345", 2) == [(Verdict.TYPING, "")]


def test_without_an_end_it_was_typing() -> None:
    assert scanned("6901285991219", 5, end="") == [(Verdict.TYPING, "")]


def test_a_scanner_without_an_end_can_be_set_so() -> None:
    burst = Burst(ScannerProfile(needs_terminator=False))
    assert play(burst, [(char, 5) for char in "6901285991219"]) == [(Verdict.SCAN, "6901285991219")]


def test_a_prefix_makes_a_scan_of_slow_and_short_codes() -> None:
    burst = Burst(ScannerProfile(prefix="\x02", suffix="\x03"))
    assert play(burst, [(char, 45) for char in "\x0212\x03"]) == [(Verdict.SCAN, "12")]


def test_one_late_key_does_not_break_a_scan() -> None:
    gaps = [5] * 13
    gaps[6] = 48
    keys = [*zip("6901285991219", gaps, strict=True), ("\r", 5)]
    assert play(Burst(ScannerProfile()), keys) == [(Verdict.SCAN, "6901285991219")]


def test_ten_thousand_characters_are_too_long() -> None:
    assert scanned("9" * 10_000, 1) == [(Verdict.OVERLONG, "")]


def test_after_an_overlong_scan_the_next_one_counts() -> None:
    burst = Burst(ScannerProfile())
    play(burst, [("9", 1)] * 5_000 + [("\r", 1)])
    assert play(burst, [(char, 5) for char in "6901285991219\r"], 60_000) == [(Verdict.SCAN, "6901285991219")]


def test_people_are_never_scanners() -> None:
    """Ten thousand entries of 1 to 14 keys with gaps of 40 to 300 ms, each ended by Enter."""
    rng, burst, false = random.Random(7), Burst(ScannerProfile()), 0
    for entry in range(10_000):
        keys = [(rng.choice(DIGITS), rng.randint(40, 300)) for _ in range(rng.randint(1, 14))]
        keys.append(("\r", rng.randint(40, 300)))
        false += sum(verdict is not Verdict.TYPING for verdict, _ in play(burst, keys, entry * 100_000))
    assert false == 0


def test_the_storm_of_gaps_can_be_told_wrong() -> None:
    """The proof above can go red: with a lax profile the same typing is taken for scans."""
    lax, rng = Burst(ScannerProfile(max_median_gap_ms=400, hold_ms=400)), random.Random(7)
    found = []
    for entry in range(50):
        for char in "6901285991219\r":
            found.append(lax.feed(char, entry * 100_000 + rng.randint(0, 40)))
    assert Verdict.SCAN in found


@given(st.lists(st.tuples(st.sampled_from(DIGITS + "abc+*/ "), st.integers(0, 400)), max_size=60))
def test_nothing_is_lost_and_nothing_twice(keys: list[tuple[str, int]]) -> None:
    """Every key ends in exactly one verdict."""
    burst, held, ended, now = Burst(ScannerProfile()), 0, 0, 0
    for char, gap_ms in keys:
        if burst.is_holding and gap_ms > HOLD_MS and burst.expire() is not Verdict.HOLD:
            ended, held = ended + held, 0
        now += gap_ms
        held += 1
        if burst.feed(char, now) is not Verdict.HOLD:
            ended, held = ended + held, 0
    if burst.expire() is not Verdict.HOLD:
        ended, held = ended + held, 0
    assert (ended, held) == (len(keys), 0)
