"""One act on the database: rolled back unless committed, its changes published with it or not at all."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from cloud_api.db.changes import Change, insert_pending
from cloud_api.db.engine import begin_writing


class UnitOfWork:
    """A write transaction that collects what the tills must learn.

    ``with UnitOfWork(engine, now_ms=…) as act: … act.commit()``. Without ``commit()`` nothing happened.
    Changes enter the pending table last, right before the commit: the feeds' order depends on it.
    """

    connection: sa.Connection

    def __init__(self, engine: sa.Engine, *, now_ms: int, on_commit: Callable[[], None] | None = None) -> None:
        self.now_ms = now_ms
        self._engine = engine
        self._on_commit = on_commit
        self._changes: list[Change] = []

    def __enter__(self) -> Self:
        self.connection = begin_writing(self._engine)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()  # what is not committed is rolled back

    def publish(self, change: Change) -> None:
        """Tell the tills that subscribe to the change's bucket, if the act is committed."""
        assert (change.op == "put") == (change.row is not None)
        self._changes.append(change)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What will be published with the commit."""
        return tuple(self._changes)

    def commit(self) -> None:
        """Publish and commit; after it the unit of work is over."""
        if self._changes:
            insert_pending(self.connection, self._changes, at_ms=self.now_ms)
        self.connection.commit()
        if self._on_commit is not None:
            self._on_commit()
