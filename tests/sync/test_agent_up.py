"""The agent brings the journal to the cloud: batches, failures, clones, old backups and restored clouds."""

import json
import shutil
import time
from typing import Any

import pytest

from sync import journal_store
from sync.agent import Agent
from sync.journal import GENESIS, Entry, Tip
from sync.pipe import Command
from sync.uploader import Batch
from tests.sync.builders import append
from tests.sync.server import Reply, problem
from tests.sync.small_cloud import SmallCloud
from tests.sync.till import Till, wait_until


def adopt(till: Till, agent: Agent) -> dict[str, Any]:
    """What the app does when it is told of a fork."""
    wait_until(lambda: till.told("fork"))
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


def test_sales_go_at_once_and_in_batches(cloud: SmallCloud, till: Till) -> None:
    with till.agent() as agent:
        wait_until(lambda: till.status().get("state") == "online")
        till.sell(agent)
        wait_until(lambda: cloud.seqs() == [1])
        ups = cloud.count("/v1/up")
        till.sell(agent, 1200)
        wait_until(lambda: len(cloud.seqs()) == 1201)
        wait_until(lambda: till.status()["unsent"] == 0 and till.status()["sending"] is None)
    assert cloud.count("/v1/up") - ups == 3
    assert till.read("SELECT inc, seq, durable FROM sync_ack") == [(1, 1201, 0)]


def test_the_next_batch_is_made_while_the_last_is_stored(
    cloud: SmallCloud, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is sent where the cloud stands where it was made for, and made again where the way was cut."""
    made: list[int] = []
    with till.agent() as agent:
        wait_until(lambda: till.status().get("state") == "online")
        after = agent.uploader.journal.after

        def counted(tip: Tip, *, seq: int, limit: int, max_bytes: int) -> list[Entry]:
            made.append(seq)
            return after(tip, seq=seq, limit=limit, max_bytes=max_bytes)

        monkeypatch.setattr(agent.uploader.journal, "after", counted)
        till.sell(agent, 1400)
        wait_until(lambda: len(cloud.seqs()) == 1400)
        assert made == [0, 500, 1000]
        cloud.failures.append(Reply(502, b"<html>"))
        till.sell(agent, 700)
        wait_until(lambda: len(cloud.seqs()) == 2100)
        assert made[3:] == [1400, 1900, 1400, 1900]
        wait_until(lambda: till.status()["unsent"] == 0)
        monkeypatch.setattr(agent.uploader, "ahead", Batch(1, 2099, 2100, b"of yesterday"))
        till.sell(agent)
        wait_until(lambda: len(cloud.seqs()) == 2101)
    assert cloud.seqs() == list(range(1, 2102))


def test_a_lost_replica_does_not_fork_a_pruned_journal(cloud: SmallCloud, till: Till) -> None:
    cloud.durable = True
    with till.agent() as agent:
        till.sell(agent, 6)
        wait_until(lambda: len(cloud.seqs()) == 6)
    journal_store.prune(till.journal, 1, up_to_seq=4)
    shutil.rmtree(till.directory / "replica")
    with till.agent() as agent:
        till.sell(agent)
        wait_until(lambda: len(cloud.seqs()) == 7)
    assert not till.told("fork") and list(cloud.entries) == [1]


def test_a_batch_that_is_too_large_is_halved(cloud: SmallCloud, till: Till) -> None:
    with till.agent() as agent:
        wait_until(lambda: till.status().get("state") == "online")
        cloud.failures.extend([problem(413, "up.too_large"), Reply(413, b"<html>too large")])
        till.sell(agent, 400)
        wait_until(lambda: len(cloud.seqs()) == 400)
        wait_until(lambda: agent.uploader.limits.events == 500)


def test_failures_are_waited_out_and_named(cloud: SmallCloud, till: Till) -> None:
    cloud.failures.extend([Reply(502, b"<html>"), problem(503, "cloud.busy"), problem(401, "token.invalid")])
    with till.agent() as agent:
        till.sell(agent, 2)
        wait_until(lambda: cloud.seqs() == [1, 2] and till.price(1) == 100)
        wait_until(lambda: till.status().get("state") == "online" and till.status()["error"] is None)
    assert cloud.count("/v1/token") >= 2


def test_an_old_backup_is_found_out_before_it_sells_and_nothing_is_lost(cloud: SmallCloud, till: Till) -> None:
    with till.agent() as agent:
        till.sell(agent, 5)
        wait_until(lambda: cloud.seqs() == [1, 2, 3, 4, 5])
    till.journal.execute("DELETE FROM journal WHERE seq > 3")
    with till.agent() as agent:
        wait_until(lambda: till.status().get("state") == "forked")
        append(till.journal, 2)
        fork = adopt(till, agent)
        wait_until(lambda: own_ids(till) <= ids(cloud) and till.status()["unsent"] == 0)
        wait_until(lambda: till.status()["state"] == "online")
    assert fork == {"ev": "fork", "new_inc": 2, "common_seq": 0}
    assert cloud.seqs(1) == [1, 2, 3, 4, 5] and cloud.seqs(2) == [1, 2, 3, 4, 5]


def test_a_clone_is_found_out_by_its_first_sale(cloud: SmallCloud, till: Till) -> None:
    cloud.durable = True
    with till.agent() as agent:
        till.sell(agent, 3)
        wait_until(lambda: cloud.seqs() == [1, 2, 3])
    other = cloud.entries[1][0] | {"s": 4, "prev": cloud.entries[1][-1]["hash"], "hash": "ab" * 32, "id": "other"}
    cloud.entries[1].append(other)
    append(till.journal)
    with till.agent() as agent:
        fork = adopt(till, agent)
        wait_until(lambda: len(cloud.seqs(2)) == 1 and own_ids(till) <= ids(cloud))
    assert fork["common_seq"] == 3 and journal_store.incarnation(till.journal) == 2


def test_a_restored_cloud_gets_again_what_it_lost(cloud: SmallCloud, till: Till) -> None:
    with till.agent() as agent:
        till.sell(agent, 6)
        wait_until(lambda: len(cloud.seqs()) == 6)
        del cloud.entries[1][2:]
        cloud.epoch_up = "u2"
        agent.take(Command.SYNC_NOW)
        wait_until(lambda: cloud.seqs() == [1, 2, 3, 4, 5, 6])
    assert journal_store.incarnation(till.journal) == 1
    assert till.read("SELECT seq, epoch_up FROM sync_ack") == [(6, "u2")]


def test_a_cloud_that_lost_more_than_it_promised_gets_all_that_is_left(cloud: SmallCloud, till: Till) -> None:
    with till.agent() as agent:
        till.sell(agent, 6)
        wait_until(lambda: len(cloud.seqs()) == 6)
        journal_store.prune(till.journal, 1, up_to_seq=4)
        cloud.entries.clear()
        agent.take(Command.SYNC_NOW)
        adopt(till, agent)
        wait_until(lambda: cloud.seqs(2) == [1, 2] and own_ids(till) <= ids(cloud))


def test_a_cloud_that_takes_nothing_is_not_asked_in_a_tight_loop(cloud: SmallCloud, till: Till) -> None:
    with till.agent() as agent:
        wait_until(lambda: till.status().get("state") == "online")
        stuck = {"epoch_up": "u1", "seq": 0, "hash": GENESIS, "durable": 0, "applied": 0, "held": [], "server_time": 1}
        original = cloud._up
        cloud._up = lambda message: Reply(200, json.dumps(stuck).encode())  # type: ignore[method-assign]
        till.sell(agent)
        time.sleep(0.5)
        assert 1 <= cloud.count("/v1/up") < 15
        cloud._up = original  # type: ignore[method-assign]
        wait_until(lambda: cloud.seqs() == [1])
