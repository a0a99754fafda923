"""A long list for finger and keys: painted rows with a title, a second line, a figure and a state."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QScroller,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from pos_app.ui.look import Look
from pos_app.ui.tokens import BODY, BODY_STRONG, HINT, SMALL_STRONG, Type

ROW_HEIGHT = 64
NARROW = 420
"""Below this width at 100 % figure and state stand below one another."""
_STATE = Type(HINT.px, 600)
ROWS_BEFORE_END = 8
"""More rows are asked for when the view comes this near to the last one."""
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ROW_ROLE = int(Qt.ItemDataRole.UserRole)
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row, already text; ``tag`` is a short state in the colours of the token ``ink``."""

    title: str
    sub: str = ""
    figure: str = ""
    tag: str = ""
    ink: str = "muted"

    @property
    def spoken(self) -> str:
        """The row for a screen reader."""
        return " ".join(part for part in (self.title, self.sub, self.figure, self.tag) if part)


class _Rows(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[ListRow, ...] = ()

    def put(self, rows: tuple[ListRow, ...]) -> None:
        if len(rows) > len(self.rows) > 0 and rows[: len(self.rows)] == self.rows:
            self.beginInsertRows(QModelIndex(), len(self.rows), len(rows) - 1)
            self.rows = rows
            self.endInsertRows()
        elif rows != self.rows:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        row = self.rows[index.row()]
        if role == _ROW_ROLE:
            return row
        spoken = (int(Qt.ItemDataRole.DisplayRole), int(Qt.ItemDataRole.AccessibleTextRole))
        return row.spoken if role in spoken else None


class _RowPainter(QStyledItemDelegate):
    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(100, row_height(self._look))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme, row = self._look.theme, index.data(_ROW_ROLE)
        area, view = QRect(option.rect), option.widget
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(view, RowList) and view.marked == index.row():
            painter.fillRect(area, theme.colour("primary_bg"))
            painter.fillRect(QRect(area.left(), area.top(), 4, area.height()), theme.colour("primary"))
        painter.fillRect(QRect(area.left(), area.bottom(), area.width(), 1), theme.colour("hair"))
        pad = theme.px(16)
        column = view.figure_px if isinstance(view, RowList) else 0
        self._paint_row(painter, area.adjusted(pad, 0, -pad, 0), row, column=column)
        painter.restore()

    def _paint_row(self, painter: QPainter, room: QRect, row: ListRow, *, column: int) -> None:
        words = theme_metrics(self._look)
        is_stacked = bool(row.figure and row.tag) and room.width() < self._look.theme.px(NARROW)
        if is_stacked and words[0].horizontalAdvance(row.title) > room.width() - self._stack_width(row):
            self._paint_low(painter, room, row)
            return
        if is_stacked:
            room = self._paint_stacked(painter, room, row)
        else:
            room = self._paint_figure(painter, room, row, width=column)
            room = self._paint_tag(painter, room, row)
        theme = self._look.theme
        title_font, sub_font = theme.font(BODY), theme.font(HINT)
        painter.setFont(title_font)
        painter.setPen(theme.colour("text"))
        if not row.sub:
            painter.drawText(room, _LEFT, words[0].elidedText(row.title, Qt.TextElideMode.ElideRight, room.width()))
            return
        height = words[0].height() + words[1].height()
        top = room.top() + (room.height() - height) // 2
        first = QRect(room.left(), top, room.width(), words[0].height())
        painter.drawText(first, _LEFT, words[0].elidedText(row.title, Qt.TextElideMode.ElideRight, room.width()))
        painter.setFont(sub_font)
        painter.setPen(theme.colour("muted"))
        second = QRect(room.left(), first.bottom() + 1, room.width(), words[1].height())
        painter.drawText(second, _LEFT, words[1].elidedText(row.sub, Qt.TextElideMode.ElideRight, room.width()))

    def _paint_stacked(self, painter: QPainter, room: QRect, row: ListRow) -> QRect:
        """Figure and state below one another, where there is no room beside."""
        theme, (first, second) = self._look.theme, theme_metrics(self._look)
        top = room.top() + (room.height() - first.height() - second.height()) // 2
        painter.setFont(theme.font(BODY_STRONG))
        painter.setPen(theme.colour("text"))
        painter.drawText(QRect(room.left(), top, room.width(), first.height()), _RIGHT, row.figure)
        painter.setFont(theme.font(_STATE))
        painter.setPen(theme.colour(row.ink))
        below = QRect(room.left(), top + first.height(), room.width(), second.height())
        painter.drawText(below, _RIGHT, row.tag)
        return room.adjusted(0, 0, -self._stack_width(row), 0)

    def _paint_low(self, painter: QPainter, room: QRect, row: ListRow) -> None:
        """Figure and state beside the second line: a number that names the row is never shortened for them."""
        theme, (first, second) = self._look.theme, theme_metrics(self._look)
        top = room.top() + (room.height() - first.height() - second.height()) // 2
        line = QRect(room.left(), top, room.width(), first.height())
        title = first.elidedText(row.title, Qt.TextElideMode.ElideMiddle, room.width())
        below = QRect(room.left(), line.bottom() + 1, room.width(), second.height())
        painter.setFont(theme.font(BODY))
        painter.setPen(theme.colour("text"))
        painter.drawText(line, _LEFT, title)
        painter.setFont(theme.font(_STATE))
        strong = QFontMetrics(painter.font())
        for text, ink in ((row.figure, "text"), (row.tag, row.ink)):
            painter.setPen(theme.colour(ink))
            painter.drawText(below, _RIGHT, text)
            below.setRight(below.right() - strong.horizontalAdvance(text) - theme.px(12))
        painter.setFont(theme.font(HINT))
        painter.setPen(theme.colour("muted"))
        painter.drawText(below, _LEFT, second.elidedText(row.sub, Qt.TextElideMode.ElideRight, below.width()))

    def _stack_width(self, row: ListRow) -> int:
        theme = self._look.theme
        figure = QFontMetrics(theme.font(BODY_STRONG)).horizontalAdvance(row.figure)
        return max(figure, QFontMetrics(theme.font(_STATE)).horizontalAdvance(row.tag)) + theme.px(12)

    def _paint_figure(self, painter: QPainter, room: QRect, row: ListRow, *, width: int) -> QRect:
        if not row.figure:
            return room
        theme = self._look.theme
        painter.setFont(theme.font(BODY_STRONG))
        painter.setPen(theme.colour("text"))
        painter.drawText(room, _RIGHT, row.figure)
        return room.adjusted(0, 0, -max(width, theme.px(88)) - theme.px(16), 0)

    def _paint_tag(self, painter: QPainter, room: QRect, row: ListRow) -> QRect:
        if not row.tag:
            return room
        theme = self._look.theme
        painter.setFont(theme.font(SMALL_STRONG))
        metrics = QFontMetrics(painter.font())
        width = metrics.horizontalAdvance(row.tag) + 2 * theme.px(10)
        height = metrics.height() + theme.px(4)
        tag = QRectF(room.right() - width, room.center().y() - height / 2, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("bg" if row.ink == "muted" else f"{row.ink}_bg"))
        painter.drawRoundedRect(tag, theme.px(6), theme.px(6))
        painter.setPen(theme.colour(row.ink))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, row.tag)
        return room.adjusted(0, 0, -width - theme.px(16), 0)


def theme_metrics(look: Look) -> tuple[QFontMetrics, QFontMetrics]:
    """The metrics of a row's first and second line."""
    return QFontMetrics(look.theme.font(BODY)), QFontMetrics(look.theme.font(HINT))


def row_height(look: Look) -> int:
    """What a finger needs, and never less than both lines of words."""
    first, second = theme_metrics(look)
    return max(look.theme.target(ROW_HEIGHT), first.height() + second.height() + look.theme.px(8))


class RowList(QListView):
    """Tells by ``picked`` what was touched or accepted, by ``moved`` what is marked; ``wanted_more`` near the end."""

    picked = Signal(int)
    moved = Signal(int)
    wanted_more = Signal()

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look, self._rows, self._painter = look, _Rows(), _RowPainter(look)
        self._marked = -1
        self._figure_px = -1
        self.setModel(self._rows)
        self.setItemDelegate(self._painter)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        self.clicked.connect(lambda index: self._touched(index.row()))
        self.verticalScrollBar().valueChanged.connect(self._see_end)
        look.theme.changed.connect(self.restyle)

    @property
    def rows(self) -> tuple[ListRow, ...]:
        """What is listed."""
        return self._rows.rows

    @property
    def marked(self) -> int:
        """The marked row, -1 without one."""
        return self._marked

    @property
    def figure_px(self) -> int:
        """How wide the widest figure is: the states stand in a column before it."""
        if self._figure_px < 0:
            metrics = QFontMetrics(self._look.theme.font(BODY_STRONG))
            self._figure_px = max((metrics.horizontalAdvance(row.figure) for row in self.rows), default=0)
        return self._figure_px

    def set_rows(self, rows: Sequence[ListRow], *, marked: int = -1) -> None:
        """List these rows and mark one."""
        self._figure_px = -1
        self._rows.put(tuple(rows))
        self.mark(marked)

    def mark(self, at: int) -> None:
        """Mark a row and bring it into view."""
        self._marked = at if 0 <= at < len(self.rows) else -1
        if self._marked >= 0:
            self.scrollTo(self._rows.index(self._marked))
        self.viewport().update()

    def step(self, rows: int) -> None:
        """Mark a row further down or up."""
        if self.rows:
            at = min(max(0, self._marked + rows), len(self.rows) - 1)
            self.mark(at)
            self.moved.emit(at)
            if at >= len(self.rows) - ROWS_BEFORE_END:
                self.wanted_more.emit()

    @property
    def page_rows(self) -> int:
        """How many rows are in view."""
        return max(1, self.viewport().height() // row_height(self._look))

    def accept(self) -> bool:
        """Pick the marked row; False where none is."""
        if self._marked < 0:
            return False
        self.picked.emit(self._marked)
        return True

    def row_rect(self, at: int) -> QRect:
        """Where a row is on the viewport."""
        return self.visualRect(self._rows.index(at))

    def restyle(self) -> None:
        """Lay out at the theme's scale."""
        self._figure_px = -1
        self.scheduleDelayedItemsLayout()
        self.viewport().update()
        self._keep_in_view()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What is marked stays in view where the list gets lower."""
        super().resizeEvent(event)
        self._keep_in_view()

    def _keep_in_view(self) -> None:
        if self._marked >= 0:
            self.doItemsLayout()
            self.scrollTo(self._rows.index(self._marked))

    def _touched(self, at: int) -> None:
        self.mark(at)
        self.moved.emit(at)
        self.picked.emit(at)

    def _see_end(self) -> None:
        bar = self.verticalScrollBar()
        if self.rows and bar.maximum() - bar.value() < ROWS_BEFORE_END * row_height(self._look):
            self.wanted_more.emit()
