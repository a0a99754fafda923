"""A shopkeeper's hands and eyes on the real window: keys, scans, touches, and what the screen shows."""

import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from pos_app.ui.shell import Shell

SCAN_GAP_S = 0.004
KEY_GAP_S = 0.12
SEE_TIMEOUT_S = 20
KEYS = {
    "Enter": Qt.Key.Key_Return,
    "Esc": Qt.Key.Key_Escape,
    "Tab": Qt.Key.Key_Tab,
    **{f"F{n}": Qt.Key(Qt.Key.Key_F1 + n - 1) for n in range(1, 13)},
}
_T = TypeVar("_T")


class _Bridge(QObject):
    """Runs a callable in the window's thread."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.asked.connect(lambda work: work())


class Hands:
    """Works from a thread of its own; everything that touches the window runs in the window's thread."""

    def __init__(self, pictures: Path) -> None:
        self._pictures = pictures
        self._taken = 0
        pictures.mkdir(parents=True, exist_ok=True)
        wait_for(lambda: QApplication.instance() is not None, "the app does not start")
        app = QApplication.instance()
        assert app is not None
        self._bridge = _Bridge()
        self._bridge.moveToThread(app.thread())

    # Eyes ----------------------------------------------------------------------------------------------

    def look(self, question: Callable[[], _T]) -> _T:
        """The answer of ``question``, asked in the window's thread."""
        answers: list[_T] = []
        failures: list[Exception] = []
        done = threading.Event()

        def work() -> None:
            try:
                answers.append(question())
            except Exception as error:  # it belongs to the shopkeeper, not to the window
                failures.append(error)
            done.set()

        self._bridge.asked.emit(work)
        if not done.wait(SEE_TIMEOUT_S):
            raise RuntimeError("the window does not answer")
        if failures:
            raise failures[0]
        return answers[0]

    def see(self, what: Callable[[], bool], complaint: str, timeout_s: float = SEE_TIMEOUT_S) -> float:
        """Wait until the screen shows it; how many seconds that took."""
        start = time.monotonic()
        wait_for(lambda: self.look(what), complaint, timeout_s)
        return time.monotonic() - start

    def see_screen(self, name: str) -> None:
        """Wait until the screen of that name is in front and nothing covers it."""
        self.see(lambda: self._front_name() == name, f"the {name} screen does not come")

    def picture(self, name: str) -> Path:
        """What the screen shows now, as a numbered PNG."""
        self._taken += 1
        path = self._pictures / f"{self._taken:02d}-{name}.png"
        time.sleep(0.25)
        saved = self.look(lambda: window().screen().grabWindow(0).save(str(path)))
        if not saved:
            raise RuntimeError(f"no picture could be written to {path}")
        return path

    def _front_name(self) -> str:
        shell = shell_window()
        front = shell.front if shell else None
        return front.name if front else ""

    # Hands ---------------------------------------------------------------------------------------------

    def keys(self, *names: str) -> None:
        """Press keys one after the other, as fast as a practised person."""
        for name in names:
            self.look(partial(_press, name))
            time.sleep(KEY_GAP_S)

    def scan(self, code: str) -> None:
        """A scanner's burst and its Enter."""
        for sign in (*code, "Enter"):
            self.look(partial(_press, sign))
            time.sleep(SCAN_GAP_S)
        time.sleep(KEY_GAP_S)

    def touch(self, words: str) -> None:
        """A finger on the visible button that says ``words`` (or whose accessible name does)."""
        self.see(lambda: _button(words) is not None, f"there is no button {words!r}")
        self.look(lambda: _touch(words))
        time.sleep(KEY_GAP_S)

    def fill(self, name: str, text: str) -> None:
        """Type into the field of that accessible name."""
        self.see(lambda: _field(name) is not None, f"there is no field {name!r}")
        self.look(lambda: _fill(name, text))
        time.sleep(KEY_GAP_S)


def wait_for(true: Callable[[], bool], complaint: str, timeout_s: float = SEE_TIMEOUT_S) -> None:
    """Ask until it is so; RuntimeError with the complaint when time is up."""
    end = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > end:
            raise RuntimeError(complaint)
        time.sleep(0.005)


def window() -> QWidget:
    """The window in front."""
    shown = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w.windowHandle() is not None]
    if not shown:
        raise RuntimeError("there is no window")
    return shown[-1]


def shell_window() -> Shell | None:
    """The till's window once it is there."""
    shells = [w for w in QApplication.topLevelWidgets() if isinstance(w, Shell) and w.isVisible()]
    return shells[-1] if shells else None


def _press(name: str) -> None:
    handle = window().windowHandle()
    if name in KEYS:
        QTest.keyClick(handle, KEYS[name])
    else:
        QTest.keyClick(handle, name)  # type: ignore[call-overload]  # the stubs forget the form for a character


def _button(words: str) -> QAbstractButton | None:
    for button in window().findChildren(QAbstractButton):
        said = (button.text(), button.accessibleName())
        if button.isVisible() and button.isEnabled() and any(words == text or words in text for text in said):
            return button
    return None


def _touch(words: str) -> None:
    button = _button(words)
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def _field(name: str) -> QLineEdit | None:
    fields = window().findChildren(QLineEdit)
    return next((field for field in fields if field.isVisible() and name in field.accessibleName()), None)


def _fill(name: str, text: str) -> None:
    field = _field(name)
    assert field is not None
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
