"""Items, barcodes, departments, taxes and prices through HQ's interface, and what the tills are told of them."""

from __future__ import annotations

from typing import Any

from cloud_api.context import Cloud
from cloud_api.db import master_rows
from cloud_api.db.engine import reading
from tests.cloud_api.conftest import START_MS, SettableClock
from tests.cloud_api.hq import Hq, acting, made
from tests.cloud_api.published import published


def test_an_item_is_found_by_code_name_and_initials(shop: Hq) -> None:
    for wanted in ("6928804014570", "06928804014570", "COLA", "口可", "coca", "kk"):
        found = shop.get("/items", q=wanted).json()["items"]
        assert [item["sku"] for item in found] == ["COLA"], wanted
    assert shop.get("/items", q="%").json()["items"] == []
    assert shop.get("/items", q="_").json()["items"] == []
    assert found[0]["pinyin"] == "kkkl"
    assert found[0]["barcodes"] == [{"code": "06928804014570", "as_typed": "6928804014570", "pack_thousandths": 1000}]


def test_lists_come_in_pages_that_hold_everything_once(shop: Hq) -> None:
    for number in range(6):
        made(shop.post("/items", {"sku": f"S{number}", "name_zh": f"货 {number}"}))
    seen: list[str] = []
    after: dict[str, int] = {}
    while True:
        page = shop.get("/items", limit=3, **after).json()
        seen += [item["sku"] for item in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == ["COLA", *(f"S{number}" for number in range(6))]
    assert shop.get("/items", limit=501).status_code == 422


def test_what_changed_since_can_be_asked_for(shop: Hq, clock: SettableClock) -> None:
    clock.forward(seconds=60)
    made(shop.post("/items", {"sku": "NEW", "name_en": "New"}))
    found = shop.get("/items", changed_since_ms=START_MS + 1).json()["items"]
    assert [item["sku"] for item in found] == ["NEW"]


def test_a_changed_item_goes_to_the_tills_whole_and_with_a_higher_version(shop: Hq, cloud: Cloud) -> None:
    before = published(cloud, "cat:main")[("item", 1)]
    changed = made(shop.patch("/items/1", {"name_zh": "百事可乐", "weighed": True, "ver": 1}), 200)
    assert (changed["pinyin"], changed["weighed"], changed["ver"]) == ("bskl", True, 2)
    after = published(cloud, "cat:main")[("item", 1)]
    assert (before.ver, after.ver) == (1, 2)
    assert after.row == (before.row or {}) | {"name_zh": "百事可乐", "pinyin": "bskl", "weighed": 1}
    assert made(shop.patch("/items/1", {"name_zh": "百事可乐"}), 200)["ver"] == 2  # nothing new, nothing sent


def test_an_edit_of_an_old_version_is_refused(shop: Hq) -> None:
    made(shop.patch("/items/1", {"unit": "罐"}), 200)
    stale = shop.patch("/items/1", {"unit": "瓶", "ver": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "cloud.conflict")


WRONG_ITEMS: list[tuple[dict[str, Any], int, str]] = [
    ({"sku": "COLA"}, 409, "cloud.exists"),
    ({"name_zh": ""}, 422, "cloud.name_missing"),
    ({"department_id": "nope"}, 404, "cloud.not_found"),
    ({"tax_code": "nope"}, 404, "cloud.not_found"),
    ({"barcodes": [{"code": "6928804014570"}]}, 409, "cloud.code_taken"),
    ({"item_id": 7}, 422, "cloud.invalid"),
    ({"name_zh": "x\x00"}, 422, "cloud.invalid"),
    ({"name_zh": "\ud800"}, 422, "cloud.invalid"),
    ({"name_zh": "x" * 201}, 422, "cloud.invalid"),
    ({"min_price_minor": 1.5}, 422, "cloud.invalid"),
    ({"min_price_minor": "100"}, 422, "cloud.invalid"),
    ({"min_price_minor": 2**63}, 422, "cloud.invalid"),
    ({"weighed": 1}, 422, "cloud.invalid"),
    ({"status": "gone"}, 422, "cloud.invalid"),
]


def test_a_wrong_item_is_refused_and_leaves_nothing(shop: Hq) -> None:
    for change, status, code in WRONG_ITEMS:
        answer = shop.post("/items", {"sku": "A", "name_zh": "甲"} | change)
        assert (answer.status_code, answer.json()["code"]) == (status, code), change
    assert len(shop.get("/items").json()["items"]) == 1


def test_a_code_moves_only_by_being_taken_off_first(shop: Hq, cloud: Cloud) -> None:
    other = made(shop.post("/items", {"sku": "B", "name_zh": "乙"}))["item_id"]
    path = f"/items/{other}/barcodes/6928804014570"
    assert shop.put(path, {}).json()["code"] == "cloud.code_taken"
    assert made(shop.delete("/items/1/barcodes/06928804014570"), 200)["barcodes"] == []
    assert published(cloud, "cat:main")[("barcode", "06928804014570")].op == "del"
    assert shop.delete("/items/1/barcodes/6928804014570").status_code == 404
    moved = made(shop.put(path, {"pack_thousandths": 24000}), 200)
    assert moved["barcodes"][0]["pack_thousandths"] == 24000
    back = published(cloud, "cat:main")[("barcode", "06928804014570")]
    assert (back.op, back.ver, back.row) == ("put", 3, {"item_id": other, "pack_thousandths": 24000})


def test_a_price_from_now_is_published_at_once_and_audited(shop: Hq, cloud: Cloud, clock: SettableClock) -> None:
    clock.forward(seconds=5)
    price = made(shop.put("/prices/cn", {"item_id": 1, "price_minor": 399}), 200)
    assert (price["valid_from_ms"], price["currency"], price["changed_by"]) == (clock.now_ms(), "CNY", "root.admin")
    sent = published(cloud, "price:cn")[("price", 1, "", "list", clock.now_ms())]
    assert sent.row == {"valid_until_ms": 0, "price_minor": 399}
    entry = shop.get("/audit", entity="price").json()["entries"][0]
    assert (entry["who"], entry["action"], entry["after"]["price_minor"]) == ("root.admin", "set", 399)


def test_the_same_price_again_is_no_change(shop: Hq, cloud: Cloud) -> None:
    again = made(shop.put("/prices/cn", {"item_id": 1, "price_minor": 350, "valid_from_ms": 0}), 200)
    assert again["ver"] == 1
    changed = made(shop.put("/prices/cn", {"item_id": 1, "price_minor": 351, "valid_from_ms": 0}), 200)
    assert changed["ver"] == 2
    entry = shop.get("/audit", entity="price").json()["entries"][0]
    assert (entry["before"]["price_minor"], entry["after"]["price_minor"]) == (350, 351)
    assert published(cloud, "price:cn")[("price", 1, "", "list", 0)].ver == 2


def test_a_planned_special_can_be_taken_back(shop: Hq, cloud: Cloud) -> None:
    special = {
        "item_id": 1,
        "price_minor": 299,
        "kind": "special",
        "valid_from_ms": START_MS + 1000,
        "valid_until_ms": START_MS + 2000,
    }
    made(shop.put("/prices/cn", special), 200)
    key = {"kind": "special", "valid_from_ms": START_MS + 1000}
    made(shop.delete("/prices/cn/1", **key), 200)
    assert published(cloud, "price:cn")[("price", 1, "", "special", START_MS + 1000)].op == "del"
    assert shop.delete("/prices/cn/1", **key).status_code == 404
    assert [price["kind"] for price in shop.get("/prices/cn").json()["prices"]] == ["list"]
    assert made(shop.put("/prices/cn", special), 200)["ver"] == 3


WRONG_PRICES: list[tuple[dict[str, Any], int, str]] = [
    ({"item_id": 99}, 404, "cloud.not_found"),
    ({"valid_from_ms": 10, "valid_until_ms": 10}, 422, "cloud.price_ends_first"),
    ({"price_minor": -1}, 422, "cloud.invalid"),
    ({"price_minor": 3.5}, 422, "cloud.invalid"),
    ({"price_minor": None}, 422, "cloud.invalid"),
    ({"currency": "HKD"}, 422, "cloud.invalid"),
    ({"ver": 9}, 422, "cloud.invalid"),
]


def test_a_wrong_price_is_refused(shop: Hq) -> None:
    for change, status, code in WRONG_PRICES:
        answer = shop.put("/prices/cn", {"item_id": 1, "price_minor": 100} | change)
        assert (answer.status_code, answer.json()["code"]) == (status, code), change
    assert [price["price_minor"] for price in shop.get("/prices/cn").json()["prices"]] == [350]


def test_bulk_prices_come_in_one_group_or_not_at_all(shop: Hq, cloud: Cloud) -> None:
    second = made(shop.post("/items", {"sku": "B", "name_zh": "乙"}))["item_id"]
    rows = [{"item_id": item_id, "price_minor": 100, "valid_from_ms": START_MS} for item_id in (1, second)]
    assert shop.post("/prices/cn/bulk", {"prices": [*rows, {"item_id": 99, "price_minor": 1}]}).status_code == 404
    assert shop.post("/prices/cn/bulk", {"prices": [*rows, rows[0]]}).json()["code"] == "cloud.price_twice"
    assert ("price", second, "", "list", START_MS) not in published(cloud, "price:cn")
    made(shop.post("/prices/cn/bulk", {"prices": rows}), 200)
    groups = {published(cloud, "price:cn")[("price", i, "", "list", START_MS)].group for i in (1, second)}
    assert len(groups) == 1
    assert shop.post("/prices/cn/bulk", {"prices": rows * 1001}).status_code == 422


def test_prices_are_listed_by_whole_items(shop: Hq) -> None:
    second = made(shop.post("/items", {"sku": "B", "name_zh": "乙"}))["item_id"]
    for item_id in (1, second):
        for price in (100, 200):
            body = {"item_id": item_id, "price_minor": price, "valid_from_ms": START_MS + price}
            made(shop.put("/prices/cn", body), 200)
    first = shop.get("/prices/cn", limit=1).json()
    assert [price["price_minor"] for price in first["prices"]] == [350, 100, 200]
    rest = shop.get("/prices/cn", limit=1, after=first["next"]).json()
    assert ([price["price_minor"] for price in rest["prices"]], rest["next"]) == ([100, 200], None)
    assert shop.get("/prices/nowhere").status_code == 404


def test_a_bucket_can_be_built_again_from_the_master_rows(shop: Hq, cloud: Cloud) -> None:
    made(shop.put("/items/1/barcodes/4711", {}), 200)
    made(shop.delete("/items/1/barcodes/4711"), 200)
    with reading(cloud.engine) as connection:
        for bucket in ("cat:main", "price:cn", "store:0101"):
            rebuilt = {(c.table, *c.pk): (c.ver, c.row) for c in master_rows.rows_of_bucket(connection, bucket)}
            sent = {k: (c.ver, c.row) for k, c in published(cloud, bucket).items() if c.op == "put"}
            assert rebuilt == sent, bucket


def test_what_is_not_committed_is_not_published(cloud: Cloud, shop: Hq) -> None:
    before = published(cloud, "price:cn")
    row = {
        "zone": "cn",
        "item_id": 1,
        "channel": "",
        "kind": "list",
        "valid_from_ms": 5,
        "valid_until_ms": 0,
        "price_minor": 1,
        "changed_at_ms": 0,
        "changed_by": "x",
    }
    with cloud.unit_of_work() as uow:
        master_rows.write_row(uow, master_rows.PRICE, row)
    assert published(cloud, "price:cn") == before
    with acting(cloud) as act:
        master_rows.write_row(act.uow, master_rows.PRICE, row)
    assert len(published(cloud, "price:cn")) == len(before) + 1
    assert shop.get("/prices/cn").status_code == 200
