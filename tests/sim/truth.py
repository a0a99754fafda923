"""What really happened, noted as it happens: every entry committed, every receipt printed, every backup made."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pysqlite3.dbapi2 as sqlite

from sync import journal_store
from tests.sim.faults import require
from tests.sim.feeds import Feeds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_api.db.changes import Change
    from tests.sim.cloud import CloudHost
    from tests.sim.till import Home

COLUMNS = "event_id, kind, version, at_ms, est_ms, off_ms, boot, mono_ms, prev, hash, body"


@dataclass
class Life:
    """How far a home's journal was read, and how often it changed its incarnation and had reason to."""

    inc: int = 0
    seen: dict[int, int] = field(default_factory=dict)
    adoptions: int = 0
    causes: int = 0


@dataclass
class Committed:
    """An event that some till committed: kind and body never change, wherever it is sealed again."""

    terminal: str
    kind: str
    body: bytes


class Truth:
    """The world's own book."""

    def __init__(self) -> None:
        self.feeds = Feeds()
        self.committed: dict[str, Committed] = {}
        self.lost: set[str] = set()
        """Events whose only disk was put back to an older state."""
        self.entries: dict[tuple[str, int, int, str], tuple[Any, ...]] = {}
        """Every sealed entry by (terminal, inc, seq, hash)."""
        self.safe: set[str] = set()
        """Events that the newest backup of the cloud holds."""
        self.lives: dict[str, Life] = {}
        self.shared: set[tuple[str, int]] = set()
        """Incarnations that two disks carried on, before the cloud could tell them apart."""
        self._given: dict[tuple[str, int], str] = {}
        self._receipts: dict[str, str] = {}

    # Tills -----------------------------------------------------------------------------------------------

    def note_journal(self, home: Home) -> None:
        """Read what a till committed since the last look."""
        life = self.lives.setdefault(home.directory.name, Life())
        with home.reading() as conn:
            inc = journal_store.incarnation(conn)
            if not inc:
                return
            self._note_incarnation(home, life, inc)
            after = life.seen.get(inc, 0)
            sql = f"SELECT seq, {COLUMNS} FROM journal WHERE inc = ? AND seq > ? ORDER BY seq"
            for seq, *entry in conn.execute(sql, (inc, after)).fetchall():
                self._note_entry(home.terminal, inc, seq, entry=tuple(entry))
                life.seen[inc] = seq

    def note_receipt(self, home: Home, receipt_no: str) -> None:
        """A receipt was printed; its number is unique for ever, but for what two copies of a disk cannot know."""
        inc = self.lives[home.directory.name].inc
        before = self._receipts.setdefault(receipt_no, home.directory.name)
        is_known = receipt_no in home.receipts or before != home.directory.name
        if is_known and (home.terminal, inc) not in self.shared:
            require(False, "I16", f"{receipt_no} was printed by {before} and by {home.directory.name}")
        home.receipts.append(receipt_no)

    def note_copy(self, home: Home, copy: str) -> None:
        """A disk was copied: both go on under one incarnation until the cloud parts them."""
        life = self.lives[home.directory.name]
        self.lives[copy] = Life(life.inc, dict(life.seen), life.adoptions, life.causes + 1)
        life.causes += 1
        self.shared.add((home.terminal, life.inc))

    def note_restored_disk(self, home: Home, events_before: set[str]) -> None:
        """A disk was put back: what it held since is lost with it."""
        life = self.lives[home.directory.name]
        with home.reading() as conn:
            inc = journal_store.incarnation(conn)
            now = {row[0] for row in conn.execute("SELECT event_id FROM journal")}
        self.lost |= events_before - now
        self.lost -= now
        life.inc, life.seen = inc, {}
        life.causes += 1
        self.shared.add((home.terminal, inc))
        self.note_journal(home)

    def _note_incarnation(self, home: Home, life: Life, inc: int) -> None:
        name = home.directory.name
        require(inc >= life.inc, "I2", f"{name} went from incarnation {life.inc} back to {inc}")
        if not life.inc or inc == life.inc:
            life.inc = inc
            return
        other = self._given.get((home.terminal, inc))
        require(other is None, "I16", f"incarnation {inc} of {home.terminal} was given to {other} and to {name}")
        self._given[home.terminal, inc] = name
        life.inc = inc
        life.adoptions += 1
        healthy = f"{name} forked {life.adoptions} times, with reason for {life.causes}"
        require(life.adoptions <= life.causes, "a healthy till does not fork", healthy)

    def _note_entry(self, terminal: str, inc: int, seq: int, *, entry: tuple[Any, ...]) -> None:
        event_id, kind, body, digest = entry[0], entry[1], entry[-1], entry[-2]
        known = self.committed.setdefault(event_id, Committed(terminal, kind, body))
        require((known.kind, known.body) == (kind, body), "I13", f"event {event_id} changed on the till")
        self.entries[terminal, inc, seq, digest] = entry

    # Cloud -----------------------------------------------------------------------------------------------

    def note_transaction(self, changes: Sequence[Change]) -> None:
        """What HQ is about to commit."""
        self.feeds.note_transaction(changes)

    def note_backup(self, path: Path) -> None:
        """A verified backup exists: only what it holds is beyond loss."""
        conn = sqlite.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        try:
            self.safe = {row[0] for row in conn.execute("SELECT event_id FROM event_raw")}
        finally:
            conn.close()

    def note_restore(self, cloud: CloudHost) -> None:
        """The cloud came back from its backup: every till may have to go on under a new incarnation."""
        for life in self.lives.values():
            life.causes += 1
        self.feeds.look(cloud)
