"""Writing facts into the journal: the one place that stamps, numbers and seals."""

from collections.abc import Mapping
from typing import Any

from pos_app.db.unit_of_work import UnitOfWork
from sync.journal import Entry


class Journal:
    """Appends to the till's journal inside a unit of work."""

    def record(self, uow: UnitOfWork, kind: str, *, body: Mapping[str, Any]) -> Entry:
        """Append one fact; commits with the unit of work. A clock jump since the last entry is told first."""
        raise NotImplementedError
