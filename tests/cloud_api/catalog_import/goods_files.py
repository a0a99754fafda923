"""Goods files with the dirt that real exports have, built here so that every kind of it is known."""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook

HEADER = "货号,条码,品名,英文名,单位,分类,售价,进价,税率,称重"

# Each row with what an import must say of it: "" = nothing, "!" before a code = refused.
DIRTY: list[tuple[str, str]] = [
    ("A01,6928804014570,可口可乐,Coca-Cola,罐,饮料,3.50,2.10,13%,否", ""),
    ("A02,10001,苹果,Apples,公斤,水果,12.80,8,9%,是", ""),
    ("A03,02000001,毛巾,Towel,条,百货,3,2,13%,否", ""),
    ("A04,6901234567890,校验位错,,个,百货,1.00,,13%,否", "check_digit"),
    ("A05,69702003700266970200,连扫,,个,百货,2.50,,13%,否", "double_scan"),
    ("A06,LB000001,字母码,,个,百货,3.00,,13%,否", "letters_in_code"),
    ("A07,-,没有条码,,个,百货,2.00,,13%,否", "code_missing"),
    ("A08,2016012600211,像秤码,,个,百货,10.00,,13%,否", "like_a_scale_label"),
    ("A09,695187978,九位码,,个,百货,10.00,,13%,否", "code_length"),
    ("A10,6922255447833,没有价,,瓶,饮料,,,13%,否", "no_price"),
    ("A11,6908471004470,零价,,瓶,饮料,0,,13%,否", "no_price"),
    ("A12,6903252060065,低于进价,,桶,食品,2.00,3.00,13%,否", "price_below_cost"),
    ("A13,6907992521657,6907992521657,,箱,食品,60.00,,13%,否", "name_is_code"),
    ('A14,"7,6E+12",表格毁码,,个,百货,1.00,,13%,否', "!spreadsheet_code"),
    ("A15,6924743919266,,,袋,食品,5.00,,13%,否", "!name_missing"),
    (f"A16,6949352201632,{'长' * 201},,个,百货,5.00,,13%,否", "!name_too_long"),
    ("A17,6970870270947,价格看不懂,,杯,饮料,五元,,13%,否", "!price_unreadable"),
    ("A18,6928804010190,三位小数,,瓶,饮料,3.999,,13%,否", "!price_unreadable"),
    ("A19,4891338004527,负价,,支,百货,-3.00,,13%,否", "!price_unreadable"),
    ("A20,6928804014570,重复条码,,罐,饮料,3.50,,13%,否", "!duplicate_code"),
    ("A01,6901028062312,货号重复,,包,百货,28.00,,13%,否", "sku_replaced"),
    ("A01,06928804014570,可口可乐,Coca-Cola,罐,饮料,3.50,2.10,13%,否", "repeated_row"),
    ("A21,6901028085885,税率怪,,包,百货,13.00,,百分之十三,否", "!tax_unreadable"),
    ("A22,6901028126212,称重怪,,包,百货,5.00,,13%,也许", "!flag_unreadable"),
    ("A23,6901028153881,少一列,,包,百货,15.00,,13%", "!column_count"),
    ("A24,6901028154147,多一列,,包,百货,20.00,,13%,否,多", "!column_count"),
    ("A25,34220252,\x07响铃,,个,百货,5.00,,13%,否", "!control_characters"),
    ("A26,69019388,千分位,,口,食品,￥,,13%,否", "!price_unreadable"),
    ("A27,69020605,尾零,,口,食品,2.5000,,13%,否", ""),
    (",69021343,没有货号,,口,食品,3.00,,13%,否", ""),
    ("A28,69021824,同一商品,,瓶,食品,8.00,,13%,否", ""),
    ("A28,69023019,同一商品,,瓶,食品,8.00,,13%,否", ""),
]

EXPECTED = sorted((row, code.lstrip("!")) for row, (_, code) in enumerate(DIRTY, start=2) if code)
REFUSED = sum(code.startswith("!") for _, code in DIRTY)
DOUBTED = sum(bool(code) and not code.startswith("!") for _, code in DIRTY)


def dirty_csv(path: Path, encoding: str = "utf-8") -> Path:
    """The dirty rows as a CSV file."""
    path.write_bytes("\r\n".join([HEADER, *(row for row, _ in DIRTY), ""]).encode(encoding))
    return path


def workbook(path: Path, rows: list[list[object]]) -> Path:
    """A workbook with one sheet, named 商品."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "商品"
    for row in rows:
        sheet.append(row)
    book.save(path)
    book.close()
    return path
