"""A page that may be longer than its room, scrolled by finger, wheel and keys."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QScroller, QWidget

from pos_app.ui.look import Look


class Scroll(QScrollArea):
    """Holds one widget, as wide as itself, and brings whatever gets the focus into view."""

    def __init__(self, look: Look, page: QWidget) -> None:
        super().__init__()
        self._look = look
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(page)
        self.viewport().setAutoFillBackground(False)
        page.setAutoFillBackground(False)
        page.installEventFilter(self)
        look.theme.changed.connect(self.restyle)
        self.verticalScrollBar().rangeChanged.connect(self.restyle)
        self.restyle()
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)

    def restyle(self) -> None:
        """Keep the bar, where there is one, away from what it scrolls."""
        has_bar = self.verticalScrollBar().maximum() > 0
        self.setViewportMargins(0, 0, self._look.theme.px(6) if has_bar else 0, 0)

    def scroll_by(self, pages: float) -> None:
        """Scroll by parts of a page."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + round(pages * self.viewport().height() * 0.9))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Never narrower than what the page needs."""
        if event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def minimumSizeHint(self) -> QSize:
        """As wide as the page needs, a few rows high."""
        page = self.widget()
        bar = self._look.theme.px(18)
        return QSize((page.minimumSizeHint().width() if page else 0) + bar, self._look.theme.px(96))
