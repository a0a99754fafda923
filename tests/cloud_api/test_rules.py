"""Promotions from draft to till: tried, scheduled, published, stopped; versions stay, unsound ones are refused."""

from __future__ import annotations

import json
from typing import Any

from cloud_api.context import Cloud
from cloud_api.db.engine import reading
from cloud_api.db.master_rows import rows_of_bucket
from cloud_api.db.sync_tables import CHANGE_PENDING
from cloud_api.routes.pricing_documents import CART, CONTEXT, FRAME, RULE, RULE_BOOK
from tests.cloud_api.conftest import START_MS, SettableClock
from tests.cloud_api.hq import Hq, made, sign_in

DAY_MS = 24 * 3_600_000
NOW = CONTEXT | {"at_ms": START_MS}


def drafted(shop: Hq, rule_id: str = "second-half", **changes: Any) -> dict[str, Any]:
    return made(shop.put(f"/rules/cn/{rule_id}/draft", {"rule": RULE | changes}), 200)


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def quoted(shop: Hq, **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {shop.token}"}
    return shop.client.post("/v1/quote", json={"cart": CART, "context": NOW} | body, headers=headers)


def due(shop: Hq) -> int:
    return int(quoted(shop).json()["due_minor"])


def pass_time(shop: Hq, clock: SettableClock, ms: int) -> None:
    """So long that the user has to sign in again."""
    clock.at_ms += ms
    shop.token = sign_in(shop.client, "root.admin").token


def at_tills(cloud: Cloud, zone: str = "cn") -> dict[int, dict[str, Any]]:
    """The rule books that a till of the zone has, by version, as it would read them."""
    with reading(cloud.engine) as connection:
        rows = [change for change in rows_of_bucket(connection, f"promo:{zone}") if change.row]
        return {change.pk[0]: json.loads(change.row["document"]) for change in rows if change.row}


def test_a_rule_goes_from_draft_to_the_tills_and_away(shop: Hq, cloud: Cloud) -> None:
    row = drafted(shop)
    assert (row["version"], row["phase"], row["rule"]["rule_id"]) == (1, "draft", "second-half")
    tried = made(shop.post("/rules/cn/test", {"carts": [CART], "context": NOW}), 200)
    assert [(one["now"]["due_minor"], one["then"]["due_minor"]) for one in tried["carts"]] == [(1000, 750)]
    assert (due(shop), at_tills(cloud)) == (1000, {})
    live = made(shop.post("/rules/cn/second-half/publish"), 200)
    assert (live["phase"], live["book_version"]) == ("live", 2)
    answer = quoted(shop).json()
    assert (answer["due_minor"], answer["rule_book_version"]) == (750, 2)
    assert at_tills(cloud)[2]["rules"][0]["rule_id"] == "second-half"
    assert refusal(shop.post("/rules/cn/second-half/publish")) == (404, "cloud.not_found")
    stopped = made(shop.post("/rules/cn/second-half/stop"), 200)
    assert (stopped["state"], due(shop)) == ("stopped", 1000)
    assert sorted(at_tills(cloud)) == [2, 3]
    assert refusal(shop.post("/rules/cn/second-half/stop")) == (404, "cloud.not_found")
    books = shop.get("/rule-books/cn").json()["rule_books"]
    assert [(book["version"], book["what"], book["rules"]) for book in books] == [
        (3, "stop second-half", 0),
        (2, "publish second-half", 1),
    ]
    whole = made(shop.get("/rule-books/cn/2"), 200)["document"]
    assert whole["rules"][0]["benefit"] == RULE["benefit"]
    told = shop.get("/audit", entity="rule").json()["entries"]
    assert [entry["action"] for entry in reversed(told)] == ["draft", "published", "stopped"]
    assert {entry["who"] for entry in told} == {"root.admin"}


def test_a_change_is_a_new_version_and_replaces_the_old_one(shop: Hq) -> None:
    drafted(shop)
    shop.post("/rules/cn/second-half/publish")
    assert drafted(shop, benefit={"kind": "nth_percent_off", "nth": 2, "percent": "20"})["version"] == 2
    assert drafted(shop, benefit={"kind": "nth_percent_off", "nth": 2, "percent": "40"})["version"] == 2
    made(shop.post("/rules/cn/second-half/publish"), 200)
    (row,) = shop.get("/rules/cn").json()["rules"]
    assert (row["version"], row["rule"]["version"], row["book_version"], due(shop)) == (2, 2, 3, 800)
    assert shop.get("/rule-books/cn/2").json()["document"]["rules"][0]["benefit"]["percent"] == "50"
    drafted(shop)
    made(shop.delete("/rules/cn/second-half/draft"), 200)
    assert refusal(shop.delete("/rules/cn/second-half/draft")) == (404, "cloud.not_found")
    assert drafted(shop)["version"] == 4


def test_a_scheduled_rule_is_sent_a_day_ahead_and_begins_by_itself(
    shop: Hq, cloud: Cloud, clock: SettableClock
) -> None:
    drafted(shop)
    window = {"valid_from_ms": START_MS + DAY_MS - 1, "valid_until_ms": START_MS + 3 * DAY_MS}
    assert refusal(shop.post("/rules/cn/second-half/schedule", window)) == (422, "rules.too_soon")
    window["valid_from_ms"] += 1
    assert made(shop.post("/rules/cn/second-half/schedule", window), 200)["phase"] == "scheduled"
    assert at_tills(cloud)[2]["rules"][0]["valid_from_ms"] == START_MS + DAY_MS
    assert due(shop) == 1000
    later = CONTEXT | {"at_ms": START_MS + DAY_MS}
    assert quoted(shop, context=later).json()["due_minor"] == 750
    pass_time(shop, clock, DAY_MS)
    assert shop.get("/rules/cn").json()["rules"][0]["phase"] == "live"
    drafted(shop)
    window = {"valid_from_ms": START_MS + 2 * DAY_MS}
    assert refusal(shop.post("/rules/cn/second-half/schedule", window)) == (409, "rules.still_live")
    pass_time(shop, clock, 2 * DAY_MS)
    assert shop.get("/rules/cn").json()["rules"][0]["phase"] == "ended"
    pass_time(shop, clock, DAY_MS)
    drafted(shop, "other")
    made(shop.post("/rules/cn/other/publish"), 200)
    assert [rule["rule_id"] for rule in at_tills(cloud)[3]["rules"]] == ["other"]


def test_what_is_unsound_is_not_published(shop: Hq, cloud: Cloud) -> None:
    bad = RULE | {"benefit": {"kind": "percent_off", "percent": "101"}}
    assert refusal(shop.put("/rules/cn/x/draft", {"rule": bad})) == (422, "rules.percent_out_of_range")
    assert refusal(shop.put("/rules/cn/x/draft", {"rule": RULE | {"typo": 1}})) == (422, "document.unknown_field")
    assert refusal(shop.put("/rules/nowhere/x/draft", {"rule": RULE})) == (404, "cloud.not_found")
    drafted(shop, group_id="a", scope={"items": [99_999]})
    tried = made(shop.post("/rules/cn/test", {"carts": [CART], "context": NOW}), 200)
    assert [problem["code"] for problem in tried["problems"]] == ["rules.group_unknown", "rules.item_unknown"]
    assert all(problem["text_zh"] and problem["text_en"] for problem in tried["problems"])
    assert tried["carts"] == []
    refused = shop.post("/rules/cn/second-half/publish")
    assert refusal(refused) == (422, "rules.group_unknown")
    assert at_tills(cloud) == {}
    assert refusal(shop.post("/rules/cn/test", {"carts": [CART], "rule_ids": ["none"]})) == (404, "cloud.not_found")


def test_the_frame_changes_by_itself_and_tills_keep_the_newest_books(shop: Hq, cloud: Cloud) -> None:
    drafted(shop, coupon_group="shop", stage="coupon", benefit={"kind": "amount_off", "amount_minor": 1})
    shop.post("/rules/cn/second-half/publish")
    pair = {"choices": {"coupons_combine": [{"one": "shop", "other": "shop"}]}}
    for frame in (FRAME, FRAME, FRAME | pair):
        made(shop.put("/rule-books/cn/frame", {"frame": frame}), 200)
    assert sorted(at_tills(cloud)) == [3, 4, 5]
    assert at_tills(cloud)[4]["tiers"] == FRAME["tiers"]
    assert [rule["rule_id"] for rule in at_tills(cloud)[5]["rules"]] == ["second-half"]
    made(shop.post("/rules/cn/second-half/stop"), 200)
    assert "choices" not in at_tills(cloud)[6]
    assert made(shop.get("/rule-books/cn/2"), 200)["rules"] == 1
    assert refusal(shop.put("/rule-books/cn/frame", {"frame": RULE_BOOK})) == (422, "document.unknown_field")
    with reading(cloud.engine) as connection:
        sent = connection.execute(CHANGE_PENDING.select()).mappings().all()
    assert len([row for row in sent if row["bucket"] == "promo:cn"]) == 5


def test_a_template_makes_a_draft_that_says_what_it_gives(shop: Hq) -> None:
    templates = {one["template_id"]: one for one in shop.get("/rule-templates").json()["templates"]}
    assert len(templates) == 23
    assert [one["name"] for one in templates["nth_discount"]["parameters"]][:2] == ["nth", "percent"]
    wanted = {"spend_minor": 20_000, "amount_minor": 5_000}
    row = made(shop.put("/rules/cn/200-50/draft/spend_save", {"parameters": wanted}), 200)
    assert row["rule"]["benefit"]["steps"] == [{"at": 20_000, "amount_minor": 5_000}]
    assert (row["rule"]["name_zh"], row["sentence_zh"]) == ("满200元减50元", "满200元减50元")
    assert row["rule"]["name_en"]
    second = drafted(shop)
    assert (second["sentence_zh"], second["rule"]["name_zh"]) == ("饮料第二件半价", "第二件半价")
    assert second["sentence_en"] == "Drinks: 2nd item half price"
    for template, parameters, code in (
        ("none", wanted, "rules.template_unknown"),
        ("spend_save", wanted | {"amount_minor": 0}, "rules.parameter_out_of_range"),
        ("spend_save", {}, "document.field_missing"),
    ):
        answer = shop.put(f"/rules/cn/x/draft/{template}", {"parameters": parameters})
        assert refusal(answer) == (422, code)
