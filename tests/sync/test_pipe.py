"""The pipe between agent and app: whole lines, known commands only, and a status told on change but not in a flood."""

import io
import json
import time

import pytest

from sync.pipe import IDS_MOST, Command, Pipe, command_of
from sync.status import State, StatusBoard


def told(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ('{"cmd":"wake"}\n', Command.WAKE),
        ('{"cmd":"sync_now","later":1}', Command.SYNC_NOW),
        ('{"cmd":"quit"}', Command.QUIT),
        ('{"cmd":"dance"}', None),
        ('{"cmd":7}', None),
        ("[]", None),
        ("{", None),
        ("", None),
    ],
)
def test_commands(line: str, command: Command | None) -> None:
    assert command_of(line) is command


def test_changes_name_few_rows_and_count_many_as_null() -> None:
    out = io.StringIO()
    pipe = Pipe(out)
    pipe.changed({})
    pipe.changed({"price": range(IDS_MOST), "item": range(IDS_MOST + 1)})
    assert told(out) == [{"ev": "changed", "tables": {"price": list(range(IDS_MOST)), "item": None}}]


def test_a_reader_that_is_gone_is_no_error() -> None:
    out = io.StringIO()
    pipe = Pipe(out)
    out.close()
    pipe.tell("status")
    pipe.tell("status")
    assert out.closed


def states(out: io.StringIO) -> list[object]:
    return [event["state"] for event in told(out)]


def test_the_status_is_told_on_change_and_the_last_word_is_stopped() -> None:
    out = io.StringIO()
    board = StatusBoard(Pipe(out))
    board.start()
    board.update(down_reached=True, unsent=3)
    board.update(down_reached=True, unsent=3)
    for _ in range(100):
        if '"online"' in out.getvalue():
            break
        time.sleep(0.01)
    board.close("sync.replica_damaged")
    events = told(out)
    assert events[-1]["state"] == "stopped" and events[-1]["error"] == "sync.replica_damaged"
    assert any(event["state"] == "online" and event["unsent"] == 3 for event in events[:-1])
    assert set(events[0]) == {
        *("ev", "state", "synced_at_ms", "last_news_ms", "unsent", "sending", "held", "held_entries"),
        *("clock_offset_ms", "min_app", "error"),
    }


def test_a_flood_of_changes_is_told_five_times_a_second() -> None:
    out = io.StringIO()
    board = StatusBoard(Pipe(out))
    board.start()
    began = time.monotonic()
    while time.monotonic() - began < 0.5:
        board.update(unsent=board.now.unsent + 1)
        time.sleep(0.001)
    board.close()
    assert 2 <= len(told(out)) <= 6 and told(out)[-1]["unsent"] == board.now.unsent


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({}, State.CONNECTING),
        ({"down_reached": True}, State.ONLINE),
        ({"down_reached": False}, State.OFFLINE),
        ({"down_reached": True, "up_error": "sync.timeout"}, State.ONLINE),
        ({"down_reached": True, "special": State.FORKED}, State.FORKED),
        ({"down_reached": False, "special": State.REVOKED}, State.REVOKED),
    ],
)
def test_the_state_in_a_word(facts: dict[str, object], state: State) -> None:
    out = io.StringIO()
    board = StatusBoard(Pipe(out))
    board.update(**facts)
    assert board.now.state is state
    assert board.now.as_event()["error"] == facts.get("up_error")
