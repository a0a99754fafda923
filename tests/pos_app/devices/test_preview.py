"""Pictures and PDF of a receipt: readable codes, whole pages, and a clear word where no font has Chinese."""

from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from domain.receipt import COLUMNS, Mark
from pos_app.devices import fonts
from pos_app.devices.fonts import chinese_font, search
from pos_app.devices.ports import PrinterError
from pos_app.devices.preview import to_pdf, to_png
from resources.texts import error_text
from tests.receipts import CODE, line, receipt, sale


@pytest.mark.parametrize("columns", COLUMNS)
def test_picture_carries_the_code_and_ink_in_every_row(columns: int) -> None:
    image = Image.open(BytesIO(to_png(receipt(columns=columns), 12)))
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [CODE]
    assert image.width == (columns + 6) * 12
    first_row = image.crop((0, 36, image.width, 70))
    assert min(first_row.tobytes()) < 64


def test_finer_picture_is_the_same_in_proportion() -> None:
    coarse, fine = (Image.open(BytesIO(to_png(receipt(), cell))) for cell in (12, 24))
    assert fine.size == (2 * coarse.width, 2 * coarse.height)


def test_marks_change_the_picture() -> None:
    plain, marked = to_png(receipt()), to_png(receipt(marks=(Mark.REPRINT,)))
    assert Image.open(BytesIO(marked)).height > Image.open(BytesIO(plain)).height


def test_pdf_has_one_page_as_long_as_the_receipt() -> None:
    pdf = to_pdf(receipt())
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/MediaBox") == 1


def test_long_receipt_goes_on_on_another_page() -> None:
    goods = [line(f"商品{number}", "", price=100) for number in range(250)]
    assert to_pdf(receipt(sale(*goods))).count(b"/MediaBox") == 2


def test_found_font_has_chinese() -> None:
    font = chinese_font(24)
    assert font.getmask("恒").getbbox() != font.getmask("\uffff").getbbox()
    assert font.getlength("恒") == 24


def test_no_font_is_told_in_both_languages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "latin.ttf").write_bytes(b"no font")
    monkeypatch.setattr(fonts, "font_folders", lambda: (tmp_path, tmp_path / "missing"))
    fonts._find.cache_clear()
    fonts.chinese_font.cache_clear()
    try:
        with pytest.raises(PrinterError, match="font_missing") as missing:
            to_png(receipt())
    finally:
        fonts._find.cache_clear()
        fonts.chinese_font.cache_clear()
    assert not missing.value.uncertain
    assert "Noto Sans CJK" in str(error_text(missing.value.code, "zh"))
    assert "Noto Sans CJK" in str(error_text(missing.value.code, "en"))


def test_a_broken_font_file_is_passed_over(tmp_path: Path) -> None:
    # Not a name that this system has: Pillow itself looks for a namesake of a file it cannot read.
    (tmp_path / "simhei.ttf").write_bytes(b"cut off")
    assert search((tmp_path,)) is None
    found = search((tmp_path, *fonts.font_folders()))
    assert found is not None
    assert found[0].parent != tmp_path
