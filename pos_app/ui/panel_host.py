"""The layer above a screen: dims it and holds the open panels, the last one on top."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pos_app.ui.look import Look
from pos_app.ui.screen import Panel
from pos_app.ui.widgets.card import Card

_DIM = QColor(8, 12, 18, 120)


class PanelHost(QWidget):
    """Covers its parent while a panel is open."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._panels: list[tuple[Panel, Card]] = []
        parent.installEventFilter(self)
        look.theme.changed.connect(self.restyle)
        self.hide()

    @property
    def top(self) -> Panel | None:
        """The panel in front, or None."""
        return self._panels[-1][0] if self._panels else None

    def open(self, panel: Panel) -> None:
        """Put a panel in front."""
        card = Card(self._look, self)
        room = QVBoxLayout(card)
        room.setContentsMargins(0, 0, 0, 0)
        room.addWidget(panel)
        self._panels.append((panel, card))
        panel.closed.connect(lambda: self.close(panel))
        self.setGeometry(self._parent().rect())
        self.show()
        self.raise_()
        card.show()
        card.raise_()
        self._place()

    def close(self, panel: Panel | None = None) -> bool:
        """Take a panel (the one in front) away; False where it was not open."""
        panel = panel or self.top
        for at, (one, card) in enumerate(self._panels):
            if one is panel:
                del self._panels[at]
                panel.left()
                card.hide()
                card.deleteLater()
                self.setVisible(bool(self._panels))
                return True
        return False

    def restyle(self) -> None:
        """Place the panels at the theme's scale."""
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the panels in the middle."""
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the parent; and the panels' own wish for room."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._parent().rect())
        return False

    def event(self, event: QEvent) -> bool:
        """A panel that grew or shrank is placed anew."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dim what is below."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), _DIM)
        painter.end()

    def mousePressEvent(self, event: object) -> None:
        """A touch beside a panel goes nowhere."""

    def _place(self) -> None:
        margin = self._look.theme.px(8)
        room = self.rect().adjusted(margin, margin, -margin, -margin)
        for panel, card in self._panels:
            width = min(room.width(), self._look.theme.px(panel.width_px))
            height = card.heightForWidth(width) if card.hasHeightForWidth() else card.sizeHint().height()
            height = min(room.height(), max(height, card.minimumSizeHint().height()))
            left = room.left() + (room.width() - width) // 2
            card.setGeometry(left, room.top() + max(0, (room.height() - height) // 2), width, height)

    def _parent(self) -> QWidget:
        parent = self.parentWidget()
        assert parent is not None
        return parent
