"""A disk that fails one call of a sale, or all from there on, and a cashier who goes on with what is left (R3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from domain.errors import DomainError
from pos_app.db.engine import connect_to_read
from pos_app.db.faults import StorageError
from pos_app.services.checkout import CompletedSale
from pos_app.wiring import TillApp, open_till
from tests.builders import CASHIER, CRISPS, WATER
from tests.proof.till.power import outside
from tests.proof.till.vfs import Disk, held
from tests.selling import assert_sound, journaled_sales, pay, scan, sell

_CANTOPEN, _FULL, _READONLY = 14, 13, 8
_IOERR = {"read": 266, "write": 778, "sync": 1034, "truncate": 1546, "delete": 2570, "shm": 5386, "open": _CANTOPEN}
KINDS = {
    "ioerr": _IOERR,
    "full": _IOERR | {"write": _FULL, "shm": 10 | 19 << 8},
    "readonly": _IOERR | {"write": _READONLY, "truncate": _READONLY},
}
"""What SQLite's own way to files answers, by the act that fails."""
WANTED = (WATER.code, CRISPS.code)
DUE_MINOR = 990
_Answer = TypeVar("_Answer")


@dataclass
class FaultyDisk(Disk):
    """Counts the acts once it is armed; from number ``first`` on it fails ``times`` of them."""

    kind: str
    first: int
    times: int
    acts: int = 0
    is_armed: bool = False

    def refuses(self, act: str, path: Path) -> int:
        if not self.is_armed:
            return 0
        self.acts += 1
        fails = self.first <= self.acts < self.first + self.times
        return KINDS[self.kind][act] if fails else 0

    @contextmanager
    def failing(self) -> Iterator[None]:
        """It fails in here, and is well again behind."""
        self.is_armed = True
        try:
            yield
        finally:
            self.is_armed = False


@dataclass
class Cashier:
    """Does one sale; what is refused is read from the screen and tried again when the disk is well."""

    till: TillApp
    refusals: list[str] = field(default_factory=list)

    def sell(self) -> CompletedSale | None:
        """The sale that was confirmed, None where it was not."""
        for code in WANTED:
            self._try(lambda code=code: scan(self.till, code))  # type: ignore[misc]
        if self.till.selling.cart.due_minor == DUE_MINOR:
            return self._try(lambda: pay(self.till))
        return None

    def go_on(self) -> CompletedSale:
        """The disk is well: scan what is missing, take what is unpaid, complete."""
        if self.till.checkout.payment:
            self.till.checkout.back()
        scanned = {line.item.item_id for line in self.till.selling.cart.cart.lines}
        for item in (WATER, CRISPS):
            if item.item.item_id not in scanned:
                scan(self.till, item.code)
        payment = self.till.checkout.start(self.till.selling.cart)
        return self.till.checkout.complete(CASHIER) if payment.tenders else pay(self.till)

    def _try(self, act: Callable[[], _Answer]) -> _Answer | None:
        try:
            return act()
        except DomainError as error:
            self.refusals.append(error.code)
            return None


def fail_one_sale(directory: Path, disk: FaultyDisk) -> Cashier:
    """One sale on a failing disk, gone on with on a well one, and one more; asserts all that must hold."""
    with held(disk):
        till = open_till(directory, outside=outside())
        cashier = Cashier(till)
        try:
            with disk.failing():
                done = cashier.sell()
            told = done is not None
            assert not told or _is_there(directory, done), "it said that the sale is complete"
            done = done or cashier.go_on()
            assert done.sale.due_minor == DUE_MINOR
            then = sell(till, WATER.code)
        finally:
            till.close()
    expected = [done.sale_id, then.sale_id]
    assert [sale.sale_id for sale in journaled_sales(directory / "till.db")] == expected
    assert told or cashier.refusals, "what failed was said"
    _assert_starts_again(directory)
    return cashier


def fail_one_start(directory: Path, disk: FaultyDisk) -> None:
    """A till with a sale starts on a failing disk and then on a well one; a disk that fails is not taken for damage."""
    till = open_till(directory, outside=outside())
    done = sell(till, WATER.code)
    till.close()
    with held(disk), suppress(StorageError), disk.failing():
        open_till(directory, outside=outside()).close()
    assert not (directory / "damaged").exists()
    assert [sale.sale_id for sale in journaled_sales(directory / "till.db")] == [done.sale_id]
    _assert_starts_again(directory)


def _is_there(directory: Path, done: CompletedSale | None) -> bool:
    """In the file, as another process sees it; told receipts are of durable sales."""
    connection = connect_to_read(directory / "till.db")
    try:
        found = connection.execute("SELECT sale_id FROM sale").fetchall()
    finally:
        connection.close()
    return done is not None and found == [(done.sale_id,)]


def _assert_starts_again(directory: Path) -> None:
    again = open_till(directory, outside=outside())
    try:
        assert not again.was_restored
        assert again.selling.cart.cart.is_empty
        assert_sound(directory / "till.db")
    finally:
        again.close()
