"""Colours that can be read, words in both languages, a look that switches live (U6, U10, U16)."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLabel

from pos_app.ui.icons import Icons, icon_names
from pos_app.ui.theme import Theme
from pos_app.ui.tokens import DARK, LIGHT, TOKEN_NAMES, Tokens, contrast
from tests.pos_app.ui.conftest import Counter

AA, AAA, EDGE = 4.5, 7.0, 3.0
GROUNDS = ("bg", "surface")
STATES = ("ok", "warn", "err", "off")


def failing(tokens: Tokens) -> list[str]:
    """Pairs that cannot be read well enough."""
    pairs = [("text", ground, AAA) for ground in (*GROUNDS, "primary_bg")]
    pairs += [("muted", ground, AA) for ground in (*GROUNDS, "primary_bg")]
    pairs += [(state, ground, AA) for state, ground in product((*STATES, "train"), GROUNDS)]
    pairs += [(state, f"{state}_bg", AA) for state in STATES]
    pairs += [("primary", ground, AA) for ground in ("surface", "primary_bg")]
    pairs += [("on_primary", ground, AA) for ground in ("primary", "primary_down")]
    pairs += [(edge, ground, EDGE) for edge, ground in product(("edge", "focus"), GROUNDS)]
    ratios = [
        (ink, ground, contrast(getattr(tokens, ink), getattr(tokens, ground)), least) for ink, ground, least in pairs
    ]
    return [f"{ink} on {ground}: {ratio:.2f}" for ink, ground, ratio, least in ratios if ratio < least]


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_every_pair_can_be_read(tokens: Tokens) -> None:
    assert failing(tokens) == []


def test_the_audit_can_fail() -> None:
    assert failing(replace(LIGHT, muted="#B0B8C0")) != []


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_tokens_are_colours(tokens: Tokens) -> None:
    assert all(QColor(tokens.colour(name)).isValid() for name in TOKEN_NAMES)


def test_every_icon_draws_in_the_colour_of_its_token(qapp: QApplication) -> None:
    icons = Icons(Theme())
    for name in icon_names():
        image = icons.pixmap(name, "err", 24).toImage()
        inked = [image.pixelColor(x, y) for x in range(24) for y in range(24) if image.pixelColor(x, y).alpha() > 200]
        assert inked, name
        want = QColor(LIGHT.err)
        assert all(abs(c.red() - want.red()) + abs(c.green() - want.green()) < 9 for c in inked), name


def test_a_chinese_font_is_found(qapp: QApplication) -> None:
    assert Theme().family


def test_a_large_window_shows_the_same_grid_larger(qapp: QApplication) -> None:
    theme = Theme()
    theme.fit_window(QSize(1920, 1080))
    assert theme.px(48) == 60
    theme.fit_window(QSize(1366, 768))
    assert theme.px(48) == 48


def test_every_label_follows_theme_and_zoom(counter: Counter) -> None:
    """Also those that were not on screen when it changed."""
    theme = counter.face.look.theme
    theme.set_dark(True)
    theme.set_zoom(150)
    counter.settle()
    counter.hands.scan("6901285991219")
    counter.settle()
    counter.hands.keys("+")
    dark = {QColor(DARK.colour(name)).name() for name in TOKEN_NAMES}
    labels = [one for one in counter.face.shell.findChildren(QLabel) if one.isVisible() and one.text()]
    assert labels
    assert [one.text() for one in labels if one.palette().windowText().color().name() not in dark] == []
    assert [one.text() for one in labels if one.font().pixelSize() < 15 * 1.5 - 1] == []


def test_the_screen_really_shows_the_colours(counter: Counter, tmp_path: Path) -> None:
    """U6 by sampling the picture: the pay key is of the primary colour, the total is written on the surface."""
    counter.hands.scan("6901285991219")
    counter.settle()
    for dark, tokens in ((False, LIGHT), (True, DARK)):
        counter.face.look.theme.set_dark(dark)
        counter.settle()
        image = counter.face.shell.grab().toImage()
        pay = counter.face.shell.current.keys.pay  # type: ignore[union-attr]
        at = pay.mapTo(counter.face.shell, pay.rect().topLeft())
        assert image.pixelColor(at.x() + 30, at.y() + 10).name().upper() == tokens.primary
        assert image.pixelColor(5, 100).name().upper() == tokens.bg
