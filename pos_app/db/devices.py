"""The device settings of this till: JSON documents by name."""

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from pos_app.db.seals import sealed
from pos_app.db.tables import DEVICE
from pos_app.db.work import Work

_GET = sa.select(DEVICE.c.json).where(DEVICE.c.name == sa.bindparam("of"))
_PUT = insert(DEVICE)
_PUT = _PUT.on_conflict_do_update(index_elements=[DEVICE.c.name], set_={"json": _PUT.excluded.json})


class Devices:
    """The settings of till.db."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, name: str) -> str | None:
        """A document, or None."""
        return self._work.connection.execute(_GET, {"of": name}).scalars().first()

    def put(self, name: str, json: str) -> None:
        """Write a document, a JSON object."""
        self._work.connection.execute(_PUT, {"name": name, "json": sealed(json.encode(), name).decode()})
