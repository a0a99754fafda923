"""Applying: exactly once, a bad entry is held alone, and what needs a look becomes a case."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from cloud_api.db.engine import writing
from cloud_api.db.master_tables import CASE_FILE, PRICE, SALE, SALE_LINE, SALE_TENDER
from cloud_api.db.sync_tables import ACTIVITY, EVENT, TERMINAL_STREAM
from cloud_api.services.background import Background
from cloud_api.services.intake import applier
from domain.sale import sale_from_body
from tests.cloud_api.sync.shop import ITEM_PRICES, STORE, Shop, TestTill


def take_in(till: TestTill, background: Background) -> None:
    till.acked(background)
    background.apply_turn()


def cases(shop: Shop, kind: str = "") -> list[dict[str, Any]]:
    found = [row for row in shop.rows(CASE_FILE) if kind in ("", row["kind"])]
    return [row | {"params": msgspec.json.decode(row["params"])} for row in found]


def test_a_sale_becomes_rows_to_the_fen(till: TestTill, background: Background, shop: Shop) -> None:
    entry = till.sell("A-1", "A-2", "A-2")
    take_in(till, background)
    body = msgspec.json.decode(entry.fact.body)["sale"]
    assert sale_from_body(body).due_minor == 350 + 2 * 1200
    (sale,) = shop.rows(SALE)
    assert sale["event_id"] == entry.fact.event_id
    assert (sale["terminal_id"], sale["inc"], sale["seq"], sale["hash"]) == (till.terminal, 1, 1, entry.hash)
    for name in ("sale_id", "receipt_no", "operator_id", "business_date", "currency", "due_minor", "paid_minor"):
        assert sale[name] == body[name]
    assert (sale["payable_minor"], sale["line_count"]) == (2750, 3)
    assert sale["tax_minor"] == sum(line["tax_minor"] for line in body["lines"])
    lines = shop.rows(SALE_LINE)
    assert [line["line"] for line in lines] == [1, 2, 3]
    assert [line["amount_minor"] for line in lines] == [350, 1200, 1200]
    assert [(t["kind"], t["amount_minor"]) for t in shop.rows(SALE_TENDER)] == [("cash", 2750)]
    assert cases(shop) == []
    assert [row["applied_seq"] for row in shop.rows(TERMINAL_STREAM)] == [1]


def test_what_is_stored_but_not_applied_is_taken_up_after_a_crash(
    till: TestTill, background: Background, shop: Shop
) -> None:
    """Another process, born after the crash, finds the entries ``new``."""
    till.sell()
    till.sell()
    till.acked(background)
    assert shop.rows(SALE) == []
    Background(shop.cloud).apply_turn()
    assert len(shop.rows(SALE)) == 2
    Background(shop.cloud).apply_turn()
    assert len(shop.rows(SALE)) == 2


def test_a_crash_in_the_middle_of_applying_applies_nothing_twice(
    till: TestTill, background: Background, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        till.sell()
    till.acked(background)

    def crash(*_: object, **__: object) -> None:
        raise InterruptedError

    with monkeypatch.context() as patch:
        patch.setattr(applier, "_finish", crash)
        with pytest.raises(InterruptedError):
            background.apply_turn()
    assert shop.rows(SALE) == []
    background.apply_turn()
    assert len(shop.rows(SALE)) == 3
    assert {row["state"] for row in shop.rows(EVENT)} == {"applied"}


@pytest.mark.parametrize(
    ("kind", "version", "body", "reason"),
    [
        ("teleport", 1, {}, "entry.kind_unknown"),
        ("sale", 9, {"sale": {}}, "entry.version_unknown"),
        ("sale", 1, {"sale": {"lines": "none"}}, "entry.unreadable"),
        ("sale", 1, {}, "entry.unreadable"),
        ("drawer_open", 1, {"operator_id": 7}, "entry.unreadable"),
    ],
)
def test_a_bad_entry_is_held_and_the_rest_flows(
    till: TestTill, background: Background, shop: Shop, kind: str, version: int, body: dict[str, Any], reason: str
) -> None:
    till.sell()
    bad = till.record(kind, body, version=version)
    till.sell()
    take_in(till, background)
    assert len(shop.rows(SALE)) == 2
    states = {row["seq"]: (row["state"], row["reason"]) for row in shop.rows(EVENT)}
    assert states == {1: ("applied", ""), 2: ("held", reason), 3: ("applied", "")}
    (case,) = cases(shop)
    assert (case["kind"], case["event_id"], case["params"]["reason"]) == ("event_held", bad.fact.event_id, reason)
    ack = till.acked(background, [])
    assert [(held.seq, held.code) for held in ack.held] == [(2, reason)]
    assert ack.applied == 3


@pytest.mark.parametrize("value", [2**70, -(2**63) - 1])
def test_a_value_that_fits_no_column_holds_only_its_own_entry(
    till: TestTill, background: Background, shop: Shop, value: int
) -> None:
    for _ in range(5):
        till.sell()
    till.sell(rule_book_version=value)
    for _ in range(5):
        till.sell()
    take_in(till, background)
    assert len(shop.rows(SALE)) == 10
    assert [row["reason"] for row in shop.rows(EVENT) if row["state"] == "held"] == ["entry.cannot_be_stored"]


def test_a_nul_in_a_name_harms_nobody(till: TestTill, background: Background, shop: Shop) -> None:
    """PostgreSQL cannot store it, SQLite can: either way the raw entry is there and the next sale counts."""
    till.sell(operator_id="a\x00b")
    till.sell()
    take_in(till, background)
    assert len(shop.rows(SALE)) >= 1
    assert {row["state"] for row in shop.rows(EVENT)} <= {"applied", "held"}


def test_a_held_entry_is_tried_again_and_its_case_settled(
    till: TestTill, background: Background, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = till.sell()
    with monkeypatch.context() as patch:
        patch.delitem(applier.HANDLERS, ("sale", 1))
        take_in(till, background)
        assert applier.retry_held(shop.cloud.engine) == 1
        background.apply_turn()
    assert shop.rows(SALE) == []
    assert [row["tries"] for row in shop.rows(EVENT)] == [2]
    # The release that knows the kind:
    assert applier.retry_held(shop.cloud.engine) == 1
    background.apply_turn()
    assert [row["event_id"] for row in shop.rows(SALE)] == [entry.fact.event_id]
    assert [(case["kind"], case["state"]) for case in cases(shop)] == [("event_held", "resolved")]


def test_what_waits_for_review_is_taken_only_at_hqs_word(till: TestTill, background: Background, shop: Shop) -> None:
    shop.set_state("lost")
    till.sell()
    till.sell()
    take_in(till, background)
    assert applier.retry_held(shop.cloud.engine) == 0
    background.apply_turn()
    assert shop.rows(SALE) == []
    first = till.journal[0].fact.event_id
    assert applier.release(shop.cloud.engine, event_ids=[first]) == 1
    background.apply_turn()
    assert [row["event_id"] for row in shop.rows(SALE)] == [first]
    assert applier.release(shop.cloud.engine, terminal_id=till.terminal) == 1
    background.apply_turn()
    assert len(shop.rows(SALE)) == 2


@pytest.mark.parametrize(
    ("spoilt", "what", "amount"),
    [
        ({"due_minor": 351, "paid_minor": 351}, "due", 1),
        ({"paid_minor": 500}, "paid", 150),
        ({"change_minor": 10}, "change", -10),
        ({"rounding_minor": -10, "change_minor": -10}, "rounding", -10),
    ],
)
def test_sums_that_differ_open_a_case_and_the_sale_stands(
    till: TestTill, background: Background, shop: Shop, spoilt: dict[str, Any], what: str, amount: int
) -> None:
    till.sell(**spoilt)
    take_in(till, background)
    assert len(shop.rows(SALE)) == 1
    (case,) = cases(shop)
    assert (case["kind"], case["params"]["what"], case["amount_minor"]) == ("sale_sums_differ", what, amount)


def test_a_line_that_does_not_add_up_opens_a_case(till: TestTill, background: Background, shop: Shop) -> None:
    body = msgspec.json.decode(till.sell().fact.body)["sale"]
    body["lines"][0]["tax_minor"] += 1
    till.record("sale", {"sale": body})
    body["lines"][0]["tax_minor"] -= 1
    body["lines"][0]["list_minor"] += 5
    till.record("sale", {"sale": body})
    take_in(till, background)
    assert [case["params"]["what"] for case in cases(shop)] == ["tax", "modifiers"]


def test_a_sale_in_anothers_name_opens_a_case(till: TestTill, background: Background, shop: Shop) -> None:
    till.sell(terminal_id="9999-9")
    take_in(till, background)
    (case,) = cases(shop)
    assert (case["kind"], case["params"]["told"]) == ("sale_identity_differs", f"{STORE} 9999-9")
    assert [row["terminal_id"] for row in shop.rows(SALE)] == [till.terminal]


# --- Prices ---------------------------------------------------------------------------------------------


def test_an_old_price_opens_a_case_with_what_it_cost(till: TestTill, background: Background, shop: Shop) -> None:
    shop.set_price("A-1", 400)
    shop.clock.forward(seconds=120)
    entry = till.sell("A-1", "A-2")
    take_in(till, background)
    (case,) = cases(shop)
    assert (case["kind"], case["event_id"], case["amount_minor"]) == ("price_out_of_date", entry.fact.event_id, -50)
    assert case["params"]["items"] == [till.items["A-1"]]
    assert len(shop.rows(SALE)) == 1


def test_the_right_price_opens_none(till: TestTill, background: Background, shop: Shop) -> None:
    till.sell("A-1")
    shop.set_price("A-1", 400)
    shop.clock.forward(seconds=1)
    till.sell("A-1")  # the line was open while the price changed
    shop.clock.forward(seconds=120)
    till.sell("A-1", prices={**ITEM_PRICES, "A-1": 400})
    take_in(till, background)
    assert cases(shop) == []
    assert len(shop.rows(SALE)) == 3


def test_a_sale_that_comes_days_late_is_judged_by_its_own_time(
    till: TestTill, background: Background, shop: Shop
) -> None:
    till.sell("A-1")
    shop.clock.forward(seconds=3 * 86_400)
    shop.set_price("A-1", 400)
    take_in(till, background)
    assert cases(shop) == []


def test_a_price_row_touched_since_tells_nothing(till: TestTill, background: Background, shop: Shop) -> None:
    till.sell("A-1", prices={"A-1": 333})
    shop.clock.forward(seconds=300)
    with writing(shop.cloud.engine) as connection:
        connection.execute(sa.update(PRICE).values(price_minor=350, changed_at_ms=shop.clock.now_ms()))
    take_in(till, background)
    assert cases(shop) == []


def test_a_price_that_was_taken_away_counted_until_then(till: TestTill, background: Background, shop: Shop) -> None:
    till.sell("A-2")
    with writing(shop.cloud.engine) as connection:
        connection.execute(sa.update(PRICE).values(deleted=1, changed_at_ms=shop.clock.now_ms() + 1))
    shop.clock.forward(seconds=120)
    till.sell("A-2")
    take_in(till, background)
    (case,) = cases(shop)
    assert (case["event_id"], case["amount_minor"]) == (till.journal[1].fact.event_id, 1200)


def test_a_kind_of_price_that_only_a_newer_release_knows_judges_nobody(
    till: TestTill, background: Background, shop: Shop
) -> None:
    with writing(shop.cloud.engine) as connection:
        row = connection.execute(sa.select(PRICE).where(PRICE.c.item_id == till.items["A-1"])).mappings().one()
        connection.execute(sa.insert(PRICE), {**row, "kind": "auction", "price_minor": 1})
    till.sell("A-1", prices={"A-1": 1})
    wrong = till.sell("A-2", prices={"A-2": 1})
    take_in(till, background)
    assert len(shop.rows(SALE)) == 2
    assert [case["event_id"] for case in cases(shop)] == [wrong.fact.event_id]


def test_a_price_by_hand_is_no_case(till: TestTill, background: Background, shop: Shop) -> None:
    body = msgspec.json.decode(till.sell("A-1").fact.body)["sale"]
    step = {"stage": "item_price", "cause": "price_override", "amount_minor": -50, "base_minor": 400}
    body["lines"][0] |= {"list_minor": 400, "modifiers": [step]}
    till.record("sale", {"sale": body})
    body["lines"][0] |= {"unit_price_minor": 345}
    till.record("sale", {"sale": body})
    take_in(till, background)
    assert cases(shop, "price_out_of_date") == []
    assert msgspec.json.decode(shop.rows(SALE_LINE)[1]["modifiers"]) == [step]


# --- Clock and activities -------------------------------------------------------------------------------


def test_a_wrong_clock_is_one_case_a_run(till: TestTill, background: Background, shop: Shop) -> None:
    for _ in range(3):
        till.record("sign_on", {"operator_id": "1001"}, clock_off_ms=-3_600_000)
    till.record("clock_jump", {"from_ms": 1, "to_ms": 2})
    take_in(till, background)
    (case,) = cases(shop)
    assert (case["kind"], case["params"]["off_ms"]) == ("clock_wrong", -3_600_000)
    till.boot_id = "boot-2"
    till.record("sign_on", {"operator_id": "1001"}, clock_off_ms=299_999)
    take_in(till, background)
    assert len(cases(shop)) == 1
    till.record("sign_on", {"operator_id": "1001"}, clock_off_ms=300_000)
    take_in(till, background)
    assert len(cases(shop)) == 2


ACTS: list[tuple[str, dict[str, Any]]] = [
    ("till_enrolled", {"store": "0102", "device": "till-1", "app_ver": "0.1.0"}),
    ("cart_void", {"cart_id": "c", "operator_id": "1001", "approved_by": "1002", "reason": "客人走了", "lines": []}),
    ("drawer_open", {"operator_id": "1001", "approved_by": None, "reason": "换零钱"}),
    ("reprint", {"receipt_no": "0102-1A-000001", "operator_id": "1001"}),
    ("sign_on", {"operator_id": "1001"}),
    ("sign_on_released", {"operator_id": "1001", "approved_by": "1002"}),
    ("sign_on_failed", {"operator_id": "1001", "attempts": 3}),
    ("lock", {"operator_id": "1001", "by": "idle"}),
    ("settings_changed", {"operator_id": "1001", "name": "printer.kind", "before": "none", "after": "network"}),
    ("clock_jump", {"from_ms": 1, "to_ms": 2}),
    ("fork_adopted", {"old_inc": 1, "new_inc": 2, "common_seq": 0}),
]


def test_every_act_is_kept_with_who_and_what(till: TestTill, background: Background, shop: Shop) -> None:
    for kind, body in ACTS:
        till.record(kind, body)
    take_in(till, background)
    kept = {row["kind"]: row for row in shop.rows(ACTIVITY)}
    assert set(kept) == {kind for kind, _ in ACTS}
    for kind, body in ACTS:
        assert msgspec.json.decode(kept[kind]["detail"]) == body
        assert kept[kind]["operator_id"] == (body.get("operator_id") or "")
        assert kept[kind]["approved_by"] == (body.get("approved_by") or "")
        assert (kept[kind]["store_id"], kept[kind]["terminal_id"]) == (STORE, till.terminal)


def test_every_kind_has_its_test() -> None:
    assert {kind for kind, _ in applier.HANDLERS} == {"sale"} | {kind for kind, _ in ACTS}
