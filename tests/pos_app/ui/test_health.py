"""Sync and health: facts, the check with progress and stop, the print queue, the export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from domain.permissions import Authority
from pos_app.db import check
from pos_app.settings import PrinterKind
from pos_app.ui.health.facts import size, span
from pos_app.ui.words import Words
from resources.texts import LANGUAGES, error_text, text
from tests.pos_app.ui.office import Office, close_office, open_office


@pytest.fixture
def office(tmp_path: Path, qapp: QApplication) -> Iterator[Office]:
    opened = open_office(tmp_path / "till")
    opened.sign_on()
    yield opened
    close_office(opened)


def open_health(office: Office) -> None:
    office.screen("health").folder = lambda: office.directory / "taken"
    office.counter.face.shell.go("health")
    office.counter.settle()


def test_the_facts_of_this_till(office: Office) -> None:
    office.sell()
    open_health(office)
    screen, facts = office.screen("health"), office.counter.till.health.facts()
    assert screen.till.values["机号"] == "0102-2 · 1"
    assert screen.sync.values["待上传"] == str(facts.unsent)
    assert facts.unsent > 0
    assert screen.till.values["流水校验"] == facts.journal_hash[:12]
    assert screen.checks.values["流水链"] == "尚未检查"
    assert screen.files.values["本机数据"].endswith("KB")


def test_the_check_tells_that_all_is_sound(office: Office) -> None:
    office.sell()
    open_health(office)
    office.counter.hands.keys("F5")
    office.wait(50)
    assert office.screen("health").checks.values["流水链"] == "完好"
    assert "完好" in office.counter.message


def test_the_check_shows_how_far_it_is_and_stops(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "WATCHED_ENTRIES", 1)
    for _ in range(3):
        office.sell()
    open_health(office)
    model, seen = office.screens.health, []

    def look() -> None:
        if model.state.is_checking and model.state.checked[1]:
            seen.append(model.state.checked)
            office.screen("health").run("stop")

    model.changed.connect(look)
    real = model._watch

    def slowly(done: int, total: int) -> bool:
        real(done, total)
        return not model._stop.wait(0.2)

    monkeypatch.setattr(model, "_watch", slowly)
    office.counter.hands.keys("F5")
    office.wait(400)
    assert seen
    assert seen[0][0] < seen[0][1]
    assert not model.state.is_checking
    assert office.screen("health").checks.values["流水链"] == "尚未检查"
    assert "已停止" in office.counter.message


def test_a_broken_chain_is_told(office: Office) -> None:
    office.sell()
    with office.counter.till.database.write() as uow:
        uow.raw.execute("UPDATE journal SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE seq = 2")
        uow.commit()
    open_health(office)
    office.counter.hands.keys("F5")
    office.wait(50)
    assert office.screen("health").checks.values["流水链"].startswith("有问题：1/")
    assert "数据" in office.counter.message


def test_the_journal_is_exported(office: Office) -> None:
    office.sell()
    open_health(office)
    office.counter.hands.keys("F7")
    office.counter.settle()
    files = list((office.directory / "taken").iterdir())
    assert len(files) == 1
    lines = files[0].read_text("utf-8").splitlines()
    assert len(lines) >= office.counter.till.health.facts().journal_seq
    assert "482913" not in files[0].read_text("utf-8")


def test_prints_that_failed_can_be_tried_again_or_dropped(office: Office) -> None:
    till = office.counter.till
    broken = replace(till.settings.current.printer, kind=PrinterKind.NETWORK, address="not an address")
    till.settings.save(replace(till.settings.current, printer=broken), _manager(office))
    office.sell()
    office.wait(100)
    open_health(office)
    office.counter.hands.keys("F5")
    office.wait(100)
    state, screen = office.screens.health.state, office.screen("health")
    assert {job.state.value for job in state.jobs} <= {"failed", "pending"}
    failed = next(at for at, job in enumerate(state.jobs) if job.state.value == "failed")
    office.screens.health.mark(failed)
    assert screen.prints.retry.isEnabled()
    before = len(state.jobs)
    office.counter.hands.keys("Ctrl+Del")
    office.wait(50)
    assert len(office.screens.health.state.jobs) == before - 1


def test_scanning_goes_on_selling(office: Office) -> None:
    open_health(office)
    office.counter.hands.scan("6901285991219")
    office.counter.settle()
    assert office.counter.screen == "sale"
    assert len(office.counter.till.selling.cart.lines) == 1


def test_the_pill_leads_here(office: Office) -> None:
    office.counter.hands.touch(office.counter.face.shell.header.pill)
    assert office.counter.screen == "health"
    office.counter.hands.keys("Esc")
    assert office.counter.screen == "sale"


def test_held_entries_and_the_clock_are_shown(office: Office) -> None:
    open_health(office)
    office.counter.face.status.take({"state": "online", "held": 3})
    assert office.screen("health").sync.values["待总部处理"] == "3"


def test_what_is_held_is_told_with_its_reason(office: Office) -> None:
    """The entry in words, why it waits, and how many more there are; gone once HQ has taken them."""
    office.sell()
    facts = office.counter.till.health.facts()
    waiting = [[facts.journal_seq, "entry.hash_wrong"], [9_999, "entry.unreadable"]]
    status, screen = office.counter.face.status, office.screen("health")
    status.take({"state": "online", "held": 3, "held_entries": waiting})
    open_health(office)
    told = screen.held.values
    assert next(iter(told)).startswith("0102-2A-000001 · 销售 · ")
    assert told["第 9999 条 · 其他记录"].startswith("记录的内容看不懂")
    assert told["另有 1 条"] == ""
    assert next(iter(told.values())).startswith("记录的校验值不符")
    status.take({"state": "online", "held": 0})
    assert screen.held.isHidden()


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_app_that_is_too_old_is_told_here_and_in_the_top_bar(office: Office, language: str) -> None:
    """What happened, that sales are safe and sent, and who is to do what; gone once the cloud gives news again."""
    face, screen = office.counter.face, office.screen("health")
    face.look.words.set_language(language)
    face.status.take({"state": "online", "error": "app.too_old", "min_app": "7.2"})
    open_health(office)
    pill = face.shell.header.pill
    assert (pill.token, pill.text()) == ("warn", text("status.too_old", language))
    said, shown = error_text("app.too_old", language), screen.warning.text.text()
    assert not screen.warning.isHidden()
    assert all(part in shown for part in (said.what, said.safe, said.do))
    assert "7.2" in screen.till.values[text("health.fact.version", language)]
    face.status.take({"state": "online", "synced_at_ms": 1, "error": None})
    assert screen.warning.isHidden()


@pytest.mark.parametrize(
    ("ms", "said"), [(5_000, "5 秒"), (200_000, "3 分钟"), (7_300_000, "2 小时"), (172_900_000, "2 天")]
)
def test_spans_in_words(ms: int, said: str) -> None:
    assert span(ms, Words("zh")) == said


@pytest.mark.parametrize(
    ("count", "said"), [(12, "12 B"), (2048, "2.0 KB"), (13_003_000, "12.4 MB"), (3 << 30, "3.0 GB")]
)
def test_sizes_in_words(count: int, said: str) -> None:
    assert size(count) == said


def _manager(office: Office) -> Authority:
    manager = next(one for one in office.counter.till.operators.list() if one.role.value == "manager")
    return Authority(manager)
