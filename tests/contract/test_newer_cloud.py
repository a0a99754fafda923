"""A cloud or a till of another age: what one does not know yet never stops the other, nor what comes after it."""

from __future__ import annotations

from typing import Any

from cloud_api.db.changes import Change, insert_pending
from cloud_api.db.engine import writing
from tests.contract.counter import Counter, books_agree
from tests.contract.office import COLA, WATER, Office, Shop, wait_until


def publish(office: Office, *changes: Change) -> None:
    """What a newer cloud would publish."""
    with writing(office.cloud.engine) as connection:
        insert_pending(connection, changes, at_ms=office.cloud.clock.now_ms())
    office.cloud.wake.set()


def change(table: str, pk: tuple[Any, ...], *, op: str = "put", ver: int = 1, **row: Any) -> Change:
    return Change(bucket="cat:main", table=table, op=op, pk=pk, ver=ver, row=row)


def test_unknown_tables_acts_and_columns_pass_by(office: Office, shop: Shop, counter: Counter) -> None:
    department: dict[str, Any] = {"name_zh": "新部", "name_en": "New", "position": 9, "colour": "#123456"}
    publish(
        office,
        change("hologram", (1, "x"), shine=3),
        change("item", (1,), op="merge", ver=99, name_zh="?"),
        change("department", ("new",), **department),
    )
    wait_until(
        lambda: [one for one in counter.app.catalog.departments() if one.name_en == "New"],
        "what follows the unknown does not come",
    )
    with counter.agent.replica._transaction() as conn:
        (extra,) = conn.execute("SELECT extra FROM department WHERE department_id = 'new'").fetchone()
    assert extra == '{"colour":"#123456"}'
    assert "unknown=" in counter.agent.replica.state("feed_notice")
    assert counter.price() == 350
    shop.set_price(COLA, 360)
    wait_until(lambda: counter.price() == 360, "news stop behind the unknown")


def test_a_change_that_cannot_be_kept_stops_its_bucket_alone(office: Office, shop: Shop, counter: Counter) -> None:
    publish(office, change("department", ("bad",), name_zh=["no", "text"], name_en={}, position="first"))
    publish(office, change("tax", ("bad",), rate_bp=None, name_zh=None, name_en=None))
    shop.set_price(COLA, 360)
    wait_until(lambda: counter.price() == 360, "the other buckets stop")
    counter.sell()
    counter.sent()
    assert books_agree(office, counter)
    wait_until(lambda: str(counter.heard.status.get("error")).startswith("feed."), "nobody is told")


def test_an_entry_that_nobody_understands_waits_and_the_rest_goes_on(office: Office, counter: Counter) -> None:
    counter.sell()
    counter.record("teleport", {"to": "Shanghai"})
    counter.record("sale", {"sale": {"lines": "none"}})
    counter.sell(COLA, WATER, times=2)
    counter.sent()
    wait_until(lambda: office.number("SELECT count(*) FROM sale") == 3, "the sales behind it do not take effect")
    held = office.rows("SELECT reason FROM event WHERE state = 'held' ORDER BY n")
    assert [row["reason"] for row in held] == ["entry.kind_unknown", "entry.unreadable"]
    assert office.number("SELECT count(*) FROM case_file WHERE kind = 'event_held'") == 2
    counter.sell()
    counter.sent()
    wait_until(lambda: counter.heard.status.get("held") == 2, "the till does not show what is held")
    assert office.number("SELECT count(*) FROM event_raw") == counter.tip.seq
