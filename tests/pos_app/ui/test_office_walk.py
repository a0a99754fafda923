"""Every state of the screens around selling, walked for targets, gaps, words, names and keys (U3, U5, U10, U18)."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from pos_app.ui.screen import Screen
from pos_app.ui.shell import Shell
from tests.pos_app.ui import walkers
from tests.pos_app.ui.office import bury, close_office
from tests.pos_app.ui.office_screenshots import SCENES, render, render_first_run

BASE = (("zh", "light", 100), (1366, 768))
VIEWS = (
    (*BASE, "as rendered"),
    (("en", "dark", 100), (1024, 768), "small"),
    (("en", "light", 150), (1024, 768), "tight"),
)
"""Switched live, as a person does it in the settings: one till serves all of them."""


def switch(shell: Shell, look: tuple[str, str, int], size: tuple[int, int]) -> None:
    language, theme, zoom = look
    shell.look.words.set_language(language)
    shell.look.theme.set_dark(theme == "dark")
    shell.look.theme.set_zoom(zoom)
    shell.resize(*size)
    for _ in range(3):
        QApplication.processEvents()


def complaints(front: Screen | None) -> list[str]:
    assert front is not None
    found = walkers.small_targets(front) + walkers.cut_words(front) + walkers.nameless(front)
    found += walkers.close_targets(front)
    return [f"{one.widget}: {one.complaint}" for one in found] + [
        f"no key: {name}" for name in walkers.unreachable_acts(front)
    ]


@pytest.mark.parametrize("scene", SCENES)
def test_nothing_to_stumble_over(scene: str, tmp_path: Path, qapp: QApplication) -> None:
    office = render(scene, tmp_path / "till", look=BASE[0], size=BASE[1])
    try:
        assert walk(office.counter.face.shell) == {}
    finally:
        close_office(office)


@pytest.mark.parametrize("step", ["language", "connect", "connect_error"])
def test_nothing_to_stumble_over_before_there_is_a_till(step: str, tmp_path: Path, qapp: QApplication) -> None:
    run = render_first_run(step, tmp_path, look=BASE[0], size=BASE[1])
    try:
        assert walk(run.shell) == {}
    finally:
        run.close()
        bury()


def walk(shell: Shell) -> dict[str, list[str]]:
    """The complaints of each view that has some."""
    found = {}
    for look, size, name in VIEWS:
        switch(shell, look, size)
        found[name] = complaints(shell.front)
    return {name: what for name, what in found.items() if what}
