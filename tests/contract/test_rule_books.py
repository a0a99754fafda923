"""Rule books on their way: by the live channel, by snapshot, the newest three, as HQ published them."""

from __future__ import annotations

import json
from typing import Any

import pysqlite3.dbapi2 as sqlite

from cloud_api.routes.pricing_documents import RULE
from domain.pricing_json import rule_book_from_data
from sync.replica.files import current_replica
from tests.contract.conftest import NewCounter
from tests.contract.counter import Counter
from tests.contract.office import Office, Shop, wait_until


def books(counter: Counter) -> dict[int, Any]:
    """The documents in a till's replica by version."""
    path = current_replica(counter.directory)
    assert path is not None
    conn = sqlite.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    try:
        return {version: json.loads(text) for version, text in conn.execute("SELECT version, document FROM rule_book")}
    finally:
        conn.close()


def publish(shop: Shop, rule_id: str) -> None:
    shop.hq.call("PUT", f"/rules/cn/{rule_id}/draft", {"rule": RULE})
    shop.hq.call("POST", f"/rules/cn/{rule_id}/publish")


def test_a_published_book_reaches_tills_as_it_is(office: Office, shop: Shop, new_counter: NewCounter) -> None:
    first = new_counter()
    assert books(first) == {}
    for rule_id in ("a", "b", "c", "d"):
        publish(shop, rule_id)
    wait_until(lambda: list(books(first)) == [3, 4, 5], "the newest three do not come")
    assert office.background.snapshots.build("promo:cn")
    publish(shop, "e")
    office.background.feed_turn()
    second = new_counter()
    wait_until(lambda: list(books(second)) == list(books(first)) == [4, 5, 6], "the book behind the snapshot")
    assert books(first) == books(second)
    newest = rule_book_from_data(books(second)[6])
    assert (newest.version, [rule.rule_id for rule in newest.rules]) == (6, ["a", "b", "c", "d", "e"])
