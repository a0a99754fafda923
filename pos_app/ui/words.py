"""The words on the screens in the language in force, said anew when it changes."""

from collections.abc import Callable, Mapping
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from domain.errors import DomainError
from resources.texts import LANGUAGES, ErrorText, error_text, has_error, text

Catalogue = Callable[..., str]


class Sayer(Protocol):
    """A widget with words on it."""

    def setText(self, arg__1: str, /) -> None:
        """Show the words."""

    def setAccessibleName(self, name: str, /) -> None:
        """Give the words to a screen reader."""


class Words(QObject):
    """The catalogue in one language; ``changed`` is emitted after the language changed."""

    changed = Signal()

    def __init__(self, language: str = "zh", *, catalogue: Catalogue = text) -> None:
        super().__init__()
        assert language in LANGUAGES
        self._language, self._catalogue = language, catalogue

    @property
    def language(self) -> str:
        """``zh`` or ``en``."""
        return self._language

    def set_language(self, language: str) -> None:
        """Switch every screen to another language."""
        assert language in LANGUAGES
        if language != self._language:
            self._language = language
            self.changed.emit()

    def __call__(self, key: str, **params: object) -> str:
        return self._catalogue(key, self._language, **params)

    def error(self, error: DomainError) -> ErrorText:
        """The three parts of an error; one without words of its own says at least its code."""
        if has_error(error.code):
            return error_text(error.code, self._language, error.params)
        what, safe = self("shell.error.unnamed", code=error.code), self("shell.error.unnamed_safe")
        return ErrorText(what, safe, "", self._language)


class Sayings:
    """What the widgets of one screen say, so that it can be said again in another language."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._said: dict[int, Callable[[], None]] = {}

    def say(self, widget: Sayer, key: str, params: Mapping[str, object] | None = None) -> None:
        """Put the words of a key on a widget, as its text and its name for a screen reader."""
        values = dict(params or {})

        def speak() -> None:
            words = self._words(key, **values)
            widget.setText(words)
            widget.setAccessibleName(words)

        self.bind(widget, speak)

    def name(self, widget: QWidget, key: str) -> None:
        """Give a widget without words a name for a screen reader."""
        self.bind(widget, lambda: widget.setAccessibleName(self._words(key)))

    def bind(self, owner: object, speak: Callable[[], None]) -> None:
        """Call ``speak`` now and after every change of language; one binding per owner."""
        self._said[id(owner)] = speak
        speak()

    def say_again(self) -> None:
        """Say everything in the language now in force."""
        for speak in self._said.values():
            speak()
