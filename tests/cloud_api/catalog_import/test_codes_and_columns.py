"""What is odd about a code, which column is what, and amounts as people write them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from cloud_api.errors import ApiProblem
from cloud_api.services.catalog_import.codes import has_code, judge
from cloud_api.services.catalog_import.columns import find_columns
from cloud_api.services.catalog_import.findings import as_cell, shown
from cloud_api.services.catalog_import.goods import RowJudge
from tests.cloud_api.catalog_import.goods_files import HEADER


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("6928804014570", None),
        ("06928804014570", None),
        ("69021824", None),
        ("001234567895", None),
        ("10001", None),
        ("9900383", None),
        ("02000001", None),
        ("22000007", None),
        ("６９２８８０４０１４５７０", None),
        ("6928804014571", "check_digit"),
        ("11100049", "check_digit"),
        ("694898400141", "check_digit"),
        ("69398561268392", "check_digit"),
        ("2013080115012", "like_a_scale_label"),
        ("69209303286756933631", "double_scan"),
        ("6942698745745624", "code_length"),
        ("030000061", "code_length"),
        ("2900270007", "code_length"),
        ("LB000001", "letters_in_code"),
        ("69 288", "letters_in_code"),
        ("٣٤٥٦", "letters_in_code"),
        ("7,6E+12", "spreadsheet_code"),
        ("6.90E+12", "spreadsheet_code"),
        ("6e12", "spreadsheet_code"),
        ("9" * 65, "code_too_long"),
    ],
)
def test_codes_are_judged_as_they_stand(typed: str, code: str | None) -> None:
    verdict = judge(typed)
    assert (verdict[1] if verdict else None) == code


def test_signs_alone_are_no_code() -> None:
    assert not any(map(has_code, ("", "-", "—", " / ")))
    assert has_code("0")


def test_chinese_english_and_export_headers_are_known() -> None:
    assert find_columns(HEADER.split(","), None).mapping == {
        "sku": "货号",
        "code": "条码",
        "name_zh": "品名",
        "name_en": "英文名",
        "unit": "单位",
        "department_name": "分类",
        "tax": "税率",
        "price": "售价",
        "cost": "进价",
        "weighed": "称重",
    }
    english = find_columns(["Item No", "Barcode", "Name", "Retail Price"], None)
    assert english.mapping == {"sku": "Item No", "code": "Barcode", "name_zh": "Name", "price": "Retail Price"}


def test_the_sample_shops_files_need_no_mapping() -> None:
    path = Path(__file__).parents[3] / "resources" / "sample_shop" / "goods_hk.csv"
    with path.open(encoding="utf-8", newline="") as file:
        headers = next(csv.reader(file))
    columns = find_columns(headers, None)
    assert set(columns.mapping.values()) == set(headers)


@pytest.mark.parametrize("mapping", [{"price": "没有这列"}, {"colour": "a"}, {"name_zh": "b"}, {"code": "a"}], ids=str)
def test_a_mapping_that_does_not_fit_is_refused(mapping: dict[str, str]) -> None:
    with pytest.raises(ApiProblem, match=r"cloud\.import"):
        find_columns(["a", "b"], mapping)


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("3.5", 350),
        ("3.50", 350),
        ("3", 300),
        ("￥3.50", 350),
        ("¥1,234.50", 123450),
        ("３．５", 350),
        ("0.010", 1),
        ("3.505", "price_unreadable"),
        ("3,5", "price_unreadable"),
        ("1,23", "price_unreadable"),
        ("-1", "price_unreadable"),
        ("1e3", "price_unreadable"),
        ("NaN", "price_unreadable"),
        ("三元", "price_unreadable"),
        ("9" * 15, "price_unreadable"),
        ("", "no_price"),
        ("0.00", "no_price"),
    ],
)
def test_amounts_are_exact_or_refused(typed: str, minor: int | str) -> None:
    judge_row = RowJudge(find_columns(["sku", "name_zh", "price"], None), "CNY")
    goods, findings = judge_row.judge(2, ["A", "甲", typed])
    assert (findings[0].code if findings else goods and goods.price_minor) == minor


RATES = {"13%": 1300, "13": 1300, "0.13": 1300, "vat13": 1300, "0.0": 0, "0": 0, "none": 0, "9％": 900, "1%": 100}


@pytest.mark.parametrize(("typed", "rate"), RATES.items())
def test_tax_rates_are_read_as_people_write_them(typed: str, rate: int) -> None:
    goods, findings = RowJudge(find_columns(["sku", "name_zh", "tax"], None), "CNY").judge(2, ["A", "甲", typed])
    assert findings == []
    assert goods is not None
    assert goods.tax == (typed, rate)


def test_yen_has_no_decimals() -> None:
    judge_row = RowJudge(find_columns(["sku", "name_zh", "price"], None), "JPY")
    assert [judge_row.judge(2, ["A", "甲", text])[1] == [] for text in ("350", "350.0", "350.5")] == [True, True, False]


def test_reports_cannot_carry_formulas_or_control_characters() -> None:
    assert [as_cell(text) for text in ("=1+1", "+1", "-1", "@x", "\tx", "可乐")] == [
        "'=1+1",
        "'+1",
        "'-1",
        "'@x",
        "'\tx",
        "可乐",
    ]
    assert shown("a\x1b[31m\n" + "x" * 200) == "a�[31m�" + "x" * 113 + "…"


def test_columns_that_nothing_is_taken_from_are_named() -> None:
    headers = ["条码", "品名", "库存", "售价", "", "零售价", "price_cents", "备注"]
    assert find_columns(headers, None).unread == ["库存", "售价", "零售价", "备注"]
    given = {"code": "条码", "name_zh": "品名", "price": "售价"}
    assert find_columns(headers, given).unread == ["库存", "零售价", "price_cents", "备注"]
    assert find_columns(["sku", "name"], None).unread == []
