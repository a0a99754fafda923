"""Walks over the widgets of a screen and tells what a person would stumble over; for every screen of the till."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QWidget

from pos_app.ui.screen import Screen

TARGET_PX, GAP_PX = 48, 8
CONTROLS = (QAbstractButton, QLineEdit, QComboBox)


@dataclass(frozen=True)
class Found:
    """A complaint about a widget."""

    widget: str
    complaint: str


def controls(root: QWidget) -> list[QWidget]:
    """Everything under ``root`` that is meant to be touched and is on screen."""
    found = [one for one in _descendants(root) if isinstance(one, CONTROLS)]
    return [one for one in found if one.focusPolicy() or isinstance(one, QAbstractButton)]


def small_targets(root: QWidget) -> list[Found]:
    """Controls narrower or lower than a finger needs (U5)."""
    return [
        Found(describe(one), f"{one.width()}x{one.height()}")
        for one in controls(root)
        if one.width() < TARGET_PX or one.height() < TARGET_PX
    ]


def close_targets(root: QWidget) -> list[Found]:
    """Pairs of controls nearer to one another than the gap (U5)."""
    places = [(one, _place(one, root)) for one in controls(root)]
    return [
        Found(f"{describe(one)} | {describe(other)}", f"{_gap(here, there)} px")
        for (one, here), (other, there) in combinations(places, 2)
        if _gap(here, there) < GAP_PX and not (one.isAncestorOf(other) or other.isAncestorOf(one))
    ]


def cut_words(root: QWidget) -> list[Found]:
    """Words that do not fit where they stand, and widgets pushed out of their parent (U10)."""
    found = [Found(describe(one), "cut") for one in _descendants(root) if _is_cut(one)]
    for one in _descendants(root):
        parent = one.parentWidget()
        is_judged = isinstance(one, (QLabel, *CONTROLS)) and parent is not None and not _is_scrolled(one)
        if is_judged and parent and not parent.rect().adjusted(-1, -1, 1, 1).contains(one.geometry()):
            found.append(Found(describe(one), f"outside its parent: {one.geometry()} in {parent.rect()}"))
    return found


def nameless(root: QWidget) -> list[Found]:
    """Controls that a screen reader cannot name (U18)."""
    return [Found(describe(one), "no accessible name") for one in controls(root) if not one.accessibleName().strip()]


def unreachable_acts(screen: Screen) -> list[str]:
    """Acts of a screen that have neither a key nor a button that Tab reaches (U3)."""
    keys = set(screen.look.keys.acts(screen.place)) | set(screen.look.keys.acts("shell"))
    by_tab = {name for button, name in screen.capped if button.focusPolicy()}
    return [name for name in screen.acts if name not in keys and name not in by_tab]


def describe(widget: QWidget) -> str:
    """Class, words and accessible name."""
    words = widget.text() if isinstance(widget, (QAbstractButton, QLabel, QLineEdit)) else ""
    return f"{type(widget).__name__}({words or widget.accessibleName()!r})"


def _descendants(root: QWidget) -> Iterator[QWidget]:
    return (one for one in root.findChildren(QWidget) if one.isVisible() and not _is_covered(one, root))


def _is_covered(widget: QWidget, root: QWidget) -> bool:
    """Whether nothing of it can be seen."""
    return widget.visibleRegion().isEmpty()


def _is_cut(widget: QWidget) -> bool:
    check = getattr(widget, "is_cut", None)
    return bool(check and check())


def _is_scrolled(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    while parent is not None:
        if type(parent).__name__ in ("QScrollArea", "QTableView", "QListView"):
            return True
        parent = parent.parentWidget()
    return False


def _place(widget: QWidget, root: QWidget) -> QRect:
    return QRect(widget.mapTo(root, QPoint(0, 0)), widget.size())


def _gap(one: QRect, other: QRect) -> int:
    across = max(one.left() - other.right(), other.left() - one.right()) - 1
    down = max(one.top() - other.bottom(), other.top() - one.bottom()) - 1
    return max(across, down)
