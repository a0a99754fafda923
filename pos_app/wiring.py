"""The till put together below the screens: one call opens a data directory and gives every service."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from domain.clock import Clock
from pos_app.services.catalog import Catalog
from pos_app.services.checkout import Checkout
from pos_app.services.drawer import Drawer
from pos_app.services.health import Health
from pos_app.services.housekeeping import Housekeeping
from pos_app.services.operators import Operators
from pos_app.services.receipts import Receipts
from pos_app.services.selling import Selling
from pos_app.services.settings import Settings

Persist = Callable[[Callable[[], None]], None]
"""Puts a write on the database worker's queue; the worker runs them in order."""


@dataclass(frozen=True, slots=True)
class TillApp:
    """Every service of an open till."""

    directory: Path
    catalog: Catalog
    selling: Selling
    checkout: Checkout
    operators: Operators
    receipts: Receipts
    drawer: Drawer
    settings: Settings
    health: Health
    housekeeping: Housekeeping

    def adopt_fork(self, new_inc: int, common_seq: int) -> int:
        """Go on under a new incarnation, as the agent's "fork" event asks (database worker); gives the entries moved.

        Then send the agent "wake".
        """
        raise NotImplementedError

    def close(self) -> None:
        """Write what is still queued, close the files, give the data directory free."""
        raise NotImplementedError


def open_till(directory: Path, *, persist: Persist | None = None, clock: Clock | None = None) -> TillApp:
    """Open the till of an enrolled data directory.

    Takes the lock (``till.already_open``), upgrades the file, checks it and restores it where it is damaged;
    DomainError ``till.not_enrolled``, ``till.newer_database``, StorageError. Without ``persist`` writes run
    at once on the caller's thread.
    """
    raise NotImplementedError
