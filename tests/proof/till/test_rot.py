"""R5: changed bytes are found before the next sale, no total is wrong in silence, and the till is brought back."""

from __future__ import annotations

import logging
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pos_app import wiring
from pos_app.db.check import OK, check_file
from tests.proof.till.rot import KINDS, LOG_KINDS, Damage, Worn, damage, is_changed, open_damaged, wear

SALES = 90


@pytest.fixture(scope="session")
def worn(evening: Path, tmp_path_factory: pytest.TempPathFactory) -> Worn:
    """A till that was closed in order."""
    return wear(shutil.copytree(evening, tmp_path_factory.mktemp("worn") / "till"), SALES)


@pytest.fixture(scope="session")
def killed(evening: Path, tmp_path_factory: pytest.TempPathFactory) -> Worn:
    """A till that was not."""
    folder = tmp_path_factory.mktemp("killed")
    return wear(shutil.copytree(evening, folder / "open"), SALES, log_kept=folder / "till")


@pytest.fixture(autouse=True)
def _quietly() -> Iterator[None]:
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


def rot_again_and_again(worn: Worn, folder: Path, seeds: range, *, log: bool = False) -> Counter[str]:
    """Of damage that changed something: ``found`` or ``unseen``; what changed nothing is ``harmless``."""
    found: Counter[str] = Counter()
    kinds: tuple[Damage, ...] = LOG_KINDS if log else KINDS
    for seed in seeds:
        directory = folder / "till"
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(worn.directory, directory)
        copy = replace(worn, directory=directory)
        damage(directory / "till.db-wal" if log else copy.path, kinds[seed % len(kinds)], seed)
        found[open_damaged(copy) if log or is_changed(copy) else "harmless"] += 1
    return found


def test_most_damage_is_found_and_all_of_it_is_survived(worn: Worn, tmp_path: Path) -> None:
    found = rot_again_and_again(worn, tmp_path, range(72))
    assert found["unseen"] <= 1, found
    assert found["found"] > 40, found


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_five_hundred_damaged_files(worn: Worn, tmp_path: Path) -> None:
    found = rot_again_and_again(worn, tmp_path, range(1000, 1700))
    print(found)
    harmful = found["unseen"] + found["found"]
    assert harmful >= 500, found
    assert found["unseen"] * 100 <= harmful, found


@pytest.mark.parametrize("trials", [15, pytest.param(200, marks=pytest.mark.long)])
def test_a_log_that_was_lost_is_seen_by_what_the_cloud_has(killed: Worn, tmp_path: Path, trials: int) -> None:
    """``open_damaged`` asserts it: either nothing is missing, or the till says that it was restored."""
    found = rot_again_and_again(killed, tmp_path, range(trials), log=True)
    assert found["found"] > trials // 2, found


def test_it_can_go_red_with_sqlites_own_check_alone(
    worn: Worn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Self-test: ``integrity_check`` sees the structure, not what is written in the rows."""
    monkeypatch.setattr(wiring, "check_all", lambda connection: (check_file(connection), OK))
    with pytest.raises(AssertionError, match="wrong figure"):
        rot_again_and_again(worn, tmp_path, range(2, 120, 6))
