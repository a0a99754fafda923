"""The sale that was just completed, on one card."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout

from domain.ids import SaleId
from domain.quantity import ONE
from pos_app.services.checkout import CompletedSale
from pos_app.ui.look import Look
from pos_app.ui.tokens import BODY, BODY_STRONG, LABEL
from pos_app.ui.widgets.card import Card
from pos_app.ui.widgets.label import Label
from pos_app.ui.widgets.status_pill import StatusPill
from pos_app.viewmodels.figures import amount

PRINT_STATES = {
    "pending": ("off", "print", "done.printing"),
    "printing": ("off", "print", "done.printing"),
    "printed": ("ok", "check", "done.printed"),
    "failed": ("warn", "warning", "done.not_printed"),
}
ROWS = ("receipt", "check", "goods", "due", "rounding", "paid")


class SaleCard(Card):
    """Saved, printed, and the figures of the sale."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._completed: CompletedSale | None = None
        self._print_state = ""
        self._left_out: tuple[str, ...] = ()
        self.saved, self.printed = StatusPill(look), StatusPill(look)
        self.names = {row: Label(look, LABEL, ink="muted") for row in ROWS}
        self.figures = {row: Label(look, BODY_STRONG if row == "paid" else BODY) for row in ROWS}
        self._column, self._pills, self._grid = QVBoxLayout(self), QHBoxLayout(), QGridLayout()
        for pill in (self.saved, self.printed):
            pill.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            pill.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._pills.addWidget(pill)
        self._pills.addStretch(1)
        for at, row in enumerate(ROWS):
            self.figures[row].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(self.names[row], at, 0)
            self._grid.addWidget(self.figures[row], at, 1)
        self._column.addLayout(self._pills)
        self._column.addLayout(self._grid)
        look.words.changed.connect(self.retranslate)
        self._arrange()

    def restyle(self) -> None:
        """Take sizes from the theme."""
        super().restyle()
        self._arrange()

    def show_sale(self, completed: CompletedSale) -> None:
        """Another sale."""
        self._completed, self._print_state = completed, ""
        self.retranslate()

    def set_compact(self, compact: bool) -> None:
        """Without the lesser figures where there is little height."""
        left_out = ("check", "goods") if compact else ()
        if left_out != self._left_out:
            self._left_out = left_out
            self.retranslate()

    def show_print(self, sale_id: SaleId, state: str) -> None:
        """How the receipt of a sale stands; another sale's is not shown."""
        if self._completed is not None and sale_id == self._completed.sale_id:
            self._print_state = state
            self.retranslate()

    def retranslate(self) -> None:
        """Say everything."""
        if self._completed is None:
            return
        words, sale = self._look.words, self._completed.sale
        pieces = sum(1 if ln.quantity_thousandths % ONE else ln.quantity_thousandths // ONE for ln in sale.lines)
        said = {
            "receipt": sale.receipt_no,
            "check": self._completed.check_code,
            "goods": words("sale.counts", lines=len(sale.lines), pieces=pieces),
            "due": amount(sale.due_minor, sale.currency),
            "rounding": amount(-sale.rounding_minor, sale.currency),
            "paid": amount(sale.paid_minor, sale.currency),
        }
        for row, figure in said.items():
            self.names[row].setText(words(f"done.row.{row}"))
            self.figures[row].setText(figure)
            is_shown = row not in self._left_out and (row != "rounding" or bool(sale.rounding_minor))
            self.names[row].setVisible(is_shown)
            self.figures[row].setVisible(is_shown)
        self.saved.set_state("ok", "check-circle", words("done.saved"))
        self.printed.setVisible(self._print_state in PRINT_STATES)
        if self._print_state in PRINT_STATES:
            ink, icon, key = PRINT_STATES[self._print_state]
            self.printed.set_state(ink, icon, words(key))

    def _arrange(self) -> None:
        px = self._look.theme.px
        self._column.setContentsMargins(px(20), px(8), px(20), px(16))
        self._column.setSpacing(px(8))
        self._pills.setSpacing(max(8, px(8)))
        self._grid.setVerticalSpacing(px(8))
