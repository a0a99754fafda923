"""Every screen and panel at every size, in both languages and for both hands, walked on one till (U3, U5, U10, U18)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from pos_app.ui.screen import Screen
from tests.pos_app.ui import walkers
from tests.pos_app.ui.office import Office, close_office, open_office
from tests.pos_app.ui.office_screenshots import LANGUAGES, SIZES, View, show_in
from tests.pos_app.ui.test_office_walk import complaints

PLACES: dict[str, tuple[str, ...]] = {
    "sale": (),
    "discount": ("F5",),
    "override": ("F4",),
    "more": ("F10",),
    "void": ("Ctrl+Del",),
    "help": ("F1",),
    "pay": ("F12",),
    "search": ("F3",),
    "today": (),
    "health": (),
    "settings": (),
    "settings printer": ("PgDn",),
    "settings drawer": ("PgDn", "PgDn"),
    "settings scanner": ("PgDn", "PgDn", "PgDn"),
    "settings lock": ("PgUp",),
}
"""Keys that lead there from the screen of the first word, or from the sale."""
ON_SALE = frozenset({"discount", "override", "more", "void", "help", "pay", "search"})


@pytest.fixture(scope="module")
def office(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One till for all of them, with a cart and a sale of today."""
    opened = open_office(Path(tmp_path_factory.mktemp("views")) / "till")
    opened.sign_on("9001")
    opened.sell()
    for code in ("6901285991219", "6924743915848", "2110003008328", "6907992500133"):
        opened.counter.hands.scan(code)
        opened.counter.settle()
    yield opened
    close_office(opened)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_nothing_to_stumble_over_in_any_view(office: Office, size: tuple[int, int]) -> None:
    """Nothing cut, too small, too near, nameless or out of reach."""
    seen, found = set(), {}
    for language, mirrored in product(LANGUAGES, (False, True)):
        view = View(size, language, mirrored=mirrored)
        show_in(office.counter.face.shell, view)
        for place in PLACES:
            front = arrive(office, place)
            seen.add((type(front), front.name))
            found[f"{view.name} {place}"] = complaints(front)
            leave(office)
    assert {where: what for where, what in found.items() if what} == {}
    assert len(seen) >= len(PLACES) - 4, "the keys did not lead to different places"


def arrive(office: Office, place: str) -> Screen:
    screen = "sale" if place in ON_SALE else place.split()[0]
    office.counter.face.shell.go(screen)
    office.counter.settle()
    office.counter.hands.keys(*PLACES[place])
    office.counter.settle()
    front = office.counter.face.shell.front
    assert front is not None
    return front


def leave(office: Office) -> None:
    while office.counter.face.shell.panel is not None:
        office.counter.face.shell.panel.close_panel()
    if office.counter.screen == "settings":
        office.screens.settings.choose("screen")
    office.counter.settle()


def test_a_squeezed_widget_is_found_in_its_view(office: Office) -> None:
    """A walk over many places that cannot go red proves nothing."""
    show_in(office.counter.face.shell, View())
    front = arrive(office, "health")
    squeeze: Callable[[int], None] = office.screen("health").sync_now.setFixedWidth
    squeeze(40)
    office.counter.settle()
    try:
        assert walkers.small_targets(front)
        assert complaints(front)
    finally:
        office.screen("health").sync_now.setMinimumWidth(0)
        office.screen("health").sync_now.setMaximumWidth(16_777_215)
