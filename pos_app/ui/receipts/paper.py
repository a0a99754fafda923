"""A receipt as it is on paper, scrolled where it is long; or why there is none to see."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QScroller, QStackedWidget, QVBoxLayout, QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import CARD_RADIUS_PX
from pos_app.ui.widgets.plate import Plate

SIDE_PX = 16


class Paper(QWidget):
    """White in every theme, since paper is."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._drawn = b""
        self.plate, self._picture = Plate(look), QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._picture)
        self._scroll.viewport().setAutoFillBackground(False)
        self._picture.setAutoFillBackground(False)
        self._picture.setMinimumWidth(1)
        QScroller.grabGesture(self._scroll.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._scroll)
        self._pages.addWidget(self.plate)
        column = QVBoxLayout(self)
        self._column = column
        column.addWidget(self._pages)
        self._scroll.installEventFilter(self)
        look.theme.changed.connect(self.restyle)
        self.restyle()

    @property
    def room_px(self) -> int:
        """How wide paper may be."""
        return max(1, self._scroll.viewport().width() - 2 * self._look.theme.px(SIDE_PX))

    @property
    def is_shown(self) -> bool:
        """Whether a receipt is to be seen."""
        return self._pages.currentIndex() == 0

    def show_picture(self, png: bytes, name: str) -> None:
        """Show a receipt."""
        if png != self._drawn:
            self._drawn = png
            self._scroll.verticalScrollBar().setValue(0)
        self._picture.setAccessibleName(name)
        self._pages.setCurrentIndex(0)
        self._fit()

    def show_plate(self) -> None:
        """Show why there is no receipt."""
        self._pages.setCurrentIndex(1)

    def scroll_by(self, pages: float) -> None:
        """Scroll by parts of a page."""
        bar = self._scroll.verticalScrollBar()
        bar.setValue(bar.value() + round(pages * self._scroll.viewport().height()))

    def restyle(self) -> None:
        """Take the margins from the theme."""
        px = self._look.theme.px
        self._column.setContentsMargins(px(8), px(8), px(8), px(8))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the desk that the paper lies on."""
        painter, radius = QPainter(self), self._look.theme.px(CARD_RADIUS_PX)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look.theme.colour("bg"))
        painter.drawRoundedRect(self.rect(), radius, radius)
        painter.end()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Paper is never wider than its room."""
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return False

    def minimumSizeHint(self) -> QSize:
        """Room for narrow paper."""
        return QSize(self._look.theme.px(200), self._look.theme.px(160))

    def _fit(self) -> None:
        picture = QPixmap()
        if not self._drawn or not picture.loadFromData(self._drawn):
            return
        if picture.width() > self.room_px:
            picture = picture.scaledToWidth(self.room_px, Qt.TransformationMode.SmoothTransformation)
        self._picture.setPixmap(picture)
