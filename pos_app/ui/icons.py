"""SVG icons tinted by a token, drawn once per size and colour."""

from functools import cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from pos_app.ui.theme import Theme

_STROKE = b"currentColor"


class Icons:
    """Pictures by name in the colours of the theme; the files draw with ``currentColor``."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._drawn: dict[tuple[str, str, int, float], QPixmap] = {}

    def pixmap(self, name: str, token: str, size_px: int, *, ratio: float = 1.0) -> QPixmap:
        """The icon in the colour of a token, ``size_px`` high and wide on screen."""
        colour = self._theme.tokens.colour(token)
        key = (name, colour, size_px, ratio)
        if key not in self._drawn:
            self._drawn[key] = _draw(name, colour, size_px, ratio=ratio)
        return self._drawn[key]

    def icon(self, name: str, token: str, size_px: int) -> QIcon:
        """The icon for Qt's own widgets."""
        return QIcon(self.pixmap(name, token, size_px))


def icon_names() -> tuple[str, ...]:
    """Every icon there is."""
    folder = files("resources").joinpath("icons")
    return tuple(sorted(path.name.removesuffix(".svg") for path in folder.iterdir() if path.name.endswith(".svg")))


@cache
def _source(name: str) -> bytes:
    return files("resources").joinpath("icons", f"{name}.svg").read_bytes()


def _draw(name: str, colour: str, size_px: int, *, ratio: float) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(_source(name).replace(_STROKE, colour.encode())))
    assert renderer.isValid(), name
    pixmap = QPixmap(QSize(size_px, size_px) * ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, pixmap.width(), pixmap.height()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
