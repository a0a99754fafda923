"""All terminals in memory: store, state, key and buckets, read again when anything about them changed."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from cloud_api.db.engine import reading
from cloud_api.db.master_rows import cat_bucket, price_bucket, promo_bucket, store_bucket
from cloud_api.db.master_tables import STORE, TERMINAL

DOWN_STATES = frozenset({"active"})
"""Only these get pages, snapshots and news; the others still send what they have."""
HEARD_STATES = frozenset({"active", "drain"})
"""What these send takes effect; what the others send is held for review."""


@dataclass(frozen=True, slots=True)
class Known:
    """One terminal: ``pubkey`` is base64 (None: never enrolled); ``zone`` is its store's price zone."""

    terminal_id: str
    store_id: str
    state: str
    pubkey: str | None
    division: str
    zone: str
    sub_ver: int

    @property
    def buckets(self) -> tuple[str, ...]:
        """What it subscribes to."""
        return (
            cat_bucket(self.division),
            price_bucket(self.zone),
            promo_bucket(self.zone),
            store_bucket(self.store_id),
        )


@dataclass(frozen=True, slots=True)
class Turned:
    """A terminal that is not what it was; ``what`` is the word for its live channel, ``ends`` closes it."""

    terminal_id: str
    what: str
    ends: bool = False


class Directory:
    """Who is who; a look that finds nothing changed costs one small query, whatever the number of tills."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._known: dict[str, Known] = {}
        self._mark: tuple[int, ...] = ()

    def get(self, terminal_id: str) -> Known | None:
        """A terminal as last seen."""
        return self._known.get(terminal_id)

    def look_up(self, terminal_id: str) -> Known | None:
        """A terminal as the database has it now."""
        with reading(self._engine) as connection:
            found = list(_read(connection, terminal_id))
        for known in found:
            self._known[terminal_id] = known
        return found[0] if found else None

    def all(self) -> list[Known]:
        """Every terminal as last seen."""
        return list(self._known.values())

    def refresh(self) -> list[Turned]:
        """Look again; the terminals whose state or subscription changed since the last look."""
        with reading(self._engine) as connection:
            mark = tuple(connection.execute(_MARK).one())
            if mark == self._mark:
                return []
            now = {known.terminal_id: known for known in _read(connection)}
        before, self._known, self._mark = self._known, now, mark
        return list(_turned(before, now))


_MARK = sa.select(
    sa.select(sa.func.count()).select_from(TERMINAL).scalar_subquery(),
    sa.select(sa.func.coalesce(sa.func.sum(TERMINAL.c.ver), 0)).scalar_subquery(),
    sa.select(sa.func.coalesce(sa.func.sum(STORE.c.ver + STORE.c.sub_ver), 0)).scalar_subquery(),
)
_COLUMNS = (
    TERMINAL.c.terminal_id,
    TERMINAL.c.store_id,
    TERMINAL.c.state,
    TERMINAL.c.pubkey,
    STORE.c.division,
    STORE.c.price_zone,
    STORE.c.sub_ver,
)


def _read(connection: sa.Connection, terminal_id: str | None = None) -> Iterator[Known]:
    query = sa.select(*_COLUMNS).join(STORE, STORE.c.store_id == TERMINAL.c.store_id)
    if terminal_id is not None:
        query = query.where(TERMINAL.c.terminal_id == terminal_id)
    return (Known(*row) for row in connection.execute(query).all())


def _turned(before: dict[str, Known], now: dict[str, Known]) -> Iterator[Turned]:
    for terminal_id, known in now.items():
        old = before.get(terminal_id)
        if old is None or old == known:
            continue
        if (old.state, old.pubkey) != (known.state, known.pubkey):
            yield Turned(terminal_id, "state", ends=known.state not in DOWN_STATES)
        elif (old.buckets, old.sub_ver) != (known.buckets, known.sub_ver):
            yield Turned(terminal_id, "sub")
