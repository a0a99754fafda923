"""A field for words: names, notes, search; the only place where an input method is on."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from pos_app.ui.look import Look


class TextField(QLineEdit):
    """A line to type words into; a scan lands in it only where ``accepts_scan`` is set."""

    def __init__(
        self, look: Look, *, accepts_scan: bool = False, height: int = 56, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look, self._height = look, height
        self.accepts_scan = accepts_scan
        self.setMaxLength(200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        look.theme.changed.connect(self.restyle)

    def restyle(self) -> None:
        """Take the height from the theme."""
        self.updateGeometry()

    def set_invalid(self, invalid: bool) -> None:
        """Mark the field as wrong or right."""
        self.setProperty("invalid", invalid)
        self.style().unpolish(self)
        self.style().polish(self)

    def sizeHint(self) -> QSize:
        """As high as a finger needs."""
        return QSize(self._look.theme.px(200), self._look.theme.target(self._height))

    def minimumSizeHint(self) -> QSize:
        """A few characters wide."""
        return QSize(self._look.theme.px(120), self._look.theme.target(self._height))
