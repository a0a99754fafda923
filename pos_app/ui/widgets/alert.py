"""A warning that stays: colour, icon and words on a band of its own."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel

from pos_app.ui.look import Look
from pos_app.ui.tokens import SMALL_STRONG
from pos_app.ui.widgets.card import Card
from pos_app.ui.widgets.label import Label

ICON_PX = 24


class Alert(Card):
    """``show_alert("warn" | "err", icon, text)``."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, fill="warn_bg")
        self._state = ("warn", "warning")
        self._icon, self.text = QLabel(), Label(look, SMALL_STRONG, ink="warn", wrap=True)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addWidget(self.text, 1)
        self.restyle()

    def show_alert(self, token: str, icon: str, text: str) -> None:
        """Show a warning in a token's colours."""
        self._state = (token, icon)
        self.text.setText(text)
        self.text.set_token(token)
        self.set_token(f"{token}_bg")
        self.restyle()

    def restyle(self) -> None:
        """Take colours and sizes from the theme."""
        super().restyle()
        theme, (token, icon) = self._look.theme, self._state
        self._icon.setPixmap(self._look.icons.pixmap(icon, token, theme.px(ICON_PX), ratio=self.devicePixelRatioF()))
        self._row.setContentsMargins(theme.px(14), theme.px(10), theme.px(14), theme.px(12))
        self._row.setSpacing(theme.px(10))
