"""The agent as a process: housekeeping, trouble with its files, and living as long as its app."""

import errno
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pysqlite3.dbapi2 as sqlite3
import pytest

from sync import identity
from sync.__main__ import NICE, _give_way, _storage_code, main
from sync.agent import Agent, Settings
from sync.pipe import Pipe
from sync.replica.install import connect
from tests.sync.builders import CAT, PRICE, STORE, append
from tests.sync.server import problem
from tests.sync.small_cloud import SmallCloud
from tests.sync.till import PATIENCE_S, Till, wait_until


def started(till: Till, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sync", "--data", str(till.directory), *more]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, encoding="utf-8")


def test_an_audit_that_differs_brings_the_bucket_anew(cloud: SmallCloud, till: Till) -> None:
    cloud.take_snapshot(PRICE)
    with till.agent() as agent:
        wait_until(lambda: till.price(1) == 100 and till.status().get("synced_at_ms"))
        assert agent.housekeeping.audit() == {CAT: "equal", PRICE: "equal", STORE: "equal"}
        conn = connect(agent.replica.path)
        conn.execute("UPDATE price SET price_minor = 1, ver = 5")
        conn.close()
        assert agent.housekeeping.audit()[PRICE] == "differs"
        wait_until(lambda: till.price(1) == 100)
        agent.housekeeping.clean_up()
        cloud.failures.extend([problem(503, "cloud.busy")])
        assert "unknown" in agent.housekeeping.audit().values()
        cloud.buckets[CAT].groups.append(cloud.buckets[CAT].groups[0])
        wait_until(lambda: agent.housekeeping.audit()[CAT] == "unknown")


def test_housekeeping_begins_after_the_start_and_ends_with_the_agent(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.agent.HOUSEKEEPING_AFTER_S", 0.01)
    made = Agent(Settings(till.directory, "0.1.0"), identity.load(till.directory), Pipe(till.out))
    scheduler = made._scheduler()
    monkeypatch.setattr(made, "_scheduler", lambda: scheduler)
    thread = threading.Thread(target=made.run)
    thread.start()
    wait_until(lambda: scheduler.running and len(scheduler.get_jobs()) == 2)
    made.stop()
    thread.join(PATIENCE_S)
    assert not thread.is_alive() and not scheduler.running


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


def test_a_folder_that_takes_nothing_is_told_and_no_trace_is_shown(till: Till) -> None:
    (till.directory / "replica").mkdir(exist_ok=True)
    (till.directory / "replica" / "lock").mkdir()
    with started(till) as process:
        out, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 3
    assert json.loads(out) == {"ev": "status", "state": "stopped", "error": "sync.storage"}
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (OSError(errno.ENOSPC, "x"), "sync.disk_full"),
        (OSError(errno.EROFS, "x"), "sync.storage"),
        (sqlite3.OperationalError("database or disk is full"), "sync.disk_full"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "sync.storage"),
    ],
)
def test_why_an_agent_cannot_begin_has_a_code(fault: Exception, code: str) -> None:
    assert _storage_code(fault) == code


def test_the_process_works_until_the_app_dies_and_alone_on_its_folder(cloud: SmallCloud, till: Till) -> None:
    append(till.journal, 2)
    with started(till) as process:
        wait_until(lambda: till.price(1) == 100 and cloud.seqs() == [1, 2])
        with started(till) as second:
            out, _ = second.communicate(timeout=PATIENCE_S)
        assert second.returncode == 3
        assert json.loads(out) == {"ev": "status", "state": "stopped", "error": "sync.agent_running"}
        append(till.journal)
        assert process.stdin is not None
        process.stdin.write('{"cmd":"wake"}\nnonsense\n')
        process.stdin.flush()
        wait_until(lambda: cloud.seqs() == [1, 2, 3])
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, err
    assert json.loads(out.splitlines()[-1])["state"] == "stopped"
    assert "Traceback" not in err


def test_headless_it_goes_on_without_an_app_until_it_is_told_to_stop(cloud: SmallCloud, till: Till) -> None:
    with started(till, "--headless") as process:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
        wait_until(lambda: till.price(1) == 100)
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


def test_without_a_cloud_the_agent_waits_and_comes_back(cloud: SmallCloud, till: Till, tmp_path: Path) -> None:
    who = identity.load(till.directory)
    port = int(who.cloud_url.rpartition(":")[2])
    dead = Till(tmp_path / "other", f"http://127.0.0.2:{port}")
    with dead.agent():
        wait_until(lambda: dead.status().get("state") == "offline")
        assert dead.status()["error"] == "sync.unreachable"
    dead.journal.close()


def test_refusals_are_told_on_the_pipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == 3
    assert json.loads(capsys.readouterr().out) == {"ev": "status", "state": "stopped", "error": "sync.not_enrolled"}


def test_the_agent_gives_way_to_the_app(till: Till) -> None:
    process = started(till)
    assert process.stdin is not None and process.stdout is not None
    process.stdout.readline()
    threads = [int(name) for name in os.listdir(f"/proc/{process.pid}/task")]
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert len(threads) > 1
    assert {os.getpriority(os.PRIO_PROCESS, thread) for thread in threads} == {min(19, own + NICE)}
    process.communicate(timeout=PATIENCE_S)


def test_a_system_without_such_priorities_runs_the_agent_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    monkeypatch.delattr(os, "nice")
    _give_way()
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
