"""Learning a scanner on screen: a code to scan three times, how many were heard, what was learnt."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from pos_app.ui.look import Look
from pos_app.ui.settings.scan_learner import ScanLearner
from pos_app.ui.tokens import BODY, LABEL_STRONG, SMALL
from pos_app.ui.widgets.label import Label
from pos_app.viewmodels.scanner_learning import SCANS_WANTED, Learnt, Verdict

SAMPLE_CODE = "6901234567892"
_L = ("0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011")
_PARITY = ("LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL")
_QUIET_MODULES = 10
_MODULES = 95 + 2 * _QUIET_MODULES


def ean13_bars(code: str) -> str:
    """The 95 modules of an EAN-13, 1 = bar (GS1 General Specifications 5.2.1)."""
    parity = _PARITY[int(code[0])]
    left = "".join(_left(digit, kind) for digit, kind in zip(code[1:7], parity, strict=True))
    right = "".join(_flip(_L[int(digit)]) for digit in code[7:])
    return f"101{left}01010{right}101"


class SampleBarcode(QWidget):
    """A barcode on white, large enough to be scanned off a screen."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.restyle)

    def restyle(self) -> None:
        """Take the size from the theme."""
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Two px a module at least."""
        return QSize(_MODULES * max(2, self._look.theme.px(3)), self._look.theme.px(120))

    def minimumSizeHint(self) -> QSize:
        """The same: a squeezed code cannot be read."""
        return QSize(_MODULES * 2, self._look.theme.px(72))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bars on whole px."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#FFFFFF"))
        module = self.width() // _MODULES
        left, top = (self.width() - 95 * module) // 2, self._look.theme.px(10)
        for at, bar in enumerate(ean13_bars(SAMPLE_CODE)):
            if bar == "1":
                painter.fillRect(QRectF(left + at * module, top, module, self.height() - 2 * top), QColor("#000000"))
        painter.end()


class LearnCard(QWidget):
    """``learnt`` gives what was learnt; it listens between ``start`` and ``stop``."""

    learnt = Signal(object)

    def __init__(self, look: Look, *, now_ms: Callable[[], int]) -> None:
        super().__init__()
        self._look = look
        self.learner = ScanLearner(now_ms, self)
        self.found: Learnt | None = None
        self.barcode, self.text = SampleBarcode(look), Label(look, BODY, wrap=True)
        self.count, self.result = Label(look, LABEL_STRONG, ink="primary"), Label(look, LABEL_STRONG, wrap=True)
        self.details = Label(look, SMALL, ink="muted", wrap=True)
        beside = QVBoxLayout()
        for label in (self.count, self.result, self.details):
            beside.addWidget(label)
        beside.addStretch(1)
        self._row, column = QHBoxLayout(), QVBoxLayout(self)
        self._row.addWidget(self.barcode, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(beside, 1)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.text)
        column.addLayout(self._row)
        self.learner.heard.connect(lambda _count: self.retranslate())
        self.learner.learnt.connect(self._take)
        look.words.changed.connect(self.retranslate)
        look.theme.changed.connect(self.restyle)
        self.restyle()
        self.retranslate()

    def start(self) -> None:
        """Listen."""
        self.found = None
        self.learner.start()
        self.retranslate()

    def stop(self) -> None:
        """Give the keys back."""
        self.learner.stop()

    def hideEvent(self, event: QHideEvent) -> None:
        """Whoever cannot see it does not mean it: the keys are everybody's again."""
        self.stop()

    def restyle(self) -> None:
        """Take the gaps from the theme."""
        self._row.setSpacing(self._look.theme.px(20))

    def retranslate(self) -> None:
        """Say how far it is, or what was learnt."""
        words, found = self._look.words, self.found
        self.barcode.setAccessibleName(words("learn.barcode", code=SAMPLE_CODE))
        self.text.setText(words("learn.text"))
        self.count.setText(words("learn.count", count=self.learner.count, total=SCANS_WANTED))
        self.count.setVisible(self.learner.is_listening)
        self.result.setVisible(found is not None)
        self.details.setVisible(found is not None and found.verdict is not Verdict.DIFFERENT)
        if found is None:
            return
        self.result.set_token("ok" if found.verdict is Verdict.GOOD else "warn")
        self.result.setText(words(f"learn.verdict.{found.verdict.value}"))
        prefix = words("learn.has_prefix") if found.scanner.prefix else words("learn.no_prefix")
        self.details.setText(words("learn.details", gap=found.scanner.gap_ms, prefix=prefix))

    def _take(self, found: Learnt) -> None:
        self.found = found
        self.retranslate()
        self.learnt.emit(found)


def _left(digit: str, kind: str) -> str:
    bars = _L[int(digit)]
    return bars if kind == "L" else _flip(bars)[::-1]


def _flip(bars: str) -> str:
    return "".join("1" if bar == "0" else "0" for bar in bars)
