"""What must hold of a till's file after anything (INV): the file, the chain, the numbers, and every sum."""

from __future__ import annotations

from pathlib import Path

from tests.kills import Confirmed, assert_all_there
from tests.selling import assert_sound, journaled_sales


def assert_inv(directory: Path, confirmed: Confirmed | None = None) -> None:
    """All of it; with ``confirmed`` also that each of these is there once, and at most one that was not told."""
    path = directory / "till.db"
    if confirmed is None:
        assert_sound(path)
    else:
        assert_all_there(directory, confirmed)
    for sale in journaled_sales(path):
        assert sum(line.amount_minor for line in sale.lines) == sale.due_minor
        assert sum(tender.amount_minor for tender in sale.tenders) == sale.paid_minor
        assert sale.paid_minor - sale.change_minor == sale.due_minor - sale.rounding_minor
