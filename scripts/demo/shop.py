"""The sample shop, loaded the way a real customer would: by HQ's API and the catalogue import."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.demo.cloud import Headquarters, wait_until

SAMPLE = Path(__file__).resolve().parents[2] / "resources" / "sample_shop"
STORE = "0101"
IMPORT_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop as HQ set it up: PINs by operator, and the code that enrols the first till."""

    store_id: str
    pins: dict[str, str]
    enrolment_code: str


def open_shop(hq: Headquarters, store_id: str = STORE) -> Shop:
    """Set up one store of the sample chain with its goods, staff, quick keys and a till to enrol."""
    store: dict[str, Any] = next(store for store in _data("stores") if store["store_id"] == store_id)
    for department in _data("departments"):
        hq.call("PUT", f"/departments/{department.pop('department_id')}", department)
    for tax in _data("taxes"):
        hq.call("PUT", f"/taxes/{tax.pop('tax_code')}", tax)
    hq.call("POST", "/stores", _store_body(store))
    for name in store["goods"]:
        _import(hq, SAMPLE / name, store["price_zone"])
    pins = {p["operator_id"]: _hire(hq, store_id, p) for p in _data("staff") if store_id in p["stores"]}
    hq.call("PUT", f"/stores/{store_id}/quick-keys", {"keys": _quick_keys(hq, store_id)})
    till = hq.call("POST", f"/stores/{store_id}/tills", {})
    return Shop(store_id, pins, till["code"])


def item_by_code(hq: Headquarters, code: str) -> dict[str, Any]:
    """The item that a code sells."""
    found: list[dict[str, Any]] = hq.call("GET", "/items", q=code)["items"]
    if len(found) != 1:
        raise RuntimeError(f"{len(found)} items have the code {code}")
    return found[0]


def _import(hq: Headquarters, file: Path, zone: str) -> None:
    import_id = hq.upload("/imports", file, zone=zone, file_name=file.name)["import_id"]
    run: dict[str, Any] = {}

    def ended() -> bool:
        run.update(hq.call("GET", f"/imports/{import_id}"))
        return bool(run["state"] != "running")

    wait_until(ended, IMPORT_TIMEOUT_S, f"the import of {file.name} does not end")
    if run["state"] != "done" or run["refused"]:
        raise RuntimeError(f"{file.name}: {run}")


def _hire(hq: Headquarters, store_id: str, person: dict[str, Any]) -> str:
    body = {name: person[name] for name in ("operator_id", "name", "role")}
    pin: str = hq.call("POST", f"/stores/{store_id}/staff", body)["pin"]
    return pin


def _store_body(store: dict[str, Any]) -> dict[str, Any]:
    columns = ("store_id", "name_zh", "name_en", "division", "price_zone", "currency", "timezone")
    settings = {name: value for name, value in store.items() if name not in (*columns, "goods", "tills")}
    formats = {"scale_formats": _data("scale_formats")}
    return {name: store[name] for name in columns} | {"settings": settings | formats}


def _quick_keys(hq: Headquarters, store_id: str) -> list[dict[str, Any]]:
    rows = [key for key in _data("quick_keys") if key["store_id"] == store_id]
    return [
        {name: key[name] for name in ("position", "label_zh", "label_en")}
        | {"item_id": item_by_code(hq, key["code"])["item_id"]}
        for key in rows
    ]


def _data(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((SAMPLE / f"{name}.json").read_text(encoding="utf-8"))
    return rows
