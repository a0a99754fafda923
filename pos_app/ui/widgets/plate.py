"""What stands in an empty place: an icon, what it is and what to do."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from pos_app.ui.look import Look
from pos_app.ui.tokens import LABEL, LINE_STRONG
from pos_app.ui.widgets.label import Label

ICON_PX = 56


class Plate(QWidget):
    """For loading, empty, error and no-permission states alike."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._name, self._ink = "scan", "muted"
        self._icon = QLabel()
        self.title = Label(look, LINE_STRONG, wrap=True)
        self.text = Label(look, LABEL, ink="muted", wrap=True)
        self._column = QVBoxLayout(self)
        self._column.addStretch(1)
        for label in (self._icon, self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._column.addWidget(label)
        self._column.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        look.theme.changed.connect(self.restyle)
        self.restyle()

    def show_state(self, icon: str, ink: str) -> None:
        """Another icon in another colour."""
        self._name, self._ink = icon, ink
        self.restyle()

    def restyle(self) -> None:
        """Draw the icon in the theme's colour and size."""
        theme = self._look.theme
        self._icon.setPixmap(self._look.icons.pixmap(self._name, self._ink, theme.px(ICON_PX)))
        self._column.setSpacing(theme.px(8))
        margin = theme.px(12)
        self._column.setContentsMargins(margin, margin, margin, margin)
