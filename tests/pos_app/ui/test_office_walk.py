"""Every state of the screens around selling, walked for targets, gaps, words, names and keys (U3, U5, U10, U18)."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from pos_app.ui.screen import Screen
from pos_app.ui.shell import Shell
from tests.pos_app.ui import walkers
from tests.pos_app.ui.hands import bury
from tests.pos_app.ui.office import close_office
from tests.pos_app.ui.office_screenshots import BASE, SCENES, SIZES, View, render, render_first_run, show_in
from tests.pos_app.ui.office_states import STATES

VIEWS = (
    View(),
    View((1024, 768), "en", "dark"),
    View((1024, 768), "en", zoom=150),
)
RARE = ("sign_on_nobody", "sign_on_release", "people", "today_many", "health_warned", "health_held", "settings_network")
ALIKE = {scene.__name__ for scene in STATES} - set(RARE)
"""States whose layout another scene has: they are looked at in pictures."""


def complaints(front: Screen | None) -> list[str]:
    assert front is not None
    found = walkers.small_targets(front) + walkers.cut_words(front) + walkers.nameless(front)
    found += walkers.close_targets(front)
    return [f"{one.widget}: {one.complaint}" for one in found] + [
        f"no key: {name}" for name in walkers.unreachable_acts(front)
    ]


@pytest.mark.parametrize("scene", [name for name in SCENES if name not in ALIKE])
def test_nothing_to_stumble_over(scene: str, tmp_path: Path, qapp: QApplication) -> None:
    office = render(scene, tmp_path / "till", look=BASE, size=SIZES[0])
    try:
        assert walk(office.counter.face.shell) == {}
    finally:
        close_office(office)


@pytest.mark.parametrize("step", ["language", "connect", "connect_error"])
def test_nothing_to_stumble_over_before_there_is_a_till(step: str, tmp_path: Path, qapp: QApplication) -> None:
    run = render_first_run(step, tmp_path, look=BASE, size=SIZES[0])
    try:
        assert walk(run.shell) == {}
    finally:
        run.close()
        bury()


def walk(shell: Shell) -> dict[str, list[str]]:
    """The complaints of each view that has some."""
    found = {}
    for view in VIEWS:
        show_in(shell, view)
        found[view.name] = complaints(shell.front)
    return {name: what for name, what in found.items() if what}
