"""What comes out of a printer: the same text as the receipt, and codes that an independent reader reads."""

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from domain.columns import printable
from domain.receipt import COLUMNS, Receipt, RowKind, TextRow
from pos_app.devices import escpos
from pos_app.devices.escpos import Barcode, encode_receipt
from pos_app.settings import PrinterSettings, PrintMode
from tests.escpos_emulator import BLOT, EscPosPrinter, UnknownCommand
from tests.receipts import CODE, receipt

DOTS = {32: 384, 42: 512, 44: 576, 48: 576}


def printed(data: bytes, columns: int = 48) -> EscPosPrinter:
    printer = EscPosPrinter(columns, DOTS[columns])
    printer.print(data)
    return printer


def codes_in(image: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(image)]


def text_receipt(*texts: str, columns: int = 48) -> Receipt:
    return Receipt(columns, tuple(TextRow(RowKind.TEXT, text) for text in texts))


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("language", ["zh", "en", "both"])
@pytest.mark.parametrize("native_qr", [True, False])
def test_printed_text_is_the_receipt(columns: int, language: str, native_qr: bool) -> None:
    of = receipt(columns=columns, language=language)
    printer = printed(encode_receipt(of, PrinterSettings(columns=columns, native_qr=native_qr)), columns)
    lines = [line for line in printer.lines if line.text]
    assert [line.text for line in lines] == of.lines()
    assert not any(line.wrapped for line in lines)
    assert codes_in(printer.image()) == [CODE]
    assert printer.cuts == 1
    assert printer.pulses == []


@pytest.mark.parametrize("columns", COLUMNS)
def test_as_an_image_it_carries_the_same_code(columns: int) -> None:
    of = receipt(columns=columns)
    printer = printed(encode_receipt(of, PrinterSettings(columns=columns, mode=PrintMode.RASTER)), columns)
    assert printer.text() == []
    assert printer.raster_bands > 1
    assert codes_in(printer.image()) == [CODE]


def test_image_and_own_font_look_alike() -> None:
    """Line by line the same cells carry ink: what is drawn here is what a printer's own font would give."""
    of = text_receipt(
        "农夫山泉550ml           3x2.00              6.00", "应收                                     ￥21.00"
    )
    own = printed(encode_receipt(of, PrinterSettings())).image()
    drawn = printed(encode_receipt(of, PrinterSettings(mode=PrintMode.RASTER))).image()
    for row in range(2):
        assert inked_cells(own, row) == inked_cells(drawn, row) != set()


def inked_cells(image: Image.Image, row: int) -> set[int]:
    box = image.crop((20, 20 + 34 * row, 20 + 576, 20 + 34 * (row + 1)))
    return {cell for cell in range(48) if min(box.crop((cell * 12 + 2, 0, cell * 12 + 10, 34)).tobytes()) < 128}


def test_sizes_and_weights() -> None:
    printer = printed(encode_receipt(receipt(), PrinterSettings()))
    looks = {line.text.strip(): (line.bold, line.height) for line in printer.lines}
    total = next(look for text, look in looks.items() if text.startswith("应收"))
    assert total == (True, 2)
    assert looks["晨光便利 人民路店"] == (True, 1)
    assert looks["校验7F3A-91C2"] == (False, 1)


def test_yuan_dollar_and_rare_characters() -> None:
    printer = printed(encode_receipt(text_receipt("￥5 HK$5 €5 㐂 龘"), PrinterSettings()))
    assert printer.text() == ["￥5 HK$5 €5 㐂 龘"]


def test_without_a_cutter_it_feeds() -> None:
    printer = printed(encode_receipt(text_receipt("a"), PrinterSettings(cutter=False)))
    assert printer.cuts == 0
    assert printer.image().height >= 20 + 34 * 6


@given(st.lists(st.text(max_size=16).map(printable), max_size=5))
@settings(max_examples=50)
def test_any_printable_text_comes_out(texts: list[str]) -> None:
    printer = printed(encode_receipt(text_receipt(*texts), PrinterSettings()))
    assert printer.text() == texts


@pytest.mark.parametrize(
    ("kind", "data", "read"),
    [
        (Barcode.EAN13, "6901234567892", "6901234567892"),
        (Barcode.EAN8, "69012341", "69012341"),
        (Barcode.UPC_A, "036000291452", "0036000291452"),
        (Barcode.CODE128, "0102-2A-000183", "0102-2A-000183"),
        (Barcode.ITF, "16901234567899", "16901234567899"),
    ],
)
def test_barcodes_are_read(kind: Barcode, data: str, read: str) -> None:
    printer = printed(escpos.CENTER + escpos.barcode(kind, data) + b"\n")
    assert [text.removeprefix("0") for text in codes_in(printer.image())] == [read.removeprefix("0")]


@pytest.mark.parametrize("length", [10, 60, 154])
def test_native_qr_of_each_size_is_read_and_fits_narrow_paper(length: int) -> None:
    data = "R1" + "ABCDEFGH234567"[: length - 2] * 20
    data = data[:length]
    printer = printed(escpos.CENTER + escpos.qr(data) + b"\n", 32)
    assert codes_in(printer.image()) == [data]


def test_drawer_pulses_name_their_pin() -> None:
    printer = printed(escpos.kick(0) + escpos.kick(1) + escpos.kick(0, at_once=True))
    assert printer.pulses == [0, 1, 0]


def test_the_emulator_can_go_red() -> None:
    """Bare GBK, a row too long, and an unknown command are noticed."""
    assert printed("晨光".encode("gbk") + b"\n").text() == [BLOT * 4]
    assert [line.wrapped for line in printed(b"a" * 50 + b"\n").lines] == [True, False]
    assert printed(b"$5\n").text() == ["￥5"]
    with pytest.raises(UnknownCommand):
        printed(b"\x1b\x07")
    with pytest.raises(AssertionError, match="middle of a command"):
        printed(b"\x1dv0\x00\x02\x00\x01\x00a")
