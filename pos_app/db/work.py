"""What a repository needs of the unit of work it belongs to."""

from typing import Any, Protocol

import sqlalchemy as sa


class Work(Protocol):
    """One transaction, through SQLAlchemy and, for hot statements, at the driver."""

    @property
    def connection(self) -> sa.Connection:
        """SQLAlchemy's connection."""
        ...

    @property
    def raw(self) -> Any:
        """The pysqlite3 connection underneath."""
        ...
