"""Sales of this till: today's list, one sale with all its lines, and reprints that say so."""

from dataclasses import dataclass

from domain.ids import OperatorId, SaleId
from domain.permissions import Authority
from domain.sale import Sale


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

    def today(self, limit: int = 50, offset: int = 0, *, query: str = "") -> list[SaleSummary]:
        """Sales of the business date, newest first; ``query`` matches the end of a receipt number or an amount."""
        raise NotImplementedError

    def last(self) -> SaleSummary | None:
        """The newest sale."""
        raise NotImplementedError

    def get(self, sale_id: SaleId) -> Sale:
        """The whole sale; NotFound ``receipts.unknown``."""
        raise NotImplementedError

    def check_code(self, sale_id: SaleId) -> str:
        """``7F3A-91C2`` of the sale."""
        raise NotImplementedError

    def reprint(self, sale_id: SaleId, authority: Authority) -> int:
        """Queue a copy marked 补打 and journal it; gives the print job's id; needs REPRINT."""
        raise NotImplementedError
