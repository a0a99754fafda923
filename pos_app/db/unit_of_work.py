"""One transaction on till.db: it rolls back unless committed, and tells storage faults by code."""

from types import TracebackType
from typing import Self

from domain.errors import DomainError


class StorageError(DomainError):
    """The disk or the file failed: ``till.disk_full``, ``till.read_only``, ``till.database_damaged`` …"""


class UnitOfWork:
    """``with UnitOfWork(engine) as uow: …; uow.commit()``."""

    def __enter__(self) -> Self:
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError

    def commit(self) -> None:
        """Make it durable."""
        raise NotImplementedError
