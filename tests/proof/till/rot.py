"""A till.db whose bytes change on the disk, and what the till that starts on it says and shows (R5)."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite

from domain.sale import Sale
from pos_app.db.check import OK, check_file
from pos_app.db.engine import connect, connect_to_read
from pos_app.settings import DeviceSettings, PrinterKind, PrinterSettings
from pos_app.wiring import TillApp, open_till
from sync import journal_store
from sync.replica.store import write_ack
from sync.upload import Confirmed
from tests.builders import CASHIER, CRISPS, WATER
from tests.proof.till.power import outside
from tests.selling import journaled_sales, scan, sell

PAGE = 4096
Damage = Callable[[bytearray, random.Random], None]
Rows = dict[str, list[tuple[Any, ...]]]


def flip_a_bit(data: bytearray, chance: random.Random) -> None:
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def change_a_byte(data: bytearray, chance: random.Random) -> None:
    data[chance.randrange(len(data))] ^= chance.randrange(1, 256)


def change_a_digit(data: bytearray, chance: random.Random) -> None:
    """The worst kind: what is read is still well formed."""
    at = chance.choice([place for place, byte in enumerate(data) if 0x30 <= byte <= 0x39])
    data[at] = chance.choice([digit for digit in b"0123456789" if digit != data[at]])


def spoil_a_page(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data) // PAGE) * PAGE
    data[at : at + PAGE] = bytes(PAGE) if chance.random() < 0.5 else chance.randbytes(PAGE)


def swap_two_pages(data: bytearray, chance: random.Random) -> None:
    one, other = (at * PAGE for at in chance.sample(range(1, len(data) // PAGE), 2))
    data[one : one + PAGE], data[other : other + PAGE] = data[other : other + PAGE], data[one : one + PAGE]


def cut_short(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(1, len(data)) :]


KINDS: tuple[Damage, ...] = (flip_a_bit, change_a_byte, change_a_digit, spoil_a_page, swap_two_pages, cut_short)


@dataclass(frozen=True)
class Worn:
    """A closed till with some days of work in it, what its file said, and what its screens showed."""

    directory: Path
    rows: Rows
    sales: tuple[Sale, ...]
    shown: tuple[Any, ...]

    @property
    def path(self) -> Path:
        return self.directory / "till.db"


def wear(directory: Path, sales: int, *, log_kept: Path | None = None) -> Worn:
    """Two thirds of the sales are in a backup; carts, settings and print jobs are there as well.

    With ``log_kept`` the till there is one that was not closed: its last acts are in the write-ahead log alone.
    """
    till = open_till(directory, outside=outside())
    till.settings.save(DeviceSettings(printer=PrinterSettings(PrinterKind.NETWORK, "10.0.0.9:9100")))
    for number in range(sales):
        sell(till, *(WATER.code, CRISPS.code)[: 1 + number % 2])
        if number == sales * 2 // 3:
            till.housekeeping.backup()
    for item in (WATER, CRISPS):
        scan(till, item.code)
        till.selling.suspend(CASHIER.operator_id)
    scan(till, CRISPS.code, 3000)
    _acknowledge(till)
    seen = shown(till)
    path = directory / "till.db"
    if log_kept:
        shutil.copytree(directory, log_kept)
    till.close()
    return Worn(log_kept or directory, rows_of(path), tuple(journaled_sales(path)), seen)


def _acknowledge(till: TillApp) -> None:
    """The cloud has it all, as it has a second after the sale wherever there is a line."""
    assert till.reads.path
    with till.database.read() as uow:
        end = journal_store.tip(uow.raw)
    connection = connect(till.reads.path)
    write_ack(connection, Confirmed(end.incarnation, end.seq, end.hash, end.seq, "e"))
    connection.close()


def rows_of(path: Path) -> Rows:
    """Everything that any query can see."""
    connection = connect_to_read(path)
    try:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()]
        found = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in sorted(names)}
        found["sqlite_schema"] = connection.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
        return found
    finally:
        connection.close()


def shown(till: TillApp) -> tuple[Any, ...]:
    """The amounts that a cashier sees: today's sales, the open cart, the carts set aside, and the settings."""
    today = till.receipts.today()
    aside = [(row.cart_id, row.due_minor) for row in till.selling.suspended()]
    return today, till.selling.cart.cart.lines, aside, till.settings.current


def is_changed(worn: Worn) -> bool:
    """Whether the damage changed anything at all that can be read, or the structure of the file."""
    try:
        connection = connect(worn.path)
        try:
            if check_file(connection) != OK:
                return True
        finally:
            connection.close()
        return rows_of(worn.path) != worn.rows
    except (sqlite.Error, UnicodeDecodeError):
        return True


def open_damaged(worn: Worn) -> str:
    """``found`` or ``unseen``; asserts that no sale has another sum than it had and no number is given twice."""
    till = open_till(worn.directory, outside=outside())
    try:
        found = till.was_restored
        if not found:
            assert shown(till) == worn.shown, "a wrong figure, and nobody told"
        _assert_true(till, worn)
        if found:
            assert till.health.facts().last_restore_ms is not None
            assert till.housekeeping.check().is_ok
        numbers = {sale.receipt_no for sale in worn.sales}
        assert sell(till, WATER.code).receipt_no not in numbers, "a receipt number twice"
    finally:
        till.close()
    return "found" if found else "unseen"


def _assert_true(till: TillApp, worn: Worn) -> None:
    known = {sale.sale_id: sale for sale in worn.sales}
    kept = journaled_sales(worn.path)
    for sale in kept:
        assert known.get(sale.sale_id) == sale, "a wrong figure in a sale"
    lines = {(line.item.item_id, line.quantity_thousandths, line.price) for line in worn.shown[1]}
    open_lines = {(line.item.item_id, line.quantity_thousandths, line.price) for line in till.selling.cart.cart.lines}
    assert open_lines <= lines, "a cart with another figure"
    assert {(row.cart_id, row.due_minor) for row in till.selling.suspended()} <= set(worn.shown[2])


def damage(path: Path, kind: Damage, seed: int) -> None:
    data = bytearray(path.read_bytes())
    kind(data, random.Random(seed))
    path.write_bytes(data)


def zero_all(data: bytearray, _chance: random.Random) -> None:
    data[:] = bytes(len(data))


def empty(data: bytearray, _chance: random.Random) -> None:
    data.clear()


LOG_KINDS: tuple[Damage, ...] = (zero_all, empty, flip_a_bit, spoil_a_page, cut_short)
