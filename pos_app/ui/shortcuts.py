"""The key map in force: from a pressed key to the name of an act, and from an act to the keycap on its button."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent

from pos_app.ui.key_profiles import PROFILES, SHELL, Profile

_NAMES = {
    Qt.Key.Key_Return: "Enter",
    Qt.Key.Key_Enter: "Enter",
    Qt.Key.Key_Escape: "Esc",
    Qt.Key.Key_Delete: "Del",
    Qt.Key.Key_Backspace: "Backspace",
    Qt.Key.Key_Tab: "Tab",
    Qt.Key.Key_Backtab: "Shift+Tab",
    Qt.Key.Key_Space: "Space",
    Qt.Key.Key_Up: "Up",
    Qt.Key.Key_Down: "Down",
    Qt.Key.Key_Left: "Left",
    Qt.Key.Key_Right: "Right",
    Qt.Key.Key_PageUp: "PgUp",
    Qt.Key.Key_PageDown: "PgDn",
    Qt.Key.Key_Home: "Home",
    Qt.Key.Key_End: "End",
}
_PAD_KEYS = frozenset({"+", "*"})
_KEYCAPS = {"Up": "↑", "Down": "↓", "Backspace": "←"}
_FULL_WIDTH_OFFSET = 0xFEE0


class KeyMap(QObject):
    """One profile of keys; ``changed`` is emitted after another profile was chosen."""

    changed = Signal()

    def __init__(self, profile: str = "default") -> None:
        super().__init__()
        self._profile = profile if profile in PROFILES else "default"

    @property
    def profile(self) -> str:
        """The name of the profile in force."""
        return self._profile

    def set_profile(self, profile: str) -> None:
        """Choose another profile."""
        assert profile in PROFILES
        if profile != self._profile:
            self._profile = profile
            self.changed.emit()

    def act_of(self, place: str, chord: str) -> str | None:
        """The act that a chord means in a place, or None."""
        for act, chords in self._table().get(place, {}).items():
            if chord in chords:
                return act
        return None

    def chords_of(self, place: str, act: str) -> tuple[str, ...]:
        """The chords of an act in a place, or of the shell's act of that name."""
        table = self._table()
        return table.get(place, {}).get(act) or table[SHELL].get(act, ())

    def keycap(self, place: str, act: str) -> str:
        """What a button prints of its keys: the first one, and a second only where it is on the number pad."""
        chords = [chord for chord in self.chords_of(place, act) if chord != "Space"]
        shown = chords[:1] + [chord for chord in chords[1:2] if chord in _PAD_KEYS]
        return " / ".join(_KEYCAPS.get(chord, chord) for chord in shown)

    def acts(self, place: str) -> tuple[str, ...]:
        """Every act that has a key in a place."""
        return tuple(self._table().get(place, {}))

    def _table(self) -> Profile:
        return PROFILES[self._profile]


def plain_text(event: QKeyEvent) -> str:
    """The printable text of a key with full-width forms made plain, or empty."""
    text = "".join(_half_width(char) for char in event.text())
    return text if text.isprintable() else ""


def chord_of(event: QKeyEvent) -> str:
    """``Ctrl+Z``, ``F12``, ``Enter``, or the character itself: independent of the keyboard's layout."""
    key, modifiers = Qt.Key(event.key()), event.modifiers()
    named = _NAMES.get(key) or (f"F{key - Qt.Key.Key_F1 + 1}" if Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35 else "")
    control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
    if not named and not control:
        return plain_text(event)
    if not named:
        named = chr(key) if 32 < key < 127 else ""
    shifted = bool(modifiers & Qt.KeyboardModifier.ShiftModifier) and not named.startswith("Shift+")
    prefix = ("Ctrl+" if control else "") + ("Shift+" if shifted and named else "")
    return prefix + named if named else ""


def _half_width(char: str) -> str:
    code = ord(char)
    if 0xFF01 <= code <= 0xFF5E:
        return chr(code - _FULL_WIDTH_OFFSET)
    return " " if code == 0x3000 else char
