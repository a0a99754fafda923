"""Every write of HQ's interface, as a request that works in a fresh shop; a new write route must be listed here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloud_api.db.engine import writing
from cloud_api.routes.pricing_documents import FRAME, RULE
from tests.cloud_api.facts import add_case
from tests.cloud_api.hq import PASSWORD
from tests.contract.office import CASHIER, STORE, Shop


@dataclass(frozen=True)
class Write:
    """A route of the interface with what makes it work; ``path`` begins behind /v1/hq."""

    path: str
    body: Any = None
    query: str = ""


NEW_PASSWORD = "another sentence that nobody says"
_PRICE = {"item_id": 1, "price_minor": 399}
_PERSON = {"operator_id": "77", "name": "甲", "role": "cashier"}
_USER = {"user_name": "second.user", "password": PASSWORD, "role": "auditor"}
_STORE = {"store_id": "0301", "name_zh": "甲", "price_zone": "cn", "currency": "CNY", "timezone": "Asia/Shanghai"}
_GOODS = "sku,name_zh,price\nB,乙,2.00\n".encode()
_SPEND_SAVE = {"parameters": {"spend_minor": 20_000, "amount_minor": 5_000}}
_LATER_MS = 4_000_000_000_000
TILL = f"{STORE}-1"

WRITES: Mapping[str, Write] = {
    "POST /me/password": Write("/me/password", {"old": PASSWORD, "new": NEW_PASSWORD}),
    "POST /users": Write("/users", _USER | {"user_name": "third.user"}),
    "PATCH /users/{user_name}": Write("/users/second.user", {"active": False}),
    "POST /users/{user_name}/password": Write("/users/second.user/password", {"password": NEW_PASSWORD}),
    "POST /users/{user_name}/logout": Write("/users/second.user/logout"),
    "POST /stores": Write("/stores", _STORE),
    "PATCH /stores/{store_id}": Write(f"/stores/{STORE}", {"name_zh": "乙"}),
    "POST /stores/{store_id}/tills": Write(f"/stores/{STORE}/tills", {"label": "甲"}),
    "POST /tills/{terminal_id}/code": Write(f"/tills/{TILL}/code", {}),
    "POST /tills/{terminal_id}/drain": Write(f"/tills/{TILL}/drain", {"state": "drain"}),
    "POST /tills/{terminal_id}/revoke": Write(f"/tills/{TILL}/revoke", {"state": "lost"}),
    "POST /stores/{store_id}/staff": Write(f"/stores/{STORE}/staff", _PERSON),
    "PATCH /stores/{store_id}/staff/{operator_id}": Write(f"/stores/{STORE}/staff/{CASHIER}", {"name": "乙"}),
    "POST /stores/{store_id}/staff/{operator_id}/pin": Write(f"/stores/{STORE}/staff/{CASHIER}/pin"),
    "PUT /stores/{store_id}/quick-keys": Write(
        f"/stores/{STORE}/quick-keys", {"keys": [{"position": 1, "item_id": 1}]}
    ),
    "PUT /departments/{department_id}": Write("/departments/x", {"name_zh": "甲"}),
    "PUT /taxes/{tax_code}": Write("/taxes/x", {"name_zh": "甲", "rate_bp": 1}),
    "POST /items": Write("/items", {"sku": "甲", "name_zh": "甲"}),
    "PATCH /items/{item_id}": Write("/items/1", {"name_zh": "乙"}),
    "PUT /items/{item_id}/barcodes/{code}": Write("/items/1/barcodes/12345", {}),
    "DELETE /items/{item_id}/barcodes/{code}": Write("/items/1/barcodes/6928804014570"),
    "PUT /prices/{zone}": Write("/prices/cn", _PRICE),
    "POST /prices/{zone}/bulk": Write("/prices/cn/bulk", {"prices": [_PRICE]}),
    "DELETE /prices/{zone}/{item_id}": Write("/prices/cn/1", query="valid_from_ms=0"),
    "POST /imports": Write("/imports", _GOODS, "zone=cn"),
    "POST /imports/{import_id}/cancel": Write("/imports/{import_id}/cancel"),
    "PUT /rules/{zone}/{rule_id}/draft": Write("/rules/cn/second-half/draft", {"rule": RULE}),
    "PUT /rules/{zone}/{rule_id}/draft/{template_id}": Write("/rules/cn/x/draft/spend_save", _SPEND_SAVE),
    "DELETE /rules/{zone}/{rule_id}/draft": Write("/rules/cn/x/draft"),
    "POST /rules/{zone}/{rule_id}/schedule": Write("/rules/cn/second-half/schedule", {"valid_from_ms": _LATER_MS}),
    "POST /rules/{zone}/{rule_id}/publish": Write("/rules/cn/prepared/publish"),
    "POST /rules/{zone}/{rule_id}/stop": Write("/rules/cn/prepared/stop"),
    "PUT /rule-books/{zone}/frame": Write("/rule-books/cn/frame", {"frame": FRAME}),
    "POST /cases/{case_id}/resolve": Write("/cases/1/resolve", {"outcome": "accepted", "note": "甲"}),
}

OTHERWISE: Mapping[str, str] = {
    "POST /v1/hq/login": "a second session is all that a second try makes",
    "POST /v1/hq/logout": "ends the session that would ask again",
    "POST /v1/enrol": "the same code and key: test_the_tills_own_writes",
    "POST /v1/token": "each try is signed anew: test_the_tills_own_writes",
    "POST /v1/up": "the same entries: test_the_tills_own_writes",
    "POST /v1/quote": "asks what a cart would cost and changes nothing",
    "POST /v1/hq/rules/{zone}/test": "tries drafts on carts and changes nothing",
}
"""Writes that need no key, and why."""


def prepare(shop: Shop) -> str:
    """What the writes speak of: a second user, a till, a case and an import, whose id is returned."""
    shop.new_till()
    with writing(shop.office.cloud.engine) as connection:
        connection.exec_driver_sql("UPDATE terminal SET state = 'active'")
    shop.hq.call("POST", "/users", _USER)
    add_case(shop.office.cloud, "a case")
    shop.hq.call("PUT", "/rules/cn/prepared/draft", {"rule": RULE})
    answer = shop.hq._session.post(f"{shop.office.url}/v1/hq/imports?zone=cn&file_name=a.csv", data=_GOODS, timeout=30)
    found: str = answer.json()["import_id"]
    return found


def payload(write: Write) -> bytes | None:
    """The body as bytes."""
    return write.body if isinstance(write.body, bytes | None) else json.dumps(write.body).encode()


def routes(document: dict[str, Any]) -> set[str]:
    """Every write of an OpenAPI document."""
    reads = {"get", "head", "options", "parameters"}
    return {f"{method.upper()} {path}" for path, ops in document["paths"].items() for method in ops.keys() - reads}
