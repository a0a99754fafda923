"""The cart as a table of fixed rows; painting reads prepared rows and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

COLUMNS = ("number", "name", "price", "quantity", "amount")
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class CartRow:
    """One line as shown, every figure already text."""

    line_id: str
    name: str
    unit_price: str
    quantity: str
    amount: str
    note: str = ""
    """The small line below the name: weight, reason."""
    saving: str = ""
    """The part of the small line that is good news."""
    list_amount: str = ""
    """Struck through above the amount where it differs."""


class CartModel(QAbstractTableModel):
    """Rows for the view; ``show`` tells the view exactly what changed."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[CartRow] = []

    @property
    def rows(self) -> tuple[CartRow, ...]:
        """What is shown."""
        return tuple(self._rows)

    def show(self, rows: Sequence[CartRow]) -> None:
        """Show these rows: appended, changed in place, or all anew where lines went or moved."""
        old = [row.line_id for row in self._rows]
        new = [row.line_id for row in rows]
        if new[: len(old)] == old:
            self._change(rows)
            self._append(rows[len(old) :])
        else:
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """How many lines."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """Number, name, price, quantity, amount."""
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The row for the painter, words for a screen reader."""
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{index.row() + 1} {row.name} {row.unit_price} × {row.quantity} = {row.amount} {row.note}"
        return None

    def _change(self, rows: Sequence[CartRow]) -> None:
        for at, (row, before) in enumerate(zip(rows, self._rows, strict=False)):
            if row is not before and row != before:
                self._rows[at] = row
                self.dataChanged.emit(self.index(at, 0), self.index(at, len(COLUMNS) - 1))

    def _append(self, rows: Sequence[CartRow]) -> None:
        if rows:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(rows) - 1)
            self._rows += rows
            self.endInsertRows()
