"""Small facts of till.db by key: receipt counters, the last backup, what a restore found."""

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from pos_app.db.tables import META
from pos_app.db.work import Work

_GET = sa.select(META.c.value).where(META.c.key == sa.bindparam("of"))
_PUT = insert(META)
_PUT = _PUT.on_conflict_do_update(index_elements=[META.c.key], set_={"value": _PUT.excluded.value})
# Every sale counts: two plain statements at the driver take half as long as one that also returns what it wrote.
_LAST_NUMBER = "SELECT value FROM meta WHERE key = ?"
_SET_NUMBER = "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)"


class Meta:
    """Facts by key, as text."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, key: str) -> str | None:
        """The value, or None."""
        return self._work.connection.execute(_GET, {"of": key}).scalars().first()

    def get_int(self, key: str) -> int | None:
        """The value as an integer, or None."""
        value = self.get(key)
        return None if value is None else int(value)

    def put(self, key: str, value: str | int) -> None:
        """Set a value."""
        self._work.connection.execute(_PUT, {"key": key, "value": str(value)})

    def next_receipt_number(self, inc: int) -> int:
        """The next number of an incarnation: 1, 2, 3 …, without gaps as long as the unit of work commits."""
        raw, key = self._work.raw, receipt_counter(inc)
        last = raw.execute(_LAST_NUMBER, (key,)).fetchone()
        number = int(last[0]) + 1 if last else 1
        raw.execute(_SET_NUMBER, (key, str(number)))
        return number


def receipt_counter(inc: int) -> str:
    """The key under which the last receipt number of an incarnation stands."""
    return f"receipt_number:{inc}"
