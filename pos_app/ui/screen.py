"""What every screen and panel is: acts with keys, words that follow the language, sizes that follow the theme."""

from collections.abc import Callable
from typing import ClassVar, Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLayout, QWidget

from domain.errors import DomainError
from pos_app.ui.look import Look
from pos_app.ui.widgets.button import Button
from pos_app.ui.words import Sayer, Sayings
from pos_app.viewmodels.notice import Notice

Handler = Callable[[], object]


class Navigator(Protocol):
    """What a screen may ask of the shell."""

    def go(self, name: str) -> None:
        """Show another screen."""

    def has(self, name: str) -> bool:
        """Whether there is a screen of that name."""

    def run_shell_act(self, act: str) -> bool:
        """An act of the whole till: lock, help, status, toggle_language, toggle_theme."""

    def open_panel(self, panel: "Panel") -> None:
        """Put a panel above the screen."""

    def tell(self, notice: Notice) -> None:
        """Show a message in the band."""

    def tell_error(self, error: DomainError) -> None:
        """Show an error in the band."""

    def clear_notice(self) -> None:
        """Take the message away."""

    def show_hints(self) -> None:
        """Show the front's hints anew: they follow its step."""


class Screen(QWidget):
    """A page of the till. Subclasses set ``name`` and ``place`` (of the key map) and build their widgets."""

    name: ClassVar[str] = ""
    place: ClassVar[str] = "panel"
    footer: ClassVar[tuple[str, ...]] = ()
    """Keys of the hints in the bottom bar."""

    def __init__(self, look: Look, nav: Navigator) -> None:
        super().__init__()
        self.look, self.nav = look, nav
        self._sayings = Sayings(look.words)
        self._acts: dict[str, Handler] = {}
        self._capped: list[tuple[Button, str]] = []
        self._sizes: list[Callable[[], None]] = []
        look.words.changed.connect(self._speak)
        look.theme.changed.connect(self._size)
        look.keys.changed.connect(self._print_keycaps)

    # What a subclass overrides -------------------------------------------------------------------------

    def entered(self) -> None:
        """Called whenever the screen comes to the front."""

    def left(self) -> None:
        """Called when another screen takes its place."""

    def retranslate(self) -> None:
        """Say again what ``say`` does not cover: tables, figures with words."""

    def restyle(self) -> None:
        """Lay out again what ``space`` and ``fix`` do not cover."""

    def type_text(self, text: str) -> bool:
        """Take a typed character that is no act; False leaves it to Qt."""
        return False

    def take_scan(self, text: str) -> bool:
        """Take a scan; False means that this screen is not for scanning, which the shell then says."""
        return False

    @property
    def is_busy(self) -> bool:
        """Whether scans and acts have to wait a moment."""
        return False

    @property
    def hints(self) -> tuple[str, ...]:
        """The hints of now; one whose keys change with its step says so here and calls ``nav.show_hints``."""
        return self.footer

    def home_widget(self) -> QWidget | None:
        """The widget that has the focus when nothing else wants it."""
        return None

    # What a subclass uses ------------------------------------------------------------------------------

    def act(self, name: str, handler: Handler, button: Button | None = None) -> None:
        """Give an act its handler; the button, if any, does it too and prints its key."""
        self._acts[name] = handler
        if button is not None:
            button.clicked.connect(lambda: self.run(name))
            self._capped.append((button, name))
            button.set_keycap(self.look.keys.keycap(self.place, name))

    def run(self, name: str) -> bool:
        """Do an act; False where the screen has none of that name, or cannot take it now."""
        handler = self._acts.get(name)
        if handler is None:
            return False
        return handler() is not False

    @property
    def acts(self) -> tuple[str, ...]:
        """Every act the screen has, for key help and tests."""
        return tuple(self._acts)

    @property
    def capped(self) -> tuple[tuple[Button, str], ...]:
        """Buttons with the act that they do."""
        return tuple(self._capped)

    def say(self, widget: Sayer, key: str, **params: object) -> None:
        """Put the words of a key on a widget, in this and every later language."""
        self._sayings.say(widget, key, params)

    def name_widget(self, widget: QWidget, key: str) -> None:
        """Name a widget without words for a screen reader."""
        self._sayings.name(widget, key)

    def space(self, layout: QLayout, margin: tuple[int, int, int, int] | int = 0, gap: int = 0) -> None:
        """Give a layout margins (left, top, right, bottom) and gap in px at 100 %."""
        left, top, right, bottom = (margin,) * 4 if isinstance(margin, int) else margin

        def apply() -> None:
            px = self.look.theme.px
            layout.setContentsMargins(px(left), px(top), px(right), px(bottom))
            layout.setSpacing(px(gap))

        self.sized(apply)

    def fix(self, widget: QWidget, *, width: int = 0, height: int = 0) -> None:
        """Give a widget a fixed width or height in px at 100 %."""

        def apply() -> None:
            if width:
                widget.setFixedWidth(self.look.theme.px(width))
            if height:
                widget.setFixedHeight(self.look.theme.px(height))

        self.sized(apply)

    def sized(self, apply: Callable[[], None]) -> None:
        """Call ``apply`` now and whenever the scale changes."""
        self._sizes.append(apply)
        apply()

    def _speak(self) -> None:
        self._sayings.say_again()
        self.retranslate()

    def _size(self) -> None:
        for apply in self._sizes:
            apply()
        self.restyle()

    def _print_keycaps(self) -> None:
        for button, name in self._capped:
            button.set_keycap(self.look.keys.keycap(self.place, name))


class Panel(Screen):
    """A screen above a screen: it dims what is below and ends with ``closed``."""

    closed = Signal()
    lets_scans_through: ClassVar[bool] = False
    """A scan closes the panel and goes to the screen below; else the till asks to finish here first."""
    width_px: ClassVar[int] = 560
    """Width at 100 %; the height follows the content."""

    def __init__(self, look: Look, nav: Navigator) -> None:
        super().__init__(look, nav)
        self.act("close", self.close_panel)

    def close_panel(self) -> None:
        """End without doing anything."""
        self.closed.emit()
