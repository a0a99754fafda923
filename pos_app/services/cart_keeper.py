"""Keeping carts in till.db behind the screen: acts change memory at once, writes follow on the database worker."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from domain.ids import CartId
from domain.tender import Tender
from pos_app.db.carts import KeptCart
from pos_app.db.faults import StorageError
from pos_app.db.unit_of_work import TillDatabase, UnitOfWork
from pos_app.services.journaling import Journal

Persist = Callable[[Callable[[], None]], None]
"""Puts a write on the database worker's queue; the worker runs them in order."""

_TRIED_AGAIN = ("till.disk_full", "till.read_only", "till.disk_failed", "till.cannot_open")
"""What a disk says of a write that the next one repeats."""


def at_once(write: Callable[[], None]) -> None:
    """A Persist without a worker: the write runs on the caller's thread."""
    write()


class CartKeeper:
    """What is not written yet, newest state only; a write that failed (disk full) is part of the next one."""

    def __init__(self, database: TillDatabase, journal: Journal, *, persist: Persist) -> None:
        self._database = database
        self._journal = journal
        self._persist = persist
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._unwritten: dict[CartId, KeptCart | None] = {}
        self._facts: list[tuple[str, Mapping[str, Any]]] = []
        self._tenders: dict[CartId, tuple[Tender, ...]] = {}

    def load(self) -> list[KeptCart]:
        """All carts as they were, oldest first."""
        with self._database.read() as uow:
            found = uow.carts.all()
        self._tenders = {kept.cart.cart_id: kept.tenders for kept in found if kept.tenders}
        return found

    def tenders(self, cart_id: CartId) -> tuple[Tender, ...]:
        """What was taken for a cart so far."""
        return self._tenders.get(cart_id, ())

    def keep_tenders(self, kept: KeptCart) -> None:
        """Note what was taken for a cart: a charged card must survive a restart."""
        self._tenders[kept.cart.cart_id] = kept.tenders
        self.keep(kept)

    def keep(self, kept: KeptCart) -> None:
        """Have a cart written as it is now."""
        self._put(kept.cart.cart_id, kept)

    def drop(self, cart_id: CartId, *facts: tuple[str, Mapping[str, Any]]) -> None:
        """Have a cart removed and facts about it journaled, in one commit."""
        with self._lock:
            self._facts += facts
        self._put(cart_id, None)

    def removed_with(self, uow: UnitOfWork, cart_id: CartId) -> None:
        """Remove a cart inside a unit of work, and forget about it once that is durable."""
        uow.carts.remove(cart_id)
        uow.after_commit(lambda: self._forget(cart_id))

    @property
    def is_behind(self) -> bool:
        """Whether something is on screen that the file does not have yet."""
        return bool(self._unwritten or self._facts)

    def flush(self) -> None:
        """Write what is not written yet; on a StorageError it stays for the next time."""
        with self._writing:
            with self._lock:
                carts, facts = dict(self._unwritten), list(self._facts)
            if carts or facts:
                self._write(carts, facts)

    def _flush_behind(self) -> None:
        """The queued write: the line is on screen already, so the refusal must not sound as if it were not."""
        try:
            self.flush()
        except StorageError as error:
            if error.code in _TRIED_AGAIN:
                raise StorageError("till.cart_not_kept") from error
            raise

    def _write(self, carts: Mapping[CartId, KeptCart | None], facts: list[tuple[str, Mapping[str, Any]]]) -> None:
        with self._database.write() as uow:
            for kind, body in facts:
                self._journal.record(uow, kind, body=body)
            for cart_id, kept in carts.items():
                if kept is None:
                    uow.carts.remove(cart_id)
                else:
                    uow.carts.put(kept)
            uow.commit()
        with self._lock:
            del self._facts[: len(facts)]
            for cart_id, kept in carts.items():
                if self._unwritten.get(cart_id, self) is kept:
                    del self._unwritten[cart_id]

    def _put(self, cart_id: CartId, kept: KeptCart | None) -> None:
        with self._lock:
            self._unwritten[cart_id] = kept
        self._persist(self._flush_behind)

    def _forget(self, cart_id: CartId) -> None:
        with self._lock:
            self._unwritten.pop(cart_id, None)
        self._tenders.pop(cart_id, None)
