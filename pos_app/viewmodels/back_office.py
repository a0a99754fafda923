"""Acts around a sale that write by themselves: reprint, drawer, and the way to the other screens."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from domain.errors import DomainError
from domain.permissions import Act, Authority
from pos_app.services.catalog import Catalog
from pos_app.services.drawer import Drawer
from pos_app.services.receipts import Receipts
from pos_app.tasks import Tasks
from pos_app.viewmodels.approval import ApprovalRequest, Approver
from pos_app.viewmodels.notice import Level, Notice, of_error


class BackOffice(QObject):
    """``told`` gives a Notice; ``printing`` says that a job waits for the print queue."""

    told = Signal(object)
    printing = Signal()

    def __init__(
        self, catalog: Catalog, receipts: Receipts, *, drawer: Drawer, approver: Approver, tasks: Tasks
    ) -> None:
        super().__init__()
        self._catalog, self._receipts, self._drawer = catalog, receipts, drawer
        self._approver, self._tasks = approver, tasks

    @property
    def is_catalogue_ready(self) -> bool:
        """Whether there are goods to sell."""
        return self._catalog.is_ready

    def reprint_last(self) -> None:
        """A copy of the newest receipt."""
        try:
            last = self._receipts.last()
        except DomainError as error:
            self.told.emit(of_error(error))
            return
        if last is None:
            self.told.emit(Notice(Level.INFO, "sale.notice.nothing_sold"))
            return
        params = {"receipt_no": last.receipt_no}
        self._with_authority(
            Act.REPRINT,
            "sale.approve.reprint",
            lambda who: self._write(
                lambda: self._receipts.reprint(last.sale_id, who), Notice(Level.INFO, "sale.notice.reprinting", params)
            ),
            **params,
        )

    def open_drawer(self, reason: str) -> None:
        """Open the drawer without a sale; recorded with its reason."""
        self._with_authority(
            Act.OPEN_DRAWER,
            "sale.approve.drawer",
            lambda who: self._write(lambda: self._drawer.open(reason, who), Notice(Level.OK, "sale.notice.drawer")),
            reason=reason,
        )

    def _write(self, job: Callable[[], int], notice: Notice) -> None:
        def done(_job_id: int) -> None:
            self.told.emit(notice)
            self.printing.emit()

        self._tasks.write(job, done, on_error=self._failed)

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, DomainError):
            raise error
        self.told.emit(of_error(error))

    def _with_authority(self, act: Act, key: str, then: Callable[[Authority], None], **params: object) -> None:
        self._approver.ask(ApprovalRequest(act, key, then, params))
