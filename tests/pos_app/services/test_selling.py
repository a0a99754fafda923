"""The sale screen's acts on a real till: what they change, what they refuse, what undo brings back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.cart import Cart, DiscountKind
from domain.errors import DomainError, NotFound, NotPermitted
from domain.gtin import check_digit
from domain.ids import CartId, ItemId
from domain.quantity import ONE
from domain.scan import parse_scan
from domain.tender import TenderKind
from pos_app.db.faults import StorageError
from pos_app.services.housekeeping import DiskLimits
from pos_app.services.selling import Selling
from pos_app.wiring import Outside, TillApp, open_till
from sync.journal_store import iterate
from tests.builders import (
    APPLES,
    BAG,
    BLOCKED,
    CASHIER,
    CRISPS,
    SUPERVISOR,
    UNPRICED,
    WATER,
    Goods,
    Replica,
    TestClock,
    authority,
    ean13,
    item,
)
from tests.selling import assert_sound, pay, scan, sell


def raises_code(code: str) -> pytest.RaisesExc[DomainError]:
    return pytest.raises(DomainError, match=f"^{code.replace('.', '[.]')}$")


def weight_label(plu: str, grams: int) -> str:
    body = f"21{plu}{grams:05d}"
    return body + check_digit(body)


def amount_label(plu: str, minor: int) -> str:
    body = f"22{plu}{minor:05d}"
    return body + check_digit(body)


def bodies(till: TillApp, kind: str) -> list[bytes]:
    with till.database.read() as uow:
        return [entry.fact.body for entry in iterate(uow.raw, 1) if entry.fact.kind == kind]


def test_a_scan_adds_a_line_and_a_second_one_joins_it(till: TillApp) -> None:
    first = scan(till, WATER.code)
    second = scan(till, WATER.code)
    assert second.changed_line_ids == first.changed_line_ids
    assert [one.line.quantity_thousandths for one in second.priced.lines] == [2 * ONE]
    assert second.priced.due_minor == 400


def test_three_times_a_code_and_a_carton(till: TillApp, replica: Replica) -> None:
    replica.put("barcode", code=ean13(77).zfill(14), item_id=1, pack_thousandths=24 * ONE)
    assert scan(till, CRISPS.code, 3 * ONE).priced.due_minor == 2370
    assert scan(till, ean13(77), 2 * ONE).priced.lines[-1].line.quantity_thousandths == 48 * ONE


def test_weighed_goods_come_by_label_by_weight_and_by_amount(till: TillApp) -> None:
    assert scan(till, weight_label("10007", 835)).priced.lines[-1].amount_minor == 832
    by_amount = scan(till, amount_label("10007", 3520)).priced.lines[-1]
    assert (by_amount.amount_minor, by_amount.line.quantity_thousandths) == (3520, 3534)
    assert scan(till, APPLES.code, 1500).priced.lines[-1].amount_minor == 1494
    with raises_code("selling.weight_needed") as caught:
        scan(till, APPLES.code)
    assert caught.value.params == {"item": "S000003", "item_id": 3}
    with raises_code("cart.label_quantity_fixed"):
        scan(till, weight_label("10007", 835), 3 * ONE)
    assert len(till.selling.cart.lines) == 3


def test_a_gs1_code_brings_its_weight(till: TillApp, replica: Replica) -> None:
    replica.add_goods([Goods(item(9, name_zh="散称排骨", unit="kg", weighed=True), 3000, ean13(9))])
    change = till.selling.scan(parse_scan(f"]C1010{ean13(9)}3103000750"))
    assert (change.priced.lines[-1].line.quantity_thousandths, change.priced.due_minor) == (750, 2250)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (ean13(999), "catalog.unknown_code"),
        ("6909999999994", "scan.check_digit"),
        (BLOCKED.code, "catalog.item_not_sold"),
        ("\x00", "scan.nul"),
        ("6" * 10_000, "scan.too_long"),
        ("130123456789012345", "scan.not_goods"),
        ("农夫山泉", "scan.not_goods"),
    ],
)
def test_what_cannot_be_sold_changes_nothing_and_the_next_scan_works(till: TillApp, code: str, error: str) -> None:
    before = till.selling.cart
    with raises_code(error):
        scan(till, code)
    assert till.selling.cart is before
    assert scan(till, WATER.code).priced.due_minor == 200


def test_an_item_is_found_by_its_sku_and_added_from_a_tile(till: TillApp) -> None:
    assert scan(till, "S000002").priced.due_minor == 790
    assert till.selling.add_item(BAG.item.item_id, 2 * ONE).priced.due_minor == 850
    with pytest.raises(NotFound):
        till.selling.add_item(ItemId(999))
    with raises_code("catalog.item_not_sold"):
        till.selling.add_item(BLOCKED.item.item_id)


def test_goods_without_a_price_wait_for_somebody_who_may_set_one(till: TillApp) -> None:
    with raises_code("cart.price_missing") as caught:
        scan(till, UNPRICED.code)
    assert caught.value.params == {"item_id": 5, "name_zh": "新品饼干", "name_en": "New biscuits"}
    with pytest.raises(NotPermitted):
        till.selling.add_at_price(ItemId(5), 500, reason="新品", authority=authority(CASHIER))
    assert till.selling.cart.cart.is_empty
    change = till.selling.add_at_price(ItemId(5), 500, reason="新品", authority=authority(CASHIER, SUPERVISOR))
    assert change.priced.due_minor == 500
    assert sum(len(one.modifiers) for one in change.priced.lines) == 1


def test_prices_and_discounts_by_hand_need_somebody_who_may(till: TillApp) -> None:
    line_id = scan(till, CRISPS.code).changed_line_ids[0]
    selling, with_help = till.selling, authority(CASHIER, SUPERVISOR)
    with pytest.raises(NotPermitted):
        selling.override_price(line_id, 500, reason="", authority=authority(CASHIER))
    with pytest.raises(NotPermitted):
        selling.discount_line(line_id, DiscountKind.PERCENT, value=1000, reason="", authority=authority(CASHIER))
    with pytest.raises(NotPermitted):
        selling.discount_cart(DiscountKind.AMOUNT, 100, reason="", authority=authority(CASHIER))
    assert selling.override_price(line_id, 500, reason="价签错", authority=with_help).priced.due_minor == 500
    percent = selling.discount_line(line_id, DiscountKind.PERCENT, value=1000, reason="临期", authority=with_help)
    assert percent.priced.due_minor == 450
    assert selling.discount_cart(DiscountKind.AMOUNT, 100, reason="", authority=with_help).priced.due_minor == 350
    assert selling.clear_discount().priced.due_minor == 450
    assert selling.clear_discount(line_id).priced.due_minor == 500
    step = selling.cart.lines[0].modifiers[0]
    assert (step.operator_id, step.approved_by, step.reason) == ("1007", "1001", "价签错")


def test_a_discount_needs_something_to_discount(till: TillApp) -> None:
    with raises_code("sale.empty"):
        till.selling.discount_cart(DiscountKind.AMOUNT, 100, reason="", authority=authority())


def test_a_voided_line_is_told_and_can_come_back(till: TillApp) -> None:
    line_id = scan(till, WATER.code).changed_line_ids[0]
    gone = till.selling.void_line(line_id, authority(CASHIER))
    assert (gone.notice_code, gone.params["name_zh"], gone.priced.due_minor) == ("line_voided", "农夫山泉 550ml", 0)
    assert till.selling.undo().priced.due_minor == 200
    assert till.selling.cart.cart.voided == ()


def test_a_voided_cart_is_journaled_with_all_it_held(till: TillApp) -> None:
    first = scan(till, WATER.code).changed_line_ids[0]
    scan(till, CRISPS.code)
    till.selling.void_line(first, authority(CASHIER))
    with pytest.raises(NotPermitted):
        till.selling.void_cart("顾客不要了", authority(CASHIER))
    till.selling.void_cart("顾客不要了", authority(CASHIER, SUPERVISOR))
    body = bodies(till, "cart_void")[0].decode()
    assert '"approved_by":"1001"' in body
    assert '"reason":"顾客不要了"' in body
    assert body.count('"sku"') == 2
    assert till.selling.cart.cart.is_empty
    assert not till.selling.can_undo
    with raises_code("sale.empty"):
        till.selling.void_cart("", authority())


def test_a_suspended_cart_comes_back_at_todays_prices(till: TillApp, replica: Replica) -> None:
    with raises_code("sale.empty"):
        till.selling.suspend(CASHIER.operator_id)
    scan(till, WATER.code)
    aside = till.selling.suspend(CASHIER.operator_id, "红衣服").priced
    assert aside.cart.is_empty
    scan(till, CRISPS.code)
    (listed,) = till.selling.suspended()
    assert (listed.label, listed.lines, listed.due_minor, listed.operator_id) == ("红衣服", 1, 200, "1007")
    with raises_code("selling.cart_open"):
        till.selling.recall(listed.cart_id)
    pay(till)
    replica.set_price(1, 250)
    back = till.selling.recall(listed.cart_id)
    assert (back.priced.due_minor, back.notice_code, back.params) == (250, "prices_changed", {"count": 1})
    assert till.selling.suspended() == []
    with raises_code("selling.cart_open"):
        till.selling.recall(CartId("gone"))


def test_a_cart_that_is_not_there_is_not_recalled(till: TillApp) -> None:
    with raises_code("selling.cart_missing"):
        till.selling.recall(CartId("gone"))


def test_voids_of_a_cart_that_is_left_empty_are_on_record(till: TillApp) -> None:
    scan(till, WATER.code)
    till.selling.suspend(CASHIER.operator_id)
    line_id = scan(till, CRISPS.code).changed_line_ids[0]
    till.selling.void_line(line_id, authority(CASHIER))
    till.selling.recall(till.selling.suspended()[0].cart_id)
    assert '"sku":"S000002"' in bodies(till, "cart_void")[0].decode()


def test_open_lines_follow_hq_but_not_where_somebody_set_the_price(till: TillApp, replica: Replica) -> None:
    scan(till, WATER.code)
    by_hand = scan(till, CRISPS.code).changed_line_ids[0]
    till.selling.override_price(by_hand, 500, reason="", authority=authority())
    replica.set_price(1, 180)
    replica.set_price(2, 999)
    assert till.selling.reprice([ItemId(99)]).notice_code is None
    change = till.selling.reprice([ItemId(1), ItemId(2)])
    assert (change.priced.due_minor, change.params) == (680, {"count": 1})
    assert till.selling.undo().priced.lines[1].amount_minor == 999
    assert till.selling.undo().priced.lines[0].amount_minor == 180, "an old price does not come back with an old cart"


def test_a_price_that_is_gone_leaves_the_line_as_it_was(till: TillApp, replica: Replica) -> None:
    scan(till, WATER.code)
    replica.connection.execute("DELETE FROM price WHERE item_id = 1")
    assert till.selling.reprice().priced.due_minor == 200


def test_undo_marks_what_it_brings_back_and_not_what_hq_changed(till: TillApp, replica: Replica) -> None:
    water, crisps = (scan(till, good.code).changed_line_ids[0] for good in (WATER, CRISPS))
    till.selling.void_line(water, authority(CASHIER))
    replica.set_price(1, 180)
    replica.set_price(2, 999)
    till.selling.reprice()
    replica.connection.execute("DELETE FROM price WHERE item_id = 2")
    change = till.selling.undo()
    assert change.changed_line_ids == (water,)
    assert [line.amount_minor for line in change.priced.lines] == [180, 999], (
        "a price that is gone stays as it was last"
    )
    assert till.selling.undo().priced.due_minor == 180
    assert crisps not in [line.line.line_id for line in till.selling.cart.lines]


def test_nothing_to_undo(till: TillApp) -> None:
    with raises_code("selling.nothing_to_undo"):
        till.selling.undo()


def test_a_cart_with_money_taken_is_neither_voided_nor_set_aside(till: TillApp) -> None:
    scan(till, CRISPS.code)
    till.checkout.start(till.selling.cart)
    till.checkout.add_tender(TenderKind.CARD_EXTERNAL, 300, reference="881203")
    till.checkout.back()
    with raises_code("checkout.tenders_taken"):
        till.selling.void_cart("", authority())
    with raises_code("checkout.tenders_taken"):
        till.selling.suspend(CASHIER.operator_id)


def test_cart_and_carts_aside_are_there_again_after_a_restart(directory: Path, till: TillApp, outside: Outside) -> None:
    scan(till, WATER.code)
    till.selling.suspend(CASHIER.operator_id, "红衣服")
    line_id = scan(till, CRISPS.code).changed_line_ids[0]
    till.selling.discount_line(line_id, DiscountKind.PERCENT, value=1000, reason="临期", authority=authority())
    before, aside = till.selling.cart, till.selling.suspended()
    till.close()
    again = open_till(directory, outside=outside)
    try:
        assert again.selling.cart == before
        assert again.selling.suspended() == aside
    finally:
        again.close()


def test_a_till_without_a_catalogue_says_so_and_sells_once_it_has_one(
    tmp_path: Path, outside: Outside, replica: Replica
) -> None:
    (replica.folder / "current").unlink()
    till = open_till(replica.folder.parent, outside=outside)
    try:
        assert not till.catalog.is_ready
        with raises_code("till.no_catalogue"):
            till.selling.scan(parse_scan(WATER.code))
        replica.publish()
        assert scan(till, WATER.code).priced.due_minor == 200
    finally:
        till.close()


def test_no_new_cart_begins_where_the_disk_is_nearly_full(directory: Path, replica: Replica, clock: TestClock) -> None:
    till = open_till(directory, outside=Outside(clock=clock, boot="b", disk_limits=DiskLimits(2**62, 0)))
    try:
        scan(till, WATER.code)
        assert till.housekeeping.disk().level == "low"
        till.housekeeping._limits = DiskLimits(2**62, 2**62)
        assert scan(till, CRISPS.code).priced.due_minor == 990, "what has begun may be finished"
        pay(till)
        with pytest.raises(StorageError, match=r"till[.]disk_full"):
            scan(till, WATER.code)
    finally:
        till.close()


NAMES = ("scan", "weigh", "quantity", "void", "override", "line%", "cart%")
ACTS = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 6)), max_size=12)


def act(till: TillApp, name: str, number: int) -> bool:
    """One act of a cashier; whether it changed the cart."""
    selling, who = till.selling, authority()
    lines = selling.cart.lines
    line_id = lines[number % len(lines)].line.line_id if lines else "none"
    acts = {
        "scan": lambda: scan(till, (WATER, CRISPS, BAG)[number % 3].code),
        "weigh": lambda: scan(till, weight_label("10007", 100 + number)),
        "quantity": lambda: selling.set_quantity(line_id, (number + 1) * ONE),
        "void": lambda: selling.void_line(line_id, who),
        "override": lambda: selling.override_price(line_id, 100 * number, reason="", authority=who),
        "line%": lambda: selling.discount_line(line_id, DiscountKind.PERCENT, value=1000, reason="", authority=who),
        "cart%": lambda: selling.discount_cart(DiscountKind.AMOUNT, 50 + number, reason="", authority=who),
    }
    try:
        acts[name]()
    except DomainError:
        return False
    return True


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_undo_brings_back_every_cart_on_the_way(till: TillApp, steps: list[tuple[str, int]]) -> None:
    """U13: undo^n restores the same cart, and the file holds what the screen shows."""
    seen: list[Cart] = []
    for name, number in steps:
        before = till.selling.cart
        if act(till, name, number):
            seen.append(before.cart)
        else:
            assert till.selling.cart is before
    assert kept(till.selling, till) == till.selling.cart.cart or not seen
    for cart in reversed(seen):
        assert till.selling.undo().priced.cart == cart
    while till.selling.can_undo:
        till.selling.undo()


def kept(selling: Selling, till: TillApp) -> Cart | None:
    with till.database.read() as uow:
        return next((one.cart for one in uow.carts.all() if one.cart.cart_id == selling.cart.cart.cart_id), None)


def test_a_morning_leaves_sound_files(till: TillApp) -> None:
    for _ in range(5):
        sell(till, WATER.code, CRISPS.code)
    assert_sound(till.database.path)
    assert len(till.receipts.today()) == 5


def test_what_only_a_newer_till_understands_stops_no_sale(till: TillApp, replica: Replica) -> None:
    replica.set_price(1, 150, kind="member")
    assert scan(till, WATER.code).priced.due_minor == 200
    replica.connection.execute("UPDATE item SET status = 'seasonal' WHERE item_id = 2")
    with raises_code("catalog.item_not_sold"):
        scan(till, CRISPS.code)
    assert pay(till).sale.due_minor == 200
