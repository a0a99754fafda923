"""Goods as tiles: a grid of fixed cells that fills its width and scrolls by pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import FOCUS_PX, HINT, RADIUS_PX, TARGET_GAP_PX, TILE

TILE_WIDTH, TILE_HEIGHT = 92, 80


@dataclass(frozen=True, slots=True)
class Tile:
    """One cell: what it stands for, its name and the small line below (price or 称重)."""

    key: int
    name: str
    sub: str = ""
    enabled: bool = True


class TileButton(QAbstractButton):
    """One tile."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.tile: Tile | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_tile(self, tile: Tile) -> None:
        """Stand for a tile; paints only where something changed."""
        if tile != self.tile:
            self.tile = tile
            self.setEnabled(tile.enabled)
            self.setAccessibleName(f"{tile.name} {tile.sub}".strip())
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses it; arrows walk over the grid."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint name on up to two lines and the small line at the bottom."""
        if self.tile is None:
            return
        theme, painter = self._look.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = FOCUS_PX if self.hasFocus() else 1
        painter.setPen(QPen(theme.colour("focus" if self.hasFocus() else "line"), ring))
        painter.setBrush(theme.colour("primary_bg" if self.isDown() else "surface"))
        radius = theme.px(RADIUS_PX)
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), radius, radius)
        room = self.rect().adjusted(theme.px(10), theme.px(7), -theme.px(8), -theme.px(7))
        self._paint_words(painter, room)
        painter.end()

    def _paint_words(self, painter: QPainter, room: QRect) -> None:
        assert self.tile is not None
        theme = self._look.theme
        painter.setFont(theme.font(HINT))
        painter.setPen(theme.colour("muted"))
        bottom = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, bottom, self.tile.sub)
        name_room = room.adjusted(0, 0, 0, -QFontMetrics(painter.font()).height())
        painter.setFont(theme.font(TILE))
        painter.setPen(theme.colour("text" if self.tile.enabled else "muted"))
        for line, text in enumerate(_two_lines(self.tile.name, QFontMetrics(painter.font()), name_room.width())):
            height = min(name_room.height() // 2, QFontMetrics(painter.font()).height())
            line_room = QRect(name_room.left(), name_room.top() + line * height, name_room.width(), height)
            painter.drawText(line_room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


class TileGrid(QWidget):
    """Shows one page of tiles; ``picked`` gives the key of the tile, ``page_size_changed`` how many fit."""

    picked = Signal(int)
    turned = Signal()
    page_size_changed = Signal(int)

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._tiles: tuple[Tile, ...] = ()
        self._buttons: list[TileButton] = []
        self._page_size = 0
        self._more: Tile | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        look.theme.changed.connect(self.restyle)

    @property
    def page_size(self) -> int:
        """How many tiles fit."""
        return self._page_size

    @property
    def buttons(self) -> list[TileButton]:
        """The tiles on screen."""
        return [button for button in self._buttons if not button.isHidden()]

    def set_tiles(self, tiles: Sequence[Tile], *, more: Tile | None = None) -> None:
        """Show these tiles, and in the last cell the one that turns the page; only changed ones are painted."""
        self._tiles, self._more = tuple(tiles), more
        self._fill()

    def restyle(self) -> None:
        """Lay out anew at the theme's scale."""
        self._place()
        self.updateGeometry()
        for button in self._buttons:
            button.update()

    def sizeHint(self) -> QSize:
        """Four columns, two rows."""
        px = self._look.theme.px
        return QSize(4 * px(TILE_WIDTH) + 3 * px(TARGET_GAP_PX), 2 * px(TILE_HEIGHT) + px(TARGET_GAP_PX))

    def minimumSizeHint(self) -> QSize:
        """One row of two."""
        px = self._look.theme.px
        return QSize(2 * px(TILE_WIDTH) + TARGET_GAP_PX, px(TILE_HEIGHT))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew."""
        self._place()

    def _columns_and_rows(self) -> tuple[int, int]:
        px, gap = self._look.theme.px, self._gap()
        columns = max(1, (self.width() + gap) // (px(TILE_WIDTH) + gap))
        return columns, max(1, (self.height() + gap) // (px(TILE_HEIGHT) + gap))

    def _place(self) -> None:
        columns, rows = self._columns_and_rows()
        while len(self._buttons) < columns * rows:
            self._buttons.append(self._new_button())
        gap, height = self._gap(), self._look.theme.px(TILE_HEIGHT)
        width = (self.width() - (columns - 1) * gap) // columns
        for at, button in enumerate(self._buttons):
            row, column = divmod(at, columns)
            button.setGeometry(column * (width + gap), row * (height + gap), width, height)
        if columns * rows != self._page_size:
            self._page_size = columns * rows
            self.page_size_changed.emit(self._page_size)
        self._fill()

    def _fill(self) -> None:
        room = self._page_size - (1 if self._more else 0)
        shown: list[Tile | None] = [*self._tiles[:room]]
        if self._more:
            shown += [None] * (room - len(shown)) + [self._more]
        for at, button in enumerate(self._buttons):
            tile = shown[at] if at < len(shown) else None
            button.setVisible(tile is not None)
            if tile is not None:
                button.show_tile(tile)

    def _new_button(self) -> TileButton:
        button = TileButton(self._look, self)
        button.clicked.connect(lambda: self._picked(button))
        return button

    def _picked(self, button: TileButton) -> None:
        if self._more is not None and button.tile == self._more:
            self.turned.emit()
        elif button.tile is not None:
            self.picked.emit(button.tile.key)

    def _gap(self) -> int:
        return max(TARGET_GAP_PX, self._look.theme.px(TARGET_GAP_PX))


def _two_lines(name: str, metrics: QFontMetrics, width: int) -> list[str]:
    """Break a name over two lines, at a space where there is one near; the second is shortened."""
    if metrics.horizontalAdvance(name) <= width:
        return [name]
    cut = 1
    while cut < len(name) and metrics.horizontalAdvance(name[: cut + 1]) <= width:
        cut += 1
    gap = max(name.rfind(" ", 0, cut + 1), name.rfind("-", 0, cut) + 1)
    cut = gap if gap > 1 else cut
    rest = metrics.elidedText(name[cut:].strip(), Qt.TextElideMode.ElideRight, width)
    return [name[:cut].strip(), rest]
