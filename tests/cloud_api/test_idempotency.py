"""A write that is sent twice happens once and gets the same answer; a key with another body is refused."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from cloud_api.context import Cloud
from cloud_api.db.engine import reading
from cloud_api.db.master_tables import IDEMPOTENCY
from tests.cloud_api.facts import add_case
from tests.cloud_api.hq import PASSWORD, STORE_BODY, Hq, made

KEY = {"Idempotency-Key": "key-of-this-test"}
PRICE = {"item_id": 1, "price_minor": 399}

# Every kind of write: method, path, body, another body.
WRITES: list[tuple[str, str, Any, Any]] = [
    ("POST", "/users", {"user_name": "u", "password": PASSWORD, "role": "auditor"}, {"user_name": "v"}),
    ("PATCH", "/users/root.admin", {}, {"active": True}),
    ("POST", "/users/root.admin/logout", None, {"x": 1}),
    ("POST", "/stores", STORE_BODY | {"store_id": "0301"}, STORE_BODY | {"store_id": "0302"}),
    ("PATCH", "/stores/0101", {"name_zh": "甲"}, {"name_zh": "乙"}),
    ("POST", "/stores/0101/tills", {"label": "甲"}, {"label": "乙"}),
    ("POST", "/stores/0101/staff", {"operator_id": "1", "name": "甲", "role": "cashier"}, {"operator_id": "2"}),
    ("PUT", "/stores/0101/quick-keys", {"keys": [{"position": 1, "item_id": 1}]}, {"keys": []}),
    ("PUT", "/departments/x", {"name_zh": "甲"}, {"name_zh": "乙"}),
    ("PUT", "/taxes/x", {"name_zh": "甲", "rate_bp": 1}, {"name_zh": "甲", "rate_bp": 2}),
    ("POST", "/items", {"sku": "甲", "name_zh": "甲"}, {"sku": "乙", "name_zh": "乙"}),
    ("PATCH", "/items/1", {"name_zh": "甲"}, {"name_zh": "乙"}),
    ("PUT", "/items/1/barcodes/123", {}, {"pack_thousandths": 2000}),
    ("PUT", "/prices/cn", PRICE, PRICE | {"price_minor": 1}),
    ("POST", "/prices/cn/bulk", {"prices": [PRICE]}, {"prices": [PRICE, PRICE | {"channel": "web"}]}),
    ("POST", "/cases/1/resolve", {"outcome": "accepted", "note": "甲"}, {"outcome": "accepted", "note": "乙"}),
]


@pytest.mark.parametrize(("method", "path", "body", "other"), WRITES, ids=[f"{m} {p}" for m, p, _, _ in WRITES])
def test_the_second_try_gets_the_first_answer(
    shop: Hq, cloud: Cloud, *, method: str, path: str, body: Any, other: Any
) -> None:
    add_case(cloud, "a case")
    first = shop.request(method, path, json=body, headers=KEY)
    assert first.status_code in (200, 201), first.text
    if path.endswith("logout"):
        return  # it has ended this very session
    again = shop.request(method, path, json=body, headers=KEY)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    reused = shop.request(method, path, json=other, headers=KEY)
    assert reused.status_code in (409, 422), "a body that fits no form is refused before the key is looked at"
    third = shop.request(method, path, json=body, headers=KEY)
    assert third.content == first.content


def test_fifty_at_once_have_one_effect(shop: Hq) -> None:
    body = {"operator_id": "1", "name": "甲", "role": "cashier"}

    def send(_: int) -> tuple[int, bytes]:
        answer = shop.post("/stores/0101/staff", body, headers=KEY)
        return answer.status_code, answer.content

    with ThreadPoolExecutor(16) as pool:
        answers = Counter(pool.map(send, range(50)))
    assert len(answers) == 1, "one PIN, however often it was asked for"
    ((status, _), count) = answers.most_common(1)[0]
    assert (status, count) == (201, 50)
    assert len(shop.get("/stores/0101/staff").json()["staff"]) == 1


def test_another_body_under_the_same_key_changes_nothing(shop: Hq) -> None:
    made(shop.put("/prices/cn", PRICE, headers=KEY), 200)
    reused = shop.put("/prices/cn", PRICE | {"price_minor": 1}, headers=KEY)
    assert (reused.status_code, reused.json()["code"]) == (409, "cloud.key_reused")
    assert {price["price_minor"] for price in shop.get("/prices/cn").json()["prices"]} == {350, 399}


def test_a_refused_act_binds_no_key(shop: Hq) -> None:
    body = {"item_id": 2, "price_minor": 5}
    assert shop.put("/prices/cn", body, headers=KEY).status_code == 404
    made(shop.post("/items", {"sku": "TWO", "name_zh": "二"}))
    made(shop.put("/prices/cn", body, headers=KEY), 200)


def test_keys_belong_to_their_user(shop: Hq, cloud: Cloud) -> None:
    made(shop.put("/prices/cn", PRICE, headers=KEY), 200)
    with reading(cloud.engine) as connection:
        assert connection.execute(sa.select(IDEMPOTENCY.c.who)).scalars().all() == ["root.admin"]


def test_a_pin_that_is_shown_once_does_not_lie_open_in_the_database(shop: Hq, cloud: Cloud) -> None:
    body = {"operator_id": "1", "name": "甲", "role": "cashier"}
    pin = made(shop.post("/stores/0101/staff", body, headers=KEY))["pin"]
    with reading(cloud.engine) as connection:
        answer = connection.execute(sa.select(IDEMPOTENCY.c.answer)).scalar_one()
    assert pin.encode() not in bytes(answer)


@pytest.mark.parametrize("key", ["short", "with space in it", "x" * 129, "钥匙钥匙钥匙钥匙钥匙"])
def test_a_key_that_is_none_is_refused(shop: Hq, key: str) -> None:
    answer = shop.put("/prices/cn", PRICE, headers={"Idempotency-Key": key.encode()})
    assert answer.status_code == 422
