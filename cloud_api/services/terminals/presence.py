"""When a till was last heard of and how far its journal goes: kept in memory, written now and then, all at once."""

import threading
from dataclasses import dataclass, replace

import sqlalchemy as sa

from cloud_api.db.engine import writing
from cloud_api.db.master_tables import TERMINAL

QUIET_MS = 60_000
"""A till that only says it is there is written this often; one whose journal grew, at the next flush."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The last word of a till about itself."""

    at_ms: int
    app_ver: str | None = None
    tip_inc: int | None = None
    tip_seq: int | None = None


class Presence:
    """Collects what tills say about themselves; ``flush`` writes it."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._seen: dict[str, Seen] = {}
        self._written: dict[str, Seen] = {}
        self._lock = threading.Lock()

    def note(self, terminal_id: str, seen: Seen) -> None:
        """Remember; what the till does not say now stays as it said it before."""
        with self._lock:
            before = self._seen.get(terminal_id)
            if before is not None:
                seen = Seen(
                    seen.at_ms,
                    before.app_ver if seen.app_ver is None else seen.app_ver,
                    before.tip_inc if seen.tip_inc is None else seen.tip_inc,
                    before.tip_seq if seen.tip_seq is None else seen.tip_seq,
                )
            self._seen[terminal_id] = seen

    def flush(self) -> int:
        """Write what is news in one statement; how many tills that were."""
        with self._lock:
            due = {name: seen for name, seen in self._seen.items() if self._is_due(name, seen)}
        rows = [
            {
                "terminal": name,
                "seen_ms": seen.at_ms,
                "app": seen.app_ver,
                "inc": seen.tip_inc,
                "seq": seen.tip_seq,
            }
            for name, seen in sorted(due.items())
        ]
        if rows:
            with writing(self._engine) as connection:
                connection.execute(_UPDATE, rows)
            with self._lock:
                self._written |= due
        return len(rows)

    def _is_due(self, terminal_id: str, seen: Seen) -> bool:
        written = self._written.get(terminal_id)
        if written is None or replace(written, at_ms=seen.at_ms) != seen:
            return True
        return seen.at_ms - written.at_ms >= QUIET_MS


_UPDATE = (
    sa.update(TERMINAL)
    .where(TERMINAL.c.terminal_id == sa.bindparam("terminal"))
    .values(
        last_seen_ms=sa.bindparam("seen_ms"),
        app_ver=sa.func.coalesce(sa.bindparam("app", type_=sa.Text), TERMINAL.c.app_ver),
        tip_inc=sa.func.coalesce(sa.bindparam("inc", type_=sa.BigInteger), TERMINAL.c.tip_inc),
        tip_seq=sa.func.coalesce(sa.bindparam("seq", type_=sa.BigInteger), TERMINAL.c.tip_seq),
    )
)
