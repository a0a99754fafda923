"""The agent against a cloud over real HTTP: news arrive, journals leave, and every fault heals itself."""

import io
import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite3
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.ids import StoreId
from sync import agent as agents
from sync import downloader, feed, identity, journal_store
from sync.agent import Agent, Settings
from sync.identity import Identity
from sync.journal import GENESIS
from sync.pipe import Command, Pipe
from sync.replica.files import current_replica
from sync.replica.install import connect
from tests.sync.builders import CAT, PRICE, STORE, TERMINAL, append, journal_file, put_item, put_price
from tests.sync.server import Reply, problem, serving
from tests.sync.small_cloud import SmallCloud

PATIENCE_S = 15


def eventually(true: Callable[[], object], what: str = "") -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline_s, what or "it did not come to pass"
        time.sleep(0.005)


class Till:
    """A till's data directory, its journal, and an agent that may be started again and again."""

    def __init__(self, directory: Path, address: str) -> None:
        self.directory, self.out = directory, io.StringIO()
        names = {"store_name_zh": "人民路店", "store_name_en": "Renmin Road"}
        key = Ed25519PrivateKey.generate()
        who = Identity(TERMINAL, StoreId("0102"), **names, cloud_url=address, ca_file=None, inc=1, key=key, pepper=b"")
        identity.save(directory, who)
        self.journal = journal_file(directory / "till.db")

    @contextmanager
    def agent(self) -> Iterator[Agent]:
        made = Agent(Settings(self.directory, "0.1.0"), identity.load(self.directory), Pipe(self.out))
        thread = threading.Thread(target=made.run)
        thread.start()
        try:
            yield made
        finally:
            made.stop()
            thread.join(PATIENCE_S)
            assert not thread.is_alive()

    def sell(self, agent: Agent, count: int = 1) -> None:
        append(self.journal, count)
        agent.take(Command.WAKE)

    def told(self, event: str) -> list[dict[str, Any]]:
        lines = self.out.getvalue().splitlines()
        return [parsed for line in lines if (parsed := json.loads(line))["ev"] == event]

    def status(self) -> dict[str, Any]:
        events = self.told("status")
        return events[-1] if events else {}

    def read(self, sql: str) -> list[tuple[Any, ...]]:
        path = current_replica(self.directory)
        if path is None:
            return []
        conn = connect(path)
        try:
            found: list[tuple[Any, ...]] = conn.execute(sql).fetchall()
            return found
        finally:
            conn.close()

    def price(self, item_id: int) -> int | None:
        found = self.read(f"SELECT price_minor FROM price WHERE item_id = {item_id}")
        return found[0][0] if found else None


@pytest.fixture
def cloud() -> SmallCloud:
    made = SmallCloud(CAT, PRICE, STORE)
    made.publish(CAT, *(put_item(number) for number in range(1, 4)))
    made.publish(PRICE, put_price(1, 100, 1))
    return made


@pytest.fixture
def till(cloud: SmallCloud, tmp_path: Path) -> Iterator[Till]:
    with serving(cloud.answer) as address:
        made = Till(tmp_path, address)
        yield made
        cloud.close_streams()
        made.journal.close()


@pytest.fixture(autouse=True)
def quick_reconnects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agents, "RECONNECT_SPREAD_MS", 10)
    monkeypatch.setattr(downloader, "_REST_S", 0.05)


def test_a_fresh_till_gets_everything_and_sends_everything(cloud: SmallCloud, till: Till) -> None:
    cloud.take_snapshot(CAT)
    append(till.journal, 3)
    with till.agent():
        eventually(lambda: till.price(1) == 100 and cloud.seqs() == [1, 2, 3])
        eventually(lambda: till.status().get("state") == "online" and till.status()["unsent"] == 0)
        eventually(lambda: till.read("SELECT rowid FROM search_fts WHERE search_fts MATCH '\"可乐\"'") != [])
    assert till.read("SELECT count(*) FROM item") == [(3,)]
    assert {event["step"] for event in till.told("progress")} == {"download", "install", "index"}
    assert till.told("replica")[0]["file"] == till.directory.joinpath("replica/current").read_text()
    assert till.status()["state"] == "stopped" and till.status()["error"] is None


def test_a_price_change_arrives_on_the_open_stream_and_is_told(cloud: SmallCloud, till: Till) -> None:
    with till.agent():
        eventually(lambda: till.status().get("synced_at_ms"))
        pages = cloud.count("/p/")
        cloud.publish(PRICE, put_price(1, 250, 2))
        eventually(lambda: till.price(1) == 250)
        eventually(lambda: {"ev": "changed", "tables": {"price": [1]}} in till.told("changed"))
    assert cloud.count("/p/") == pages


def test_news_that_are_only_announced_are_fetched(cloud: SmallCloud, till: Till) -> None:
    with till.agent():
        eventually(lambda: till.status().get("synced_at_ms"))
        cloud.close_streams()
        for ver in range(2, 12):
            cloud.publish(PRICE, put_price(1, ver, ver))
        cloud.tell_head(PRICE)
        eventually(lambda: till.price(1) == 11)


def test_a_hole_in_the_stream_is_filled_from_pages(cloud: SmallCloud, till: Till) -> None:
    with till.agent():
        eventually(lambda: till.status().get("synced_at_ms"))
        bucket = cloud.buckets[PRICE]
        streams, cloud._streams = cloud._streams, []
        cloud.publish(PRICE, put_price(1, 7, 2))
        cloud._streams = streams
        cloud.publish(PRICE, put_price(2, 8, 1))
        eventually(lambda: till.price(2) == 8)
    assert till.price(1) == 7 and len(bucket.groups) == 3


def test_sales_go_at_once_and_in_batches(cloud: SmallCloud, till: Till) -> None:
    with till.agent() as agent:
        eventually(lambda: till.status().get("state") == "online")
        till.sell(agent)
        eventually(lambda: cloud.seqs() == [1])
        ups = cloud.count("/v1/up")
        till.sell(agent, 1200)
        eventually(lambda: len(cloud.seqs()) == 1201)
        eventually(lambda: till.status()["unsent"] == 0 and till.status()["sending"] is None)
    assert cloud.count("/v1/up") - ups == 3
    assert till.read("SELECT inc, seq, durable FROM sync_ack") == [(1, 1201, 0)]


def test_a_lost_replica_does_not_fork_a_pruned_journal(cloud: SmallCloud, till: Till) -> None:
    cloud.durable = True
    with till.agent() as agent:
        till.sell(agent, 6)
        eventually(lambda: len(cloud.seqs()) == 6)
    journal_store.prune(till.journal, 1, up_to_seq=4)
    shutil.rmtree(till.directory / "replica")
    with till.agent() as agent:
        till.sell(agent)
        eventually(lambda: len(cloud.seqs()) == 7)
    assert not till.told("fork") and list(cloud.entries) == [1]


def test_a_batch_that_is_too_large_is_halved(cloud: SmallCloud, till: Till) -> None:
    with till.agent() as agent:
        eventually(lambda: till.status().get("state") == "online")
        cloud.failures.extend([problem(413, "up.too_large"), Reply(413, b"<html>too large")])
        till.sell(agent, 400)
        eventually(lambda: len(cloud.seqs()) == 400)
        eventually(lambda: agent.uploader.limits.events == 500)


def test_failures_are_waited_out_and_named(cloud: SmallCloud, till: Till) -> None:
    cloud.failures.extend([Reply(502, b"<html>"), problem(503, "cloud.busy"), problem(401, "token.invalid")])
    with till.agent() as agent:
        till.sell(agent, 2)
        eventually(lambda: cloud.seqs() == [1, 2] and till.price(1) == 100)
        eventually(lambda: till.status().get("state") == "online" and till.status()["error"] is None)
    assert cloud.count("/v1/token") >= 2


def test_without_a_cloud_the_agent_waits_and_comes_back(cloud: SmallCloud, till: Till, tmp_path: Path) -> None:
    who = identity.load(till.directory)
    port = int(who.cloud_url.rpartition(":")[2])
    dead = Till(tmp_path / "other", f"http://127.0.0.2:{port}")
    with dead.agent():
        eventually(lambda: dead.status().get("state") == "offline")
        assert dead.status()["error"] == "sync.unreachable"
    dead.journal.close()


def test_a_new_epoch_is_installed_beside_the_old_file(cloud: SmallCloud, till: Till) -> None:
    with till.agent():
        eventually(lambda: till.price(1) == 100)
        first = current_replica(till.directory)
        bucket = cloud.buckets[PRICE]
        bucket.epoch, bucket.groups = "e2", []
        cloud.publish(PRICE, put_price(1, 777, 1))
        eventually(lambda: till.price(1) == 777)
    assert current_replica(till.directory) != first
    assert till.read("SELECT count(*) FROM item") == [(3,)]


def test_pages_that_no_longer_reach_back_make_a_snapshot_due(cloud: SmallCloud, till: Till) -> None:
    with till.agent():
        eventually(lambda: till.price(1) == 100)
    for ver in range(2, 10):
        cloud.publish(PRICE, put_price(1, ver, ver))
    cloud.take_snapshot(PRICE)
    cloud.buckets[PRICE].low = 9
    cloud.publish(PRICE, put_price(2, 22, 1))
    with till.agent():
        eventually(lambda: till.price(1) == 9 and till.price(2) == 22)
    assert cloud.count("/v1/snap") == 1


def test_after_days_the_cheaper_way_is_taken(cloud: SmallCloud, till: Till) -> None:
    with till.agent():
        eventually(lambda: till.price(1) == 100)
    for ver in range(2, 102):
        cloud.publish(PRICE, put_price(1, ver, ver))
    cloud.take_snapshot(PRICE)
    pages = cloud.count("/p/")
    with till.agent():
        eventually(lambda: till.price(1) == 101)
    assert cloud.count("/v1/snap") == 1 and cloud.count("/p/") == pages


def test_a_bucket_that_leaves_the_subscription_takes_its_rows_along(cloud: SmallCloud, till: Till) -> None:
    with till.agent():
        eventually(lambda: till.price(1) == 100)
        del cloud.buckets[PRICE]
        cloud.sub_ver = 2
        cloud.tell_ctl("sub")
        eventually(lambda: till.read("SELECT count(*) FROM price") == [(0,)])
    assert till.read("SELECT count(*) FROM item") == [(3,)]
    assert till.read("SELECT value FROM sync_state WHERE key = 'sub_ver'") == [(2,)]


def test_a_page_damaged_by_a_cache_is_fetched_past_it(cloud: SmallCloud, till: Till) -> None:
    cloud.bad_pages = 1
    with till.agent():
        eventually(lambda: till.price(1) == 100 and till.read("SELECT count(*) FROM item") == [(3,)])
    assert till.status()["error"] is None


def test_a_page_that_stays_bad_stops_its_bucket_alone(cloud: SmallCloud, till: Till) -> None:
    first = cloud.buckets[CAT].groups[0]
    cloud.buckets[CAT].groups[0] = first.replace(b'"at":1', b'"at":"yesterday"')
    with till.agent():
        eventually(lambda: till.price(1) == 100)
        eventually(lambda: till.status().get("error") == "feed.unreadable")
        cloud.publish(PRICE, put_price(1, 150, 2))
        eventually(lambda: till.price(1) == 150)
        alarm = till.read("SELECT value FROM sync_state WHERE key = 'feed_alarm'")
    assert alarm == [("cat:main feed.unreadable",)] and till.read("SELECT count(*) FROM item") == [(0,)]


def test_a_damaged_download_is_fetched_again(cloud: SmallCloud, till: Till) -> None:
    cloud.take_snapshot(CAT)
    held = cloud.buckets[CAT].snapshot
    assert held is not None
    cloud.buckets[CAT].snapshot = (held[0], b"\x00" * len(held[1]))
    with till.agent():
        eventually(lambda: till.status().get("error") == "sync.snapshot_damaged")
        cloud.buckets[CAT].snapshot = held
        eventually(lambda: till.read("SELECT count(*) FROM item") == [(3,)])


def test_a_cut_download_goes_on_where_it_was(cloud: SmallCloud, till: Till) -> None:
    cloud.take_snapshot(CAT)
    held = cloud.buckets[CAT].snapshot
    assert held is not None
    folder = till.directory / "replica" / "download"
    folder.mkdir(parents=True)
    (folder / f"{held[0]['sha256'][:32]}.zst").write_bytes(held[1][:100])
    with till.agent():
        eventually(lambda: till.read("SELECT count(*) FROM item") == [(3,)])
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("state", ["revoked", "lost"])
def test_a_revoked_till_forgets_what_the_cloud_said_and_still_sends(cloud: SmallCloud, till: Till, state: str) -> None:
    with till.agent() as agent:
        eventually(lambda: till.price(1) == 100)
        cloud.state = state
        cloud.tell_ctl("wipe")
        eventually(lambda: till.status()["state"] == "revoked")
        eventually(lambda: till.read("SELECT count(*) FROM item") == [(0,)] and till.price(1) is None)
        till.sell(agent, 2)
        eventually(lambda: cloud.seqs() == [1, 2])
        cloud.state = "active"
        eventually(lambda: till.price(1) == 100 and till.status()["state"] == "online")


def test_a_draining_till_keeps_what_it_has_and_sends_to_the_end(cloud: SmallCloud, till: Till) -> None:
    with till.agent() as agent:
        eventually(lambda: till.price(1) == 100)
        cloud.state = "drain"
        cloud.tell_ctl("state")
        eventually(lambda: till.status()["error"] == "sync.draining")
        till.sell(agent, 2)
        eventually(lambda: cloud.seqs() == [1, 2])
    assert till.price(1) == 100


# --- Clones, backups, restores ------------------------------------------------------------------------


def adopt(till: Till, agent: Agent) -> dict[str, Any]:
    """What the app does when it is told of a fork."""
    eventually(lambda: till.told("fork"))
    fork = till.told("fork")[-1]
    till.journal.execute("BEGIN IMMEDIATE")
    journal_store.adopt_fork(till.journal, fork["new_inc"], common_seq=fork["common_seq"])
    till.journal.execute("COMMIT")
    agent.take(Command.WAKE)
    return fork


def ids(cloud: SmallCloud) -> set[str]:
    return {entry["id"] for entries in cloud.entries.values() for entry in entries}


def own_ids(till: Till) -> set[str]:
    return {row[0] for row in till.journal.execute("SELECT event_id FROM journal")}


def test_an_old_backup_is_found_out_before_it_sells_and_nothing_is_lost(cloud: SmallCloud, till: Till) -> None:
    with till.agent() as agent:
        till.sell(agent, 5)
        eventually(lambda: cloud.seqs() == [1, 2, 3, 4, 5])
    till.journal.execute("DELETE FROM journal WHERE seq > 3")
    with till.agent() as agent:
        eventually(lambda: till.status().get("state") == "forked")
        append(till.journal, 2)
        fork = adopt(till, agent)
        eventually(lambda: own_ids(till) <= ids(cloud) and till.status()["unsent"] == 0)
        eventually(lambda: till.status()["state"] == "online")
    assert fork == {"ev": "fork", "new_inc": 2, "common_seq": 0}
    assert cloud.seqs(1) == [1, 2, 3, 4, 5] and cloud.seqs(2) == [1, 2, 3, 4, 5]


def test_a_clone_is_found_out_by_its_first_sale(cloud: SmallCloud, till: Till) -> None:
    cloud.durable = True
    with till.agent() as agent:
        till.sell(agent, 3)
        eventually(lambda: cloud.seqs() == [1, 2, 3])
    other = cloud.entries[1][0] | {"s": 4, "prev": cloud.entries[1][-1]["hash"], "hash": "ab" * 32, "id": "other"}
    cloud.entries[1].append(other)
    append(till.journal)
    with till.agent() as agent:
        fork = adopt(till, agent)
        eventually(lambda: len(cloud.seqs(2)) == 1 and own_ids(till) <= ids(cloud))
    assert fork["common_seq"] == 3 and journal_store.incarnation(till.journal) == 2


def test_a_restored_cloud_gets_again_what_it_lost(cloud: SmallCloud, till: Till) -> None:
    with till.agent() as agent:
        till.sell(agent, 6)
        eventually(lambda: len(cloud.seqs()) == 6)
        del cloud.entries[1][2:]
        cloud.epoch_up = "u2"
        agent.take(Command.SYNC_NOW)
        eventually(lambda: cloud.seqs() == [1, 2, 3, 4, 5, 6])
    assert journal_store.incarnation(till.journal) == 1
    assert till.read("SELECT seq, epoch_up FROM sync_ack") == [(6, "u2")]


def test_a_cloud_that_lost_more_than_it_promised_gets_all_that_is_left(cloud: SmallCloud, till: Till) -> None:
    with till.agent() as agent:
        till.sell(agent, 6)
        eventually(lambda: len(cloud.seqs()) == 6)
        journal_store.prune(till.journal, 1, up_to_seq=4)
        cloud.entries.clear()
        agent.take(Command.SYNC_NOW)
        adopt(till, agent)
        eventually(lambda: cloud.seqs(2) == [1, 2] and own_ids(till) <= ids(cloud))


def test_a_cloud_that_takes_nothing_is_not_asked_in_a_tight_loop(cloud: SmallCloud, till: Till) -> None:
    with till.agent() as agent:
        eventually(lambda: till.status().get("state") == "online")
        stuck = {"epoch_up": "u1", "seq": 0, "hash": GENESIS, "durable": 0, "applied": 0, "held": [], "server_time": 1}
        original = cloud._up
        cloud._up = lambda message: Reply(200, json.dumps(stuck).encode())  # type: ignore[method-assign]
        till.sell(agent)
        time.sleep(0.5)
        assert 1 <= cloud.count("/v1/up") < 15
        cloud._up = original  # type: ignore[method-assign]
        eventually(lambda: cloud.seqs() == [1])


# --- Channels -----------------------------------------------------------------------------------------


def test_where_streams_do_not_hold_long_polls_bring_the_news(cloud: SmallCloud, till: Till) -> None:
    cloud.serve_stream = False
    with till.agent() as agent:
        eventually(lambda: agent.downloader.choice.now(agent._clock.monotonic_ms()) != "stream")
        cloud.publish(PRICE, put_price(1, 321, 2))
        eventually(lambda: till.price(1) == 321)


def test_a_stream_of_nonsense_is_left_and_opened_anew(cloud: SmallCloud, till: Till) -> None:
    cloud.live_failures.append(Reply(chunks=iter([b"event: page\ndata: {}\n\n"])))
    with till.agent():
        eventually(lambda: cloud.count("/v1/live") >= 2)
        cloud.publish(PRICE, put_price(1, 321, 2))
        eventually(lambda: till.price(1) == 321)


def test_an_event_of_a_newer_cloud_is_passed_over(cloud: SmallCloud, till: Till) -> None:
    with till.agent():
        eventually(lambda: till.status().get("synced_at_ms"))
        lives = cloud.count("/v1/live")
        cloud._tell(b"weather", b'{"sun":1}')
        cloud.tell_ctl("upload_now")
        cloud.publish(PRICE, put_price(1, 321, 2))
        eventually(lambda: till.price(1) == 321)
    assert cloud.count("/v1/live") == lives


def test_the_clock_is_measured_and_kept_for_the_till(cloud: SmallCloud, till: Till) -> None:
    cloud._clock.now_ms = lambda: int(time.time() * 1000) + 3_600_000  # type: ignore[method-assign]
    with till.agent():
        eventually(lambda: till.status().get("clock_offset_ms"))
        eventually(lambda: till.read("SELECT value FROM sync_state WHERE key = 'clock_offset_ms'"))
        eventually(lambda: till.price(1) == 100)
    assert abs(till.status()["clock_offset_ms"] - 3_600_000) < 1000


def test_a_token_refused_for_the_clock_is_asked_again_with_the_clouds_time(cloud: SmallCloud, till: Till) -> None:
    cloud.failures.append(problem(401, "token.clock", server_time=int(time.time() * 1000) + 86_400_000))
    with till.agent():
        eventually(lambda: till.price(1) == 100)


# --- Housekeeping -------------------------------------------------------------------------------------


def test_an_audit_that_differs_brings_the_bucket_anew(cloud: SmallCloud, till: Till) -> None:
    cloud.take_snapshot(PRICE)
    with till.agent() as agent:
        eventually(lambda: till.price(1) == 100 and till.status().get("synced_at_ms"))
        assert agent.housekeeping.audit() == {CAT: "equal", PRICE: "equal", STORE: "equal"}
        conn = connect(agent.replica.path)
        conn.execute("UPDATE price SET price_minor = 1, ver = 5")
        conn.close()
        assert agent.housekeeping.audit()[PRICE] == "differs"
        eventually(lambda: till.price(1) == 100)
        agent.housekeeping.clean_up()
        cloud.failures.extend([problem(503, "cloud.busy")])
        assert "unknown" in agent.housekeeping.audit().values()
        cloud.buckets[CAT].groups.append(cloud.buckets[CAT].groups[0])
        eventually(lambda: agent.housekeeping.audit()[CAT] == "unknown")


def test_a_replica_damaged_while_running_ends_the_agent_for_a_new_start(cloud: SmallCloud, till: Till) -> None:
    made = Agent(Settings(till.directory, "0.1.0"), identity.load(till.directory), Pipe(till.out))
    code = made._storage_code(sqlite3.DatabaseError("database disk image is malformed"))
    assert code == "sync.replica_damaged" and made.run() == "sync.replica_damaged"
    assert till.status()["error"] == "sync.replica_damaged"


def test_a_full_disk_and_other_trouble_are_waited_out(till: Till) -> None:
    made = Agent(Settings(till.directory, "0.1.0"), identity.load(till.directory), Pipe(till.out))
    assert made._storage_code(sqlite3.OperationalError("database or disk is full")) == "sync.disk_full"
    assert made._storage_code(sqlite3.OperationalError("database is locked")) == "sync.storage"
    made.stop()
    assert made.run() is None


# --- The process --------------------------------------------------------------------------------------


def started(till: Till, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sync", "--data", str(till.directory), *more]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, encoding="utf-8")


def test_the_process_works_until_the_app_dies_and_alone_on_its_folder(cloud: SmallCloud, till: Till) -> None:
    append(till.journal, 2)
    with started(till) as process:
        eventually(lambda: till.price(1) == 100 and cloud.seqs() == [1, 2])
        with started(till) as second:
            out, _ = second.communicate(timeout=PATIENCE_S)
        assert second.returncode == 3
        assert json.loads(out) == {"ev": "status", "state": "stopped", "error": "sync.agent_running"}
        append(till.journal)
        assert process.stdin is not None
        process.stdin.write('{"cmd":"wake"}\nnonsense\n')
        process.stdin.flush()
        eventually(lambda: cloud.seqs() == [1, 2, 3])
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, err
    assert json.loads(out.splitlines()[-1])["state"] == "stopped"
    assert "Traceback" not in err


def test_headless_it_goes_on_without_an_app_until_it_is_told_to_stop(cloud: SmallCloud, till: Till) -> None:
    with started(till, "--headless") as process:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
        eventually(lambda: till.price(1) == 100)
        assert process.poll() is None
        process.terminate()
        _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, err


def test_a_folder_that_is_not_enrolled_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sync", "--data", str(tmp_path)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 3 and json.loads(done.stdout)["error"] == "sync.not_enrolled"


def test_a_chain_start_is_what_the_cloud_of_these_tests_uses(cloud: SmallCloud) -> None:
    assert cloud.buckets[CAT].hash_at(0) == feed.chain_start(CAT, "e1")
