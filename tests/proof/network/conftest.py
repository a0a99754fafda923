"""Fixtures: the contract tests' cloud, shop and tills; a box on the line between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.contract.conftest import (
    NewCounter,
    counter,
    new_counter,
    office,
    prepared,
    prepared_postgresql,
    prepared_sqlite,
    shop,
)
from tests.contract.office import Office
from tests.proof.network.middlebox import MiddleBox

__all__ = [
    "NewCounter",
    "counter",
    "new_counter",
    "office",
    "prepared",
    "prepared_postgresql",
    "prepared_sqlite",
    "shop",
]

NewBox = Callable[[], MiddleBox]


@pytest.fixture
def box(office: Office) -> Iterator[MiddleBox]:
    """On the line to the cloud; passes everything on until told otherwise."""
    made = MiddleBox(office.port)
    yield made
    made.close()


sqlite_only = pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
"""The short form of a proof whose long form runs on both databases."""
