"""Failed PIN attempts, counted in till.db so that neither a restart nor a new clock forgives them."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from domain.ids import OperatorId
from pos_app.db.tables import SIGN_ON_ATTEMPT
from pos_app.db.work import Work

_GET = sa.select(SIGN_ON_ATTEMPT).where(SIGN_ON_ATTEMPT.c.operator_id == sa.bindparam("of"))
_PUT = insert(SIGN_ON_ATTEMPT)
_PUT = _PUT.on_conflict_do_update(
    index_elements=[SIGN_ON_ATTEMPT.c.operator_id],
    set_={c.name: _PUT.excluded[c.name] for c in SIGN_ON_ATTEMPT.columns if not c.primary_key},
)


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """How often in a row an operator failed, and until when he has to wait, by both clocks."""

    operator_id: OperatorId
    failed: int = 0
    locked_until_ms: int = 0
    locked_until_mono_ms: int = 0
    boot_id: str = ""


class Attempts:
    """The counters of till.db."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, operator_id: OperatorId) -> AttemptRow:
        """The counter of an operator; zero where he never failed."""
        row = self._work.connection.execute(_GET, {"of": operator_id}).mappings().first()
        return AttemptRow(**row) if row else AttemptRow(operator_id)

    def put(self, row: AttemptRow) -> None:
        """Write a counter."""
        self._work.connection.execute(_PUT, {name: getattr(row, name) for name in AttemptRow.__slots__})
