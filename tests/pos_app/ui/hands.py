"""A person at the till: keys go to the window, so that the scan bus sees them as it does in a shop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

NAMED = {
    "Enter": Qt.Key.Key_Return,
    "Esc": Qt.Key.Key_Escape,
    "Del": Qt.Key.Key_Delete,
    "Backspace": Qt.Key.Key_Backspace,
    "Tab": Qt.Key.Key_Tab,
    "Space": Qt.Key.Key_Space,
    "Up": Qt.Key.Key_Up,
    "Down": Qt.Key.Key_Down,
    "PgUp": Qt.Key.Key_PageUp,
    "PgDn": Qt.Key.Key_PageDown,
    **{f"F{n}": Qt.Key(Qt.Key.Key_F1 + n - 1) for n in range(1, 13)},
}
TEXTS = {
    Qt.Key.Key_Return: "\r",
    Qt.Key.Key_Escape: "\x1b",
    Qt.Key.Key_Delete: "\x7f",
    Qt.Key.Key_Backspace: "\b",
    Qt.Key.Key_Tab: "\t",
    Qt.Key.Key_Space: " ",
}
TEST_HOLD_MS = 60


class TestClock:
    """A clock that only the test moves."""

    __test__ = False

    def __init__(self, now_ms: int = 1_793_700_000_000) -> None:
        self.wall_ms = now_ms
        self.mono_ms = 1_000_000

    def now_ms(self) -> int:
        return self.wall_ms

    def monotonic_ms(self) -> int:
        return self.mono_ms

    def pass_ms(self, ms: int) -> None:
        self.wall_ms += ms
        self.mono_ms += ms


class Hands:
    """Types, scans and touches; counts what it pressed."""

    def __init__(self, window: QWidget, clock: TestClock, *, settle: Callable[[], None]) -> None:
        self._window, self._clock, self._settle = window, clock, settle
        self.pressed = 0

    def keys(self, *names: str) -> None:
        """Press keys as a person does: ``keys("3", "*", "Enter")``; a plus between names is a chord."""
        for name in names:
            self._press(name)
            self.pressed += 1
            self._clock.pass_ms(150)
            self._settle()

    def type(self, text: str) -> None:
        """Type characters one by one."""
        self.keys(*text)

    def scan(self, code: str, *, gap_ms: int = 4) -> None:
        """A scanner's burst with its Enter."""
        for char in code:
            self._char(char)
            self._clock.pass_ms(gap_ms)
        self._key(Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
        self._clock.pass_ms(gap_ms)

    def press_only(self, name: str) -> None:
        """Press a key and wait for nothing."""
        self._press(name)
        self._clock.pass_ms(20)

    def tap_only(self, widget: QWidget) -> None:
        """Tap and wait for nothing."""
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, widget.rect().center())

    def repeat(self, char: str) -> None:
        """The repetition of a key that is held down."""
        key = Qt.Key(ord(char))
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, char, True)
        QApplication.sendEvent(self._handle(), event)
        self._clock.pass_ms(30)

    def touch(self, widget: QWidget, at: QPoint | None = None) -> None:
        """A finger on the middle of a widget."""
        QTest.mouseClick(
            widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at or widget.rect().center()
        )
        self._clock.pass_ms(300)
        self._settle()

    def _press(self, name: str) -> None:
        *held, last = name.split("+") if len(name) > 1 else [name]
        modifiers = Qt.KeyboardModifier.NoModifier
        if "Ctrl" in held:
            modifiers |= Qt.KeyboardModifier.ControlModifier
        if "Shift" in held:
            modifiers |= Qt.KeyboardModifier.ShiftModifier
        if last in NAMED:
            self._key(NAMED[last], modifiers)
        elif held:
            self._key(Qt.Key(ord(last)), modifiers)
        else:
            self._char(last)

    def _char(self, char: str) -> None:
        # Another keyboard or an input method sends what stands on no key of this one.
        key = Qt.Key(ord(char.upper())) if char.isascii() else Qt.Key.Key_unknown
        held = Qt.KeyboardModifier.ShiftModifier if char.isupper() else Qt.KeyboardModifier.NoModifier
        self._send(key, held, char)

    def _key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
        is_chord = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        self._send(key, modifiers, "" if is_chord else TEXTS.get(key, ""))

    def _send(self, key: Qt.Key, modifiers: Qt.KeyboardModifier, text: str) -> None:
        """Down and up; pressed by the test's clock, not by that of a machine with other things to do."""
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, modifiers, text)
            event.setTimestamp(self._clock.monotonic_ms())
            QApplication.sendEvent(self._handle(), event)

    def _handle(self) -> QWindow:
        handle = self._window.windowHandle()
        assert handle is not None
        return handle


def drain() -> None:
    """Let everything that waits in the event queue happen."""
    for _ in range(3):
        QApplication.processEvents()


def bury() -> None:
    """Delete what waits to be deleted: a style sheet is laid on every widget that is still there."""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
