"""Every state of the till's own screens, walked for targets, gaps, words, names and keys (U3, U5, U10, U18)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from pos_app.ui.shell import Shell
from pos_app.ui.tokens import ZOOMS
from resources.texts import text
from tests.pos_app.ui import walkers
from tests.pos_app.ui.conftest import close_counter
from tests.pos_app.ui.office_screenshots import View as Look
from tests.pos_app.ui.office_screenshots import show_in
from tests.pos_app.ui.screenshots import LANGUAGES, SCENES, View, render

TIGHTEST = (1024, 768)


@contextmanager
def scene_on_screen(scene: str, folder: Path, *, view: View | None = None) -> Iterator[Shell]:
    counter = render(scene, view or View(), folder)
    try:
        yield counter.face.shell
    finally:
        close_counter(counter)


def complaints(shell: Shell) -> list[str]:
    front = shell.panel or shell.current
    assert front is not None
    found = walkers.small_targets(shell) + walkers.cut_words(shell) + walkers.nameless(shell)
    found += walkers.close_targets(front) + walkers.close_targets(shell.header)
    lost = walkers.unreachable_acts(front)
    return [f"{one.widget}: {one.complaint}" for one in found] + [f"no key: {name}" for name in lost]


@pytest.mark.parametrize("scene", SCENES)
def test_nothing_to_stumble_over(scene: str, tmp_path: Path, qapp: QApplication) -> None:
    """At 100 % on the common screen in both languages, and at the tightest at 150 %."""
    found = {}
    with scene_on_screen(scene, tmp_path) as shell:
        for look in (Look(), Look(TIGHTEST, "en"), Look(TIGHTEST, "en", zoom=ZOOMS[-1])):
            show_in(shell, look)
            found[look.name] = complaints(shell)
    assert {where: what for where, what in found.items() if what} == {}


@pytest.mark.parametrize("scene", ["sale_pad", "pay_missing"])
def test_what_begins_tight_is_as_sound(scene: str, tmp_path: Path, qapp: QApplication) -> None:
    """Built in the tightest view, not switched to it."""
    with scene_on_screen(scene, tmp_path, view=View(TIGHTEST, "en", zoom=ZOOMS[-1])) as shell:
        assert complaints(shell) == []


@pytest.mark.parametrize("scene", ["sale_online", "pay_cash", "done", "panel_discount", "panel_approval", "panel_more"])
def test_longer_words_fit(scene: str, tmp_path: Path, qapp: QApplication) -> None:
    """A language that needs 40 % more room than English."""
    with scene_on_screen(scene, tmp_path, view=View(language="en", catalogue=longer)) as shell:
        assert complaints(shell) == []


def longer(key: str, language: str, **params: object) -> str:
    """The words of a key with 40 % more letters."""
    words = text(key, language, **params)
    return words + "ő" * max(1, round(len(words) * 0.4))


def test_the_walkers_can_complain(qapp: QApplication, make_counter) -> None:  # type: ignore[no-untyped-def]
    """A harness that cannot go red proves nothing."""
    counter = make_counter()
    sale = counter.face.shell.current
    assert walkers.small_targets(sale) == []
    sale.keys.pay.setFixedHeight(30)
    sale.keys.search.setAccessibleName("")
    sale.keys.more.setFixedWidth(40)
    counter.settle()
    assert any("30" in one.complaint for one in walkers.small_targets(sale))
    assert walkers.nameless(sale)
    assert walkers.cut_words(sale)
    sale.act("nowhere", lambda: None)
    assert walkers.unreachable_acts(sale) == ["nowhere"]


def test_both_languages_are_rendered() -> None:
    assert set(LANGUAGES) == {"zh", "en"}
