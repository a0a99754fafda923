"""The bottom bar of the first run: it names the keys of the step in front, and each of them does something."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from pos_app.settings import PrinterKind
from tests.pos_app.ui.office import Office, close_office, open_office

STEPS = ("store", "printer", "scanner", "drawer", "practice", "done")


@pytest.fixture
def make_office(tmp_path: Path, qapp: QApplication) -> Iterator[Callable[..., Office]]:
    opened: list[Office] = []

    def make(printer: PrinterKind = PrinterKind.FILE, language: str = "zh") -> Office:
        office = open_office(tmp_path / "till", language=language, wizard_done=False, printer=printer)
        opened.append(office)
        return office

    yield make
    for office in opened:
        close_office(office)


def hints(office: Office) -> str:
    return office.counter.face.shell.band.message


def named(office: Office) -> set[str]:
    """The function keys that the bar names."""
    return {f"F{n}" for n in range(2, 13) if f"F{n} " in hints(office)}


def test_each_step_names_its_own_keys(make_office: Callable[..., Office]) -> None:
    office = make_office()
    seen = {}
    for step in STEPS:
        office.screens.wizard._go(step)
        office.counter.settle()
        seen[step] = named(office)
    tests = {"F5", "F7", "F8", "F9"}
    assert seen == {
        "store": set(),
        "printer": tests,
        "scanner": tests,
        "drawer": tests,
        "practice": {"F5", "F6", "F9"},
        "done": set(),
    }
    office.counter.hands.keys("Esc")
    assert "F6" in hints(office), "the bar follows a step back, too"


def test_no_test_is_named_where_there_is_nothing_to_test(make_office: Callable[..., Office]) -> None:
    office = make_office(PrinterKind.NONE)
    office.counter.hands.keys("Enter")
    assert office.screens.wizard.state.step == "printer"
    assert named(office) == {"F9"}


def test_nothing_leads_on_before_the_catalogue_is_here(
    make_office: Callable[..., Office], monkeypatch: pytest.MonkeyPatch
) -> None:
    office = make_office()
    monkeypatch.setattr(type(office.counter.till.catalog), "is_ready", property(lambda self: False))
    office.agent.progress.emit({"ev": "progress", "step": "download", "done": 1, "total": 4})
    assert "Enter" not in hints(office)


def test_the_sale_to_practise_on_can_be_skipped_by_key(make_office: Callable[..., Office]) -> None:
    office = make_office()
    office.screens.wizard._go("practice")
    office.counter.hands.keys("F9")
    assert office.screens.wizard.state.step == "done"


def test_the_sale_to_practise_on_can_be_skipped_by_touch(make_office: Callable[..., Office]) -> None:
    office = make_office()
    office.screens.wizard._go("practice")
    office.counter.settle()
    button = next(button for button, act in office.screen("wizard").capped if act == "skip")
    assert button.isVisible()
    office.counter.hands.touch(button)
    assert office.screens.wizard.state.step == "done"


def test_a_panel_shows_its_own_keys_and_gives_them_back(make_office: Callable[..., Office]) -> None:
    office = make_office(language="en")
    office.screens.wizard._go("practice")
    office.counter.settle()
    before = hints(office)
    office.counter.hands.keys("F1")
    office.screens.wizard.changed.emit()
    assert hints(office) != before
    office.counter.hands.keys("Esc")
    assert hints(office) == before
