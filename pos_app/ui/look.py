"""What every widget is handed: how things look, how they are said and which keys they have."""

from dataclasses import dataclass

from pos_app.ui.icons import Icons
from pos_app.ui.shortcuts import KeyMap
from pos_app.ui.theme import Theme
from pos_app.ui.words import Words


@dataclass(frozen=True, slots=True)
class Look:
    """Theme, words, keys and icons; made once by bootstrap."""

    theme: Theme
    words: Words
    keys: KeyMap
    icons: Icons

    @classmethod
    def of(cls, theme: Theme, words: Words, *, keys: KeyMap | None = None) -> "Look":
        """A look over a theme and a language."""
        return cls(theme, words, keys or KeyMap(), Icons(theme))
