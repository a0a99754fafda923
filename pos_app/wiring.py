"""The till put together below the screens: one call opens a data directory and gives every service."""

import logging
import platform
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from domain.clock import Clock
from pos_app import __version__
from pos_app.clock import TillClock, UuidIds
from pos_app.db.check import OK, check_all, check_chain, check_seals
from pos_app.db.engine import connect_to_read
from pos_app.db.faults import StorageError, storage_faults
from pos_app.db.migrate import migrate
from pos_app.db.replica import CatalogReads
from pos_app.db.restore import restore
from pos_app.db.unit_of_work import TillDatabase
from pos_app.instance import InstanceLock
from pos_app.paths import TillPaths
from pos_app.services.cart_keeper import CartKeeper, Persist, at_once
from pos_app.services.catalog import Catalog
from pos_app.services.checkout import Checkout, SaleWriter
from pos_app.services.drawer import Drawer
from pos_app.services.health import LAST_RESTORE, Health
from pos_app.services.housekeeping import DiskLimits, Housekeeping, backups
from pos_app.services.journaling import Journal
from pos_app.services.operators import Operators
from pos_app.services.printing import PrintQueue
from pos_app.services.receipt_layout import ReceiptLayout
from pos_app.services.receipts import Receipts
from pos_app.services.selling import Selling
from pos_app.services.settings import Settings
from sync import identity, journal_store
from sync.identity import Identity
from sync.journal import GENESIS, Tip
from sync.system_clock import SystemClock, boot_id

_LOG = logging.getLogger(__name__)
CHECKED_AT_START_BYTES = 64 * 1024 * 1024
"""A larger file is checked whole by ``Housekeeping.daily`` in the background, at start only its end.

Where that finds damage, the next start looks at the whole file and restores it.
"""
CHECKED_AT_START_ENTRIES = 1000
RESTORED_BELOW = "restored_below"
"""In ``meta``: how far the cloud had this till's journal when it was restored; the file may end before that."""


@dataclass(frozen=True, slots=True)
class TillApp:
    """Every service of an open till."""

    directory: Path
    identity: Identity
    database: TillDatabase
    reads: CatalogReads
    clock: TillClock
    catalog: Catalog
    selling: Selling
    checkout: Checkout
    operators: Operators
    receipts: Receipts
    layout: ReceiptLayout
    printing: PrintQueue
    drawer: Drawer
    settings: Settings
    health: Health
    housekeeping: Housekeeping
    journal: Journal
    keeper: CartKeeper
    lock: InstanceLock
    was_restored: bool
    """Whether the database was damaged and has been brought back just now: tell the cashier."""

    def adopt_fork(self, new_inc: int, common_seq: int) -> int:
        """Go on under a new incarnation, as the agent's "fork" event asks (database worker); gives the entries moved.

        Then send the agent "wake".
        """
        with self.database.write() as uow:
            old_inc = journal_store.incarnation(uow.raw)
            moved = journal_store.adopt_fork(uow.raw, new_inc, common_seq=common_seq)
            if journal_store.incarnation(uow.raw) == old_inc:
                return 0
            uow.sales.move(new_inc)
            body = {"old_inc": old_inc, "new_inc": new_inc, "common_seq": common_seq}
            self.journal.record(uow, "fork_adopted", body=body)
            uow.commit()
        return moved

    def close(self) -> None:
        """Write what is still queued, close the files, give the data directory free."""
        try:
            self.keeper.flush()
        finally:
            self.reads.close()
            self.database.close()
            self.lock.release()


@dataclass(frozen=True, slots=True)
class Outside:
    """What a till takes from outside itself; tests hand in their own."""

    persist: Persist = at_once
    clock: Clock = field(default_factory=SystemClock)
    boot: str = field(default_factory=boot_id)
    disk_limits: DiskLimits = field(default_factory=DiskLimits)


def open_till(
    directory: Path, *, persist: Persist | None = None, clock: Clock | None = None, outside: Outside | None = None
) -> TillApp:
    """Open the till of an enrolled data directory.

    Takes the lock (``till.already_open``), upgrades the file, checks it and restores it where it is damaged;
    DomainError ``sync.not_enrolled``, ``till.newer_database``, StorageError. Without ``persist`` writes run
    at once on the caller's thread. ``outside`` replaces all that at once.
    """
    paths = TillPaths(directory)
    with storage_faults():
        known = identity.load(directory)
        paths.create()
        lock = InstanceLock(paths.lock)
    try:
        given = outside or Outside(persist or at_once, clock or SystemClock())
        with storage_faults():
            return _open(paths, known, lock=lock, outside=given)
    except BaseException:
        lock.release()
        raise


def _open(paths: TillPaths, known: Identity, *, lock: InstanceLock, outside: Outside) -> TillApp:
    reads = CatalogReads(paths.replica)
    clock = TillClock(outside.clock, offset=reads.offset, boot=outside.boot)
    ids = UuidIds()
    journal = Journal(clock, ids)
    end = _known_end(known, reads)
    was_restored = _prepare_database(paths, known, end=end)
    database = TillDatabase(paths.database)
    _begin_journal(database, known, journal=journal)
    if was_restored:
        _note_restore(database, clock, end)
    housekeeping = Housekeeping(paths, database, reads=reads, clock=clock, disk_limits=outside.disk_limits)
    keeper = CartKeeper(database, journal, persist=outside.persist)
    catalog = Catalog(reads, clock)
    settings = Settings(database, journal)
    selling = Selling(catalog, keeper, clock=clock, ids=ids, check_room=housekeeping.check_room)
    writer = SaleWriter(journal, keeper, clock, known.store, lambda: settings.current)
    checkout = Checkout(database, catalog, selling=selling, writer=writer, ids=ids)
    receipts = Receipts(database, reads, journal=journal, clock=clock, business_date=checkout.business_date)
    layout = ReceiptLayout(receipts, store=catalog.store, settings=lambda: settings.current, sign=known.sign)
    return TillApp(
        directory=paths.directory,
        identity=known,
        database=database,
        reads=reads,
        clock=clock,
        catalog=catalog,
        selling=selling,
        checkout=checkout,
        operators=Operators(database, reads, journal=journal, clock=clock, pepper=known.pepper),
        receipts=receipts,
        layout=layout,
        printing=PrintQueue(database, layout, settings=lambda: settings.current, clock=clock),
        drawer=Drawer(database, journal, clock=clock),
        settings=settings,
        health=Health(database, reads, housekeeping=housekeeping, clock=clock, identity=known),
        housekeeping=housekeeping,
        journal=journal,
        keeper=keeper,
        lock=lock,
        was_restored=was_restored,
    )


def _known_end(known: Identity, reads: CatalogReads) -> Tip:
    """The end of the journal as far as the cloud has confirmed it; its hash is not known."""
    inc, seq = reads.last_acked()
    return Tip(inc, seq, GENESIS) if inc >= known.inc else Tip(known.inc, 0, GENESIS)


def _prepare_database(paths: TillPaths, known: Identity, *, end: Tip) -> bool:
    """A file of this version that can be trusted; whether it had to be restored for that."""
    had_one = bool(end.seq or backups(paths.backup) or paths.damaged.exists())
    is_there = paths.database.exists() and paths.database.stat().st_size > 0
    was_restored = not _is_sound(paths, end) if is_there else had_one
    if was_restored:
        restore(
            paths.database,
            backups=backups(paths.backup),
            damaged=paths.damaged,
            identity=end,
            terminal=known.terminal,
        )
    migrate(paths.database)
    paths.suspect.unlink(missing_ok=True)
    return was_restored


def _is_sound(paths: TillPaths, end: Tip) -> bool:
    """Whether the file may be used; what cannot be opened for another reason is raised.

    Damage has to be seen twice: a disk that failed one read would look like it.
    """
    try:
        with storage_faults():
            return _check(paths, end) or _check(paths, end)
    except StorageError as error:
        if error.code != "till.database_damaged":
            raise
        return False


def _check(paths: TillPaths, end: Tip) -> bool:
    connection = connect_to_read(paths.database)
    try:
        if connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'journal'").fetchall()[0][0] == 0:
            return False
        found: tuple[str, ...]
        if paths.database.stat().st_size > CHECKED_AT_START_BYTES and not paths.suspect.exists():
            found = check_seals(connection), check_chain(connection, CHECKED_AT_START_ENTRIES)
        else:
            found = check_all(connection)
        if set(found) == {OK}:
            found = (_check_end(connection, end),)
    finally:
        connection.close()
    if set(found) != {OK}:
        _LOG.error("till.db is damaged: %s", found)
    return set(found) == {OK}


def _check_end(connection: Any, end: Tip) -> str:
    """``ok``, or that entries are gone which the cloud has; once that was told it is known."""
    rows = connection.execute("SELECT value FROM meta WHERE key = ?", (RESTORED_BELOW,)).fetchall()
    if rows and rows[0][0] == _place(end):
        return OK
    seq = journal_store.tip_of(connection, end.incarnation).seq
    is_behind = journal_store.incarnation(connection) == end.incarnation and seq < end.seq
    return f"ends at {seq}, the cloud has {end.seq}" if is_behind else OK


def _place(tip: Tip) -> str:
    return f"{tip.incarnation}/{tip.seq}"


def _begin_journal(database: TillDatabase, known: Identity, *, journal: Journal) -> None:
    """The first entry of a new till says who it is."""
    with database.write() as uow:
        if journal_store.incarnation(uow.raw):
            return
        journal_store.begin_journal(uow.raw, known.terminal, inc=known.inc)
        body = {"store": known.store, "device": platform.node(), "app_ver": __version__}
        journal.record(uow, "till_enrolled", body=body)
        uow.commit()


def _note_restore(database: TillDatabase, clock: TillClock, end: Tip) -> None:
    with database.write() as uow:
        uow.meta.put(RESTORED_BELOW, _place(end))
        uow.meta.put(LAST_RESTORE, clock.now_ms())
        uow.commit()
