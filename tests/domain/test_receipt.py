"""Receipts as rows: the look in golden texts, and what holds for every sale."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.columns import width
from domain.money import MAX_MINOR, format_minor
from domain.price_modifier import Cause, PriceModifier, Stage
from domain.quantity import MAX_THOUSANDTHS
from domain.receipt import (
    COLUMNS,
    WORD_KEYS,
    Mark,
    Proof,
    QrRow,
    Receipt,
    RowKind,
    TextRow,
    build_receipt,
    pieces,
)
from domain.sale import Sale, SaleLine
from domain.tender import Tender, TenderKind
from resources.texts import keys
from tests.receipts import CHECK_CODE, CODE, STORE, by_hand, line, morning_sale, paper, receipt, reduced, sale


def laid_out(of: Sale, columns: int, language: str = "zh", *, marks: tuple[Mark, ...] = ()) -> Receipt:
    return build_receipt(of, STORE, paper=paper(columns, language), proof=Proof(CHECK_CODE, CODE, marks))


def shown(of: Receipt) -> str:
    """The rows as text, the code as a word."""
    return "\n".join(row.text if isinstance(row, TextRow) else "[QR]" for row in of.rows)


NARROW_ZH = """\
       晨光便利 人民路店
单号              0102-2A-000183
2026-11-03 18:22        收银1007
--------------------------------
农夫山泉550ml
  3x2.00                    6.00
乐事薯片原味75g
  1x7.90                    7.90
散称苹果[折扣]
  0.835kgx9.96              8.32
--------------------------------
件数5 合计                 22.22
单品折扣                   -1.20
抹零(只舍不入)             -0.02
应收                     ￥21.00
现金50.00              找零29.00
本单已省                    1.20
[QR]
         校验7F3A-91C2"""

WIDE_ZH = """\
               晨光便利 人民路店
单号                              0102-2A-000183
2026-11-03 18:22                        收银1007
------------------------------------------------
农夫山泉550ml           3x2.00              6.00
乐事薯片原味75g         1x7.90              7.90
散称苹果[折扣]          0.835kgx9.96        8.32
------------------------------------------------
件数5 合计                                 22.22
单品折扣                                   -1.20
抹零(只舍不入)                             -0.02
应收                                     ￥21.00
现金50.00                              找零29.00
本单已省                                    1.20
------------------------------------------------
[QR]
                 校验7F3A-91C2"""

NARROW_EN = """\
   Morning Light, Renmin Road
No.               0102-2A-000183
2026-11-03 18:22    Cashier 1007
--------------------------------
Nongfu Spring 550ml
  3x2.00                    6.00
Lay's Original 75g
  1x7.90                    7.90
Loose apples [Discount]
  0.835kgx9.96              8.32
--------------------------------
Items 5 Total              22.22
Item discount              -1.20
Rounding                   -0.02
To pay                   ￥21.00
Cash 50.00          Change 29.00
You saved                   1.20
[QR]
        Check 7F3A-91C2"""

WIDE_BOTH = """\
               晨光便利 人民路店
           Morning Light, Renmin Road
单号 No.                          0102-2A-000183
2026-11-03 18:22               收银 Cashier 1007
------------------------------------------------
农夫山泉550ml           3x2.00              6.00
  Nongfu Spring 550ml
乐事薯片原味75g         1x7.90              7.90
  Lay's Original 75g
散称苹果[折扣]          0.835kgx9.96        8.32
  Loose apples [Discount]
------------------------------------------------
件数 Items 5 合计 Total                    22.22
单品折扣 Item discount                     -1.20
抹零(只舍不入) Rounding                    -0.02
应收 To pay                              ￥21.00
现金 Cash                                  50.00
找零 Change                                29.00
本单已省 You saved                          1.20
------------------------------------------------
[QR]
              校验 Check 7F3A-91C2"""


@pytest.mark.parametrize(
    ("columns", "language", "expected"),
    [(32, "zh", NARROW_ZH), (48, "zh", WIDE_ZH), (32, "en", NARROW_EN), (48, "both", WIDE_BOTH)],
)
def test_golden(columns: int, language: str, expected: str) -> None:
    assert shown(laid_out(morning_sale(), columns, language)) == expected


@pytest.mark.parametrize("columns", [42, 44])
def test_middle_widths_stand_in_three_columns(columns: int) -> None:
    lines = laid_out(morning_sale(), columns).lines()
    water = next(row for row in lines if "农夫" in row)
    assert width(water) == columns
    assert width(water[: water.index("3x2.00")]) == columns // 2
    assert water.endswith("6.00")


def test_long_name_wraps_and_the_amount_stays_whole() -> None:
    name = "特级初榨橄榄油家庭装礼盒限量版" * 3
    bought = sale(line(name, "", price=12_345_678, quantity=12_345, unit="kg"))
    narrow, wide = laid_out(bought, 32).lines(), laid_out(bought, 48).lines()
    assert narrow[4:8] == [name[:16], name[16:32], name[32:], "  12.345kgx123456.78  1524073.95"]
    assert wide[4:7] == [name[:24], name[24:], " " * 19 + "12.345kgx123456.78 1524073.95"]


def test_name_a_little_too_long_moves_the_quantity() -> None:
    lines = laid_out(sale(line("", "Lay's chips, original 75g", price=790)), 48, "en").lines()
    assert "Lay's chips, original 75g 1x7.90            7.90" in lines


def test_without_a_name_the_sku_stands() -> None:
    assert "S1                      1x1.00              1.00" in laid_out(sale(line(" ", "", price=100)), 48).lines()


def test_name_of_the_other_language_stands_in() -> None:
    assert "Milk                    1x9.00              9.00" in laid_out(sale(line("", "Milk", price=900)), 48).lines()
    both = laid_out(sale(line("牛奶", "", price=900)), 48, "both").lines()
    assert "牛奶                    1x9.00              9.00" in both


def test_special_price_is_the_price_and_told_as_saved() -> None:
    special = PriceModifier(Stage.ITEM_PRICE, Cause.SPECIAL_PRICE, -102, 700)
    cola = replace(reduced(line("可乐", "", price=350, quantity=2000), special), unit_price_minor=299)
    lines = laid_out(sale(cola), 48).lines()
    assert "可乐[特价]              2x2.99              5.98" in lines
    assert "本单已省                                    1.02" in lines
    assert not [row for row in lines if "折扣" in row]


def test_label_amount_is_tagged_only_where_it_differs() -> None:
    apples = line("苹果", "", price=996, quantity=835, unit="kg")
    label = PriceModifier(Stage.ITEM_PRICE, Cause.LABEL_AMOUNT, -32, 832)
    assert "苹果[标签价]            0.835kgx9.96        8.00" in laid_out(sale(reduced(apples, label)), 48).lines()
    same = PriceModifier(Stage.ITEM_PRICE, Cause.LABEL_AMOUNT, 0, 832)
    assert "苹果                    0.835kgx9.96        8.32" in laid_out(sale(reduced(apples, same)), 48).lines()


def test_cart_discount_is_one_row_and_tags_no_line() -> None:
    bought = sale(
        reduced(line("茶", "", price=500), by_hand(-50, Stage.MANUAL_CART)),
        reduced(line("盐", "", price=300), by_hand(-30, Stage.MANUAL_CART)),
    )
    lines = laid_out(bought, 32).lines()
    assert "茶" in lines
    assert "整单折扣                   -0.80" in lines


def test_split_tender_shows_each_payment_and_its_slip() -> None:
    bought = sale(
        line("米", "", price=5000),
        tenders=(Tender(TenderKind.CARD_EXTERNAL, 3000, "000123"), Tender(TenderKind.CASH, 5000)),
    )
    lines = laid_out(bought, 32).lines()
    at = lines.index("银行卡                     30.00")
    assert lines[at + 1 : at + 4] == [
        "  凭证000123",
        "现金                       50.00",
        "找零                       30.00",
    ]


def test_card_alone_gives_no_change_row() -> None:
    bought = sale(line("米", "", price=5000), tenders=(Tender(TenderKind.CARD_EXTERNAL, 5000),))
    assert not [row for row in laid_out(bought, 32).lines() if "找零" in row]


def test_marks_stand_first_and_last() -> None:
    rows = laid_out(morning_sale(), 32, marks=(Mark.REPRINT, Mark.TRAINING)).rows
    texts = [row.text.strip() for row in rows if isinstance(row, TextRow) and row.kind is RowKind.MARK]
    assert texts == ["「补打」", "「练习 非销售凭证」"] * 2
    assert rows[0] == TextRow(RowKind.MARK, "            「补打」")


def test_without_a_reference_there_is_no_code() -> None:
    bare = build_receipt(morning_sale(), STORE, paper=paper(32), proof=Proof(CHECK_CODE))
    assert not [row for row in bare.rows if isinstance(row, QrRow)]
    assert bare.lines()[-1].strip() == "校验7F3A-91C2"


def test_header_address_and_footer_of_the_store_in_their_language() -> None:
    lines = [row.strip() for row in receipt(columns=32, language="en").lines()]
    assert lines[:3] == ["Morning Light, Renmin Road", "Free delivery from 100.00", "南京市人民路18号 025-8888 6666"]
    assert lines[-3:] == ["Thank you", "Returns within 7 days with this", "receipt"]


def test_other_currencies() -> None:
    assert (
        "To pay                  HK$21.00"
        in laid_out(sale(line("", "Tea", price=2100), currency="HKD"), 32, "en").lines()
    )
    assert (
        "To pay                  JPY 2100"
        in laid_out(sale(line("", "Tea", price=2100), currency="JPY"), 32, "en").lines()
    )
    assert (
        "To pay                   ￡21.00"
        in laid_out(sale(line("", "Tea", price=2100), currency="GBP"), 32, "en").lines()
    )


def test_pieces_count_what_is_weighed_once() -> None:
    assert pieces([line("", "a", price=1, quantity=3000), line("", "b", price=1, quantity=2000, unit="KG")]) == 4
    assert pieces([line("", "c", price=1, quantity=2500)]) == 1


def test_every_word_is_in_the_catalogue() -> None:
    assert {f"receipt.{key}" for key in WORD_KEYS} <= set(keys())


names = st.text(max_size=60) | st.text(st.sampled_from("农夫山泉乐事薯片 abc¥•×é㐂가😀\n"), max_size=80)
amounts = st.integers(0, MAX_MINOR)


@st.composite
def sale_lines(draw: st.DrawFn) -> SaleLine:
    quantity, unit = draw(st.integers(1, MAX_THOUSANDTHS)), draw(st.sampled_from(["个", "kg", "千克", "瓶", ""]))
    base = line(draw(names), draw(names), price=draw(amounts), quantity=quantity, unit=unit)
    cut = draw(st.integers(0, base.amount_minor))
    stage = draw(st.sampled_from([Stage.MANUAL_LINE, Stage.MANUAL_CART]))
    return reduced(base, by_hand(-cut, stage)) if cut else base


@st.composite
def sales(draw: st.DrawFn) -> Sale:
    lines = draw(st.lists(sale_lines(), min_size=1, max_size=6))
    due = sum(bought.amount_minor for bought in lines)
    rounding, over = draw(st.integers(0, min(due, 9))), draw(st.integers(0, 10_000))
    card = draw(st.integers(0, due - rounding))
    cash = Tender(TenderKind.CASH, due - rounding - card + over)
    split = (Tender(TenderKind.CARD_EXTERNAL, card, draw(names)), cash) if card else (cash,)
    return sale(*lines, tenders=split, rounding=rounding, currency=draw(st.sampled_from(["CNY", "JPY", "GBP", "EUR"])))


@given(sales(), st.sampled_from(COLUMNS), st.sampled_from(["zh", "en", "both"]))
def test_no_row_is_wider_than_the_paper_and_no_amount_is_missing(of: Sale, columns: int, language: str) -> None:
    laid = laid_out(of, columns, language)
    for row in laid.lines():
        assert printed_bytes(row) <= columns
    numbers = set(re.findall(r"-?\d+(?:\.\d+)?", "\n".join(laid.lines())))
    for bought in of.lines:
        before = bought.amount_minor - sum(modifier.amount_minor for modifier in bought.modifiers)
        assert format_minor(before, of.currency) in numbers
    for minor in (of.payable_minor, of.change_minor, *(tender.amount_minor for tender in of.tenders)):
        assert format_minor(minor, of.currency) in numbers


def printed_bytes(row: str) -> int:
    """GBK bytes of a row; characters that GBK lacks print as wide as two."""
    return len(row.encode("gbk", errors="replace")) + sum(1 for char in row if not in_gbk(char))


def in_gbk(char: str) -> bool:
    try:
        char.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


@given(sales(), st.sampled_from(COLUMNS))
def test_printed_rows_add_up(of: Sale, columns: int) -> None:
    """What a customer can recompute: total + reductions + rounding = due; due + change = paid."""
    rows = laid_out(of, columns).lines()
    start = max(i for i, row in enumerate(rows) if row.startswith("件数"))
    flat = "\n".join(rows[start:])

    def figure(label: str) -> int:
        found = re.search(rf"^{label}[^-\d]*\s*([-\d.]+)$", flat, re.MULTILINE)
        return int(found[1].replace(".", "")) if found else 0

    total = re.search(r"^件数\d+ 合计\s+([\d.]+)$", flat, re.MULTILINE)
    assert total
    parts = int(total[1].replace(".", "")) + figure("单品折扣") + figure("整单折扣") + figure(r"抹零\(只舍不入\)")
    assert parts == of.payable_minor
