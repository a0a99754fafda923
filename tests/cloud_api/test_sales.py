"""Sales, totals, cases and the audit log as HQ reads them."""

from __future__ import annotations

from cloud_api.context import Cloud
from tests.cloud_api.facts import add_case, add_sale, event_id, sale_id
from tests.cloud_api.hq import Hq, made


def test_sales_come_newest_first_in_pages_and_by_filter(shop: Hq, cloud: Cloud) -> None:
    for number in range(1, 8):
        add_sale(cloud, number, business_date=f"2026-05-{20 + number}", operator_id=str(1000 + number % 2))
    add_sale(cloud, 8, store_id="0201", terminal_id="0201-1", currency="HKD")
    page = shop.get("/sales", limit=3, store_id="0101").json()
    assert [sale["sale_id"] for sale in page["sales"]] == [sale_id(n) for n in (7, 6, 5)]
    rest = shop.get("/sales", limit=50, store_id="0101", after=page["next"]).json()
    assert ([sale["sale_id"] for sale in rest["sales"]], rest["next"]) == ([sale_id(n) for n in (4, 3, 2, 1)], None)
    for filters, numbers in (
        ({"business_date": "2026-05-23"}, [3]),
        ({"from_date": "2026-05-24", "to_date": "2026-05-25"}, [5, 4]),
        ({"operator_id": "1000", "to_date": "2026-05-25"}, [4, 2]),
        ({"receipt_no": "0101-1A-000002"}, [2]),
        ({"terminal_id": "0201-1"}, [8]),
        ({"currency": "HKD"}, [8]),
    ):
        found = [sale["sale_id"] for sale in shop.get("/sales", **filters).json()["sales"]]
        assert found == [sale_id(n) for n in numbers], filters


def test_one_sale_tells_everything(shop: Hq, cloud: Cloud) -> None:
    add_sale(cloud, 1, voided='[{"sku": "X"}]')
    case_id = add_case(cloud, "a", event_id=event_id(1))
    sale = shop.get(f"/sales/{sale_id(1)}").json()
    assert (sale["inc"], sale["seq"], sale["line_count"], sale["cases"]) == (1, 2, 1, [case_id])
    assert [line["amount_minor"] for line in sale["lines"]] == [700]
    assert sale["tenders"] == [{"line": 1, "kind": "cash", "amount_minor": 1000, "reference": ""}]
    assert sale["voided"] == [{"sku": "X"}]
    assert shop.get(f"/sales/{sale_id(9)}").status_code == 404


def test_totals_are_by_store_day_and_currency_with_cash_net_of_change(shop: Hq, cloud: Cloud) -> None:
    for number in (1, 2):
        add_sale(cloud, number)
    add_sale(cloud, 3, business_date="2026-05-29")
    add_sale(cloud, 4, store_id="0201", currency="HKD", business_date="2026-05-29")
    totals = shop.get("/sales-totals", from_date="2026-05-28", to_date="2026-05-29").json()["totals"]
    first = totals[0]
    assert first == {
        "store_id": "0101",
        "business_date": "2026-05-28",
        "currency": "CNY",
        "sales": 2,
        "due_minor": 1400,
        "rounding_minor": 0,
        "payable_minor": 1400,
        "tax_minor": 162,
        "tenders": {"cash": 1400},
    }
    assert [(t["store_id"], t["business_date"], t["sales"]) for t in totals[1:]] == [
        ("0101", "2026-05-29", 1),
        ("0201", "2026-05-29", 1),
    ]


def test_a_case_is_resolved_once_with_a_note(shop: Hq, cloud: Cloud) -> None:
    first, second = add_case(cloud, "a"), add_case(cloud, "b", kind="fork")
    assert [case["case_id"] for case in shop.get("/cases", state="open").json()["cases"]] == [second, first]
    resolved = made(shop.post(f"/cases/{first}/resolve", {"outcome": "accepted", "note": "看过了"}), 200)
    assert (resolved["state"], resolved["resolved_by"], resolved["params"]) == (
        "resolved",
        "root.admin",
        {"sku": "COLA"},
    )
    again = shop.post(f"/cases/{first}/resolve", {"outcome": "rejected", "note": "x"})
    assert (again.status_code, again.json()["code"]) == (409, "cloud.case_resolved")
    assert [case["case_id"] for case in shop.get("/cases", state="open").json()["cases"]] == [second]
    assert [case["case_id"] for case in shop.get("/cases", kind="fork").json()["cases"]] == [second]
    assert shop.post(f"/cases/{second}/resolve", {"outcome": "accepted", "note": "  "}).status_code == 422


def test_the_audit_log_tells_who_did_what_and_cannot_be_written(shop: Hq) -> None:
    made(shop.patch("/items/1", {"unit": "罐"}), 200)
    page = shop.get("/audit", entity="item", limit=1).json()
    (entry,) = page["entries"]
    assert (entry["who"], entry["action"], entry["key"]) == ("root.admin", "update", "1")
    assert (entry["before"]["unit"], entry["after"]["unit"]) == ("", "罐")
    older = shop.get("/audit", entity="item", after=page["next"]).json()["entries"]
    assert [entry["action"] for entry in older] == ["create"]
    assert [shop.request(method, "/audit", json={}).status_code for method in ("POST", "PUT", "PATCH", "DELETE")] == [
        405
    ] * 4
    actions = {(e["entity"], e["action"]) for e in shop.get("/audit", limit=500).json()["entries"]}
    assert {("user", "login"), ("store", "create"), ("price", "set"), ("barcode", "put")} <= actions
