"""Fixtures: the data directory of an enrolled till with a small shop, as it was closed in the evening."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pos_app.wiring import open_till
from tests.builders import shop
from tests.proof.till.power import outside

FreshTill = Callable[[], Path]


@pytest.fixture(scope="session")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory that the others are copies of."""
    directory = tmp_path_factory.mktemp("evening") / "till"
    shop(directory).close()
    open_till(directory, outside=outside()).close()
    return directory


@pytest.fixture
def fresh(evening: Path, tmp_path: Path) -> FreshTill:
    """Gives the same closed till again and again, whatever became of the one before."""
    directory = tmp_path / "till"

    def make() -> Path:
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(evening, directory)
        return directory

    return make
