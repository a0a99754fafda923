"""Whatever is done to a till's journal, the stand-alone verifier finds it by what HQ holds (F1).

Here the database is changed and the till itself exports it, under its own key and seal: the most that somebody with
the till in his hands can do. What is changed in an exported file is proved in ``tests/sync/test_verify.py``.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pysqlite3.dbapi2 as sqlite
import pytest

from pos_app.services.housekeeping import DiskLimits
from pos_app.wiring import Outside, TillApp, open_till
from sync import identity, journal_store, upload, verify
from sync.export import write_export
from sync.identity import Identity
from sync.journal import Fact, anchor_bytes, seal
from sync.messages import token_bytes
from tests.builders import CRISPS, STORE, TERMINAL, WATER, TestClock, shop
from tests.cloud_api.hq import STORE_BODY, made
from tests.proof.security.estate import Estate
from tests.selling import sell
from tests.sync.test_verify import COLUMNS

SALES = 6


@dataclass
class Evidence:
    """A till's database and what HQ says of it."""

    database: Path
    who: Identity
    scratch: Path
    key: str = ""
    confirmed: list[str] = field(default_factory=list)

    def findings(self, change: Callable[[Any], object] | None = None, *, anchored: bool = True) -> set[str]:
        """What the verifier, run as its command, finds in the export of a changed copy."""
        copy, export = self.scratch / "copy.db", self.scratch / "journal.jsonl"
        shutil.copy(self.database, copy)
        connection = sqlite.connect(str(copy), isolation_level=None)
        try:
            if change:
                change(connection)
            with export.open("wb") as out:
                write_export(connection, out, sign=self.who.sign, public_key=self.who.public_key, at_ms=1)
        finally:
            connection.close()
        places = [verify.read_place(word) for word in self.confirmed] if anchored else []
        with export.open("rb") as lines:
            return {one.code for one in verify.verify(lines, verify.read_key(self.key), places).findings}

    def command(self, export: Path) -> int:
        words = [word for place in self.confirmed for word in ("--confirmed", place)]
        return verify.main([str(export), self.key, *words])


@pytest.fixture
def till(tmp_path: Path) -> Iterator[TillApp]:
    replica = shop(tmp_path / "till")
    outside = Outside(clock=TestClock(), boot="boot-1", disk_limits=DiskLimits(0, 0))
    opened = open_till(tmp_path / "till", outside=outside)
    for number in range(SALES):
        sell(opened, (WATER, CRISPS)[number % 2].code)
    yield opened
    opened.close()
    replica.close()


@pytest.fixture
def evidence(till: TillApp, estate: Estate, tmp_path: Path) -> Evidence:
    """The till's journal, sent to a real cloud; key and anchor are what HQ shows."""
    who = identity.load(till.directory)
    made(estate.call("admin", "POST", "/v1/hq/stores", json=STORE_BODY | {"store_id": STORE}))
    fresh = made(estate.call("admin", "POST", f"/v1/hq/stores/{STORE}/tills", json={"number": 2}))
    enrol_and_send(till, who, code=fresh["code"], estate=estate)
    shown = made(estate.call("admin", "GET", f"/v1/hq/tills/{TERMINAL}"), 200)
    copy = tmp_path / "till.db"
    source = sqlite.connect(str(till.database.path))
    source.execute("VACUUM INTO ?", (str(copy),))
    source.close()
    return Evidence(copy, who, tmp_path, shown["public_key"], shown["confirmed"])


def enrol_and_send(till: TillApp, who: Identity, *, code: str, estate: Estate) -> None:
    """What the sync agent does: enrol, get a token, send all entries under a signed anchor."""
    client, now_ms = estate.client, estate.cloud.clock.now_ms()
    enrolment = {"code": code, "pubkey": who.public_key, "device": "test", "app_ver": "0.1.0"}
    inc = made(client.post("/v1/enrol", json=enrolment), 200)["inc"]
    signature = who.signature(token_bytes(TERMINAL, inc, ts=now_ms, nonce="n"))
    request = {"terminal": TERMINAL, "inc": inc, "ts": now_ms, "nonce": "n", "sig": signature}
    access = made(client.post("/v1/token", json=request), 200)["access"]
    with till.database.read() as uow:
        tip, entries = journal_store.tip(uow.raw), list(journal_store.iterate(uow.raw, inc))
    anchor = who.signature(anchor_bytes(TERMINAL, upload.anchor(tip, entries)))
    body = msgspec.json.encode(upload.request(tip, entries, terminal=TERMINAL, signature=anchor))
    made(client.post("/v1/up", content=body, headers={"Authorization": f"Bearer {access}"}), 200)


def test_hq_holds_what_an_untouched_journal_is_checked_by(evidence: Evidence, till: TillApp, tmp_path: Path) -> None:
    assert evidence.key == evidence.who.public_key
    assert len(evidence.confirmed) == 1
    assert evidence.confirmed[0].startswith(f"1:{SALES + 1}:")
    assert evidence.findings() == set()
    till.health.export_journal(tmp_path / "out.jsonl")
    assert evidence.command(tmp_path / "out.jsonl") == verify.SOUND


def edited(column: str, seq: int) -> Callable[[Any], object]:
    def change(connection: Any) -> None:
        ((value,),) = connection.execute(f"SELECT {column} FROM journal WHERE seq = ?", (seq,)).fetchall()
        if isinstance(value, int):
            other: object = value + 100
        elif isinstance(value, bytes):
            other = value.replace(b"1", b"2", 1)
        else:
            other = ("0" if value[0] != "0" else "1") + value[1:]
        assert other != value
        connection.execute(f"UPDATE journal SET {column} = ? WHERE seq = ?", (other, seq))

    return change


def test_every_edited_column_is_found(evidence: Evidence) -> None:
    for column in COLUMNS:
        for seq in (1, 4, SALES + 1):
            assert evidence.findings(edited(column, seq), anchored=False), (column, seq, "without the cloud's word")
            assert evidence.findings(edited(column, seq)), (column, seq)


def deleted(seq: int) -> Callable[[Any], object]:
    return lambda connection: connection.execute("DELETE FROM journal WHERE seq = ?", (seq,))


def truncated(seq: int) -> Callable[[Any], object]:
    return lambda connection: connection.execute("DELETE FROM journal WHERE seq >= ?", (seq,))


def swapped(seq: int) -> Callable[[Any], object]:
    def change(connection: Any) -> None:
        for old, new in ((seq, -1), (seq + 1, seq), (-1, seq + 1)):
            connection.execute("UPDATE journal SET seq = ? WHERE seq = ?", (new, old))

    return change


def inserted(seq: int) -> Callable[[Any], object]:
    """A copy of an entry with an id of its own, put in behind; those that follow move up."""

    def change(connection: Any) -> None:
        connection.execute("UPDATE journal SET seq = -(seq + 1) WHERE seq > ?", (seq,))
        connection.execute("UPDATE journal SET seq = -seq WHERE seq < 0")
        columns = ", ".join(COLUMNS[3:])
        connection.execute(
            f"INSERT INTO journal (inc, seq, event_id, {columns}) SELECT inc, seq + 1, 'put in', {columns}"
            " FROM journal WHERE seq = ?",
            (seq,),
        )

    return change


def test_every_entry_taken_out_moved_or_put_in_is_found(evidence: Evidence) -> None:
    for change in (deleted, swapped, inserted):
        for seq in range(1, SALES + 1):
            assert evidence.findings(change(seq), anchored=False), (change.__name__, seq, "without the cloud's word")


def test_a_tail_cut_off_is_found_by_what_the_cloud_has(evidence: Evidence) -> None:
    for seq in range(1, SALES + 2):
        assert evidence.findings(truncated(seq), anchored=False) == set(), "the rest is a true journal"
        assert evidence.findings(truncated(seq)) == {"not_confirmed"}


def rewritten(seq: int) -> Callable[[Any], object]:
    """The entry's money is changed and every hash from there made anew: a whole, true chain of lies."""

    def change(connection: Any) -> None:
        entries = list(journal_store.iterate(connection, 1))
        tip = journal_store.base_of(connection, 1)
        connection.execute("DELETE FROM journal")
        for entry in entries:
            fact = entry.fact
            if entry.seq == seq:
                body = fact.body.replace(b'"due_minor":', b'"due_minor":1', 1)
                fact = Fact(fact.event_id, fact.kind, fact.version, fact.stamp, body)
            new = journal_store.append(connection, fact)
            assert new == seal(tip, fact, terminal=TERMINAL)
            tip = type(tip)(new.incarnation, new.seq, new.hash)

    return change


def test_a_history_written_anew_under_the_tills_own_key_is_found(evidence: Evidence) -> None:
    for seq in (2, SALES + 1):
        assert evidence.findings(rewritten(seq), anchored=False) == set()
        assert evidence.findings(rewritten(seq)) == {"not_confirmed"}


# --- The proof can go red ------------------------------------------------------------------------------


def test_a_verifier_that_believes_hashes_is_seen(evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "_hash", lambda _terminal, content: content["hash"])
    assert evidence.findings(edited("body", 4)) == set()


def test_a_verifier_without_the_clouds_word_is_seen(evidence: Evidence) -> None:
    evidence.confirmed.clear()
    assert evidence.findings(truncated(3)) == set()
