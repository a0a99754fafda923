"""Everything by keyboard alone, everything by touch alone, and the keycaps that say so (U2, U3, U4)."""

from __future__ import annotations

from collections import Counter as Tally

import pytest
from PySide6.QtWidgets import QApplication

from pos_app.ui.key_profiles import PROFILES, SHELL
from pos_app.ui.shortcuts import KeyMap
from pos_app.ui.widgets.button import Button
from tests.pos_app.ui.conftest import Counter

WATER = "6901285991219"
BUDGETS = {
    "exact cash": (("+", "+"), 2),
    "a note of 50": (("+", "5", "0", "Enter"), 4),
    "three of one": (("3", "*"), 2),
    "hold": (("F6",), 1),
    "retrieve": (("F6", "F7"), 2),
}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_chord_means_one_thing_in_one_place(profile: str) -> None:
    for place, acts in PROFILES[profile].items():
        chords = Tally(chord for keys in acts.values() for chord in keys)
        assert [chord for chord, times in chords.items() if times > 1] == [], place


@pytest.mark.parametrize("profile", PROFILES)
def test_the_shells_keys_are_free_everywhere_else(profile: str) -> None:
    """F1 helps and F11 locks on every screen, but where paying needs F1 for cash and the help closes by it."""
    for place, acts in PROFILES[profile].items():
        if place in (SHELL, "pay", "help"):
            continue
        taken = {chord for keys in acts.values() for chord in keys}
        assert not taken & {"F1", "F11"}, place


@pytest.mark.parametrize("name", BUDGETS)
def test_key_budgets(counter: Counter, name: str) -> None:
    keys, most = BUDGETS[name]
    counter.hands.scan(WATER)
    counter.settle()
    counter.hands.pressed = 0
    counter.hands.keys(*keys)
    assert counter.hands.pressed <= most
    if name in ("exact cash", "a note of 50"):
        assert counter.screen == "done"
    if name == "three of one":
        counter.hands.scan("6924743915848")
        counter.settle()
        assert counter.face.sale.state.priced.cart.lines[-1].quantity_thousandths == 3000


def test_the_other_profile_pays_by_f9(counter: Counter) -> None:
    counter.hands.scan(WATER)
    counter.settle()
    counter.face.look.keys.set_profile("f9")
    assert counter.face.shell.current.keys.pay.keycap == "F9 / +"  # type: ignore[union-attr]
    counter.hands.keys("F9")
    assert counter.screen == "pay"


def test_keycaps_are_what_the_keys_do(counter: Counter) -> None:
    """Each button's printed key runs the same act."""
    keys: KeyMap = counter.face.look.keys
    for screen in (counter.face.shell.screen_named(name) for name in ("sale", "pay", "done")):
        for button, act in screen.capped:
            shown = button.keycap.split(" / ")[0] or button.sub.split(" ")[-1]
            assert keys.act_of(screen.place, shown) == act, (screen.name, act, shown)


def test_tab_walks_around_and_back(counter: Counter) -> None:
    """No trap: from the box over every control and back to the first one; each shows that it is there."""
    counter.hands.scan(WATER)
    counter.settle()
    seen: list[int] = []
    for _ in range(60):
        counter.hands.keys("Tab")
        focus = QApplication.focusWidget()
        assert focus is not None
        if id(focus) in seen:
            break
        seen.append(id(focus))
    assert len(seen) > 15
    assert id(QApplication.focusWidget()) in seen


def test_a_button_under_tab_is_pressed_by_enter_and_space(counter: Counter) -> None:
    counter.hands.scan(WATER)
    counter.settle()
    counter.clock.pass_ms(500)
    more = counter.face.shell.current.keys.more  # type: ignore[union-attr]
    more.setFocus()
    counter.hands.keys("Enter")
    assert panels(counter) == 1
    counter.hands.keys("Esc")
    assert panels(counter) == 0
    more.setFocus()
    counter.hands.keys("Space")
    assert panels(counter) == 1


def panels(counter: Counter) -> int:
    return 0 if counter.face.shell.panel is None else 1


def test_touch_never_moves_the_cursor(counter: Counter) -> None:
    before = QApplication.focusWidget()
    sale = counter.face.shell.current
    for button in sale.findChildren(Button):  # type: ignore[union-attr]
        if button.isVisible() and button.isEnabled() and counter.screen == "sale":
            counter.hands.touch(button)
            while counter.face.shell.panel is not None:
                counter.hands.keys("Esc")
            if counter.screen != "sale":
                counter.face.shell.go("sale")
    assert QApplication.focusWidget() is before
    counter.hands.type("12")
    assert counter.face.sale.state.entry.endswith("12")


def test_codes_can_be_typed_by_touch(counter: Counter) -> None:
    sale = counter.face.shell.current
    counter.hands.touch(sale.entry)  # type: ignore[union-attr]
    for key in "20017":
        counter.hands.touch(sale.goods.pad.buttons[key])  # type: ignore[union-attr]
    counter.hands.touch(sale.goods.enter)  # type: ignore[union-attr]
    assert [line.item.item_id for line in counter.face.sale.state.priced.cart.lines] == [7]


def test_every_act_of_the_sale_screen_can_be_touched(counter: Counter) -> None:
    """U4: what has only a key on the screen stands in the list behind 更多 or at a line."""
    sale = counter.face.shell.current
    assert sale is not None
    counter.hands.scan(WATER)
    counter.settle()
    touched = {act for _, act in sale.capped}
    counter.hands.keys("F10")
    panel = counter.face.shell.panel
    assert panel is not None
    touched |= {act for _, act in panel.capped}
    by_finger = {"up", "down", "page_up", "page_down", "minus", "enter", "erase", "clear"}
    assert set(sale.acts) - touched - by_finger == set()
