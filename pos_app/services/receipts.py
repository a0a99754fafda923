"""Sales of this till: today's list, one sale with all its lines, and reprints that say so."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from domain.clock import BusinessDate
from domain.errors import NotFound
from domain.ids import OperatorId, SaleId
from domain.permissions import Act, Authority
from domain.sale import Sale, sale_from_body
from pos_app.clock import TillClock
from pos_app.db import print_jobs
from pos_app.db.print_jobs import JobKind, NewJob
from pos_app.db.replica import CatalogReads
from pos_app.db.sales import SaleRow
from pos_app.db.unit_of_work import TillDatabase
from pos_app.services.journaling import Journal
from sync.journal import canonical, check_code


@dataclass(frozen=True, slots=True)
class SaleSummary:
    """A sale as lists show it; ``uploaded`` once the cloud has it."""

    sale_id: SaleId
    receipt_no: str
    occurred_at_ms: int
    operator_id: OperatorId
    currency: str
    payable_minor: int
    lines: int
    uploaded: bool


class Receipts:
    """Reads of past sales (any thread) and reprints (database worker)."""

    def __init__(
        self,
        database: TillDatabase,
        reads: CatalogReads,
        *,
        journal: Journal,
        clock: TillClock,
        business_date: Callable[[], BusinessDate],
    ) -> None:
        self._database = database
        self._reads = reads
        self._journal = journal
        self._clock = clock
        self._business_date = business_date

    def today(self, limit: int = 50, offset: int = 0, *, query: str = "") -> list[SaleSummary]:
        """Sales of the business date, newest first; ``query`` is a part of a receipt number or an amount."""
        with self._database.read() as uow:
            found = uow.sales.newest(self._business_date(), query=query.strip().upper())
            rows = uow.sales.rows(found, limit, offset=offset)
        return self._summaries(rows)

    def last(self) -> SaleSummary | None:
        """The newest sale."""
        with self._database.read() as uow:
            rows = uow.sales.rows(uow.sales.newest(), 1)
        return next(iter(self._summaries(rows)), None)

    def get(self, sale_id: SaleId) -> Sale:
        """The whole sale; NotFound ``receipts.unknown``."""
        with self._database.read() as uow:
            body = uow.sales.body(_known(uow.sales.get(sale_id)))
        if body is None:
            raise NotFound("receipts.unknown")
        return sale_from_body(msgspec.json.decode(body)["sale"])

    def check_code(self, sale_id: SaleId) -> str:
        """``7F3A-91C2`` of the sale."""
        with self._database.read() as uow:
            return check_code(_known(uow.sales.get(sale_id)).hash)

    def reprint(self, sale_id: SaleId, authority: Authority) -> int:
        """Queue a copy marked 补打 and journal it; gives the print job's id; needs REPRINT."""
        authority.require(Act.REPRINT)
        with self._database.write() as uow:
            row = _known(uow.sales.get(sale_id))
            job = NewJob(JobKind.RECEIPT, canonical({"copy": True}), self._clock.now_ms(), sale_id)
            job_id = print_jobs.add(uow.raw, job)
            by = authority.operator.operator_id
            self._journal.record(uow, "reprint", body={"receipt_no": row.receipt_no, "operator_id": by})
            uow.commit()
        return job_id

    def _summaries(self, rows: list[SaleRow]) -> list[SaleSummary]:
        acked = {inc: self._reads.acked(inc)[0] for inc in {row.journal_inc for row in rows}}
        return [
            SaleSummary(
                row.sale_id,
                row.receipt_no,
                row.occurred_at_ms,
                row.operator_id,
                row.currency,
                row.payable_minor,
                row.lines,
                uploaded=row.seq <= acked[row.journal_inc],
            )
            for row in rows
        ]


def _known(row: SaleRow | None) -> SaleRow:
    if row is None:
        raise NotFound("receipts.unknown")
    return row
