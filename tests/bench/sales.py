"""A till with 100,000 sales in its journal, written by the till's own code; kept under build/bench between runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

import pos_app.db
import sync
from domain.ids import CartId, SaleId, receipt_number
from domain.sale import SaleContext
from domain.tender import TenderKind
from pos_app.db.engine import connect_to_read
from pos_app.db.unit_of_work import UnitOfWork
from pos_app.services import checkout
from pos_app.services.checkout import Payment, SaleWriter
from pos_app.services.housekeeping import DiskLimits
from pos_app.wiring import Outside, TillApp, open_till
from sync import journal_store
from sync.journal import Tip
from tests.bench.million import cached, code_of, till_of
from tests.builders import CASHIER
from tests.selling import scan

SALES, LINES = 100_000, 5
_CARTS = 40
_AT_ONCE = 500
_GOODS = 1_000


def till_with_sales(directory: Path, sales: int, *, items: int, cloud_url: str) -> None:
    """Make ``directory`` that of a till with so many goods and so many sales behind it."""
    till_of(directory, items, cloud_url=cloud_url)
    shutil.copyfile(_journal(sales), directory / "till.db")


def tip_of(sales: int) -> Tip:
    """Where the journal of such a till ends."""
    connection = connect_to_read(_journal(sales))
    try:
        return journal_store.tip(connection)
    finally:
        connection.close()


def _journal(sales: int) -> Path:
    return cached(f"sales-{sales}", lambda folder: _sell(folder, sales), *_SOURCES)


def _sell(folder: Path, sales: int) -> Path:
    till_of(folder, _GOODS)
    till = open_till(folder, outside=Outside(disk_limits=DiskLimits(0, 0)))
    payments = cycle(list(_payments(till)))
    writer = SaleWriter(till.journal, till.keeper, till.clock, till.identity.store, lambda: till.settings.current)
    done = 0
    while done < sales:
        with till.database.write() as uow:
            for payment in islice(payments, min(_AT_ONCE, sales - done)):
                done += 1
                once = replace(payment, cart_id=CartId(f"cart-{done}"))
                writer.write(uow, once, context=_context(till, uow, number=done))
            uow.commit()
    till.close()
    return folder / "till.db"


def _payments(till: TillApp) -> Iterator[Payment]:
    """Carts of five lines, paid in cash; each is sold many times."""
    for cart in range(_CARTS):
        for line in range(LINES):
            scan(till, code_of(1 + (cart * LINES + line) * 7 % _GOODS))
        due = till.checkout.start(till.selling.cart).cash_due_minor
        yield till.checkout.add_tender(TenderKind.CASH, due)
        till.checkout.complete(CASHIER)


def _context(till: TillApp, uow: UnitOfWork, *, number: int) -> SaleContext:
    inc, terminal = journal_store.incarnation(uow.raw), till.identity.terminal
    return SaleContext(
        sale_id=SaleId(f"sale-{number}"),
        receipt_no=receipt_number(terminal, inc, uow.meta.next_receipt_number(inc)),
        store_id=till.identity.store,
        terminal_id=terminal,
        operator_id=CASHIER.operator_id,
        business_date=till.checkout.business_date(),
        occurred_at_ms=till.clock.now_ms(),
    )


_SOURCES = (
    Path(__file__),
    Path(checkout.__file__),
    *sorted(Path(pos_app.db.__path__[0]).glob("*.py")),
    *sorted(Path(sync.__path__[0]).glob("journal*.py")),
)
