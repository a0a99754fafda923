"""Whatever is scanned, typed or sent: no exception, no hang, nothing that is carried out (S3)."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, seed, settings

from domain import gs1
from domain.errors import DomainError
from pos_app.services.housekeeping import DiskLimits
from pos_app.wiring import Outside, TillApp, open_till
from tests.builders import TestClock, shop
from tests.proof.security.patterns import Used, hangs, used_patterns
from tests.proof.security.scan_inputs import HANG_MS, cpu_ms, meanings, texts
from tests.selling import read
from tests.tidy_rules import ROOT

LONG_S = 300
SEED = 20_261_122


@pytest.fixture
def till(tmp_path: Path) -> Iterator[TillApp]:
    replica = shop(tmp_path / "till")
    made = open_till(tmp_path / "till", outside=Outside(clock=TestClock(), boot="boot-1", disk_limits=DiskLimits(0, 0)))
    yield made
    made.close()
    replica.close()


def check(text: str) -> None:
    assert cpu_ms(lambda: meanings(text)) < HANG_MS


@seed(SEED)
@settings(max_examples=400, suppress_health_check=list(HealthCheck))
@given(texts)
@example("\0" * 10_240)
@example("3*" * 5_000)
@example("\u202e" + "6901234567892" * 700)
def test_any_text_means_something_at_once(text: str) -> None:
    gs1.preload()
    check(text)


def test_any_text_may_be_scanned_and_searched_for_at_a_till(till: TillApp) -> None:
    """The catalogue's SQL and its word index take it as words, the cart as goods or as nothing."""
    tables = schema(till)
    reads: list[str] = []

    @seed(SEED)
    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(texts)
    def scanned(text: str) -> None:
        till.catalog.search(text)
        with suppress(DomainError):  # what is no goods is refused by name
            till.selling.scan(read(till, text))
        reads.append(text)

    scanned()
    assert len(reads) > 100
    assert schema(till) == tables


def schema(till: TillApp) -> list[str]:
    return [str(row) for row in till.reads.rows("SELECT name, sql FROM sqlite_master ORDER BY name")]


@pytest.mark.long
@pytest.mark.timeout(LONG_S * 3)
def test_five_minutes_of_texts_mean_something_at_once(tmp_path: Path) -> None:
    """Led by coverage where the fuzzer is installed (Linux, Python 3.11), else by chance."""
    if find_spec("atheris") is None:
        settings(max_examples=300_000, suppress_health_check=list(HealthCheck))(seed(SEED + 1)(given(texts)(check)))()
        return
    command = [sys.executable, "-m", "tests.proof.security.scan_fuzzer", str(LONG_S)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    assert f"Done {re.findall('Done ([0-9]+) runs', run.stderr)[0]} runs" in run.stderr


PATTERNS = used_patterns()


@pytest.mark.parametrize("used", PATTERNS, ids=lambda used: used.name)
def test_no_pattern_hangs_on_100_kilobytes(used: Used) -> None:
    assert hangs(used) == ""


def test_every_pattern_was_found() -> None:
    assert len(PATTERNS) > 30
    assert {"domain/scan.py", "domain/entry.py", "domain/gs1.py"} <= {used.path for used in PATTERNS}


# --- The proof can go red ------------------------------------------------------------------------------


@pytest.mark.parametrize("pattern", [r"(a+)+b", r"(\w+\s?)*;\Z", r"\s*,\s*x"])
def test_a_pattern_that_backtracks_is_seen(pattern: str) -> None:
    assert hangs(Used("planted", re.compile(pattern), "search"))


def test_a_text_that_hangs_or_raises_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = re.compile("(a+)+b")
    monkeypatch.setattr("tests.proof.security.scan_inputs.parse_entry", slow.fullmatch)
    with pytest.raises(AssertionError):
        check("a" * 23)
    monkeypatch.setattr("tests.proof.security.scan_inputs.parse_entry", int)
    with pytest.raises(ValueError, match="invalid literal"):
        check("农夫山泉")
