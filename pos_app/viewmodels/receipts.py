"""Today's sales: the list and its filter, the receipt of the marked one, copies on paper and as PDF."""

from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from domain.errors import DomainError
from domain.ids import SaleId
from domain.permissions import Act, Authority
from domain.receipt_code import read_receipt_code
from pos_app.services.receipt_layout import ReceiptLayout
from pos_app.services.receipts import Receipts, SaleSummary
from pos_app.tasks import Tasks
from pos_app.viewmodels.approval import ApprovalRequest, Approver
from pos_app.viewmodels.exporting import write_file
from pos_app.viewmodels.notice import Level, Notice, of_error

PAGE = 40
QUERY_MAX = 24
CELL_MIN_PX, CELL_PX, CELL_MAX_PX = 6, 12, 14


@dataclass(frozen=True, slots=True)
class ReceiptsState:
    """Everything the screen shows; ``picture`` is the PNG of the marked sale's receipt, empty until it is drawn."""

    query: str = ""
    sales: tuple[SaleSummary, ...] = ()
    has_more: bool = False
    marked: int = -1
    error: DomainError | None = None
    picture: bytes = b""
    picture_error: DomainError | None = None
    is_exporting: bool = False

    @property
    def chosen(self) -> SaleSummary | None:
        """The marked sale."""
        return self.sales[self.marked] if 0 <= self.marked < len(self.sales) else None


class ReceiptsViewModel(QObject):
    """``told`` gives a Notice; ``printing`` says that a copy waits for the print queue."""

    changed = Signal()
    told = Signal(object)
    printing = Signal()

    def __init__(self, receipts: Receipts, layout: ReceiptLayout, *, approver: Approver, tasks: Tasks) -> None:
        super().__init__()
        self._receipts, self._layout = receipts, layout
        self._approver, self._tasks = approver, tasks
        self._cell_px = CELL_PX
        self.state = ReceiptsState()

    def open(self) -> None:
        """The newest sales of today."""
        self.state = ReceiptsState()
        self.filter("")

    def filter(self, query: str) -> None:
        """Only sales whose number holds the query, or whose amount it is."""
        query = query[:QUERY_MAX].strip()
        kept = self.state.chosen
        sales, error = self._read(query, 0)
        shown = sales[:PAGE]
        ids = [sale.sale_id for sale in shown]
        marked = ids.index(kept.sale_id) if kept and kept.sale_id in ids else (0 if shown else -1)
        keeps = kept is not None and 0 <= marked < len(ids) and ids[marked] == kept.sale_id
        picture = self.state.picture if keeps else b""
        self._show(
            ReceiptsState(query, shown, len(sales) > PAGE, marked, error, picture, None, self.state.is_exporting)
        )
        if shown and not picture:
            self._draw()

    def again(self) -> None:
        """Read anew: something was sold or uploaded."""
        self.filter(self.state.query)

    def more(self) -> None:
        """Read the next page."""
        if self.state.has_more:
            sales, error = self._read(self.state.query, len(self.state.sales))
            known = {sale.sale_id for sale in self.state.sales}
            new = tuple(sale for sale in sales[:PAGE] if sale.sale_id not in known)
            has_more = len(sales) > PAGE
            self._show(replace(self.state, sales=self.state.sales + new, has_more=has_more, error=error))

    def mark(self, at: int) -> None:
        """Mark a sale and draw its receipt."""
        if 0 <= at < len(self.state.sales) and at != self.state.marked:
            self._show(replace(self.state, marked=at, picture=b"", picture_error=None))
            self._draw()

    def fit_picture(self, width_px: int, columns: int) -> None:
        """Draw receipts so that paper of so many columns fills a width."""
        cell_px = min(CELL_MAX_PX, max(CELL_MIN_PX, width_px // columns))
        if cell_px != self._cell_px:
            self._cell_px = cell_px
            if self.state.chosen is not None:
                self._draw()

    def reprint(self) -> None:
        """A copy of the marked receipt, marked 补打."""
        sale = self.state.chosen
        if sale is None:
            self.told.emit(Notice(Level.INFO, "receipts.notice.none"))
            return
        params = {"receipt_no": sale.receipt_no}

        def act(who: Authority) -> None:
            self._tasks.write(lambda: self._receipts.reprint(sale.sale_id, who), queued, on_error=self._failed)

        def queued(_job_id: int) -> None:
            self.told.emit(Notice(Level.INFO, "receipts.notice.reprinting", params))
            self.printing.emit()

        self._approver.ask(ApprovalRequest(Act.REPRINT, "sale.approve.reprint", act, params))

    def export_pdf(self, folder: Path) -> None:
        """Write the marked receipt as PDF into a folder; a second press while one is written does nothing."""
        sale = self.state.chosen
        if sale is None or self.state.is_exporting:
            return
        self._show(replace(self.state, is_exporting=True))
        path = folder / f"{sale.receipt_no}.pdf"
        self._tasks.network(lambda: _write_pdf(path, self._layout, sale.sale_id), self._exported, on_error=self._failed)

    def number_of(self, code: str) -> str:
        """The receipt number in a scanned receipt code; empty where it cannot be read, which is then said."""
        try:
            return read_receipt_code(code)[0].receipt_no
        except DomainError as error:
            self.told.emit(of_error(error))
            return ""

    def _read(self, query: str, offset: int) -> tuple[tuple[SaleSummary, ...], DomainError | None]:
        try:
            return tuple(self._receipts.today(PAGE + 1, offset, query=query)), None
        except DomainError as error:
            return (), error

    def _draw(self) -> None:
        sale, cell_px = self.state.chosen, self._cell_px
        assert sale is not None

        def draw() -> bytes:
            # start-up: Pillow and its fonts cost 100 ms
            from pos_app.devices.preview import to_png

            return to_png(self._layout.of_sale(sale.sale_id), cell_px)

        self._tasks.network(
            draw,
            lambda picture: self._drawn(sale.sale_id, picture, error=None),
            on_error=lambda error: self._drawn(sale.sale_id, b"", error=error),
        )

    def _drawn(self, sale_id: SaleId, picture: bytes, *, error: Exception | None) -> None:
        if error is not None and not isinstance(error, DomainError):
            raise error
        if self.state.chosen is not None and self.state.chosen.sale_id == sale_id:
            self._show(replace(self.state, picture=picture, picture_error=error))

    def _exported(self, path: Path) -> None:
        self._show(replace(self.state, is_exporting=False))
        self.told.emit(Notice(Level.OK, "receipts.notice.exported", {"path": str(path)}))

    def _failed(self, error: Exception) -> None:
        self._show(replace(self.state, is_exporting=False))
        if not isinstance(error, DomainError):
            raise error
        self.told.emit(of_error(error))

    def _show(self, state: ReceiptsState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit()


def _write_pdf(path: Path, layout: ReceiptLayout, sale_id: SaleId) -> Path:
    # start-up: see above
    from pos_app.devices.preview import to_pdf

    pdf = to_pdf(layout.of_sale(sale_id, copy=True))
    return write_file(path, lambda target: target.write_bytes(pdf))
