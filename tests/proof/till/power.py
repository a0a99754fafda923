"""A disk that loses power: what was not synced survives at random, whole, torn, or not at all (R2)."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import DomainError
from pos_app.services.housekeeping import DiskLimits
from pos_app.wiring import Outside, TillApp, open_till
from tests.builders import CRISPS, WATER, TestClock
from tests.kills import Confirmed, assert_all_there
from tests.proof.till.vfs import Disk, held
from tests.selling import pay, scan, sell

IOERR = 10
SECTOR_BYTES = 512
SESSIONS = 3
LATEST_CUT_ACTS = 350
"""Writes, cuts and syncs until the power goes, at most: as many as the sessions of one run take."""


@dataclass
class _File:
    """What is surely on the disk, and what has been written since."""

    sure: bytearray
    since: list[tuple[int, bytes | None]] = field(default_factory=list)
    """Offset and bytes; no bytes: cut to that size."""

    def settle(self) -> None:
        for offset, data in self.since:
            self._do(offset, data)
        self.since.clear()

    def lose_power(self, chance: random.Random) -> bytes:
        for offset, data in self.since:
            if data is None or len(data) <= SECTOR_BYTES:
                if chance.random() < 0.5:
                    self._do(offset, data)
            else:
                self._tear(offset, data, chance)
        return bytes(self.sure)

    def _tear(self, offset: int, data: bytes, chance: random.Random) -> None:
        fate = chance.random()
        for at in range(0, len(data), SECTOR_BYTES):
            if fate < 0.4 or (fate < 0.6 and chance.random() < 0.5):
                self._do(offset + at, data[at : at + SECTOR_BYTES])

    def _do(self, offset: int, data: bytes | None) -> None:
        if data is None:
            del self.sure[offset:]
            return
        self.sure.extend(bytes(max(0, offset - len(self.sure))))
        self.sure[offset : offset + len(data)] = data


class PowerDisk(Disk):
    """Works until ``acts`` writes, cuts, syncs and deletions were done; then nothing does any more."""

    def __init__(self, chance: random.Random, acts: int, *, lies: bool = False) -> None:
        self._chance = chance
        self._acts = acts
        self._lies = lies
        self._files: dict[Path, _File] = {}
        self._gone: dict[Path, _File] = {}

    def refuses(self, act: str, path: Path) -> int:
        if act in ("write", "truncate", "sync", "delete") and path.name.startswith("till.db"):
            self._acts -= 1
        return IOERR if self._acts < 0 else 0

    def opened(self, path: Path) -> None:
        if path.name in ("till.db", "till.db-wal") and path not in self._files:
            self._files[path] = _File(bytearray(path.read_bytes()))

    def wrote(self, path: Path, offset: int, data: bytes) -> None:
        if path in self._files:
            self._files[path].since.append((offset, data))

    def truncated(self, path: Path, size: int) -> None:
        if path in self._files:
            self._files[path].since.append((size, None))

    def synced(self, path: Path) -> None:
        if path in self._files and not self._lies:
            self._files[path].settle()
            self._gone.pop(path, None)

    def deleted(self, path: Path, durably: bool) -> None:
        if path in self._files:
            lost = self._files.pop(path)
            if not durably:
                self._gone.setdefault(path, lost)

    def lose_power(self) -> None:
        """Put what is left into the files, as the machine finds it when it starts again."""
        for path in self._files.keys() | self._gone.keys():
            found = self._files.get(path)
            if path in self._gone and (found is None or self._chance.random() < 0.5):
                found = self._gone[path] if self._chance.random() < 0.5 else None
            if found:
                path.write_bytes(found.lose_power(self._chance))
            else:
                path.unlink(missing_ok=True)
            path.with_name("till.db-shm").unlink(missing_ok=True)


def outside() -> Outside:
    """A till with a clock of its own on a disk that is never too full."""
    return Outside(clock=TestClock(), boot="boot-1", disk_limits=DiskLimits(0, 0))


def sell_until_dark(directory: Path, seed: int, *, lies: bool = False) -> Confirmed:
    """Some sessions of selling, and somewhere in them the power goes; gives what had been confirmed."""
    chance = random.Random(seed)
    disk = PowerDisk(chance, chance.randrange(1, LATEST_CUT_ACTS), lies=lies)
    confirmed = Confirmed()
    with held(disk), suppress(DomainError):
        for _ in range(SESSIONS):
            till = open_till(directory, outside=outside())
            try:
                _session(till, confirmed, chance=chance)
            finally:
                with suppress(DomainError):
                    till.close()
    disk.lose_power()
    return confirmed


def _session(till: TillApp, confirmed: Confirmed, *, chance: random.Random) -> None:
    for _ in range(chance.randrange(1, 8)):
        if till.selling.cart.cart.is_empty:
            scan(till, chance.choice((WATER, CRISPS)).code)
        confirmed.sale_ids.append(pay(till).sale_id)


def fault_after(directory: Path, confirmed: Confirmed) -> str:
    """What is wrong with the till that starts again: ``corrupt``, ``lost …``, or nothing."""
    try:
        till = open_till(directory, outside=outside())
    except DomainError as error:
        return f"corrupt: {error.code}"
    try:
        if till.was_restored:
            return "corrupt"
        assert_all_there(directory, confirmed)
        assert sell(till, WATER.code).sale.lines
        return ""
    except AssertionError as error:
        return f"lost: {error}"[:200]
    finally:
        till.close()
