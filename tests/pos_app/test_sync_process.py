"""The agent's process: its messages as signals, its deaths survived."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from pos_app import sync_process
from pos_app.sync_process import SyncProcess

SPEAKER = """
import json, sys
print(json.dumps({"ev": "status", "state": "online", "unsent": 2}), flush=True)
print("no message at all", flush=True)
print(json.dumps({"ev": "changed", "tables": {"price": [1, 2]}}), flush=True)
print(json.dumps({"ev": "replica", "file": "replica-3.db"}), flush=True)
print(json.dumps({"ev": "fork", "new_inc": 2, "common_seq": 7}), flush=True)
for line in sys.stdin:
    command = json.loads(line)["cmd"]
    print(json.dumps({"ev": "status", "state": command}), flush=True)
    if command == "quit":
        break
"""


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr(sync_process, "BACK_OFF_MS", (30, 30, 30))
    script = tmp_path / "agent.py"
    script.write_text(SPEAKER, encoding="utf-8")
    process = SyncProcess(sys.executable, [str(script)])
    yield process
    process.stop()
    assert not process.is_running


def test_messages_become_signals(agent: SyncProcess, qtbot: QtBot) -> None:
    said: list[object] = []
    agent.status.connect(said.append)
    agent.changed.connect(said.append)
    agent.replica_flipped.connect(said.append)
    with qtbot.waitSignal(agent.forked, timeout=5_000) as fork:
        agent.start()
    assert said == [{"state": "online", "unsent": 2}, {"price": [1, 2]}, "replica-3.db"]
    assert fork.args == [{"new_inc": 2, "common_seq": 7}]


def test_commands_reach_it(agent: SyncProcess, qtbot: QtBot) -> None:
    with qtbot.waitSignal(agent.forked, timeout=5_000):
        agent.start()
    with qtbot.waitSignal(agent.status, timeout=5_000) as answer:
        agent.wake()
    assert answer.args == [{"state": "wake"}]


def test_a_killed_agent_is_started_again(agent: SyncProcess, qtbot: QtBot) -> None:
    with qtbot.waitSignal(agent.forked, timeout=5_000):
        agent.start()
    first = agent.process_id
    with qtbot.waitSignal(agent.ended, timeout=5_000):
        os.kill(first, signal.SIGKILL)
    with qtbot.waitSignal(agent.forked, timeout=5_000):
        pass
    assert agent.process_id not in (0, first)


def test_one_that_cannot_start_is_tried_again(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_process, "BACK_OFF_MS", (30, 30, 30))
    process = SyncProcess(str(tmp_path / "missing"), [])
    ends: list[None] = []
    process.ended.connect(lambda: ends.append(None))
    process.start()
    qtbot.waitUntil(lambda: len(ends) >= 2, timeout=5_000)
    process.stop()
    assert not process.is_running


def test_a_stopped_agent_stays_stopped(agent: SyncProcess, qtbot: QtBot) -> None:
    with qtbot.waitSignal(agent.forked, timeout=5_000):
        agent.start()
    agent.stop()
    qtbot.wait(120)
    assert not agent.is_running


def test_a_line_without_an_end_is_dropped(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_process, "LINE_MAX_BYTES", 1_000)
    script = tmp_path / "agent.py"
    script.write_text(
        "import sys, time\n"
        "sys.stdout.write('x' * 5000); sys.stdout.flush(); time.sleep(0.2)\n"
        'print(); print(\'{"ev": "status", "state": "online"}\', flush=True)\n'
        "sys.stdin.read()\n",
        encoding="utf-8",
    )
    process = SyncProcess(sys.executable, [str(script)])
    with qtbot.waitSignal(process.status, timeout=5_000) as status:
        process.start()
    assert status.args == [{"state": "online"}]
    process.stop()


@pytest.mark.parametrize(("error", "most_runs"), [("sync.agent_running", 9), ("sync.not_enrolled", 1)])
def test_a_refusal_is_tried_again_soon_only_where_it_passes(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: str, most_runs: int
) -> None:
    monkeypatch.setattr(sync_process, "BACK_OFF_MS", (30, 30, 60_000))
    script = tmp_path / "agent.py"
    script.write_text(
        f'print(\'{{"ev": "status", "state": "stopped", "error": "{error}"}}\', flush=True)\nraise SystemExit(3)\n',
        encoding="utf-8",
    )
    process = SyncProcess(sys.executable, [str(script)])
    ends: list[None] = []
    process.ended.connect(lambda: ends.append(None))
    process.start()
    qtbot.waitUntil(lambda: len(ends) >= min(2, most_runs), timeout=5_000)
    qtbot.wait(200)
    process.stop()
    assert 1 <= len(ends) <= most_runs
