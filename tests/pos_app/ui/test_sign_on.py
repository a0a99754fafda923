"""Signing on, wrong PINs, lock-out and release, the locked till and the watch for an idle one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.pos_app.ui.office import Office, close_office, open_office
from tests.pos_app.ui.shop import PINS


@pytest.fixture
def office(tmp_path: Path, qapp: QApplication) -> Iterator[Office]:
    opened = open_office(tmp_path / "till")
    yield opened
    close_office(opened)


def choose(office: Office, operator_id: str) -> None:
    office.screens.sign_on.choose(operator_id)  # type: ignore[arg-type]


def wrong(office: Office, times: int) -> None:
    for _ in range(times):
        office.counter.hands.type("000000")
        office.counter.hands.keys("Enter")


def test_by_keyboard_alone(office: Office) -> None:
    screen = office.screen("sign_on")
    office.counter.hands.keys("Down")
    chosen = office.screens.sign_on.state.chosen
    assert chosen is not None
    office.counter.hands.type(PINS[chosen.operator_id])
    assert screen.pin.digits == 6
    office.counter.hands.keys("Enter")
    assert office.counter.screen == "sale"
    assert office.counter.till.operators.current == chosen
    assert screen.pin.digits == 0


def test_by_touch_alone(office: Office) -> None:
    screen, hands = office.screen("sign_on"), office.counter.hands
    hands.touch(screen.people.tiles.buttons[1])
    chosen = office.screens.sign_on.state.chosen
    assert chosen == office.screens.sign_on.state.operators[1]
    for digit in PINS[chosen.operator_id]:
        hands.touch(screen.pad.buttons[digit])
    hands.touch(screen.enter)
    assert office.counter.screen == "sale"


def test_a_digit_before_anybody_is_chosen_goes_nowhere(office: Office) -> None:
    office.counter.hands.type("12")
    assert office.screen("sign_on").pin.digits == 0


def test_a_wrong_pin_is_told_and_the_next_one_works(office: Office) -> None:
    choose(office, "1001")
    wrong(office, 1)
    screen = office.screen("sign_on")
    assert "4" in screen.trouble.text()
    assert "PIN" in screen.trouble.text()
    assert office.counter.screen == "sign_on"
    office.counter.hands.type("1")
    assert screen.trouble.text() == ""
    office.counter.hands.keys("Backspace")
    office.counter.hands.type(PINS["1001"])
    office.counter.hands.keys("Enter")
    assert office.counter.screen == "sale"


def test_five_wrong_pins_lock_out_with_a_count_down(office: Office) -> None:
    choose(office, "1001")
    wrong(office, 5)
    screen = office.screen("sign_on")
    assert office.screens.sign_on.state.wait_s in range(25, 31)
    assert "秒" in screen.trouble.text()
    assert not screen.enter.isEnabled()
    office.counter.hands.type("1")
    assert screen.pin.digits == 0, "nothing is taken while locked out"
    choose(office, "9001")
    assert office.screens.sign_on.state.wait_s == 0, "others are not locked out"
    choose(office, "1001")
    assert office.screens.sign_on.state.wait_s > 0
    office.counter.clock.pass_ms(31_000)
    office.pause(300)
    assert office.screens.sign_on.state.wait_s == 0
    office.counter.hands.type(PINS["1001"])
    office.counter.hands.keys("Enter")
    assert office.counter.screen == "sale"


def test_after_ten_a_supervisor_frees(office: Office) -> None:
    choose(office, "1001")
    for _ in range(10):
        wrong(office, 1)
        office.counter.clock.pass_ms(16 * 60_000)
        office.screens.sign_on._count_down()
    screen = office.screen("sign_on")
    wrong(office, 1)
    assert office.screens.sign_on.needs_supervisor
    assert screen.release.isVisible()
    office.counter.hands.keys("F4")
    state = office.screens.sign_on.state
    assert state.releasing is not None
    assert state.releasing.operator_id == "1001"
    assert {one.operator_id for one in state.listed} == {"5001", "9001"}
    choose(office, "5001")
    office.counter.hands.type(PINS["5001"])
    office.counter.hands.keys("Enter")
    assert office.screens.sign_on.state.releasing is None
    assert office.screens.sign_on.state.chosen.operator_id == "1001"  # type: ignore[union-attr]
    office.counter.hands.type(PINS["1001"])
    office.counter.hands.keys("Enter")
    assert office.counter.screen == "sale"


def test_a_second_enter_while_the_pin_is_checked_does_nothing(office: Office) -> None:
    choose(office, "1001")
    office.counter.hands.type("000000")
    model = office.screens.sign_on
    for _ in range(4):
        office.screen("sign_on").run("accept")
    office.counter.settle()
    assert model.state.error is not None
    assert model.state.error.params["left"] == 4


def test_lock_is_one_key_and_keeps_the_cart(office: Office) -> None:
    office.sign_on()
    office.counter.hands.scan("6901285991219")
    office.counter.settle()
    before = office.counter.hands.pressed
    office.counter.hands.keys("F11")
    assert office.counter.hands.pressed - before == 1
    assert office.counter.screen == "sign_on"
    assert office.counter.till.operators.current is None
    assert "收银员" in office.screen("sign_on").text.text()
    assert len(office.counter.till.selling.cart.lines) == 1
    before = office.counter.hands.pressed
    office.counter.hands.type(PINS["1001"])
    office.counter.hands.keys("Enter")
    assert office.counter.hands.pressed - before == 7, "unlocking is six digits and Enter"
    assert office.counter.screen == "sale"
    assert len(office.counter.face.sale.state.priced.lines) == 1


def test_a_scan_on_the_locked_till_sells_nothing(office: Office) -> None:
    office.sign_on()
    office.counter.hands.keys("F11")
    office.counter.hands.scan("6901285991219")
    office.counter.settle()
    assert office.counter.screen == "sign_on"
    assert office.counter.till.selling.cart.cart.is_empty
    assert office.counter.message


def test_nobody_touches_it_and_it_locks(office: Office) -> None:
    office.sign_on()
    office.counter.clock.pass_ms(179_000)
    office.screens.idle.look()
    office.counter.settle()
    assert office.counter.screen == "sale"
    office.counter.hands.keys("Down")
    office.counter.clock.pass_ms(179_000)
    office.screens.idle.look()
    office.counter.settle()
    assert office.counter.screen == "sale", "a key is a touch"
    office.counter.clock.pass_ms(2_000)
    office.screens.idle.look()
    office.counter.settle()
    assert office.counter.screen == "sign_on"


@pytest.mark.parametrize("touch", ["scanner", "serial", "command"])
def test_a_till_that_only_scans_does_not_lock(office: Office, touch: str) -> None:
    office.sign_on()
    for _ in range(3):
        office.counter.clock.pass_ms(100_000)
        if touch == "scanner":
            office.counter.hands.scan("6901285991219")
        elif touch == "serial":
            office.counter.face.bus.take("6901285991219")
        else:
            office.counter.hands.keys("Ctrl+Z")
        office.screens.idle.look()
        office.counter.settle()
    assert office.counter.screen == "sale"


@pytest.mark.parametrize(("auto_lock_s", "locks"), [(0, False), (60, True)])
def test_the_till_has_its_own_word_on_idling(office: Office, auto_lock_s: int, locks: bool) -> None:
    till = office.counter.till
    office.sign_on("9001")
    till.settings.save(replace(till.settings.current, auto_lock_s=auto_lock_s), till.operators.authority())
    office.counter.clock.pass_ms(100_000)
    office.screens.idle.look()
    office.counter.settle()
    assert (office.counter.screen == "sign_on") is locks


def test_everybody_of_the_store_has_a_tile(office: Office) -> None:
    before = len(office.screens.sign_on.state.operators)
    assert before == 3
    assert [button.text() for button in office.screen("sign_on").people.tiles.buttons] == ["主管", "店长", "收银员"]


def test_the_language_switches_live(office: Office) -> None:
    screen = office.screen("sign_on")
    assert screen.title.text() == "谁来收银？"
    office.counter.face.look.words.set_language("en")
    assert screen.title.text() == "Who is on the till?"
    assert screen.enter.text() == "Sign on"
