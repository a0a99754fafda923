"""What was painted once, kept as pixmaps by what it shows: putting one back costs a copy of its pixels."""

from collections import OrderedDict
from collections.abc import Callable, Hashable

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter, QPixmap

_PIXEL_BYTES = 4

Draw = Callable[[QPainter], None]
"""Paints an area whose upper left corner is the origin."""


class Pictures:
    """The pictures of one widget, the longest unused given up first; its owner clears them when the look changes."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Hashable, QPixmap] = OrderedDict()
        self._bytes = 0

    @property
    def size_bytes(self) -> int:
        """How much memory the pictures take."""
        return self._bytes

    def clear(self) -> None:
        """Forget all of them."""
        self._kept.clear()
        self._bytes = 0

    def put(self, painter: QPainter, area: QRect, shows: Hashable, *, ground: QColor, draw: Draw) -> None:
        """Paint an area that shows this and nothing else, on plain ground.

        Where a pixel of ours is no whole number of the screen's (150 %) a picture would not fit between its neighbours
        to the pixel: there it is drawn each time.
        """
        ratio = painter.device().devicePixelRatioF()
        if ratio % 1:
            painter.save()
            painter.fillRect(area, ground)
            painter.translate(area.topLeft())
            draw(painter)
            painter.restore()
            return
        key = shows, area.width(), area.height(), ratio
        picture = self._kept.get(key)
        if picture is None:
            picture = self._keep(key, _drawn(area, ratio, ground=ground, draw=draw))
        self._kept.move_to_end(key)
        painter.drawPixmap(area.topLeft(), picture)

    def _keep(self, key: Hashable, picture: QPixmap) -> QPixmap:
        self._kept[key] = picture
        self._bytes += _bytes_of(picture)
        while self._bytes > self._most_bytes and len(self._kept) > 1:
            self._bytes -= _bytes_of(self._kept.popitem(last=False)[1])
        return picture


def _drawn(area: QRect, ratio: float, *, ground: QColor, draw: Draw) -> QPixmap:
    picture = QPixmap(area.size() * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(ground)
    painter = QPainter(picture)
    draw(painter)
    painter.end()
    return picture


def _bytes_of(picture: QPixmap) -> int:
    return picture.width() * picture.height() * _PIXEL_BYTES
