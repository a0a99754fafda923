"""Importing goods: every kind of dirt is told, nothing is changed silently, twice is once."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from cloud_api.context import Cloud
from cloud_api.db.engine import reading
from cloud_api.db.master_rows import Row
from cloud_api.services import items, prices
from cloud_api.services.catalog_import import registry
from cloud_api.services.catalog_import.runs import ImportOptions, ImportRun, Progress
from cloud_api.services.catalog_import.source import SourceOptions
from cloud_api.services.catalog_import.writing import Target
from tests.cloud_api.catalog_import.goods_files import DIRTY, DOUBTED, EXPECTED, HEADER, REFUSED, dirty_csv, workbook
from tests.cloud_api.conftest import SettableClock
from tests.cloud_api.hq import Hq, acting, made
from tests.cloud_api.published import published

CN = Target("main", "cn")
SAMPLE_SHOP = Path(__file__).parents[3] / "resources" / "sample_shop"


def import_file(cloud: Cloud, path: Path, **options: Any) -> Row:
    """Import a file; the run with its counts."""
    how = ImportOptions(**{"target": CN} | options)
    with acting(cloud) as act:
        run = registry.register(act, file_name=path.name, file_sha256="0" * 64, bytes_total=1, options=how)
    ImportRun(cloud, run["import_id"], options=how, who="tests").perform(path)
    with reading(cloud.engine) as connection:
        return registry.get_import(connection, run["import_id"], now_ms=cloud.clock.now_ms())


def findings(cloud: Cloud, run: Row) -> list[Row]:
    with reading(cloud.engine) as connection:
        rows, _ = registry.list_findings(connection, run["import_id"], filters={}, limit=500)
    return rows


def counts(run: Row) -> tuple[int, ...]:
    return tuple(run[name] for name in ("rows", "imported", "unchanged", "refused", "doubted"))


def all_items(cloud: Cloud) -> dict[str, Row]:
    with reading(cloud.engine) as connection:
        rows, _ = items.list_items(connection, "main", filters={}, after=None, limit=500)
    return {row["sku"]: row for row in rows}


def all_prices(cloud: Cloud) -> dict[int, list[int]]:
    with reading(cloud.engine) as connection:
        rows, _ = prices.list_prices(connection, "cn", filters={}, after=None, limit=500)
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row["item_id"], []).append(row["price_minor"])
    return found


@pytest.fixture
def store(admin: Hq) -> Hq:
    """An administrator of a chain with one store and no goods."""
    body = {"store_id": "0101", "name_zh": "店", "price_zone": "cn", "currency": "CNY", "timezone": "Asia/Shanghai"}
    made(admin.post("/stores", body))
    return admin


def test_every_odd_row_is_told_and_the_others_go_in(store: Hq, cloud: Cloud, tmp_path: Path) -> None:
    del store
    run = import_file(cloud, dirty_csv(tmp_path / "goods.csv", "gb18030"))
    told = sorted((found["row"], found["code"]) for found in findings(cloud, run))
    assert told == EXPECTED
    rows, imported, unchanged, refused, doubted = counts(run)
    assert (rows, refused, doubted) == (len(DIRTY), REFUSED, DOUBTED)
    assert imported + unchanged == len(DIRTY) - REFUSED
    assert run["options"]["read_as"].startswith("CSV gb18030")
    assert run["options"]["mapping"]["code"] == "条码"


def test_a_refused_row_is_not_said_to_have_gone_in(store: Hq, cloud: Cloud, tmp_path: Path) -> None:
    del store
    path = tmp_path / "goods.csv"
    path.write_text(f"{HEADER}\nB01,6901234567890,,,个,百货,五元,,13%,否\nB02,6901234567890,好,,个,百货,,,13%,否\n")
    run = import_file(cloud, path)
    told = sorted((found["row"], found["severity"], found["code"]) for found in findings(cloud, run))
    assert told == [
        (2, "refused", "name_missing"),
        (2, "refused", "price_unreadable"),
        (3, "doubted", "check_digit"),
        (3, "doubted", "no_price"),
    ]
    assert counts(run) == (2, 1, 0, 1, 1)


def test_what_goes_in_stands_as_typed(store: Hq, cloud: Cloud, tmp_path: Path) -> None:
    del store
    import_file(cloud, dirty_csv(tmp_path / "goods.csv"))
    found = all_items(cloud)
    for sku, code in (
        ("A04", "6901234567890"),
        ("A05", "69702003700266970200"),
        ("A06", "LB000001"),
        ("A02", "10001"),
        ("A03", "02000001"),
    ):
        assert [barcode["as_typed"] for barcode in found[sku]["barcodes"]] == [code]
    assert found["A07"]["barcodes"] == []
    assert (found["A02"]["weighed"], found["A02"]["tax_code"], found["A02"]["unit"]) == (True, "vat9", "公斤")
    assert found["A01"]["department_id"] == found["A10"]["department_id"] != found["A02"]["department_id"]
    assert [barcode["as_typed"] for barcode in found["A28"]["barcodes"]] == ["69021824", "69023019"]
    assert found["6901028062312"]["name_zh"] == "货号重复"
    assert found["69021343"]["name_zh"] == "没有货号"
    assert not {"A14", "A15", "A16", "A17", "A20", "A23"} & set(found)
    assert found["A01"]["pinyin"] == "kkkl"
    listed = all_prices(cloud)
    assert (listed[found["A01"]["item_id"]], listed[found["A27"]["item_id"]]) == ([350], [250])
    assert found["A10"]["item_id"] not in listed


def test_the_same_file_again_changes_nothing(store: Hq, cloud: Cloud, *, tmp_path: Path, clock: SettableClock) -> None:
    path = dirty_csv(tmp_path / "goods.csv")
    first = import_file(cloud, path)
    before = (all_items(cloud), all_prices(cloud), published(cloud, "cat:main"), published(cloud, "price:cn"))
    entries = len(store.get("/audit", limit=500, entity="price").json()["entries"])
    clock.forward(seconds=600)
    second = import_file(cloud, path)
    assert (second["imported"], second["unchanged"]) == (0, first["imported"] + first["unchanged"])
    assert (second["refused"], second["doubted"]) == (first["refused"], first["doubted"])
    after = (all_items(cloud), all_prices(cloud), published(cloud, "cat:main"), published(cloud, "price:cn"))
    assert after == before
    assert len(store.get("/audit", limit=500, entity="price").json()["entries"]) == entries


def test_a_changed_price_and_name_are_all_that_is_sent(
    store: Hq, cloud: Cloud, *, tmp_path: Path, clock: SettableClock
) -> None:
    del store
    path = tmp_path / "goods.csv"
    path.write_text("货号,品名,售价\nA,甲,1.00\nB,乙,2.00\nC,丙,3.00\n", "utf-8")
    import_file(cloud, path)
    clock.forward(seconds=60)
    path.write_text("货号,品名,售价\nA,甲,1.50\nB,乙乙,2.00\nC,丙,3.00\n", "utf-8")
    run = import_file(cloud, path)
    assert counts(run) == (3, 2, 1, 0, 0)
    ids = {sku: row["item_id"] for sku, row in all_items(cloud).items()}
    assert all_prices(cloud) == {ids["A"]: [100, 150], ids["B"]: [200], ids["C"]: [300]}
    sent = published(cloud, "price:cn")
    assert ("price", ids["A"], "", "list", clock.now_ms()) in sent
    assert {key[1]: change.ver for key, change in published(cloud, "cat:main").items() if key[0] == "item"} == {
        ids["A"]: 1,
        ids["B"]: 2,
        ids["C"]: 1,
    }


def test_what_a_file_does_not_speak_of_stays(store: Hq, cloud: Cloud, tmp_path: Path) -> None:
    made(store.post("/items", {"sku": "A", "name_zh": "甲", "name_en": "Alpha", "unit": "瓶", "weighed": True}))
    path = tmp_path / "goods.csv"
    path.write_text("sku,name_zh\nA,甲甲\n", "utf-8")
    import_file(cloud, path)
    item = all_items(cloud)["A"]
    assert (item["name_zh"], item["name_en"], item["unit"], item["weighed"]) == ("甲甲", "Alpha", "瓶", True)


def test_a_dry_run_tells_the_same_and_writes_nothing(store: Hq, cloud: Cloud, tmp_path: Path) -> None:
    del store
    path = dirty_csv(tmp_path / "goods.csv")
    dry = import_file(cloud, path, dry_run=True)
    assert all_items(cloud) == {}
    assert published(cloud, "cat:main") == {}
    wet = import_file(cloud, path)
    assert counts(dry) == counts(wet)
    assert [(f["row"], f["code"]) for f in findings(cloud, dry)] == [
        (f["row"], f["code"]) for f in findings(cloud, wet)
    ]


def test_a_code_of_another_item_is_refused(store: Hq, cloud: Cloud, tmp_path: Path) -> None:
    made(store.post("/items", {"sku": "OLD", "name_zh": "旧", "barcodes": [{"code": "6928804014570"}]}))
    path = tmp_path / "goods.csv"
    path.write_text("sku,code,name_zh\nNEW,6928804014570,新\nOLD,6928804014570,旧旧\n", "utf-8")
    run = import_file(cloud, path)
    # In the file the code is NEW's first, so both rows contradict each other: neither may take it.
    assert [(f["row"], f["code"]) for f in findings(cloud, run)] == [(2, "code_taken"), (3, "duplicate_code")]
    assert list(all_items(cloud)) == ["OLD"]


def test_prices_can_begin_later(store: Hq, cloud: Cloud, *, tmp_path: Path, clock: SettableClock) -> None:
    del store
    path = tmp_path / "goods.csv"
    path.write_text("sku,name_zh,price\nA,甲,1.00\n", "utf-8")
    import_file(cloud, path)
    later = clock.now_ms() + 86_400_000
    path.write_text("sku,name_zh,price\nA,甲,2.00\n", "utf-8")
    for expected in (1, 0):
        run = import_file(cloud, path, target=Target("main", "cn", later))
        assert run["imported"] == expected
    sent = published(cloud, "price:cn")
    assert [key[4] for key in sent] == [0, later]


def test_a_workbook_is_read_like_the_text_it_shows(store: Hq, cloud: Cloud, tmp_path: Path) -> None:
    del store
    rows: list[list[object]] = [
        ["商品资料"],
        ["条码", "商品名称", "售价", "规格"],
        [6928804014570, "可口可乐", 3.5, "330ml"],
        ["01234565", "文字码", "12.80", 5],
        [6.9427e15, "毁掉的码", 1, None],
        [None, None, None, None],
        [10001, "苹果", 0.1 + 0.2, None],
    ]
    path = workbook(tmp_path / "goods.xlsx", rows[1:])
    run = import_file(cloud, path)
    assert [(f["row"], f["code"]) for f in findings(cloud, run)] == [(4, "spreadsheet_code")]
    found = all_items(cloud)
    assert set(found) == {"6928804014570", "01234565", "10001"}
    assert all_prices(cloud)[found["10001"]["item_id"]] == [30]
    assert (found["6928804014570"]["spec"], found["01234565"]["spec"]) == ("330ml", "5")
    assert all_prices(cloud)[found["01234565"]["item_id"]] == [1280]


def test_an_import_stops_behind_its_chunk_when_asked(
    store: Hq, cloud: Cloud, *, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cloud_api.services.catalog_import.runs.CHUNK_ROWS", 10)
    path = tmp_path / "goods.csv"
    path.write_text("sku,name_zh\n" + "".join(f"S{n},货 {n}\n" for n in range(100)), "utf-8")
    how = ImportOptions(target=CN)
    with acting(cloud) as act:
        run = registry.register(act, file_name="x", file_sha256="0", bytes_total=1, options=how)

    def cancel_after_thirty(progress: Progress) -> None:
        if progress.rows == 30:
            made(store.post(f"/imports/{run['import_id']}/cancel"), 200)

    state = ImportRun(cloud, run["import_id"], options=how, who="tests").perform(path, cancel_after_thirty)
    assert state == "cancelled"
    assert len(all_items(cloud)) == 40
    again = import_file(cloud, path)
    assert (again["state"], again["imported"], again["unchanged"]) == ("done", 60, 40)


def test_a_packed_file_and_a_given_mapping_are_taken(store: Hq, cloud: Cloud, tmp_path: Path) -> None:
    del store
    path = tmp_path / "goods.csv.gz"
    path.write_bytes(gzip.compress("a;b;c\n6928804014570;可乐;3,5\n10001;苹果;350\n".encode("gb18030")))
    mapping = {"code": "a", "name_zh": "b", "price_minor": "c"}
    run = import_file(cloud, path, mapping=mapping, source=SourceOptions(delimiter=";"))
    assert (run["imported"], run["refused"]) == (1, 1)
    assert run["options"]["guessed"] is False
    item = all_items(cloud)["10001"]
    assert all_prices(cloud) == {item["item_id"]: [350]}


def test_the_sample_shop_goes_in_as_it_is(store: Hq, cloud: Cloud) -> None:
    other = {"store_id": "0201", "name_zh": "港", "price_zone": "hk", "currency": "HKD", "timezone": "Asia/Hong_Kong"}
    made(store.post("/stores", other))
    for name, zone in (("goods_house.csv", "cn"), ("goods_cn.csv", "cn"), ("goods_hk.csv", "hk")):
        run = import_file(cloud, SAMPLE_SHOP / name, target=Target("main", zone))
        assert (run["state"], run["refused"], run["imported"]) == ("done", 0, run["rows"]), name
    taxes = {tax["tax_code"]: tax["rate_bp"] for tax in store.get("/taxes").json()["taxes"]}
    assert taxes == {"none": 0, "vat13": 1300, "vat9": 900}
    (seven_up,) = store.get("/items", q="P000000002").json()["items"]
    assert "七喜" in seven_up["name_zh"]
    assert "7 Up" in seven_up["name_en"]
    assert seven_up["pinyin"].startswith("qxtsyl")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.csv", b"", "cloud.import_empty"),
        ("blank.csv", b"\n\n", "cloud.import_empty"),
        ("binary.csv", b"\0\1\2\3" * 10, "cloud.import_unreadable"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "cloud.import_old_excel"),
        ("bad.xlsx", b"PK\x03\x04 not a zip", "cloud.import_unreadable"),
        ("bad.gz", b"\x1f\x8b\x08\x00 not gzip", "cloud.import_unreadable"),
        ("nothing.csv", "颜色,大小\n红,大\n".encode(), "cloud.import_column_missing"),
    ],
)
def test_a_file_that_is_none_fails_with_a_reason_and_leaves_nothing(
    store: Hq, cloud: Cloud, *, tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    del store
    path = tmp_path / name
    path.write_bytes(content)
    run = import_file(cloud, path)
    assert (run["state"], run["error"]["code"]) == ("failed", code)
    assert run["error"]["text_zh"] != run["error"]["text_en"] != ""
    assert all_items(cloud) == {}
