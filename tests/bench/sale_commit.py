"""[sale_commit]: completing a five-line sale, durable, in turn with the same rows written by bare SQLite."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite

from domain.tender import TenderKind
from pos_app.db.migrate import migrate
from pos_app.services.housekeeping import DiskLimits
from pos_app.settings import DeviceSettings, PrinterKind, PrinterSettings
from pos_app.wiring import Outside, TillApp, open_till
from tests.bench.harness import Goal, Result, Stopwatch
from tests.builders import CASHIER, Goods, ean13, item, shop
from tests.selling import scan

SALES = 600
WARM_UP = 50
LINES = 5
GOODS = [
    Goods(item(n, name_zh=f"商品 {n} 500ml", name_en=f"Goods {n}"), 100 + n, ean13(n)) for n in range(1, LINES + 1)
]
TABLES = ("journal", "sale", "print_job")


def bench(folder: Path) -> Iterator[Result]:
    """600 sales and 600 times the same rows."""
    yield measure(folder, sales=SALES, warm_up=WARM_UP)


def measure(folder: Path, *, sales: int, warm_up: int) -> Result:
    """So many sales, each in turn with its own rows written bare."""
    replica = shop(folder / "till", GOODS)
    till = open_till(folder / "till", outside=Outside(disk_limits=DiskLimits(0, 0)))
    till.settings.save(DeviceSettings(printer=PrinterSettings(PrinterKind.FILE, "/dev/null")))
    bare = _bare(folder / "bare.db")
    ours, raw = Stopwatch(), Stopwatch()
    gc.collect()
    gc.freeze()
    for _ in range(sales + warm_up):
        _fill_cart(till)
        _keep_cart(till, bare)
        with ours.once():
            till.checkout.complete(CASHIER)
        rows = _newest_rows(till)
        with raw.once():
            _write(bare, rows)
    till.close()
    replica.close()
    bare.close()
    gc.unfreeze()
    return Result("sale_commit", "ms", ours.samples[warm_up:], Goal(times_raw=2), raw.samples[warm_up:])


def _fill_cart(till: TillApp) -> None:
    for one in GOODS:
        scan(till, one.code)
    payment = till.checkout.start(till.selling.cart)
    till.checkout.add_tender(TenderKind.CASH, payment.cash_due_minor)


def _bare(path: Path) -> Any:
    migrate(path)
    connection = sqlite.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _keep_cart(till: TillApp, bare: Any) -> None:
    """The open cart's row, which the sale removes."""
    with till.database.read() as uow:
        rows = uow.raw.execute("SELECT * FROM cart").fetchall()
    bare.executemany("INSERT OR REPLACE INTO cart VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def _newest_rows(till: TillApp) -> dict[str, list[tuple[Any, ...]]]:
    with till.database.read() as uow:
        (journal,) = uow.raw.execute("SELECT * FROM journal ORDER BY inc DESC, seq DESC LIMIT 1").fetchall()
        (sale,) = uow.raw.execute("SELECT * FROM sale ORDER BY seq DESC LIMIT 1").fetchall()
        jobs = uow.raw.execute("SELECT * FROM print_job WHERE sale_id = ?", (sale[0],)).fetchall()
    assert len(jobs) == 2, "a drawer and a receipt"
    return {"journal": [journal], "sale": [sale], "print_job": jobs}


def _write(bare: Any, rows: dict[str, list[tuple[Any, ...]]]) -> None:
    """The same rows in one durable transaction, with nothing around them."""
    bare.execute("BEGIN IMMEDIATE")
    for table in TABLES:
        marks = ", ".join("?" * len(rows[table][0]))
        bare.executemany(f"INSERT INTO {table} VALUES ({marks})", rows[table])
    bare.execute("INSERT OR REPLACE INTO meta VALUES ('receipt_number:1', ?)", (str(rows["sale"][0][4]),))
    bare.execute("DELETE FROM cart WHERE cart_id = ?", (rows["sale"][0][1],))
    bare.execute("COMMIT")
