"""Tokens, clock and typed calls: what an enrolled till may meet on each route."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.ids import StoreId
from sync.client import BucketGone, CloudClient
from sync.feed import start
from sync.identity import Identity
from sync.journal import GENESIS, Tip
from sync.journal_reader import JournalReader
from sync.messages import Ack, Hello
from sync.system_clock import SystemClock, boot_id
from sync.timekeeping import Offset, Reading
from sync.tokens import CloudClock, TokenSource
from sync.transport import CloudError, Retryable, Terminal, Transport
from tests.sync.builders import EPOCH, PRICE, TERMINAL, append, journal_of, snap_ref
from tests.sync.server import Answerer, Reply, Request, as_json, problem, serving

START = start(PRICE, EPOCH)
NOW_MS = 1_800_000_000_000


class StillClock(SystemClock):
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.mono_ms, self.boot = 1000, "boot-1"

    def reading(self) -> Reading:
        return Reading(NOW_MS + self.mono_ms, self.mono_ms, self.boot)


def cloud_clock(clock: SystemClock | None = None) -> tuple[CloudClock, list[Offset]]:
    kept: list[Offset] = []
    return CloudClock(clock or SystemClock(), None, keep=kept.append), kept


@contextmanager
def client_of(answer: Answerer, clock: CloudClock | None = None) -> Iterator[CloudClient]:
    names = {"store_name_zh": "", "store_name_en": ""}
    key = Ed25519PrivateKey.generate()
    with serving(answer) as address:
        who = Identity(TERMINAL, StoreId("0102"), **names, cloud_url=address, ca_file=None, inc=1, key=key, pepper=b"")
        clock = clock or cloud_clock()[0]
        made = CloudClient(Transport(address), tokens=TokenSource(who, clock), clock=clock)
        yield made
        made.close()


def routes(paths: dict[str, Callable[[], Reply]], seen: list[Request] | None = None) -> Answerer:
    """Answers by the beginning of the path; tokens are numbered and good for an hour."""
    numbers = itertools.count(1)

    def answer(request: Request) -> Reply:
        if seen is not None:
            seen.append(request)
        for path, reply in paths.items():
            if request.path.startswith(path):
                return reply()
        expires_at = SystemClock().now_ms() + 3_600_000
        return as_json({"access": f"t{next(numbers)}", "expires_at": expires_at, "server_time": expires_at - 3_600_000})

    return answer


def test_one_token_serves_until_it_is_refused() -> None:
    seen: list[Request] = []
    replies = iter([as_json({}, status=410), problem(401, "token.invalid"), problem(401, "token.invalid")])
    with client_of(routes({"/v1/b": lambda: next(replies)}, seen)) as client:
        with pytest.raises(Terminal):
            client.manifest(PRICE, EPOCH)  # a 410 without its fields is nothing of ours
        with pytest.raises(Terminal) as caught:
            client.manifest(PRICE, EPOCH)
    assert caught.value.code == "token.invalid"
    tokens = [request.headers.get("Authorization") for request in seen if request.path != "/v1/token"]
    assert tokens == ["Bearer t1", "Bearer t1", "Bearer t2"]


def test_a_token_near_its_end_is_renewed() -> None:
    asked: list[str] = []

    def answer(request: Request) -> Reply:
        asked.append(request.path)
        now_ms = SystemClock().now_ms()
        if request.path == "/v1/token":
            return as_json({"access": "t", "expires_at": now_ms + 59_000, "server_time": now_ms})
        return as_json({"b": PRICE, "epoch": EPOCH, "why": "low"}, status=410)

    with client_of(answer) as client:
        for _ in range(2):
            with pytest.raises(BucketGone):
                client.page(PRICE, START)
    assert asked.count("/v1/token") == 2


@pytest.mark.parametrize("code", ["terminal.unknown", "token.bad_signature", "token.clock"])
def test_a_till_that_is_not_known_is_told_so(code: str) -> None:
    with client_of(lambda _: problem(401, code)) as client, pytest.raises(Terminal) as caught:
        client.manifest(PRICE, EPOCH)
    assert caught.value.code == code


def test_a_token_route_that_answers_something_else_is_no_cloud() -> None:
    with client_of(lambda _: as_json({"hello": 1})) as client, pytest.raises(Terminal) as caught:
        client.manifest(PRICE, EPOCH)
    assert caught.value.code == "sync.not_evertill"


@pytest.mark.parametrize("ask", ["page", "manifest", "audit"])
def test_a_bucket_that_moved_on_is_gone(ask: str) -> None:
    gone = as_json({"b": PRICE, "epoch": "2f00", "why": "epoch"}, status=410)
    with client_of(routes({"/v1/b/": lambda: gone})) as client, pytest.raises(BucketGone):
        getattr(client, ask)(PRICE, EPOCH if ask == "manifest" else START)


def test_an_audit_at_another_seq_is_no_answer_and_other_refusals_are() -> None:
    replies = iter([problem(404, "audit.not_at_seq"), problem(403, "bucket.not_subscribed")])
    with client_of(routes({"/v1/b/": lambda: next(replies)})) as client:
        assert client.audit(PRICE, START) is None
        with pytest.raises(Terminal) as caught:
            client.audit(PRICE, START)
    assert caught.value.code == "bucket.not_subscribed"


def test_hello_names_journal_and_schema_and_measures_time() -> None:
    clock, kept = cloud_clock()
    ack: dict[str, Any] = {"inc": 3, "seq": 0, "hash": GENESIS, "durable": 0}
    facts: dict[str, Any] = {
        "sub_ver": 1,
        "min_app": "0",
        "state": "active",
        "epoch_up": "u1",
        "buckets": [],
        "ack": ack,
    }
    seen: list[Request] = []
    with client_of(routes({"/v1/hello": lambda: as_json({"server_time": NOW_MS, **facts})}, seen), clock) as client:
        hello = client.hello(Tip(3, 17, "ab"), app_ver="0.1.0")
    assert hello == Hello(server_time=NOW_MS, **{**facts, "ack": Ack(**ack)})
    assert seen[-1].path == "/v1/hello?schema=1&app=0.1.0&inc=3&tip=17"
    assert kept and clock.offset_ms is not None


def test_a_fresh_page_is_asked_past_every_cache() -> None:
    seen: list[Request] = []
    with client_of(routes({"/v1/b/": lambda: Reply(200, b"<html>")}, seen)) as client, pytest.raises(CloudError):
        client.page(PRICE, START, fresh=True)
    assert seen[-1].headers["Cache-Control"] == "no-cache"
    assert seen[-1].path == f"/v1/b/price:cn/{EPOCH}/p/1"


def downloaded(path: Path, reply: Reply, size_bytes: int = 10) -> tuple[list[int], list[Request]]:
    told: list[int] = []
    seen: list[Request] = []
    with client_of(routes({"/v1/snap": lambda: reply}, seen)) as client:
        client.download(snap_ref(1, size_bytes=size_bytes), path, progress=told.append)
    return told, seen


def test_a_download_goes_on_where_it_was_or_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "x.zst"
    path.write_bytes(b"0123")
    told, seen = downloaded(path, Reply(206, b"456789"))
    assert path.read_bytes() == b"0123456789" and told == [10] and seen[-1].headers["Range"] == "bytes=4-"
    path.write_bytes(b"0123")
    downloaded(path, Reply(200, b"abcdefghij"))
    assert path.read_bytes() == b"abcdefghij"
    assert downloaded(path, Reply(500)) == ([], [])


def test_a_download_beyond_its_size_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(Retryable) as caught:
        downloaded(tmp_path / "x.zst", Reply(200, b"x" * 11))
    assert caught.value.code == "sync.snapshot_damaged"


def test_an_exchange_across_a_boot_teaches_nothing() -> None:
    still = StillClock()
    clock, kept = cloud_clock(still)
    sent = clock.reading()
    still.boot = "boot-2"
    clock.observed(sent, NOW_MS)
    assert kept == [] and clock.offset_ms is None and clock.estimate_ms() == NOW_MS + 1000


def test_a_worse_measurement_is_not_kept() -> None:
    still = StillClock()
    clock, kept = cloud_clock(still)
    clock.observed(clock.reading(), NOW_MS)
    sent = clock.reading()
    still.mono_ms += 400
    clock.observed(sent, NOW_MS + 100)
    assert len(kept) == 1 and clock.estimate_ms() == NOW_MS + 400


def test_the_boot_has_one_name() -> None:
    assert boot_id() == boot_id() != ""
    assert SystemClock().reading().boot_id == boot_id()


# --- The journal as the agent sees it -----------------------------------------------------------------


def test_a_journal_that_is_not_there_yet_is_no_journal(tmp_path: Path) -> None:
    reader = JournalReader(tmp_path / "till.db")
    assert reader.tip() is None and reader.hash_at(1, seq=0) is None
    assert reader.after(Tip(1, 0, GENESIS), seq=0, limit=1, max_bytes=1) == []
    (tmp_path / "till.db").write_bytes(b"")
    assert reader.tip() is None
    reader.close()


def test_another_file_in_the_same_place_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "till.db"
    journal_of(2, path).close()
    reader = JournalReader(path)
    assert reader.tip() == Tip(1, 2, reader.hash_at(1, seq=2) or "")
    other = journal_of(3, tmp_path / "other.db")
    append(other, 2)
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    (tmp_path / "other.db").replace(path)
    tip = reader.tip()
    assert tip is not None
    assert tip.seq == 5 and len(reader.after(tip, seq=3, limit=9, max_bytes=10**6)) == 2
    reader.close()


def test_what_is_sold_while_a_batch_is_read_waits_for_the_next(tmp_path: Path) -> None:
    conn = journal_of(2, tmp_path / "till.db")
    reader = JournalReader(tmp_path / "till.db")
    tip = reader.tip()
    assert tip is not None
    append(conn, 3)
    assert [entry.seq for entry in reader.after(tip, seq=0, limit=9, max_bytes=10**6)] == [1, 2]
    assert reader.after(tip, seq=2, limit=9, max_bytes=10**6) == []
    reader.close()
    conn.close()


def test_the_reader_never_writes(tmp_path: Path) -> None:
    path = tmp_path / "till.db"
    conn = journal_of(1, path)
    reader = JournalReader(path)
    reader.tip()
    with pytest.raises(Exception, match="readonly"):
        reader._open().execute("DELETE FROM journal")  # type: ignore[union-attr]
    assert json.dumps(conn.execute("SELECT count(*) FROM journal").fetchone()) == "[1]"
    reader.close()
    conn.close()
