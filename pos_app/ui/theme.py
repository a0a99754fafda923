"""The look in force: colours, font and scale, switched live for every widget that listens."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from pos_app.ui.style_sheet import build_style_sheet
from pos_app.ui.tokens import BODY, DARK, LIGHT, TARGET_PX, Tokens, Type

T = TypeVar("T")

LARGE_WINDOW = QSize(1800, 1000)
TIGHT_HEIGHT = 640
LARGE_FACTOR = 1.25
"""A window of 1920×1080 shows the same grid a quarter larger."""

CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "Microsoft YaHei UI",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
)


class Styled(Protocol):
    """A widget that takes its looks from the theme again when told."""

    def restyle(self) -> None:
        """Take colours, fonts and sizes from the theme."""


class Theme(QObject):
    """Tokens, font family and scale; ``changed`` is emitted after any of them changed."""

    changed = Signal()

    def __init__(self, *, dark: bool = False, zoom: int = 100, mirrored: bool = False) -> None:
        super().__init__()
        self._dark, self._zoom, self._factor = dark, zoom, 1.0
        self._window = QSize(1366, 768)
        self._mirrored = mirrored
        self._family = chinese_family()
        self._made: dict[object, Any] = {}

    @property
    def tokens(self) -> Tokens:
        """The colours in force."""
        return DARK if self._dark else LIGHT

    @property
    def is_dark(self) -> bool:
        """Whether the dark theme is in force."""
        return self._dark

    @property
    def zoom(self) -> int:
        """Per cent that the cashier chose."""
        return self._zoom

    @property
    def is_mirrored(self) -> bool:
        """Whether the keys are on the left, for a left hand."""
        return self._mirrored

    @property
    def scale(self) -> float:
        """Zoom times the factor of the window's size."""
        return self._zoom / 100 * self._factor

    @property
    def family(self) -> str:
        """The font family, empty where the system has no font with Chinese."""
        return self._family

    def set_dark(self, dark: bool) -> None:
        """Switch between light and dark."""
        if dark != self._dark:
            self._dark = dark
            self._announce()

    def set_zoom(self, zoom: int) -> None:
        """Switch to 100, 125 or 150 per cent."""
        if zoom != self._zoom:
            self._zoom = zoom
            self._announce()

    def set_mirrored(self, mirrored: bool) -> None:
        """Put the keys on the left or on the right."""
        if mirrored != self._mirrored:
            self._mirrored = mirrored
            self._announce()

    def fit_window(self, size: QSize) -> None:
        """Choose the factor for a window of that size."""
        is_large = size.width() >= LARGE_WINDOW.width() and size.height() >= LARGE_WINDOW.height()
        factor, was_tight = LARGE_FACTOR if is_large else 1.0, self.is_tight
        self._window = size
        if factor != self._factor or was_tight != self.is_tight:
            self._factor = factor
            self._announce()

    @property
    def is_tight(self) -> bool:
        """Whether the window is too low for controls that grow with the zoom: their words grow, they do not."""
        return self._window.height() < TIGHT_HEIGHT * self._zoom / 100

    def px(self, at_100: int) -> int:
        """A length at the scale in force."""
        return round(at_100 * self.scale)

    def target(self, at_100: int) -> int:
        """The length of a control's side: scaled where there is room, and never below what a finger needs."""
        return max(TARGET_PX, at_100 if self.is_tight else self.px(at_100))

    def colour(self, name: str) -> QColor:
        """A token as a colour to paint with."""
        return QColor(self._once(name, lambda: QColor(self.tokens.colour(name))))

    def font(self, type_: Type) -> QFont:
        """A font with digits of equal width."""
        return QFont(self._once(type_, lambda: self._make_font(type_)))

    def _make_font(self, type_: Type) -> QFont:
        font = QFont(self._family) if self._family else QFont()
        font.setPixelSize(max(1, self.px(type_.px)))
        font.setWeight(QFont.Weight(type_.weight))
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def apply(self) -> None:
        """Give the application palette, font and style sheet of the theme."""
        app = QApplication.instance()
        assert isinstance(app, QApplication), "the theme needs an application"
        app.setPalette(self._palette())
        app.setFont(self.font(BODY))
        # Qt's own widgets alone: a rule for every widget would put back older fonts and colours when they change.
        app.setStyleSheet(build_style_sheet(self.tokens, self.px))

    def _once(self, name: object, make: Callable[[], T]) -> T:
        """Made once for the look in force; every paint asks for fonts and colours."""
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = make()
        return made

    def _announce(self) -> None:
        self._made.clear()
        self.apply()
        self.changed.emit()

    def _palette(self) -> QPalette:
        palette, role = QPalette(), QPalette.ColorRole
        for name, token in (
            (role.Window, "bg"),
            (role.Base, "surface"),
            (role.AlternateBase, "bg"),
            (role.Button, "surface"),
            (role.WindowText, "text"),
            (role.Text, "text"),
            (role.ButtonText, "text"),
            (role.PlaceholderText, "muted"),
            (role.Highlight, "primary"),
            (role.HighlightedText, "on_primary"),
            (role.ToolTipBase, "surface"),
            (role.ToolTipText, "text"),
        ):
            palette.setColor(name, self.colour(token))
        return palette


def chinese_family() -> str:
    """The first sans-serif family on this system that writes Chinese, or empty where there is none."""
    able = QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese)
    for family in CHINESE_FONTS:
        if family in able:
            return family
    sans = [family for family in able if "serif" not in family.lower() and not QFontDatabase.isFixedPitch(family)]
    return next(iter([*sans, *able]), "")
