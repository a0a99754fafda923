"""Items, barcodes, departments, taxes and prices through HQ's interface, and what the tills are told of them."""

from __future__ import annotations

from tests.cloud_api.hq import Hq


def test_an_item_is_found_by_code_name_and_initials(shop: Hq) -> None:
    for wanted in ("6928804014570", "06928804014570", "COLA", "口可", "coca", "kk"):
        found = shop.get("/items", q=wanted).json()["items"]
        assert [item["sku"] for item in found] == ["COLA"], wanted
    assert shop.get("/items", q="%").json()["items"] == []
    assert found[0]["pinyin"] == "kkkl"
    assert found[0]["barcodes"] == [{"code": "06928804014570", "as_typed": "6928804014570", "pack_thousandths": 1000}]
