"""Price files without a SKU column: items are found by their codes, and what is not taken over is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_api.context import Cloud
from cloud_api.services.catalog_import.by_code import ByCode
from cloud_api.services.catalog_import.findings import Severity
from cloud_api.services.catalog_import.goods import Goods
from tests.cloud_api.catalog_import.test_import import all_items, all_prices, counts, findings, import_file
from tests.cloud_api.conftest import SettableClock
from tests.cloud_api.hq import Hq, made
from tests.cloud_api.published import published

COLA, MILK, PACK = "6928804014570", "6901028062312", "6922255447833"
BY_SKU = f"货号,条码,品名,售价\nC1,{COLA},可口可乐 330ml,3.50\nM1,{MILK},鲜牛奶,8.00\n"


@pytest.fixture
def stocked(shop: Hq, cloud: Cloud, *, tmp_path: Path, clock: SettableClock) -> Hq:
    """A shop that took a file with SKUs; its own COLA, which had the code, is gone."""
    item_id = all_items(cloud)["COLA"]["item_id"]
    made(shop.request("DELETE", f"/items/{item_id}/barcodes/{COLA}"), 200)
    run = import_file(cloud, write(tmp_path, BY_SKU))
    assert (run["imported"], run["refused"]) == (2, 0)
    clock.forward(seconds=60)
    return shop


def write(folder: Path, text: str) -> Path:
    path = folder / "goods.csv"
    path.write_text(text, "utf-8")
    return path


def told(cloud: Cloud, path: Path) -> tuple[tuple[int, ...], list[tuple[int, str]]]:
    run = import_file(cloud, path)
    return counts(run), [(found["row"], found["code"]) for found in findings(cloud, run)]


def test_a_price_file_finds_its_items_by_code(
    stocked: Hq, cloud: Cloud, *, tmp_path: Path, clock: SettableClock
) -> None:
    del stocked
    path = write(tmp_path, f"条码,品名,售价\n{COLA},可口可乐 330ML,3.80\n0{MILK},鲜牛奶,8.00\n10001,苹果,5.00\n")
    before = all_items(cloud)
    assert told(cloud, path) == ((3, 2, 1, 0, 0), [])
    after = all_items(cloud)
    assert after.pop("10001")["name_zh"] == "苹果"
    assert after == before
    assert all_prices(cloud)[before["C1"]["item_id"]] == [350, 380]
    assert all_prices(cloud)[before["M1"]["item_id"]] == [800]
    clock.forward(seconds=60)
    sent = (published(cloud, "cat:main"), published(cloud, "price:cn"))
    assert told(cloud, path) == ((3, 0, 3, 0, 0), [])
    assert (published(cloud, "cat:main"), published(cloud, "price:cn")) == sent


def test_another_name_is_told_and_never_taken_over(stocked: Hq, cloud: Cloud, tmp_path: Path) -> None:
    del stocked
    path = write(tmp_path, f"条码,品名,售价\n{COLA},可乐330罐,3.80\n{MILK},牙膏,9.00\n")
    for imported in (2, 0):
        run = import_file(cloud, path)
        assert counts(run) == (2, imported, 2 - imported, 0, 2)
        kept, other = findings(cloud, run)
        assert (kept["row"], kept["code"], kept["value"]) == (2, "name_kept", "可乐330罐")
        assert (other["row"], other["code"], other["value"]) == (3, "other_name", "牙膏")
        for language in ("zh", "en"):
            assert "C1" in kept[f"text_{language}"]
            assert "鲜牛奶" in other[f"text_{language}"]
    found = all_items(cloud)
    assert (found["C1"]["name_zh"], found["M1"]["name_zh"]) == ("可口可乐 330ml", "鲜牛奶")
    assert (found["C1"]["ver"], found["M1"]["ver"]) == (1, 1)
    assert all_prices(cloud)[found["M1"]["item_id"]][-1] == 900


def test_what_such_a_file_made_keeps_its_name_too(stocked: Hq, cloud: Cloud, tmp_path: Path) -> None:
    del stocked
    import_file(cloud, write(tmp_path, "条码,品名,售价\n10001,红富士苹果,5.00\n"))
    path = write(tmp_path, "条码,品名,售价\n10001,苹果,6.00\n")
    assert told(cloud, path) == ((1, 1, 0, 0, 1), [(2, "name_kept")])
    assert all_items(cloud)["10001"]["name_zh"] == "红富士苹果"
    mapping = {"sku": "条码", "code": "条码", "name_zh": "品名", "price": "售价"}
    run = import_file(cloud, path, mapping=mapping)
    assert counts(run) == (1, 1, 0, 0, 0)
    assert all_items(cloud)["10001"]["name_zh"] == "苹果"


def test_with_a_sku_column_a_code_of_another_item_stays_refused(stocked: Hq, cloud: Cloud, tmp_path: Path) -> None:
    del stocked
    path = write(tmp_path, f"货号,条码,品名,售价\nX,{COLA},可口可乐 330ml,3.80\n,{MILK},鲜牛奶,9.00\n")
    assert told(cloud, path) == ((2, 0, 0, 2, 0), [(2, "code_taken"), (3, "code_taken")])
    assert all_prices(cloud)[all_items(cloud)["C1"]["item_id"]] == [350]


def test_a_price_by_the_code_of_a_pack_is_refused(stocked: Hq, cloud: Cloud, tmp_path: Path) -> None:
    item_id = all_items(cloud)["C1"]["item_id"]
    made(stocked.put(f"/items/{item_id}/barcodes/{PACK}", {"pack_thousandths": 6000}), 200)
    path = write(tmp_path, f"条码,品名,售价\n{PACK},可口可乐 330ml 六罐,20.00\n")
    run = import_file(cloud, path)
    assert counts(run) == (1, 0, 0, 1, 0)
    (found,) = findings(cloud, run)
    assert (found["code"], found["params"]) == ("code_of_pack", {"pack": "6", "sku": "C1"})
    assert all_prices(cloud)[item_id] == [350]
    # Nor does a file that speaks of no packs make one piece of six.
    import_file(cloud, write(tmp_path, f"货号,条码,品名\nC1,{PACK},可口可乐 330ml\n"))
    packs = {code["as_typed"]: code["pack_thousandths"] for code in all_items(cloud)["C1"]["barcodes"]}
    assert packs == {COLA: 1000, PACK: 6000}


@pytest.mark.parametrize("chunk_rows", [1, 500])
def test_two_codes_of_one_item_must_agree(
    stocked: Hq, cloud: Cloud, *, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk_rows: int
) -> None:
    monkeypatch.setattr("cloud_api.services.catalog_import.runs.CHUNK_ROWS", chunk_rows)
    item_id = all_items(cloud)["C1"]["item_id"]
    made(stocked.put(f"/items/{item_id}/barcodes/{PACK}", {"pack_thousandths": 1000}), 200)
    name = "可口可乐 330ml"
    path = write(tmp_path, f"条码,品名,售价\n{COLA},{name},3.80\n{PACK},{name},3.90\n")
    assert told(cloud, path)[1] == [(3, "item_repeated")]
    assert all_prices(cloud)[item_id] == [350, 380]
    path = write(tmp_path, f"条码,品名,售价\n{COLA},{name},3.80\n{PACK},{name},3.80\n")
    assert told(cloud, path) == ((2, 0, 2, 0, 0), [])


def test_a_dry_run_of_a_price_file_tells_the_same(stocked: Hq, cloud: Cloud, tmp_path: Path) -> None:
    del stocked
    path = write(tmp_path, f"条码,品名,售价\n{COLA},可乐330罐,3.80\n{MILK},牙膏,9.00\n")
    dry = import_file(cloud, path, dry_run=True)
    assert all_prices(cloud)[all_items(cloud)["C1"]["item_id"]] == [350]
    assert counts(dry) == counts(import_file(cloud, path))


@pytest.mark.parametrize(
    ("given_name", "code"),
    [
        ("可口可乐330ｍｌ", None),
        ("coca cola", None),
        ("可口可乐", "name_kept"),
        ("COCA-COLA CAN", "name_kept"),
        ("舒肤佳香皂", "other_name"),
        ("—", "other_name"),
    ],
)
def test_names_are_weighed_without_marks_and_width(given_name: str, code: str | None) -> None:
    item = {"item_id": 1, "sku": "C1", "name_zh": "可口可乐 330ml", "name_en": "Coca-Cola"}
    goods, found = ByCode().settle(Goods(2, "C1", COLA, (given_name, None), by_code=True), item, None)
    assert [finding.code for finding in found] == ([code] if code else [])
    assert goods.names == (None, None)


@given(names=st.tuples(st.text(max_size=6), st.text(min_size=1, max_size=6)), prices=st.lists(st.integers(1, 3)))
def test_an_item_gets_one_price_of_a_file_and_no_name(names: tuple[str, str], prices: list[int]) -> None:
    by_code = ByCode()
    item = {"item_id": 1, "sku": "C1", "name_zh": "甲", "name_en": ""}
    for row, price in enumerate(prices, start=2):
        goods, found = by_code.settle(Goods(row, "C1", str(row), names, price_minor=price, by_code=True), item, None)
        refused = [finding.severity for finding in found] == [Severity.REFUSED]
        assert refused == (price != prices[0])
        assert refused or goods.names == (None, None)
