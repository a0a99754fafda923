"""Sending a goods file to HQ's interface and asking how it went."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from cloud_api.services.catalog_import.desk import ImportDesk
from tests.cloud_api.catalog_import.goods_files import DIRTY, EXPECTED, REFUSED, dirty_csv
from tests.cloud_api.hq import Hq, made


def send(shop: Hq, data: bytes, headers: dict[str, str] | None = None, **params: Any) -> Any:
    """Send a file; zone cn unless told otherwise."""
    return shop.request("POST", "/imports", content=data, params={"zone": "cn"} | params, headers=headers or {})


def ended(shop: Hq, app: FastAPI, answer: Any) -> dict[str, Any]:
    """The import when it is over."""
    import_id = made(answer, 202)["import_id"]
    desk: ImportDesk = app.state.imports
    desk.wait(import_id, 30)
    return made(shop.get(f"/imports/{import_id}"), 200)


def test_a_file_is_taken_at_once_and_reported_row_by_row(shop: Hq, app: FastAPI, tmp_path: Path) -> None:
    data = dirty_csv(tmp_path / "goods.csv", "gb18030").read_bytes()
    run = ended(shop, app, send(shop, data, file_name="商品.csv"))
    assert (run["state"], run["rows"], run["refused"], run["file_name"]) == (
        "done",
        len(DIRTY),
        REFUSED + 1,
        "商品.csv",
    )
    path = f"/imports/{run['import_id']}/findings"
    told: list[tuple[int, str]] = []
    after: dict[str, Any] = {}
    while True:
        page = shop.get(path, limit=10, **after).json()
        told += [(finding["row"], finding["code"]) for finding in page["findings"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    # The shop's own COLA has the first row's code already.
    assert sorted(told) == sorted([*EXPECTED, (2, "code_taken")])
    refused = shop.get(path, severity="refused", code="price_unreadable").json()["findings"]
    assert {finding["text_en"] for finding in refused} == {"The price is no amount in CNY; not imported"}
    assert [one["import_id"] for one in shop.get("/imports").json()["imports"]] == [run["import_id"]]
    assert list(app.state.imports.folder.iterdir()) == []


def test_the_same_key_gets_the_same_import(shop: Hq, app: FastAPI) -> None:
    data = "sku,name_zh,price\nB,乙,2.00\n".encode()
    key = {"Idempotency-Key": "one-import-only"}
    first = send(shop, data, key)
    ended(shop, app, first)
    again = send(shop, data, key)
    assert (again.json()["import_id"], again.headers["idempotency-replayed"]) == (first.json()["import_id"], "true")
    other = send(shop, data + b"C,C,1\n", key)
    assert (other.status_code, other.json()["code"]) == (409, "cloud.key_reused")
    assert len(shop.get("/imports").json()["imports"]) == 1
    assert list(app.state.imports.folder.iterdir()) == []


def test_a_mapping_can_be_given_and_is_shown(shop: Hq, app: FastAPI) -> None:
    mapping = {"sku": "x", "name_en": "y", "price_minor": "z"}
    run = ended(shop, app, send(shop, b"x,y,z\nB,Bread,200\n", mapping=json.dumps(mapping)))
    assert (run["imported"], run["options"]["mapping"], run["options"]["guessed"]) == (1, mapping, False)
    item = shop.get("/items", q="B").json()["items"][0]
    assert (item["name_en"], item["name_zh"]) == ("Bread", "")


def test_what_cannot_be_taken_is_refused_or_fails_with_a_reason(shop: Hq, app: FastAPI) -> None:
    assert send(shop, b"x", zone="nowhere").status_code == 404
    assert send(shop, b"x", mapping="not json").status_code == 422
    assert send(shop, b"x", colour="red").status_code == 422
    assert send(shop, b"x", encoding="../x").status_code == 422
    run = ended(shop, app, send(shop, b""))
    assert (run["state"], run["error"]["code"]) == ("failed", "cloud.import_empty")
    assert list(app.state.imports.folder.iterdir()) == []
    assert shop.get("/imports/0198c1f2").status_code == 404


def test_columns_that_were_not_read_are_told_in_words(shop: Hq, app: FastAPI) -> None:
    run = ended(shop, app, send(shop, "\n货号,品名,库存,备注\nB,乙,5,\n".encode()))
    assert (run["rows"], run["imported"], run["doubted"], run["refused"]) == (1, 1, 0, 0)
    assert run["options"]["unread"] == ["库存", "备注"]
    assert run["findings"] == [{"severity": "noted", "code": "column_unread", "rows": 2}]
    found = shop.get(f"/imports/{run['import_id']}/findings", severity="noted").json()["findings"]
    assert [(one["row"], one["column"]) for one in found] == [(2, "库存"), (2, "备注")]
    assert {(one["text_zh"], one["text_en"]) for one in found} == {("没有读取这一列", "This column was not read")}
