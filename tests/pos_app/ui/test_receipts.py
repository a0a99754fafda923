"""Today's sales: list, filter, preview, copies and PDF."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from domain.errors import DomainError
from domain.receipt_code import ReceiptReference, receipt_code, signed_bytes
from pos_app.viewmodels.exporting import write_file
from tests.pos_app.ui.office import Office, close_office, open_office


@pytest.fixture
def office(tmp_path: Path, qapp: QApplication) -> Iterator[Office]:
    opened = open_office(tmp_path / "till")
    opened.sign_on()
    yield opened
    close_office(opened)


def open_today(office: Office, *codes: str) -> None:
    for code in codes:
        office.sell(code)
    office.screen("today").folder = lambda: office.directory / "taken"
    office.counter.face.shell.go("today")
    office.counter.settle()


def titles(office: Office) -> list[str]:
    return [row.title for row in office.screen("today").list.rows]


def test_nothing_sold_yet(office: Office) -> None:
    open_today(office)
    screen = office.screen("today")
    assert screen.plate.title.text() == "今天还没有订单"
    assert not screen.reprint.isEnabled()
    office.counter.hands.keys("F5")
    assert office.counter.message == "请先选一单"


def test_the_newest_first_with_its_receipt(office: Office) -> None:
    open_today(office, "6901285991219", "6924743915848")
    assert titles(office) == ["0102-2A-000002", "0102-2A-000001"]
    screen = office.screen("today")
    first = screen.list.rows[0]
    assert (first.figure, first.tag) == ("¥7.90", "待上传")
    assert "收银员" in first.sub
    assert screen.paper.is_shown
    picture = QImage.fromData(office.screens.receipts.state.picture)
    assert picture.width() > 200
    assert picture.height() > 200


def test_arrows_show_another_receipt(office: Office) -> None:
    open_today(office, "6901285991219", "6924743915848")
    before = office.screens.receipts.state.picture
    office.counter.hands.keys("Down")
    state = office.screens.receipts.state
    assert state.chosen is not None
    assert state.chosen.receipt_no == "0102-2A-000001"
    assert state.picture
    assert state.picture != before


@pytest.mark.parametrize(("typed", "found"), [("000001", ["0102-2A-000001"]), ("7.90", ["0102-2A-000002"]), ("99", [])])
def test_filtered_by_number_or_amount(office: Office, typed: str, found: list[str]) -> None:
    open_today(office, "6901285991219", "6924743915848")
    office.counter.hands.type(typed)
    assert titles(office) == found
    if not found:
        assert typed in office.screen("today").plate.title.text()


def test_a_copy_is_printed_and_says_so(office: Office) -> None:
    open_today(office, "6901285991219")
    before = office.printed.read_bytes()
    office.counter.hands.keys("F5")
    office.wait(100)
    paper = office.printed.read_bytes()[len(before) :].decode("gb18030", errors="replace")
    assert "补打" in paper
    assert "0102-2A-000001" in paper


def test_a_copy_by_touch(office: Office) -> None:
    open_today(office, "6901285991219")
    before = len(office.printed.read_bytes())
    office.counter.hands.touch(office.screen("today").reprint)
    office.wait(100)
    assert len(office.printed.read_bytes()) > before


def test_saved_as_pdf(office: Office) -> None:
    open_today(office, "6901285991219")
    office.counter.hands.keys("F6")
    office.counter.settle()
    pdf = office.directory / "taken" / "0102-2A-000001.pdf"
    assert pdf.read_bytes().startswith(b"%PDF")
    assert str(pdf) in office.counter.message


def test_a_folder_that_cannot_be_written_is_told(office: Office) -> None:
    open_today(office, "6901285991219")
    (office.directory / "a file").write_text("in the way")
    office.screen("today").folder = lambda: office.directory / "a file"
    office.counter.hands.keys("F6")
    office.counter.settle()
    assert "文件没有写成" in office.counter.message
    assert not office.screens.receipts.state.is_exporting


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    def breaks(path: Path) -> None:
        path.write_text("half")
        raise OSError(28, "no space")

    with pytest.raises(DomainError, match=r"export\.failed"):
        write_file(tmp_path / "journal", breaks)
    assert not (tmp_path / "journal").exists()


def test_the_code_on_a_receipt_finds_it(office: Office) -> None:
    open_today(office, "6901285991219", "6924743915848")
    till = office.counter.till
    last = till.receipts.today()[1]
    reference = ReceiptReference(last.receipt_no, till.receipts.check_code(last.sale_id))
    office.counter.hands.scan(receipt_code(reference, till.identity.sign(signed_bytes(reference))))
    office.counter.settle()
    assert titles(office) == [last.receipt_no]


def test_goods_that_are_scanned_are_sold(office: Office) -> None:
    open_today(office)
    office.counter.hands.scan("6901285991219")
    office.counter.settle()
    assert office.counter.screen == "sale"
    assert len(office.counter.till.selling.cart.lines) == 1
