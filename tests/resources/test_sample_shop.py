"""The sample shop holds together, says what it holds, and comes from its sources as its script tells."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from domain.gtin import check_digit, is_gtin, normalise
from domain.money import parse_minor
from domain.permissions import Role
from domain.scale import ScaleFormat, check_formats, parse_label
from scripts import build_sample_shop
from scripts.build_sample_shop import COLUMNS, SAMPLE_SHOP, Row

GOODS_FILES = ("goods_cn.csv", "goods_hk.csv", "goods_house.csv", "open_food_facts/goods.csv")
UNPRICED = "open_food_facts/goods.csv"


def rows_of(name: str) -> list[Row]:
    return build_sample_shop.read(SAMPLE_SHOP / name)


def data_of(name: str) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = json.loads((SAMPLE_SHOP / name).read_text("utf-8"))
    return data


@pytest.mark.parametrize("name", GOODS_FILES)
def test_goods_have_the_columns_of_the_import_and_sound_values(name: str) -> None:
    departments = {d["department_id"] for d in data_of("departments.json")}
    taxes = {t["tax_code"] for t in data_of("taxes.json")}
    rows = rows_of(name)
    assert tuple(rows[0]) == COLUMNS
    for row in rows:
        assert row["name_zh"] or row["name_en"], row
        assert row["department"] in departments and row["tax_code"] in taxes, row
        assert (row["weighed"], row["unit"] == "kg") in {("0", False), ("1", True)}, row
        if name == UNPRICED:
            assert row["price"] == "", row
        else:
            assert 0 < parse_minor(row["price"], "CNY") < 1_000_000, row


@pytest.mark.parametrize("name", ["goods_cn.csv", UNPRICED])
def test_goods_with_barcodes_have_right_ones(name: str) -> None:
    assert [row["code"] for row in rows_of(name) if not is_gtin(row["code"])] == []


@pytest.mark.parametrize("store", data_of("stores.json"), ids=lambda store: store["store_id"])
def test_no_code_of_a_store_stands_for_two_goods(store: dict[str, Any]) -> None:
    codes = Counter(normalise(row["code"]) for name in store["goods"] for row in rows_of(name))
    skus = Counter(row["sku"] for name in store["goods"] for row in rows_of(name))
    assert [code for code, count in codes.items() if count > 1] == []
    assert [sku for sku, count in skus.items() if count > 1] == []


@pytest.mark.parametrize("name", GOODS_FILES)
def test_the_read_me_tells_how_many_goods_there_are(name: str) -> None:
    told = re.search(rf"\| `{re.escape(name)}` \| ([\d,]+) \|", (SAMPLE_SHOP / "README.md").read_text("utf-8"))
    assert told and int(told.group(1).replace(",", "")) == len(rows_of(name))


def test_quick_keys_lead_to_goods_of_their_store_on_eighteen_tiles_at_most() -> None:
    for store in data_of("stores.json"):
        keys = [key for key in data_of("quick_keys.json") if key["store_id"] == store["store_id"]]
        codes = {row["code"] for name in store["goods"] for row in rows_of(name) if row["price"]}
        assert {key["code"] for key in keys} <= codes
        assert [key["position"] for key in keys] == list(range(1, len(keys) + 1))
        assert 0 < len(keys) <= 18
        assert all(key["label_zh"] and key["label_en"] for key in keys)


def test_staff_are_roles_of_existing_stores_without_a_pin() -> None:
    stores = {store["store_id"] for store in data_of("stores.json")}
    staff = data_of("staff.json")
    assert {Role(one["role"]) for one in staff} == set(Role)
    for one in staff:
        assert set(one["stores"]) <= stores
        assert not [key for key in one if "pin" in key]
        assert one["operator_id"] in one["name_zh"] and one["operator_id"] in one["name_en"]


def test_every_weighed_good_is_read_from_a_label_of_every_format() -> None:
    formats = [ScaleFormat.from_data(data) for data in data_of("scale_formats.json")]
    check_formats(formats)
    weighed = [row["code"] for row in rows_of("goods_house.csv") if row["weighed"] == "1"]
    assert 5 <= len(weighed) <= 10
    for one in formats:
        for plu in weighed:
            fields = one.flags[0] + plu + "00835" * ((len(one.letters) - 8) // 5)
            label = parse_label(fields + check_digit(fields), formats)
            assert label and label.plu == plu
            assert 835 in {label.amount_minor, label.weight_grams}


def test_the_script_leaves_out_what_it_says(tmp_path: Path) -> None:
    cn = {"gtin": "6908471004470", "name_zh": "六个 核桃\n", "category": "饮料", "price_cents": "350"}
    rows = [
        {**cn, "sources": "simpleshop"},
        {**cn, "sources": "enc|simpleshop"},
        {**cn, "sources": "simpleshop", "gtin": "6908471004471"},
    ]
    assert build_sample_shop.write(tmp_path / "goods.csv", build_sample_shop.cn_goods(rows)) == 1
    (row,) = build_sample_shop.read(tmp_path / "goods.csv")
    assert (row["name_zh"], row["price"], row["department"]) == ("六个 核桃", "3.50", "drinks")


def test_hong_kong_names_are_whole_and_say_the_brand_once() -> None:
    names = {
        "brand_zh_hans": "念慈□", "brand_zh_hant": "念慈菴", "brand_en": "7 Up",
        "name_zh_hans": "枇杷膏", "name_zh_hant": "枇杷膏", "name_en": "7 UP Can 330mL",
        "cat3_zh_hans": "糖浆", "cat3_en": "Syrup", "cat1_en": "Drinks",
        "code": "P1", "max_price_cents": "5",
    }  # fmt: skip
    (row,) = build_sample_shop.hk_goods([names])
    assert (row["name_zh"], row["name_en"], row["price"]) == ("念慈菴 枇杷膏", "7 UP Can 330mL", "0.05")
    assert build_sample_shop.full_name("Dole", "(each)", kind="Bananas") == "Dole Bananas (each)"
