"""Scanning from anywhere: takes scanners' bursts out of the keys before any widget sees them."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication

from pos_app.crash import contained
from pos_app.ui.burst import TERMINATORS, Burst, ScannerProfile, Verdict
from pos_app.ui.key_router import KeyRouter
from pos_app.ui.key_times import KeyTimes
from pos_app.ui.window_filter import WindowFilter

QUEUE_MAX = 20
RETRY_MS = 10
LATE_MS = 20
"""How much later than it was sent a key of a scan may come."""
ECHO_MS = 120
"""A second Enter within this time after a scan is the scanner's, not a person's."""
NO_CHARACTER = "\x1a"
"""In place of a key that stands for no character of its own: SUBSTITUTE, which no code holds."""
_EDITING = frozenset({Qt.Key.Key_Escape, Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_Backtab})
_KEYS = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
_SILENT = frozenset(
    {Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_CapsLock, Qt.Key.Key_NumLock}
)


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key event put aside: Qt reuses its own after the filter returned."""

    window: QWindow
    event: QKeyEvent
    is_act: bool = False
    """A key without a character (F12, Up), pressed into a burst: no part of the scan, done after it."""


class ScanBus(QObject):
    """An event filter of the windows; install it once, remove it before the application ends.

    ``scanned`` gives each scan, in order, when ``is_busy`` says that it can be taken; ``refused`` gives the code
    of an error for a burst that is too long or a queue that is full.
    """

    scanned = Signal(str)
    refused = Signal(str)
    used = Signal()
    """A key came or a scan: whoever watches for an idle till does not see the keys that the bus keeps."""

    def __init__(
        self, now_ms: Callable[[], int], router: KeyRouter, *, is_busy: Callable[[], bool] = lambda: False
    ) -> None:
        super().__init__()
        self._now_ms, self._router, self._is_busy = now_ms, router, is_busy
        self._burst = Burst(ScannerProfile())
        self._held: list[HeldKey] = []
        self._swallowed: set[int] = set()
        self._queue: deque[str] = deque()
        self._times = KeyTimes(now_ms)
        self._scan_at_ms = -ECHO_MS
        self._last_key_ms = self._last_seen_ms = 0
        self._is_replaying = self._is_settling = False
        self._hold = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._hold.timeout.connect(self._hold_ended)
        self._retry = QTimer(self, interval=RETRY_MS)
        self._retry.timeout.connect(self._drain)
        self._windows = WindowFilter(self)

    def install(self) -> None:
        """Begin to watch the application's keys."""
        self._windows.install()

    def remove(self) -> None:
        """Stop watching; the interpreter must not end with the filter in place."""
        self._hold.stop()
        self._retry.stop()
        self._windows.remove()

    def set_profile(self, profile: ScannerProfile) -> None:
        """Use what was learnt of the scanner."""
        self._release_as_typing()
        self._burst = Burst(profile)

    def flush(self) -> None:
        """Decide now about keys that are held, as if time had passed."""
        self._hold.stop()
        self._judge(self._burst.expire())

    @property
    def queued(self) -> int:
        """How many scans wait."""
        return len(self._queue)

    @contained
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's door: one key is seen as often as there are receivers, and counts once, at its window."""
        if event.type() not in _KEYS or self._is_replaying or not isinstance(watched, QWindow):
            return False
        assert isinstance(event, QKeyEvent)
        if event.type() == QEvent.Type.KeyRelease:
            return self._take_release(watched, event)
        self.used.emit()
        return self._take_press(watched, event)

    def take(self, text: str) -> None:
        """A scan from elsewhere (serial port, HID POS): queued like any other."""
        self.used.emit()
        if len(self._queue) >= QUEUE_MAX:
            self.refused.emit("scan.queue_full")
            return
        self._queue.append(text)
        self._drain()

    def _take_press(self, window: QWindow, event: QKeyEvent) -> bool:
        char = _char_of(event, in_burst=self._burst.is_holding)
        if event.key() in _SILENT:
            return False
        at_ms = self._times.take(event.timestamp())
        if not char and self._burst.is_holding and at_ms - self._last_key_ms <= self._burst.profile.max_median_gap_ms:
            self._held.append(HeldKey(window, _copy(event), is_act=True))
            return True
        if not self._burst.is_holding and char and char in TERMINATORS and at_ms - self._scan_at_ms < ECHO_MS:
            self._swallowed.add(event.key())
            return True
        if self._is_command(event, char):
            self._release_as_typing()
            return self._router.press(event)
        if self._burst.is_holding and at_ms - self._last_key_ms > self._burst.profile.hold_ms + LATE_MS:
            self._judge(self._burst.expire())
        self._last_key_ms, self._last_seen_ms, self._is_settling = at_ms, self._now_ms(), False
        self._held.append(HeldKey(window, _copy(event)))
        self._judge(self._burst.feed(char, at_ms))
        if self._burst.is_holding:
            self._hold.start(self._burst.profile.hold_ms)
        return True

    def _take_release(self, window: QWindow, event: QKeyEvent) -> bool:
        if event.key() in self._swallowed:
            self._swallowed.discard(event.key())
            return True
        if self._held and event.key() not in _SILENT:
            self._held.append(HeldKey(window, _copy(event)))
            return True
        return False

    def _is_command(self, event: QKeyEvent, char: str) -> bool:
        if event.isAutoRepeat() or not char:
            return True
        if char in TERMINATORS and not self._burst.is_holding:
            return True
        command = (
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
        )
        is_data = char == self._burst.profile.prefix or char == self._burst.profile.suffix or self._burst.is_holding
        return bool(event.modifiers() & command) and not (is_data and ord(char) < 32)

    def _judge(self, verdict: Verdict) -> None:
        if verdict is Verdict.HOLD:
            return
        self._hold.stop()
        if verdict is Verdict.TYPING:
            self._replay()
            return
        acts = self._drop_held()
        self._scan_at_ms = self._last_key_ms
        if verdict is Verdict.OVERLONG:
            self.refused.emit("scan.too_long")
        else:
            self.take(self._burst.text)
        self._held = acts
        self._replay()

    def _hold_ended(self) -> None:
        """No key was seen for long enough; those that wait behind a busy thread have their turn before it counts."""
        waited, hold_ms = self._now_ms() - self._last_seen_ms, self._burst.profile.hold_ms
        if waited < hold_ms:
            self._hold.start(hold_ms - waited)
        elif not self._is_settling:
            self._is_settling = True
            self._hold.start(0)
        else:
            self._judge(self._burst.expire())

    def _release_as_typing(self) -> None:
        if self._held or self._burst.is_holding:
            self._hold.stop()
            self._burst.expire()
            self._replay()

    def _drop_held(self) -> list[HeldKey]:
        """Keys of a scan vanish, also those whose release is still to come; gives the acts pressed between."""
        down: set[int] = set()
        acts = [held for held in self._held if held.is_act]
        for held in (one for one in self._held if not one.is_act):
            key = held.event.key()
            down = down | {key} if held.event.type() == QEvent.Type.KeyPress else down - {key}
        self._swallowed |= down
        self._held = []
        return acts

    def _replay(self) -> None:
        """Hand held keys on in order, as if they had just been typed."""
        held, self._held = self._held, []
        for one in held:
            if one.event.type() == QEvent.Type.KeyPress and self._router.press(one.event):
                continue
            self._is_replaying = True
            try:
                QApplication.sendEvent(one.window, one.event)
            finally:
                self._is_replaying = False

    def _drain(self) -> None:
        while self._queue and not self._is_busy():
            self.scanned.emit(self._queue.popleft())
        if self._queue:
            self._retry.start()
        else:
            self._retry.stop()


def _char_of(event: QKeyEvent, *, in_burst: bool) -> str:
    """The one character of a key, with Enter and Tab as their control characters; empty for other keys.

    In a burst Esc, Backspace and a dead accent are what a misread code holds: data that the grammar refuses.
    """
    if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        return "\r"
    if event.key() == Qt.Key.Key_Tab:
        return "\t"
    if in_burst and Qt.Key.Key_Dead_Grave <= event.key() <= Qt.Key.Key_Dead_Longsolidusoverlay:
        return NO_CHARACTER
    if not in_burst and event.key() in _EDITING:
        return ""
    return event.text()[:1]


def _copy(event: QKeyEvent) -> QKeyEvent:
    return QKeyEvent(event.type(), event.key(), event.modifiers(), event.text(), event.isAutoRepeat(), event.count())
