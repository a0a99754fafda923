"""Listens to a scanner as it is, before anything is known of it."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication

from pos_app.crash import contained
from pos_app.viewmodels.scanner_learning import QUIET_MS, SCANS_WANTED, Collector, Learnt, Sample, Verdict, learn

_ENTERS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ScanLearner(QObject):
    """While it listens every character goes to it; function keys, Esc and a lone Enter stay what they are.

    ``heard`` after each scan, ``learnt`` after the last one. An event filter of the application: it is in place
    only between ``start`` and ``stop``.
    """

    heard = Signal(int)
    learnt = Signal(object)

    def __init__(self, now_ms: Callable[[], int], parent: QObject) -> None:
        super().__init__(parent)
        self._now_ms = now_ms
        self._collector = Collector()
        self._samples: list[Sample] = []
        self._is_listening = False
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._quiet.timeout.connect(self._ended)

    @property
    def is_listening(self) -> bool:
        """Whether characters go here."""
        return self._is_listening

    @property
    def count(self) -> int:
        """How many scans were heard."""
        return len(self._samples)

    def start(self) -> None:
        """Listen for the scans of one code."""
        self._samples, self._collector = [], Collector()
        if not self._is_listening:
            self._is_listening = True
            self._app().installEventFilter(self)

    def stop(self) -> None:
        """Give the keys back."""
        self._quiet.stop()
        if self._is_listening:
            self._is_listening = False
            self._app().removeEventFilter(self)

    @contained
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take characters, once, at their window."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(watched, QWindow):
            return False
        assert isinstance(event, QKeyEvent)
        char = "\r" if event.key() in _ENTERS else event.text()[:1]
        if not char or event.isAutoRepeat() or event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Backspace):
            return False
        if not self._collector.is_open and char in "\r\n\t ":
            return False
        self._take(self._collector.feed(char, self._now_ms()))
        if self._collector.is_open:
            self._quiet.start()
        else:
            self._quiet.stop()
        return True

    def _ended(self) -> None:
        self._take(self._collector.end())

    def _take(self, sample: Sample | None) -> None:
        if sample is None:
            return
        self._samples.append(sample)
        self.heard.emit(len(self._samples))
        if len(self._samples) < SCANS_WANTED:
            return
        found: Learnt = learn(self._samples)
        self._samples = []
        if found.verdict is not Verdict.DIFFERENT:
            self.stop()
        self.learnt.emit(found)

    @staticmethod
    def _app() -> QApplication:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        return app
