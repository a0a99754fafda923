"""F1: every key of the place in front, from the key profile itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from pos_app.ui.help.panel import HelpPanel, key_rows
from pos_app.ui.key_profiles import DEFAULT, PROFILES, SHELL
from pos_app.ui.look import Look
from pos_app.ui.theme import Theme
from pos_app.ui.words import Words
from tests.pos_app.ui.office import Office, close_office, open_office


@pytest.fixture
def office(tmp_path: Path, qapp: QApplication) -> Iterator[Office]:
    opened = open_office(tmp_path / "till")
    yield opened
    close_office(opened)


def test_f1_lists_the_keys_of_the_sale(office: Office) -> None:
    office.sign_on()
    office.counter.hands.keys("F1")
    panel = office.counter.face.shell.panel
    assert isinstance(panel, HelpPanel)
    told = {label.text(): caps.keys for label, caps in panel.rows}
    assert told["收款"] == ("F12", "+", "Space")
    assert told["锁屏，购物车保留"] == ("F11",)
    office.counter.hands.keys("F1")
    assert office.counter.face.shell.panel is None


def test_it_speaks_the_language_and_the_profile(office: Office) -> None:
    office.sign_on()
    office.counter.hands.keys("F1")
    panel = office.counter.face.shell.panel
    assert isinstance(panel, HelpPanel)
    office.counter.face.look.words.set_language("en")
    assert panel.title.text() == "Keys of the sale"
    assert "Pay" in [label.text() for label, _ in panel.rows]
    office.counter.face.look.keys.set_profile("f9")
    panel.retranslate()
    told = {label.text(): caps.keys for label, caps in panel.rows}
    assert told["Pay"] == ("F9", "+", "Space")


def test_a_scan_closes_it_and_sells(office: Office) -> None:
    office.sign_on()
    office.counter.hands.keys("F1")
    office.counter.hands.scan("6901285991219")
    office.counter.settle()
    assert office.counter.face.shell.panel is None
    assert len(office.counter.till.selling.cart.lines) == 1


def test_by_touch_alone(office: Office) -> None:
    office.sign_on()
    office.counter.face.shell.run_shell_act("help")
    panel = office.counter.face.shell.panel
    assert isinstance(panel, HelpPanel)
    office.counter.hands.touch(panel.close_button)
    assert office.counter.face.shell.panel is None


@pytest.mark.parametrize("place", sorted(set(DEFAULT) - {SHELL}))
def test_every_place_of_every_profile_has_words(qapp: QApplication, place: str) -> None:
    look = Look.of(Theme(), Words())
    for profile in PROFILES:
        look.keys.set_profile(profile)
        for language in ("zh", "en"):
            look.words.set_language(language)
            rows = key_rows(look, place)
            assert rows
            assert all(words and keys for words, keys in rows)
            assert look.words(f"help.place.{place}")
