"""One act of HQ: a unit of work, who does it, and the audit log that tells it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cloud_api.db.master_rows import Row
from cloud_api.db.master_tables import AUDIT_LOG
from cloud_api.db.unit_of_work import UnitOfWork
from cloud_api.keys import Keys
from cloud_api.settings import Settings

SECRET_COLUMNS = frozenset({"pin_hash", "password_hash", "pubkey", "code_hash", "token_hash"})


@dataclass(frozen=True, slots=True)
class Act:
    """What a service needs to change something."""

    uow: UnitOfWork
    who: str
    keys: Keys
    settings: Settings

    @property
    def connection(self) -> sa.Connection:
        """The connection of the act's transaction."""
        return self.uow.connection

    @property
    def now_ms(self) -> int:
        """The one moment of the act."""
        return self.uow.now_ms

    def note(self, action: str, entity: str, *, key: str, before: Row | None = None, after: Row | None = None) -> None:
        """Write the audit log: what was done, to what, and the columns that differ (no secrets)."""
        self.note_all(action, entity, [(key, before, after)])

    def note_all(self, action: str, entity: str, states: Sequence[tuple[str, Row | None, Row | None]]) -> None:
        """``note`` of many at once: each with key, state before, state after."""
        rows = [
            {
                "at_ms": self.now_ms,
                "who": self.who,
                "action": action,
                "entity": entity,
                "key": key,
                "store_id": (after or before or {}).get("store_id", ""),
            }
            | dict(zip(("before", "after"), differing(before, after), strict=True))
            for key, before, after in states
        ]
        if rows:
            self.connection.execute(sa.insert(AUDIT_LOG), rows)


def differing(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[str | None, str | None]:
    """JSON of the two states, cut down to what differs between them."""
    if before is None or after is None:
        return _json(before), _json(after)
    names = [name for name in after if before.get(name) != after[name]]
    return _json({name: before.get(name) for name in names}), _json({name: after[name] for name in names})


def _json(state: Mapping[str, Any] | None) -> str | None:
    if state is None:
        return None
    shown = {name: "…" if name in SECRET_COLUMNS else value for name, value in state.items()}
    return json.dumps(shown, ensure_ascii=False, sort_keys=True)
