"""The till's one window: top bar, screens, panels above them, bottom bar."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from domain.errors import DomainError
from pos_app.ui.header import Header
from pos_app.ui.look import Look
from pos_app.ui.message_band import MessageBand
from pos_app.ui.notices import Notices
from pos_app.ui.panel_host import PanelHost
from pos_app.ui.screen import Handler, Panel, Screen
from pos_app.ui.widgets.text_field import TextField
from pos_app.viewmodels.notice import Level, Notice

MINIMUM_WIDTH, MINIMUM_HEIGHT = 800, 600


class Shell(QWidget):
    """Holds the screens by name and brings one to the front; is the Navigator of all of them."""

    scan_refused = Signal(str)
    left_screen = Signal(str)
    close_asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.notices = Notices()
        self.header = Header(look)
        self.band = MessageBand(look, self.notices)
        self._screens: dict[str, Screen] = {}
        self._later: dict[str, Callable[[], Screen]] = {}
        self._shell_acts: dict[str, Handler] = {"back": self._back}
        self._stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self._stack, 1)
        column.addWidget(self.band)
        self._panels = PanelHost(look, self._stack)
        self.setMinimumSize(MINIMUM_WIDTH, MINIMUM_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # it holds the focus while typing goes to the screen as a whole
        self.header.lock_pressed.connect(lambda: self.run_shell_act("lock"))
        self.header.status_pressed.connect(lambda: self.run_shell_act("status"))
        self.band.acted.connect(self._run_front)
        look.words.changed.connect(self.retranslate)
        self.retranslate()

    # Screens -------------------------------------------------------------------------------------------

    @property
    def screen_names(self) -> tuple[str, ...]:
        """Every screen that was added."""
        return (*self._screens, *self._later)

    @property
    def current(self) -> Screen | None:
        """The screen in front, below any panel."""
        widget = self._stack.currentWidget()
        return widget if isinstance(widget, Screen) else None

    @property
    def panel(self) -> Panel | None:
        """The panel in front, or None."""
        return self._panels.top

    @property
    def front(self) -> Screen | None:
        """What keys and scans go to: the panel in front, else the screen."""
        return self._panels.top or self.current

    def add(self, screen: Screen) -> None:
        """Add a screen; the first one is shown by ``go``."""
        assert screen.name, "a screen has a name"
        assert screen.name not in self._screens
        self._screens[screen.name] = screen
        self._stack.addWidget(screen)

    def add_later(self, name: str, make: Callable[[], Screen]) -> None:
        """Add a screen that is built when it is first wanted or ``build_rest`` comes to it."""
        self._later[name] = make

    def build_rest(self) -> None:
        """Build what was added for later, a screen a turn of the event loop: keys and scans go before."""
        if self._later:
            self.screen_named(next(iter(self._later)))
            QTimer.singleShot(0, self, self.build_rest)

    def add_act(self, name: str, handler: Handler) -> None:
        """Give an act of the whole shell (lock, help, status) its handler."""
        self._shell_acts[name] = handler

    def has(self, name: str) -> bool:
        """Whether there is a screen of that name."""
        return name in self._screens or name in self._later

    def screen_named(self, name: str) -> Screen:
        """The screen of that name."""
        make = self._later.pop(name, None)
        if make is not None:
            self.add(make())
        return self._screens[name]

    def go(self, name: str) -> None:
        """Bring a screen to the front; open panels are closed."""
        while self._panels.close():
            pass
        before, screen = self.current, self.screen_named(name)
        if before is not None and before is not screen:
            before.left()
            self.left_screen.emit(before.name)
        self._stack.setCurrentWidget(screen)
        self.show_hints()
        screen.entered()
        self._focus_home()

    # Panels --------------------------------------------------------------------------------------------

    def open_panel(self, panel: Panel) -> None:
        """Put a panel above the screen."""
        panel.closed.connect(self._after_panel)  # before the host's answer, which may be the end of the panel
        self._panels.open(panel)
        panel.entered()
        self.show_hints()
        self._focus_home()

    def close_panel(self) -> bool:
        """Close the panel in front."""
        panel = self._panels.top
        if panel is None:
            return False
        panel.close_panel()
        return True

    def _after_panel(self) -> None:
        QTimer.singleShot(0, self, self._panel_gone)

    def _panel_gone(self) -> None:
        self.show_hints()
        self._focus_home()

    # Messages ------------------------------------------------------------------------------------------

    def tell(self, notice: Notice) -> None:
        """Show a message in the bottom bar."""
        self.notices.tell(notice)

    def tell_error(self, error: DomainError) -> None:
        """Show an error in the bottom bar."""
        self.notices.tell_error(error)

    def clear_notice(self) -> None:
        """Show the hints again."""
        self.notices.clear()

    def show_hints(self) -> None:
        """Show what the keys of the panel or screen in front do."""
        if self.front is not None:
            self.band.show_hints(self.front.hints)

    # Keys and scans ------------------------------------------------------------------------------------

    def run_shell_act(self, act: str) -> bool:
        """An act that means the same on every screen."""
        handler = self._shell_acts.get(act)
        return handler is not None and handler() is not False

    @property
    def is_busy(self) -> bool:
        """Whether a scan has to wait a moment."""
        front = self.front
        return front is not None and front.is_busy

    def take_scan(self, text: str) -> None:
        """Give a scan to the field that wants it, the panel, or the screen; else say why not."""
        focus = QApplication.focusWidget()
        if isinstance(focus, TextField) and focus.accepts_scan:
            focus.setText(text)
            focus.returnPressed.emit()
            return
        panel = self._panels.top
        if panel is not None and panel.lets_scans_through and not panel.take_scan(text):
            while self._panels.top is not None and self._panels.top.lets_scans_through:
                self.close_panel()
            panel = self._panels.top
        front = panel or self.current
        if front is None or not front.take_scan(text):
            self.tell(Notice(Level.ERROR, "shell.scan.finish_first"))
            self.scan_refused.emit(text)

    # Qt ------------------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        """Say the window's title."""
        self.setWindowTitle(self.look.words("shell.title"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the scale for the new size."""
        super().resizeEvent(event)
        self.look.theme.fit_window(event.size())

    def changeEvent(self, event: QEvent) -> None:
        """Coming back from another window the cursor is where typing goes."""
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self._focus_home()
        super().changeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let bootstrap end the parts in order."""
        self.close_asked.emit()
        super().closeEvent(event)

    def _back(self) -> bool:
        return self.close_panel()

    def _run_front(self, act: str) -> None:
        if self.front is not None and self.front.run(act):
            return
        if self.current is not None:
            self.current.run(act)

    def _focus_home(self) -> None:
        front = self.front
        home = front.home_widget() if front is not None else None
        (home or self).setFocus()
