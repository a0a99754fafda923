"""Nobody has more than twenty PINs looked at in an hour of one till, whatever he does to it (S5)."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

import argon2
import pytest

from domain.errors import DomainError
from domain.pin import TERMINAL_FAILURES_MAX
from pos_app.db.attempts import AttemptRow
from pos_app.db.lock_outs import FILE_NAME, LockOuts
from pos_app.services import operators
from pos_app.services.housekeeping import DiskLimits
from pos_app.services.pin_locks import PinLocks
from pos_app.wiring import Outside, open_till
from tests.builders import NOW_MS, PINS, Replica, TestClock, shop
from tests.proof.security.guesser import HOUR_MS, STAFF, Machine, attack

ALLOWED = 20


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    made = shop(tmp_path / "till")
    yield made
    made.close()


@pytest.fixture
def machine(tmp_path: Path, replica: Replica) -> Iterator[Machine]:
    made = Machine(tmp_path / "till")
    yield made
    made.till.close()


def test_the_threshold_is_that_of_the_promise() -> None:
    assert TERMINAL_FAILURES_MAX == ALLOWED


@pytest.mark.parametrize("seed", range(3))
def test_no_trick_buys_a_twenty_first_guess(machine: Machine, tmp_path: Path, seed: int) -> None:
    found = attack(machine, tmp_path, seed=seed, acts=120)
    assert len(found.looked_at_ms) >= 15, "the guesser did guess"
    assert found.most_in_an_hour() <= ALLOWED


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(100, 130))
def test_no_trick_buys_a_twenty_first_guess_in_days(machine: Machine, tmp_path: Path, seed: int) -> None:
    assert attack(machine, tmp_path, seed=seed, acts=2_000).most_in_an_hour() <= ALLOWED


def forgetful(self: LockOuts, *rows: AttemptRow) -> None:
    """As if there were no second count."""


def by_the_wall(self: PinLocks, row: AttemptRow) -> int:
    """As if a lock lasted by the clock that anybody can set."""
    return row.locked_until_ms - self._clock.reading().wall_ms


def nothing_kept(self: PinLocks, uow: object, *rows: AttemptRow) -> None:
    """As if failures were not counted at all."""


@pytest.mark.parametrize(
    ("whose", "what", "broken"),
    [(LockOuts, "put", forgetful), (PinLocks, "_wait_ms", by_the_wall), (PinLocks, "_keep", nothing_kept)],
    ids=["no second count", "wall clock", "no count"],
)
def test_a_till_that_forgives_is_seen(
    machine: Machine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    whose: type,
    what: str,
    broken: Callable[..., object],
) -> None:
    monkeypatch.setattr(whose, what, broken)
    assert max(attack(machine, tmp_path, seed=seed, acts=120).most_in_an_hour() for seed in (1, 2)) > ALLOWED


def test_an_older_database_does_not_open_a_lock(machine: Machine, tmp_path: Path) -> None:
    machine.keep_copy(tmp_path)
    me = STAFF[0].operator_id
    for _ in range(5):
        with pytest.raises(DomainError):
            machine.till.operators.sign_on(me, "000000")
    machine.put_back(tmp_path)
    with pytest.raises(DomainError, match="locked_out"):
        machine.till.operators.sign_on(me, PINS[me])
    machine.wait(30_000)
    assert machine.till.operators.sign_on(me, PINS[me]) == STAFF[0]
    machine.put_back(tmp_path)
    assert machine.till.operators.sign_on(me, PINS[me]) == STAFF[0], "the right PIN is forgiven in both"


def test_a_second_count_that_cannot_be_read_keeps_nobody_out(machine: Machine) -> None:
    me = STAFF[0].operator_id
    (machine.directory / FILE_NAME).write_bytes(b"{ not json")
    machine.restart_app()
    assert machine.till.operators.sign_on(me, PINS[me]) == STAFF[0]


# --- kill -9 of a real process -------------------------------------------------------------------------

KILLS = 8
STEP_MS = 5 * 60_000


class Telling(argon2.PasswordHasher):
    """The real hasher; it says so before it looks at a PIN."""

    said: Connection

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 its own name
        self.said.send("look")
        return super().verify(hash, password)


def guess_for_ever(directory: Path, said: Connection, *, later_ms: int, keeps: bool) -> None:
    """Guess at everybody's PIN, without an end; told is each PIN before it is looked at."""
    if not keeps:
        PinLocks._keep = nothing_kept  # type: ignore[method-assign]
    Telling.said = said
    operators._HASHER = Telling()
    clock = TestClock(NOW_MS + later_ms, 50_000 + later_ms)
    till = open_till(directory, outside=Outside(clock=clock, boot="boot-1", disk_limits=DiskLimits(0, 0)))
    said.send("open")
    while True:
        for staff in STAFF:
            try:
                till.operators.sign_on(staff.operator_id, "000000")
            except DomainError:
                continue


def looks_before_kills(directory: Path, kills: int, *, keeps: bool = True) -> int:
    """How many PINs were looked at in less than an hour by tills that were killed again and again."""
    assert kills * STEP_MS < HOUR_MS
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.proof.security.test_pin_guessing"])
    looks = 0
    for number in range(kills):
        hears, said = context.Pipe(duplex=False)
        options = {"later_ms": number * STEP_MS, "keeps": keeps}
        process = context.Process(target=guess_for_ever, args=(directory, said), kwargs=options, daemon=True)
        process.start()
        said.close()
        assert hears.poll(60), "the till did not open"
        assert hears.recv() == "open"
        for _ in range(2 + number % 5):  # its guesses, or where it is locked out for nothing
            looks += hears.poll(1) and hears.recv() == "look"
        time.sleep(0.02 * (number % 5))
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        looks += sum(1 for word in _words(hears) if word == "look")
    return looks


def _words(hears: Connection) -> Iterator[str]:
    try:
        while True:
            yield hears.recv()
    except (EOFError, OSError):
        hears.close()


def test_kill_9_forgives_nothing(tmp_path: Path, replica: Replica) -> None:
    looks = looks_before_kills(tmp_path / "till", KILLS)
    assert 8 <= looks <= ALLOWED, "it did guess, and never too often"


def test_a_till_that_forgets_when_killed_is_seen(tmp_path: Path, replica: Replica) -> None:
    assert looks_before_kills(tmp_path / "till", KILLS, keeps=False) > ALLOWED
