"""Somebody alone with a till who guesses PINs, kills it, sets its clocks and puts old files back (S5)."""

from __future__ import annotations

import random
import shutil
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import argon2
import pytest

from domain.errors import DomainError
from domain.permissions import Act
from pos_app.services import operators
from pos_app.services.housekeeping import DiskLimits
from pos_app.wiring import Outside, TillApp, open_till
from tests.builders import CASHIER, MANAGER, SUPERVISOR, TestClock

HOUR_MS = 3_600_000
STAFF = (CASHIER, SUPERVISOR, MANAGER)


@dataclass
class Watched(argon2.PasswordHasher):
    """The real hasher, with a note of the true time of each PIN that it looked at."""

    time: TestClock

    def __post_init__(self) -> None:
        super().__init__()
        self.looked_at_ms: list[int] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 its own name
        self.looked_at_ms.append(self.time.mono_ms)
        return super().verify(hash, password)

    def most_in_an_hour(self) -> int:
        """The most PINs looked at in any hour."""
        times = self.looked_at_ms
        return max((bisect_left(times, at + HOUR_MS) - bisect_right(times, at - 1) for at in times), default=0)


@dataclass
class Machine:
    """The till's computer in the hands of the guesser: ``true`` is real time, ``shown`` what the machine believes."""

    directory: Path
    true: TestClock = field(default_factory=TestClock)
    shown: TestClock = field(default_factory=TestClock)
    boots: int = 1

    def __post_init__(self) -> None:
        self.till = self._open()

    def _open(self) -> TillApp:
        return open_till(
            self.directory, outside=Outside(clock=self.shown, boot=f"boot-{self.boots}", disk_limits=DiskLimits(0, 0))
        )

    def guess(self, chance: random.Random) -> None:
        """Try a PIN, at any of the three doors that ask for one."""
        staff, door = chance.choice(STAFF), chance.randrange(3)
        pin = f"{chance.randrange(400_000):06d}"
        people = self.till.operators
        doors: list[Callable[[], object]] = [
            lambda: people.sign_on(staff.operator_id, pin),
            lambda: people.approve(Act.DISCOUNT, staff.operator_id, pin=pin),
            lambda: people.release(CASHIER.operator_id, staff.operator_id, pin=pin),
        ]
        with pytest.raises(DomainError):
            doors[door]()

    def wait(self, ms: int) -> None:
        self.true.pass_ms(ms)
        self.shown.pass_ms(ms)

    def set_clock(self, jump_ms: int) -> None:
        self.shown.wall_ms += jump_ms

    def restart_app(self) -> None:
        self.till.close()
        self.till = self._open()

    def reboot(self, jump_ms: int) -> None:
        """The machine starts anew; its clock was set on the way."""
        self.till.close()
        self.wait(20_000)
        self.boots += 1
        self.shown.mono_ms = 20_000
        self.set_clock(jump_ms)
        self.till = self._open()

    def keep_copy(self, folder: Path) -> None:
        """A copy of the database for later."""
        self.till.close()
        shutil.copy(self.till.database.path, folder / "kept.db")
        self.till = self._open()

    def put_back(self, folder: Path) -> None:
        """The old copy in the place of the present database."""
        self.till.close()
        self._remove_database()
        shutil.copy(folder / "kept.db", self.till.database.path)
        self.till = self._open()

    def damage(self) -> None:
        """Spoil the database, so that the till brings its newest backup back by itself."""
        self.till.close()
        self._remove_database()
        self.till.database.path.write_bytes(b"spoilt" * 1000)
        self.till = self._open()

    def _remove_database(self) -> None:
        for path in self.directory.glob("till.db*"):
            path.unlink()


@contextmanager
def watched(machine: Machine) -> Iterator[Watched]:
    """Every PIN that is looked at meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        hasher = Watched(machine.true)
        patch.setattr(operators, "_HASHER", hasher)
        yield hasher


def attack(machine: Machine, folder: Path, *, seed: int, acts: int) -> Watched:
    """So many acts of a guesser who knows every trick but the PINs; what he had looked at."""
    chance = random.Random(seed)
    machine.till.housekeeping.backup()
    machine.keep_copy(folder)
    tricks = [
        lambda: machine.wait(chance.choice((1_000, 31_000, 61_000, 300_000, 900_000))),
        lambda: machine.set_clock(chance.choice((-1, 1)) * chance.choice((61_000, HOUR_MS, 24 * HOUR_MS))),
        machine.restart_app,
        lambda: machine.reboot(chance.choice((0, 2 * HOUR_MS, -2 * HOUR_MS, 240 * HOUR_MS))),
        lambda: machine.put_back(folder),
        machine.damage,
    ]
    weights = [4, 3, 1, 1, 1, 0.5]
    with watched(machine) as hasher:
        for _ in range(acts):
            if chance.random() < 0.8:
                machine.guess(chance)
            else:
                chance.choices(tricks, weights)[0]()
    return hasher
