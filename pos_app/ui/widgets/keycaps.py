"""Keys as they are printed on a keyboard, side by side."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from pos_app.ui.look import Look
from pos_app.ui.widgets.button_paint import keycap_width, paint_keycap


class Keycaps(QWidget):
    """Painted keys, as wide as they need."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._keys: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.restyle)

    @property
    def keys(self) -> tuple[str, ...]:
        """What is printed."""
        return self._keys

    def show_keys(self, keys: Sequence[str]) -> None:
        """Print these keys."""
        self._keys = tuple(keys)
        self.setAccessibleName(" ".join(keys))
        self.updateGeometry()
        self.update()

    def restyle(self) -> None:
        """Take sizes and colours from the theme."""
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """All keys and the gaps between them."""
        theme = self._look.theme
        width = sum(keycap_width(theme, key) + theme.px(6) for key in self._keys)
        return QSize(max(0, width - theme.px(6)), theme.px(26))

    def minimumSizeHint(self) -> QSize:
        """Keys are never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint each key."""
        theme, painter, left = self._look.theme, QPainter(self), 0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for key in self._keys:
            width = keycap_width(theme, key)
            painter.setPen(theme.colour("muted"))
            paint_keycap(painter, theme, QRect(left, 0, width, self.height()), keycap=key)
            left += width + theme.px(6)
        painter.end()
