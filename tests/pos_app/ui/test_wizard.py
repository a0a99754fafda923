"""The first run: language, cloud, code and its errors; device tests; resumed after a restart; at most 12 fields."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from domain.errors import DomainError
from pos_app.services.enrolment import EnrolledTill
from pos_app.settings import PrinterKind
from pos_app.ui.first_run import FirstRun, open_first_run
from pos_app.ui.look import Look
from pos_app.ui.theme import Theme
from pos_app.ui.words import Words
from pos_app.viewmodels.first_run import with_scheme
from pos_app.viewmodels.first_run_draft import FILE, Draft, keep_draft, read_draft
from pos_app.viewmodels.wizard import WizardServices, WizardViewModel
from sync.transport import Retryable, Terminal
from tests.pos_app.ui.hands import Hands, TestClock, bury, drain
from tests.pos_app.ui.office import Office, close_office, open_office

FIELDS_MAX = 12


@pytest.fixture
def make_run(tmp_path: Path, qapp: QApplication) -> Iterator[Callable[[], tuple[FirstRun, Hands]]]:
    made: list[FirstRun] = []

    def make() -> tuple[FirstRun, Hands]:
        theme = Theme()
        theme.apply()
        run = FirstRun(tmp_path / "till", Look.of(theme, Words("zh")))
        made.append(run)
        run.shell.resize(1366, 768)
        run.shell.show()
        run.begin()
        clock = TestClock()

        def settle() -> None:
            run.bus.flush()
            for _ in range(400):
                drain()
                if run.tasks.is_idle:
                    return
                QTest.qWait(2)

        hands = Hands(run.shell, clock, settle=settle)
        settle()
        return run, hands

    yield make
    for run in made:
        run.close()
    bury()


@pytest.fixture
def office(tmp_path: Path, qapp: QApplication) -> Iterator[Office]:
    opened = open_office(tmp_path / "till", wizard_done=False)
    yield opened
    close_office(opened)


def answer(run: FirstRun, monkeypatch: pytest.MonkeyPatch, outcome: object) -> list[tuple[str, str]]:
    """The cloud is outside: let it answer with a till or an error."""
    asked: list[tuple[str, str]] = []

    def enrol(cloud_url: str, code: str, *, ca_file: str = "") -> EnrolledTill:
        asked.append((cloud_url, code))
        if isinstance(outcome, Exception):
            raise outcome
        assert isinstance(outcome, EnrolledTill)
        return outcome

    monkeypatch.setattr(run.model._enrolment, "enrol", enrol)
    return asked


ENROLLED = EnrolledTill("0102-2", "0102", "人民路店", "Renmin Road")


def test_by_keyboard_alone(make_run: Callable[[], tuple[FirstRun, Hands]], monkeypatch: pytest.MonkeyPatch) -> None:
    run, hands = make_run()
    asked = answer(run, monkeypatch, ENROLLED)
    told: list[object] = []
    run.model.enrolled.connect(told.append)
    hands.keys("Down", "Enter")
    assert run.look.words.language == "en"
    assert run.screen.frame.title.text() == "Connect this device to HQ"
    hands.type("pos.example.com")
    hands.keys("Enter")
    hands.type("7k4m-2qxd")
    hands.keys("Enter")
    assert asked == [("https://pos.example.com", "7k4m-2qxd")]
    assert told == [ENROLLED]


def test_by_touch_alone(make_run: Callable[[], tuple[FirstRun, Hands]], monkeypatch: pytest.MonkeyPatch) -> None:
    run, hands = make_run()
    asked, screen = answer(run, monkeypatch, ENROLLED), run.screen
    hands.touch(screen.languages["zh"])
    hands.touch(screen.frame.next)
    hands.touch(screen.keyboard_button)
    for key in "a.b":
        hands.touch(screen.keyboard.buttons[key])
    hands.touch(screen.code)
    for key in "12":
        hands.touch(screen.keyboard.buttons[key])
    hands.touch(screen.keyboard.buttons["back"])
    hands.touch(screen.frame.next)
    assert asked == [("https://a.b", "1")]


@pytest.mark.parametrize(
    "error",
    [
        Terminal("enrol.code_wrong", status=404),
        Terminal("enrol.code_used", status=409),
        Terminal("enrol.code_expired", status=410),
        Retryable("sync.unreachable"),
        Retryable("sync.timeout"),
        Retryable("sync.certificate_expired"),
        Retryable("sync.certificate_untrusted"),
        Terminal("sync.not_evertill"),
        DomainError("sync.url_wrong"),
    ],
    ids=lambda error: error.code,
)
def test_each_trouble_is_told_and_what_was_typed_stays(
    make_run: Callable[[], tuple[FirstRun, Hands]], monkeypatch: pytest.MonkeyPatch, error: DomainError
) -> None:
    run, hands = make_run()
    answer(run, monkeypatch, error)
    hands.keys("Enter")
    hands.type("pos.example.com")
    hands.keys("Down")
    hands.type("7K4M")
    hands.keys("Enter")
    said = run.look.words.error(error)
    assert error.code not in run.screen.frame.trouble.text(), "it has words of its own"
    for part in (said.what, said.safe, said.do):
        assert part in run.screen.frame.trouble.text()
    assert (run.screen.address.text(), run.screen.code.text()) == ("pos.example.com", "7K4M")
    asked = answer(run, monkeypatch, ENROLLED)
    hands.keys("Enter")
    assert asked == [("https://pos.example.com", "7K4M")]


def test_no_cloud_at_all_is_told(make_run: Callable[[], tuple[FirstRun, Hands]]) -> None:
    """The real thing: nobody listens there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    run, hands = make_run()
    hands.keys("Enter")
    run.screen.address.setText(f"http://127.0.0.1:{port}")
    run.screen.code.setText("7K4M2QXD")
    hands.keys("Enter")
    assert run.model.state.error is not None
    assert run.screen.frame.trouble.isVisible()
    assert not run.model.state.is_enrolling


def test_the_code_may_be_scanned_and_is_never_kept(
    make_run: Callable[[], tuple[FirstRun, Hands]], tmp_path: Path
) -> None:
    run, hands = make_run()
    hands.keys("Enter")
    run.screen.address.setText("pos.example.com")
    run.shell.take_scan("7K4M2QXD")
    assert run.screen.code.text() == "7K4M2QXD"
    run.model._keep(run.model.state.draft)
    assert "7K4M" not in (tmp_path / "till" / FILE).read_text("utf-8")


def test_language_and_address_survive_a_restart(
    make_run: Callable[[], tuple[FirstRun, Hands]], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, hands = make_run()
    answer(run, monkeypatch, Retryable("sync.unreachable"))
    hands.keys("Down", "Enter")
    hands.type("pos.example.com")
    hands.keys("Down")
    hands.type("7K4M")
    hands.keys("Enter")
    again, _ = make_run()
    assert again.look.words.language == "en"
    assert again.model.state.step == "connect"
    assert again.screen.address.text() == "pos.example.com"
    assert again.screen.code.text() == ""


def test_a_broken_draft_is_no_draft(tmp_path: Path) -> None:
    assert read_draft(tmp_path) == Draft()
    (tmp_path / FILE).write_text("[1,")
    assert read_draft(tmp_path) == Draft()
    keep_draft(tmp_path, Draft("en", "a.b"))
    assert read_draft(tmp_path) == Draft("en", "a.b")
    (tmp_path / "file").write_text("")
    keep_draft(tmp_path / "file", Draft("en"))


def test_an_address_without_a_scheme_is_https() -> None:
    assert with_scheme("pos.example.com") == "https://pos.example.com"
    assert with_scheme("http://127.0.0.1:8000") == "http://127.0.0.1:8000"


def test_closing_the_window_ends_the_first_run(tmp_path: Path, qapp: QApplication) -> None:
    theme = Theme()
    theme.apply()
    QTimer.singleShot(100, lambda: next(w for w in qapp.topLevelWidgets() if w.isVisible()).close())
    assert open_first_run(tmp_path / "till", Look.of(theme, Words("zh")), size=(1024, 768)) is False


# After enrolment ---------------------------------------------------------------------------------------


def test_it_begins_with_store_and_till(office: Office) -> None:
    assert office.counter.screen == "wizard"
    screen = office.screen("wizard")
    assert screen.store.store.text() == "人民路店"
    assert "0102-2" in screen.store.till.text()
    assert screen.frame.step.text() == "第 3 步，共 8 步"


def test_the_download_shows_how_far_it_is(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = office.counter.till.catalog
    monkeypatch.setattr(type(catalog), "is_ready", property(lambda self: False))
    office.agent.progress.emit({"ev": "progress", "step": "download", "done": 1 << 20, "total": 4 << 20})
    screen = office.screen("wizard")
    assert screen.store.line.percent == 25
    assert screen.store.text.text() == "正在下载商品资料 1.0 MB/4.0 MB"
    assert not screen.frame.next.isEnabled()
    office.agent.status.emit({"ev": "status", "state": "offline", "error": "sync.unreachable"})
    assert screen.frame.trouble.isVisible()
    office.counter.hands.keys("Enter")
    assert office.screens.wizard.state.step == "store"
    monkeypatch.undo()
    office.agent.replica_flipped.emit("replica-1.db")
    assert screen.frame.next.isEnabled()


def test_the_whole_way_by_keyboard(office: Office) -> None:
    hands, model = office.counter.hands, office.screens.wizard
    hands.keys("Enter")
    assert model.state.step == "printer"
    hands.keys("Enter")
    office.wait(500)
    assert office.printed.stat().st_size > 100
    assert "整齐" in office.screen("wizard").frame.trouble.text()
    hands.keys("Enter")
    assert model.state.step == "scanner"
    for _ in range(3):
        hands.scan("6901234567892", gap_ms=8)
        office.counter.clock.pass_ms(900)
    office.counter.settle()
    assert model.state.result == "passed"
    hands.keys("Enter")
    assert model.state.step == "drawer"
    hands.keys("F5")
    office.wait(500)
    hands.keys("F8")
    assert model.state.result == "failed"
    assert model.state.step == "drawer"
    hands.keys("F9")
    assert model.state.step == "practice"
    hands.scan("6901285991219")
    office.counter.settle()
    assert office.screen("wizard").practice.total.text() == "¥2.00"
    hands.keys("F6")
    assert model.practice.state.is_paid
    hands.keys("Enter", "Enter")
    assert office.counter.screen == "sign_on"
    kept = office.counter.till.settings.current
    assert kept.wizard_done
    assert (kept.wizard.printer, kept.wizard.scanner, kept.wizard.drawer) == ("passed", "passed", "skipped")


def test_practice_is_kept_nowhere(office: Office) -> None:
    office.screens.wizard._go("practice")
    office.counter.settle()
    before = office.counter.till.health.facts().journal_seq
    office.counter.hands.keys("F5", "F5", "F6")
    assert office.counter.till.health.facts().journal_seq == before
    assert office.counter.till.receipts.today() == []
    assert office.counter.till.selling.cart.cart.is_empty


def test_every_test_can_be_skipped_and_none_needs_a_printer(tmp_path: Path, qapp: QApplication) -> None:
    office = open_office(tmp_path / "till", wizard_done=False, printer=PrinterKind.NONE)
    try:
        office.counter.hands.keys("Enter")
        assert "没有打印机" in office.screen("wizard").frame.trouble.text()
        office.counter.hands.keys("F9", "F9", "F9")
        assert office.screens.wizard.state.step == "practice"
    finally:
        close_office(office)


def test_a_printer_in_trouble_says_why_and_stays(office: Office) -> None:
    hands, screen = office.counter.hands, office.screen("wizard")
    hands.keys("Enter")
    hands.touch(screen.printer.kind.buttons["network"])
    screen.printer.address.setText("not an address")
    hands.keys("Enter")
    office.wait(600)
    assert "地址" in screen.frame.trouble.text()
    assert office.screens.wizard.state.step == "printer"


def test_a_restart_goes_on_at_the_same_step(office: Office, tmp_path: Path) -> None:
    office.counter.hands.keys("Enter")
    office.counter.hands.keys("F9")
    assert office.screens.wizard.state.step == "scanner"
    kept = office.counter.till.settings.current
    assert kept.wizard.step == "scanner"
    assert kept.wizard.printer == "skipped"
    till = office.counter.till
    services = WizardServices(till.settings, till.catalog, till.identity)
    again = WizardViewModel(services, tasks=office.counter.tasks, test=office.screens.test)
    assert again.state.step == "scanner"


def test_esc_goes_back_a_step(office: Office) -> None:
    office.counter.hands.keys("Enter", "Esc")
    assert office.screens.wizard.state.step == "store"


def test_at_most_twelve_fields(office: Office) -> None:
    """Language, address, code, certificate; printer's kind, address, columns, mode; three verdicts."""
    before = ["language", "address", "code", "ca_file"]
    printer = office.screen("wizard").printer
    fields = [printer.kind, printer.address, printer.columns, printer.mode]
    assert len(before) + len(fields) + len(("printer", "scanner", "drawer")) <= FIELDS_MAX
