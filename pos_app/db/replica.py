"""Reads of the replica by key: one read-only connection that survives damage, absence and a flip to a new file."""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite

from domain.errors import DomainError, NotFound
from pos_app.db.engine import connect_to_read, connect_to_read_frozen
from pos_app.db.faults import StorageError, storage_error
from sync.replica.layout import OtherLayout, stand_in
from sync.replica.search import TERMS_SQL, is_complete
from sync.timekeeping import Offset, offset_of

_CLOCK_FACTS = "SELECT key, value FROM sync_state WHERE key = 'boot_id' OR key >= 'clock_' AND key < 'clock`'"
_NEEDED = (
    "SELECT ack.inc, ack.seq, ack.durable, state.key, state.value "
    "FROM item, barcode, price, store, sync_state AS state, sync_ack AS ack LIMIT 0"
)
_NONE, _OTHER = "till.no_catalogue", "till.catalogue_of_other_release"
_OUT_OF_SERVICE = ("revoked", "lost")
_LOG = logging.getLogger(__name__)

Row = tuple[Any, ...]


class CatalogReads:
    """The live replica of a folder; where there is none that can be read, reads raise NotFound with code ``missing``.

    That is ``till.no_catalogue``, or ``till.catalogue_of_other_release`` where it might be misread.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._connection: Any = None
        self._opened = 0
        self._is_frozen = False
        self._indexed_at: tuple[tuple[int, int], bool] = ((-1, -1), False)
        self.path: Path | None = None
        self.missing = _NONE
        self.reopen()

    @property
    def is_open(self) -> bool:
        """Whether a replica is there; looks for one where none was."""
        if self._connection is None:
            self.reopen()
        return self._connection is not None

    def reopen(self, path: Path | None = None) -> bool:
        """Read from ``path``, or from the file that ``current`` names; False where it cannot be read."""
        path = path or self._current()
        fresh, is_frozen, missing = None, False, _NONE
        try:
            fresh, is_frozen = _open(path) if path else (None, False)
        except OtherLayout:
            missing = _OTHER
        with self._lock:
            self.missing = missing
            if fresh is None and path is not None and path == self.path:
                return False
            old, self._connection, self.path = self._connection, fresh, path if fresh else None
            self._is_frozen = is_frozen
            self._opened += 1
            if old is not None:
                old.close()
        return fresh is not None

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """All rows at once: a statement that is not read to its end would hold back the writer's clean-up."""
        if self._is_frozen and self.path is not None and _log_of(self.path).exists():
            self.reopen(self.path)  # somebody can write there again
        if not self.is_open:
            raise NotFound(self.missing)
        try:
            with self._lock:
                if self._connection is None:
                    raise NotFound(self.missing)
                found: list[Row] = self._connection.execute(sql, values).fetchall()
        except sqlite.DatabaseError as error:
            raise self._fault(error) from error
        return found

    def first(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        """The one row of a look-up by key, or None."""
        found = self.rows(sql, values)
        return found[0] if found else None

    def version(self) -> tuple[int, int]:
        """Changes whenever the file was written to or another one is read: what caches are keyed by."""
        row = self.first("PRAGMA data_version")
        return (self._opened, row[0] if row else 0)

    def state(self, key: str) -> Any:
        """A small fact that the sync agent left, or None; also where there is no replica or it is damaged."""
        found = self._facts("SELECT value FROM sync_state WHERE key = ?", (key,))
        return found[0][0] if found else None

    @property
    def has_store(self) -> bool:
        """Whether a store's goods are here."""
        return self.has("SELECT 1 FROM store LIMIT 1")

    def require_store(self) -> None:
        """Says why nothing is known here: ``terminal.revoked`` where HQ took the till out, else ``missing``."""
        if self.has_store:
            return
        if self.state("cloud_state") in _OUT_OF_SERVICE:
            raise DomainError("terminal.revoked")
        raise NotFound(self.missing)

    def has_word_index(self) -> bool:
        """Whether every item stands in the word index."""
        if self.version() != self._indexed_at[0]:
            with self._lock:
                complete = self._connection is not None and _is_indexed(self._connection)
            self._indexed_at = (self.version(), complete)
        return self._indexed_at[1]

    def acked(self, inc: int) -> tuple[int, int]:
        """``(seq, durable)`` that the cloud confirmed of an incarnation; zeros where nothing is known."""
        found = self._facts("SELECT seq, durable FROM sync_ack WHERE inc = ?", (inc,))
        return (found[0][0], found[0][1]) if found else (0, 0)

    def last_acked(self) -> tuple[int, int]:
        """``(inc, seq)``: how far the cloud has the newest incarnation that it knows; zeros where nothing is known."""
        found = self._facts("SELECT inc, seq FROM sync_ack ORDER BY inc DESC LIMIT 1")
        return (found[0][0], found[0][1]) if found else (0, 0)

    def offset(self) -> Offset | None:
        """The agent's last measurement of the cloud's time."""
        return offset_of(dict(self._facts(_CLOCK_FACTS)))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = self.path = None

    def _facts(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """What the agent left; a replica that cannot tell must not keep the till, which heals it, from starting."""
        try:
            return self.rows(sql, values)
        except (NotFound, StorageError):
            return []

    def has(self, sql: str) -> bool:
        """Whether a query finds anything; not where there is no replica or it is damaged."""
        return bool(self._facts(sql))

    def _current(self) -> Path | None:
        try:
            name = (self._folder / "current").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        path = self._folder / Path(name).name
        return path if name and path.is_file() else None

    def _fault(self, error: sqlite.DatabaseError) -> Exception:
        """A damaged replica is closed; the agent fetches another one and the till says so."""
        fault = storage_error(error)
        if fault is None or fault.code != "till.database_damaged":
            return fault or error
        _LOG.error("replica %s is damaged: %s", self.path, error)
        self.close()
        return StorageError("till.catalogue_damaged")


def _open(path: Path) -> tuple[Any, bool]:
    """A connection to a file that holds a catalogue, or None; and whether it sees nothing that is written from now on.

    A reader needs files beside a database. Where the folder takes none and no log is there, nobody writes either.
    """
    found = _connect(path, connect_to_read)
    if found is not None or _log_of(path).exists():
        return found, False
    found = _connect(path, connect_to_read_frozen)
    if found is not None:
        _LOG.warning("replica %s is read as it is: its folder cannot be written", path.name)
    return found, found is not None


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _connect(path: Path, connect: Callable[[Path], Any]) -> Any:
    connection: Any = None
    try:
        connection = connect(path)
        connection.execute(_NEEDED).fetchall()
        _prepare(connection)
    except OtherLayout:
        _LOG.warning("replica %s is of another release and cannot be read", path.name)
        connection.close()
        raise
    except sqlite.Error as error:
        _LOG.warning("replica %s cannot be read: %s", path.name, error)
        if connection is not None:
            connection.close()
        return None
    return connection


def _prepare(connection: Any) -> None:
    """Views of the word index and of what an older file lacks, in this connection's memory alone."""
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA query_only = OFF")
    connection.execute(TERMS_SQL)
    stand_in(connection)
    connection.execute("PRAGMA query_only = ON")


def _is_indexed(connection: Any) -> bool:
    try:
        return is_complete(connection)
    except sqlite.DatabaseError:
        return False
