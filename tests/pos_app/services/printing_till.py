"""A till reduced to what prints: a real till.db with sales in it, their receipts, and a queue to a printer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.clock import BusinessDate
from domain.ids import CartId, SaleId, StoreId
from pos_app.clock import TillClock, UuidIds
from pos_app.db import print_jobs
from pos_app.db.migrate import migrate
from pos_app.db.print_jobs import JobKind, NewJob, PrintJob
from pos_app.db.replica import CatalogReads
from pos_app.db.unit_of_work import TillDatabase
from pos_app.devices.ports import Printer
from pos_app.devices.printers import printer_for
from pos_app.devices.status import Patience
from pos_app.services.journaling import Journal
from pos_app.services.printing import PrintQueue
from pos_app.services.receipt_layout import ReceiptLayout
from pos_app.services.receipts import Receipts
from pos_app.services.store_settings import StoreSettings
from pos_app.settings import DeviceSettings, DrawerSettings, PrinterKind, PrinterSettings
from sync import journal_store
from sync.journal import canonical
from tests.receipts import morning_sale

QUICK = Patience(answer_ms=500, finish_ms=1500, settle_ms=60)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
STORE = StoreSettings(StoreId("0102"), "晨光便利 人民路店", "Morning Light, Renmin Road")


@dataclass
class HandClock:
    """Time that stands until it is moved."""

    wall_ms: int = 1_793_701_320_000
    mono_ms: int = 1_000_000

    def now_ms(self) -> int:
        return self.wall_ms

    def monotonic_ms(self) -> int:
        return self.mono_ms

    def pass_ms(self, passed_ms: int) -> None:
        self.wall_ms += passed_ms
        self.mono_ms += passed_ms


class PrintingTill:
    """``sell`` commits a sale with its jobs, as the checkout does; ``queue`` works them off."""

    def __init__(self, directory: Path, address: str, *, clock: HandClock | None = None) -> None:
        self.clock = clock or HandClock()
        self.settings = DeviceSettings(
            printer=PrinterSettings(PrinterKind.NETWORK, address), drawer=DrawerSettings(pin=1)
        )
        is_new = migrate(directory / "till.db") == 0
        self.database = TillDatabase(directory / "till.db")
        self._reads = CatalogReads(directory / "replica")
        till_clock = TillClock(self.clock, offset=lambda: None, boot="boot")
        self._journal = Journal(till_clock, UuidIds())
        if is_new:
            with self.database.write() as uow:
                journal_store.begin_journal(uow.raw, morning_sale().terminal_id, inc=1)
                uow.commit()
        receipts = Receipts(
            self.database,
            self._reads,
            journal=self._journal,
            clock=till_clock,
            business_date=lambda: BusinessDate("2026-11-03"),
        )
        self.receipts = receipts
        self.layout = ReceiptLayout(receipts, store=lambda: STORE, settings=lambda: self.settings, sign=KEY.sign)
        self.queue = self.new_queue()

    def new_queue(self, printers: Callable[[PrinterSettings], Printer] | None = None) -> PrintQueue:
        """A queue as after a restart of the till."""
        printers = printers or (lambda settings: printer_for(settings, QUICK))
        settings = lambda: self.settings  # noqa: E731 - a source, as the wiring hands in
        return PrintQueue(self.database, self.layout, settings=settings, clock=self.clock, printers=printers)

    def sell(self, number: int = 1, *, drawer: bool = True, receipt: bool = True) -> SaleId:
        """Commit sale number so-and-so."""
        sale_id = SaleId(f"sale-{number}")
        sold = replace(morning_sale(), sale_id=sale_id, receipt_no=f"0102-2A-{number:06d}")
        with self.database.write() as uow:
            entry = self._journal.record(uow, "sale", body={"sale": sold})
            uow.sales.add(sold, CartId(f"cart-{number}"), entry=entry)
            at_ms = self.clock.now_ms()
            if drawer:
                print_jobs.add(uow.raw, NewJob(JobKind.DRAWER, canonical({}), at_ms, sale_id))
            if receipt:
                print_jobs.add(uow.raw, NewJob(JobKind.RECEIPT, canonical({"copy": False}), at_ms, sale_id))
            uow.commit()
        return sale_id

    def jobs(self) -> list[PrintJob]:
        """All jobs, oldest first."""
        with self.database.read() as uow:
            return print_jobs.list_jobs(uow.connection, limit=1000)[::-1]

    def run(self, queue: PrintQueue | None = None) -> list[tuple[str, str, str]]:
        """Work until nothing is due; what happened as (kind, state, error)."""
        done = []
        while result := (queue or self.queue).run_once():
            done.append((result.kind.value, result.state.value, result.error))
        return done

    def close(self) -> None:
        """Close the files."""
        self._reads.close()
        self.database.close()
