"""Where a typed key goes: the panel in front or the screen, as an act or as text, else to Qt."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QWidget

from pos_app.ui.key_profiles import SHELL
from pos_app.ui.screen import Screen
from pos_app.ui.shortcuts import KeyMap, chord_of, plain_text
from pos_app.ui.widgets.text_field import TextField

_FIELD_KEYS = frozenset({"Backspace", "Del", "Left", "Right", "Home", "End", "Ctrl+Z", "Ctrl+A", "Ctrl+C", "Ctrl+V"})
REPEATING = frozenset({"erase", "up", "down", "page_up", "page_down", "minus"})
"""Acts that a key held down may repeat; no other does anything twice."""
_PRESS_KEYS = frozenset({"Enter", "Space"})


class Stage(Protocol):
    """What the shell tells the router."""

    @property
    def front(self) -> Screen | None:
        """The panel in front, else the screen."""

    def run_shell_act(self, act: str) -> bool:
        """An act that means the same everywhere."""


class KeyRouter:
    """Consulted for every key that is not part of a scan, before Qt sees it."""

    def __init__(self, keys: KeyMap, stage: Stage, *, doing: Callable[[str], None] | None = None) -> None:
        self._keys, self._stage = keys, stage
        self._doing = doing

    def press(self, event: QKeyEvent) -> bool:
        """Whether the key was taken."""
        front = self._stage.front
        if front is None or QApplication.activePopupWidget() is not None:
            return False
        chord, focus = chord_of(event), QApplication.focusWidget()
        if not chord or self._belongs_to_focus(chord, event, focus):
            return False
        act = self._keys.act_of(front.place, chord)
        if act is not None and event.isAutoRepeat() and act not in REPEATING:
            return True
        if act is not None and self._run(front, act):
            return True
        if self._is_shell_act(chord):
            return True
        text = plain_text(event)
        if not text or _has_command_modifier(event):
            return False
        return front.type_text(text) or self._type_behind(front, text)

    def _type_behind(self, front: Screen, text: str) -> bool:
        """A screen that gave way to another one at this key leaves the character to it."""
        now = self._stage.front
        return now is not None and now is not front and now.type_text(text)

    def _run(self, front: Screen, act: str) -> bool:
        if self._doing:
            self._doing(f"{front.name or front.place}.{act}")
        return front.run(act)

    def _is_shell_act(self, chord: str) -> bool:
        act = self._keys.act_of(SHELL, chord)
        return act is not None and self._stage.run_shell_act(act)

    @staticmethod
    def _belongs_to_focus(chord: str, event: QKeyEvent, focus: QWidget | None) -> bool:
        if isinstance(focus, TextField):
            return chord in _FIELD_KEYS or (bool(plain_text(event)) and not _has_command_modifier(event))
        if isinstance(focus, QAbstractButton):
            return chord in _PRESS_KEYS
        if isinstance(focus, QComboBox):
            return chord in _PRESS_KEYS or chord in {"Up", "Down"}
        return False


def _has_command_modifier(event: QKeyEvent) -> bool:
    held = event.modifiers()
    return bool(held & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier))
