"""Cases for HQ: what needs a look, opened at most once each, never in the way of the fact itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import sqlalchemy as sa

from cloud_api.db.bulk import insert_rows
from cloud_api.db.master_tables import CASE_FILE


@dataclass(frozen=True, slots=True)
class Case:
    """A case to open; a second one with the same ``dedupe_key`` is not."""

    kind: str
    dedupe_key: str
    store_id: str = ""
    terminal_id: str = ""
    event_id: str = ""
    sale_id: str = ""
    amount_minor: int = 0
    params: Mapping[str, object] = field(default_factory=dict)


def open_cases(connection: sa.Connection, cases: Sequence[Case], *, at_ms: int) -> None:
    """Put the cases on file, those that are not there yet."""
    rows = [
        {
            "dedupe_key": case.dedupe_key,
            "kind": case.kind,
            "store_id": case.store_id,
            "terminal_id": case.terminal_id,
            "event_id": case.event_id,
            "sale_id": case.sale_id,
            "amount_minor": case.amount_minor,
            "params": msgspec.json.encode(case.params, order="sorted").decode(),
            "state": "open",
            "opened_at_ms": at_ms,
            "resolved_by": "",
            "outcome": "",
            "note": "",
        }
        for case in cases
    ]
    insert_rows(connection, CASE_FILE, rows=rows, skip_existing=True)
