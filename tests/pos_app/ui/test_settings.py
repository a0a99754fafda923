"""Settings: who may change what, kept at once and in force at once; device tests; learning a scanner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from pos_app.settings import PrinterKind, PrintMode
from pos_app.ui.settings.learn_card import SAMPLE_CODE, ean13_bars
from pos_app.viewmodels.scanner_learning import Collector, Sample, Verdict, learn
from pos_app.viewmodels.settings import SECTIONS
from tests.pos_app.ui.office import Office, close_office, open_office
from tests.pos_app.ui.shop import PINS


@pytest.fixture
def office(tmp_path: Path, qapp: QApplication) -> Iterator[Office]:
    opened = open_office(tmp_path / "till")
    yield opened
    close_office(opened)


def open_settings(office: Office, operator_id: str, section: str = "screen") -> None:
    office.sign_on(operator_id)
    office.counter.face.shell.go("settings")
    for _ in range(SECTIONS.index(section)):
        office.counter.hands.keys("PgDn")


def test_anybody_sets_the_screen_and_it_changes_at_once(office: Office) -> None:
    open_settings(office, "1001")
    screen, hands, look = office.screen("settings"), office.counter.hands, office.counter.face.look
    hands.touch(screen.theme_choice.buttons["dark"])
    hands.touch(screen.zoom.buttons["125"])
    hands.touch(screen.hand.buttons["left"])
    hands.touch(screen.language.buttons["en"])
    assert look.theme.is_dark
    assert look.theme.zoom == 125
    assert look.theme.is_mirrored
    assert screen.head.title.text() == "Settings"
    kept = office.counter.till.settings.current.screen
    assert (kept.theme, kept.zoom_percent, kept.left_handed, kept.language) == ("dark", 125, True, "en")
    assert screen.theme_choice.value == "dark"


def test_the_key_profile_changes_the_keycaps(office: Office) -> None:
    open_settings(office, "1001")
    office.counter.hands.touch(office.screen("settings").profile.buttons["f9"])
    assert office.counter.face.look.keys.keycap("sale", "pay") == "F9 / +"


def test_a_cashier_sees_the_lock_and_a_manager_opens_it(office: Office) -> None:
    open_settings(office, "1001", "printer")
    screen = office.screen("settings")
    assert screen.lock_plate.isVisible()
    assert not screen.printer.isVisible()
    office.counter.hands.keys("F4")
    panel = office.counter.face.shell.panel
    assert panel is not None
    office.counter.hands.type(PINS["9001"])
    office.counter.hands.keys("Enter")
    assert screen.printer.isVisible()
    office.counter.hands.touch(screen.printer.columns.buttons["32"])
    assert office.counter.till.settings.current.printer.columns == 32
    office.counter.hands.keys("Esc")
    office.counter.face.shell.go("settings")
    assert office.screens.settings.state.authority is None, "an approval ends with the page"


def test_a_manager_sets_the_printer_and_tests_it(office: Office) -> None:
    open_settings(office, "9001", "printer")
    screen, hands = office.screen("settings"), office.counter.hands
    hands.touch(screen.printer.mode.buttons["raster"])
    assert office.counter.till.settings.current.printer.mode is PrintMode.RASTER
    hands.touch(screen.test_print)
    office.wait(500)
    assert office.printed.stat().st_size > 1000
    assert "整齐" in screen.result.text()


def test_a_printer_that_cannot_be_reached_says_why(office: Office) -> None:
    open_settings(office, "9001", "printer")
    screen, hands = office.screen("settings"), office.counter.hands
    hands.touch(screen.printer.kind.buttons["network"])
    assert office.counter.till.settings.current.printer.kind is PrinterKind.NETWORK
    screen.printer.address.setText("nonsense nonsense")
    hands.keys("F5")
    office.wait(600)
    assert office.counter.till.settings.current.printer.address == "nonsense nonsense"
    assert "地址" in screen.result.text()


def test_opening_the_drawer_is_journaled(office: Office) -> None:
    open_settings(office, "9001", "drawer")
    office.counter.hands.keys("F6")
    office.wait(500)
    assert "已记录" in office.screen("settings").drawer_result.text()
    with office.counter.till.database.read() as uow:
        kinds = [row[0] for row in uow.raw.execute("SELECT kind FROM journal").fetchall()]
    assert "drawer_open" in kinds
    assert "settings_changed" in kinds


def test_when_the_till_locks_by_itself(office: Office) -> None:
    open_settings(office, "9001", "security")
    screen = office.screen("settings")
    assert screen.auto_lock.value == "store"
    office.counter.hands.touch(screen.auto_lock.buttons["600"])
    assert office.counter.till.settings.current.auto_lock_s == 600
    office.counter.hands.touch(screen.auto_lock.buttons["store"])
    assert office.counter.till.settings.current.auto_lock_s is None


def test_choices_by_keyboard_alone(office: Office) -> None:
    open_settings(office, "9001", "security")
    screen = office.screen("settings")
    for _ in range(30):
        office.counter.hands.keys("Down")
        if screen.auto_lock.buttons["60"].hasFocus():
            break
    office.counter.hands.keys("Enter")
    assert office.counter.till.settings.current.auto_lock_s == 60


def test_a_scanner_is_learnt_from_three_scans(office: Office) -> None:
    open_settings(office, "9001", "scanner")
    office.counter.hands.keys("F7")
    card = office.screen("settings").learn_card
    assert card.learner.is_listening
    for _ in range(3):
        office.counter.hands.scan(SAMPLE_CODE, gap_ms=12)
        office.counter.clock.pass_ms(900)
    office.counter.settle()
    assert card.found is not None
    assert card.found.verdict is Verdict.GOOD
    assert card.found.code == SAMPLE_CODE
    assert not card.learner.is_listening
    assert office.counter.till.settings.current.scanner.gap_ms == 24
    office.counter.hands.keys("Esc")
    assert office.counter.screen == "sale"
    office.counter.hands.scan("6901285991219", gap_ms=12)
    office.counter.settle()
    assert len(office.counter.till.selling.cart.lines) == 1


def test_leaving_gives_the_keys_back(office: Office) -> None:
    open_settings(office, "9001", "scanner")
    office.counter.hands.keys("F7", "Esc")
    assert office.counter.screen == "settings", "the first Esc ends the learning"
    assert not office.screen("settings").learn_card.learner.is_listening
    office.counter.hands.keys("Esc")
    assert office.counter.screen == "sale"


def scan(text: str, gap_ms: int = 5) -> Sample:
    collector, found = Collector(), None
    for at, char in enumerate(text):
        found = collector.feed(char, at * gap_ms)
    return found or collector.end() or Sample("", ())


@pytest.mark.parametrize(
    ("texts", "gap_ms", "verdict"),
    [
        (["6901\r"] * 3, 5, Verdict.GOOD),
        (["6901\r"] * 3, 60, Verdict.SLOW),
        (["\x026901\x03"] * 3, 60, Verdict.GOOD),
        (["6901234"] * 3, 5, Verdict.NO_ENTER),
        (["6901\r", "6902\r", "6901\r"], 5, Verdict.DIFFERENT),
    ],
)
def test_what_scans_tell(texts: list[str], gap_ms: int, verdict: Verdict) -> None:
    assert learn([scan(text, gap_ms) for text in texts]).verdict is verdict


def test_a_prefix_is_learnt_and_a_person_stays_a_person() -> None:
    found = learn([scan("\x026901\x03", 50)] * 3)
    assert (found.scanner.prefix, found.scanner.suffix) == ("\x02", "\x03")
    assert learn([scan("6901\r", 1)] * 3).scanner.gap_ms == 20
    assert learn([scan("6901\r", 60)] * 3).scanner.gap_ms < 40


def test_too_little_is_no_scan() -> None:
    collector = Collector()
    assert [collector.feed(char, 0) for char in "12\r"] == [None, None, None]
    assert not collector.is_open


def test_the_barcode_on_screen_is_a_right_ean_13() -> None:
    bars = ean13_bars("5901234123457")
    assert len(bars) == 95
    assert bars.startswith("101")
    assert bars.endswith("101")
    assert bars[45:50] == "01010"
    assert bars[3:45] == "000101101001110110011001001101111010011101"[:42]


def test_a_window_that_closes_gives_the_keys_back(office: Office) -> None:
    open_settings(office, "9001", "scanner")
    office.counter.hands.keys("F7")
    learner = office.screen("settings").learn_card.learner
    assert learner.is_listening
    office.counter.face.shell.hide()
    assert not learner.is_listening
