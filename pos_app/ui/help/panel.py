"""Every key of a place, made from the key profile in force, so that it cannot tell an old one."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pos_app.ui.key_profiles import SHELL
from pos_app.ui.look import Look
from pos_app.ui.screen import Navigator, Panel
from pos_app.ui.tokens import HINT, LABEL, LINE_STRONG
from pos_app.ui.widgets.button import Button, Shape
from pos_app.ui.widgets.keycaps import Keycaps
from pos_app.ui.widgets.label import Label
from pos_app.ui.widgets.scroll import Scroll

_SIGNS = {"Up": "↑", "Down": "↓", "Left": "←", "Right": "→", "Backspace": "⌫"}
_UNLISTED = frozenset({"page_up", "page_down", "up", "down", "erase"})
"""What every list has is told in one line at the end."""


def key_rows(look: Look, place: str) -> list[tuple[str, tuple[str, ...]]]:
    """Each act of a place in words, with its keys; then those that mean the same everywhere."""
    words, keys = look.words, look.keys
    rows = []
    for where in (place, SHELL):
        for act in keys.acts(where):
            known = where == place or not keys.act_of(place, keys.chords_of(SHELL, act)[0])
            if known and act not in _UNLISTED:
                rows.append(
                    (
                        words(f"help.{where}.{act}"),
                        tuple(_SIGNS.get(chord, chord) for chord in keys.chords_of(where, act)),
                    )
                )
    return rows


class HelpPanel(Panel):
    """Two columns of keys; a scan closes it and sells."""

    name = "help"
    place = "help"
    footer = ("help.hint.close",)
    lets_scans_through = True
    width_px = 920

    def __init__(self, look: Look, nav: Navigator, *, of_place: str) -> None:
        super().__init__(look, nav)
        self._of_place = of_place
        self.title, self.hint = Label(look, LINE_STRONG), Label(look, HINT, ink="muted", wrap=True)
        self.close_button = Button(look, shape=Shape(56, LABEL))
        self.rows: list[tuple[Label, Keycaps]] = []
        self._columns = (QVBoxLayout(), QVBoxLayout())
        self._build()
        self.retranslate()

    def retranslate(self) -> None:
        """Say every act again."""
        for (label, caps), (what, chords) in zip(self.rows, key_rows(self.look, self._of_place), strict=True):
            label.setText(what)
            caps.show_keys(chords)
        self.hint.setText(self.look.words("help.lists"))

    def _build(self) -> None:
        rows = key_rows(self.look, self._of_place)
        half = -(-len(rows) // 2)
        page, sides, column, head = QWidget(), QHBoxLayout(), QVBoxLayout(self), QHBoxLayout()
        for at in range(len(rows)):
            self._columns[at // half].addLayout(self._row())
        for side in self._columns:
            side.addStretch(1)
            self.space(side, 0, 0)
            sides.addLayout(side, 1)
        page.setLayout(sides)
        self.page = Scroll(self.look, page)
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button)
        column.addLayout(head)
        column.addWidget(self.page, 1)
        column.addWidget(self.hint)
        self.space(column, (24, 16, 24, 20), 12)
        self.space(sides, 0, 32)
        self.space(head, 0, 12)
        self.sized(lambda: self.page.setMinimumHeight(min(self.look.theme.px(36) * half, self.look.theme.px(420))))
        self.say(self.title, f"help.place.{self._of_place}")
        self.say(self.close_button, "shell.act.close")
        self.act("close", self.close_panel, self.close_button)
        self.act("accept", self.close_panel)
        for name, pages in (("page_up", -0.9), ("page_down", 0.9), ("up", -0.2), ("down", 0.2)):
            self.act(name, lambda pages=pages: self.page.scroll_by(pages))  # type: ignore[misc]

    def _row(self) -> QHBoxLayout:
        label, caps, row = Label(self.look, LABEL), Keycaps(self.look), QHBoxLayout()
        row.addWidget(label, 1)
        row.addWidget(caps)
        self.rows.append((label, caps))
        self.space(row, (0, 4, 0, 4), 12)
        return row
