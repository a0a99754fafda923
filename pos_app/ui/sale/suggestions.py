"""What the typed text may mean, as a short list over the cart."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import BODY, CARD_RADIUS_PX, HINT

ROW_HEIGHT = 56


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One row: name, code and price as text."""

    name: str
    code: str
    price: str


class Suggestions(QWidget):
    """Painted rows; ``picked`` gives the index of a touched one."""

    picked = Signal(int)

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._rows: tuple[Suggestion, ...] = ()
        self._marked = 0
        self.hide()
        look.theme.changed.connect(self.restyle)

    @property
    def rows(self) -> tuple[Suggestion, ...]:
        """What is listed."""
        return self._rows

    def show_rows(self, rows: Sequence[Suggestion], marked: int) -> None:
        """List these rows; without any the list is gone."""
        self._rows, self._marked = tuple(rows), marked
        self.setVisible(bool(rows))
        self.setAccessibleName(rows[marked].name if rows else "")
        self.raise_()
        self.restyle()

    def place(self, left: int, top: int, width: int) -> None:
        """Hang below the entry box."""
        self.setGeometry(left, top, width, len(self._rows) * self._row_height() + 4)

    def restyle(self) -> None:
        """Take the height from the theme."""
        self.resize(self.width(), len(self._rows) * self._row_height() + 4)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A touch picks a row."""
        at = int(event.position().y()) // self._row_height()
        if 0 <= at < len(self._rows):
            self.picked.emit(at)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card and its rows."""
        theme, painter = self._look.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = theme.px(CARD_RADIUS_PX)
        painter.setPen(QPen(theme.colour("edge"), 1))
        painter.setBrush(theme.colour("surface"))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), radius, radius)
        for at, row in enumerate(self._rows):
            area = QRect(2, 2 + at * self._row_height(), self.width() - 4, self._row_height())
            self._paint_row(painter, area, row, is_marked=at == self._marked)
        painter.end()

    def _paint_row(self, painter: QPainter, area: QRect, row: Suggestion, *, is_marked: bool) -> None:
        theme = self._look.theme
        if is_marked:
            painter.fillRect(area, theme.colour("primary_bg"))
            painter.fillRect(QRect(area.left(), area.top(), 4, area.height()), theme.colour("primary"))
        pad = theme.px(16)
        room = area.adjusted(pad, theme.px(4), -pad, -theme.px(4))
        painter.setFont(theme.font(BODY))
        painter.setPen(theme.colour("text"))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, row.price)
        room.setRight(room.right() - painter.fontMetrics().horizontalAdvance(row.price) - pad)
        name_room = QRect(room.left(), room.top(), room.width(), room.height() * 3 // 5)
        name = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(name_room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        painter.setFont(theme.font(HINT))
        painter.setPen(theme.colour("muted"))
        code_room = QRect(room.left(), name_room.bottom(), room.width(), room.bottom() - name_room.bottom())
        painter.drawText(code_room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, row.code)

    def _row_height(self) -> int:
        return self._look.theme.target(ROW_HEIGHT)
