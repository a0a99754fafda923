"""A cart is priced for whoever may ask, by the book that comes with it; what does not fit is refused with a code."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from cloud_api.context import Cloud
from cloud_api.db.engine import writing
from cloud_api.db.master_tables import TERMINAL
from cloud_api.routes.pricing_documents import CART, CONTEXT, PRICED, RULE_BOOK
from cloud_api.services.background import Background
from cloud_api.services.terminals.directory import Known
from tests.cloud_api.conftest import START_MS
from tests.cloud_api.hq import Hq, made

QUESTION = {"cart": CART, "context": CONTEXT, "rule_book": RULE_BOOK}


def ask(shop: Hq, token: str | None = None, **changes: Any) -> Any:
    headers = {"Authorization": f"Bearer {token or shop.token}"}
    return shop.client.post("/v1/quote", json=QUESTION | changes, headers=headers)


def test_the_documented_question_has_the_documented_answer(shop: Hq) -> None:
    assert made(ask(shop), 200) == PRICED


def test_without_a_book_the_plain_one_of_the_store_counts(shop: Hq) -> None:
    answer = made(ask(shop, rule_book=None), 200)
    assert (answer["rule_book_version"], answer["due_minor"]) == (1, 1000)
    assert made(ask(shop, rule_book=None, context=None, zone="hk"), 200)["due_minor"] == 1000
    assert ask(shop, rule_book=None, context=None).json()["code"] == "pricing.zone_missing"
    assert ask(shop, rule_book=None, zone="nowhere").status_code == 404


def changed(document: dict[str, Any], *path: str | int, value: Any) -> dict[str, Any]:
    copy = deepcopy(document)
    node: Any = copy
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return copy


@pytest.mark.parametrize("ready_database_url", ["sqlite"], indirect=True)
def test_what_does_not_fit_is_refused_with_a_code(shop: Hq) -> None:
    for code, changes in (
        ("money.currency_unknown", {"cart": changed(CART, "currency", value="XXX")}),
        ("document.wrong_type", {"cart": changed(CART, "lines", 0, "price", "price_minor", value=1.5)}),
        ("cart.price_negative", {"cart": changed(CART, "lines", 0, "price", "price_minor", value=-1)}),
        ("cart.price_missing", {"cart": changed(CART, "lines", 0, "price", value=None)}),
        ("document.newer_version", {"rule_book": RULE_BOOK | {"format_version": 2}}),
        ("rules.group_unknown", {"rule_book": changed(RULE_BOOK, "rules", 0, "group_id", value="a")}),
        ("document.other_format", {"context": CART}),
        ("cloud.invalid", {"extra": 1}),
    ):
        answer = ask(shop, **changes)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer.json()["text_zh"]
        assert answer.json()["text_en"]


def test_a_till_in_use_may_ask_and_a_revoked_one_may_not(shop: Hq, cloud: Cloud) -> None:
    made(shop.post("/stores/0101/tills", {}))
    background: Background = shop.client.app.state.background  # type: ignore[attr-defined]
    known = Known("0101-1", "0101", "active", "a2V5", "main", "cn", 1)
    token = background.tokens.issue(known, 1, expires_at_ms=START_MS + 1)
    for state, status in (("active", 200), ("revoked", 403)):
        with writing(cloud.engine) as connection:
            connection.execute(TERMINAL.update().values(state=state, pubkey="a2V5"))
        assert ask(shop, token).status_code == status
    assert ask(shop, "evt_forged").status_code == 401
