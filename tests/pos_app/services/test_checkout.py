"""Paying and the one commit: all or nothing, once, and never without the disk's word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.sale import Sale
from domain.tender import TenderKind
from pos_app.db.faults import StorageError
from pos_app.db.print_jobs import JobKind, list_jobs
from pos_app.services.checkout import zone_of
from pos_app.settings import DeviceSettings, DrawerSettings, PrinterKind, PrinterSettings
from pos_app.wiring import Outside, TillApp, open_till
from tests.builders import CASHIER, CRISPS, WATER, Replica, TestClock, authority
from tests.selling import assert_sound, journaled_sales, pay, scan, sell

CASH, CARD = TenderKind.CASH, TenderKind.CARD_EXTERNAL


def raises_code(code: str) -> pytest.RaisesExc[DomainError]:
    return pytest.raises(DomainError, match=f"^{code.replace('.', '[.]')}$")


def with_printer(till: TillApp, *, print_sales: bool = True, drawer: bool = True) -> None:
    printer = PrinterSettings(PrinterKind.FILE, "/dev/null", print_sales=print_sales)
    till.settings.save(DeviceSettings(printer=printer, drawer=DrawerSettings(enabled=drawer)))


def jobs(till: TillApp) -> list[JobKind]:
    with till.database.read() as uow:
        return sorted(job.kind for job in list_jobs(uow.connection))


def test_a_sale_is_a_fact_with_all_that_belongs_to_it(till: TillApp) -> None:
    with_printer(till)
    done = sell(till, WATER.code, CRISPS.code)
    assert (done.receipt_no, done.sale.due_minor, done.change_minor) == ("0102-2A-000001", 990, 0)
    assert (done.sale.business_date, done.sale.store_id, done.sale.operator_id) == ("2026-11-03", "0102", "1007")
    assert done.check_code == f"{done.entry_hash[:4]}-{done.entry_hash[4:8]}".upper()
    assert journaled_sales(till.database.path) == [done.sale]
    assert till.receipts.get(done.sale_id) == done.sale
    assert till.receipts.check_code(done.sale_id) == done.check_code
    assert jobs(till) == [JobKind.DRAWER, JobKind.RECEIPT]
    assert till.selling.cart.cart.is_empty
    assert not till.selling.can_undo
    assert_sound(till.database.path)


@pytest.mark.parametrize(
    ("print_sales", "drawer", "kind", "queued"),
    [
        (True, True, CARD, [JobKind.RECEIPT]),
        (False, True, CASH, [JobKind.DRAWER]),
        (True, False, CASH, [JobKind.RECEIPT]),
        (False, False, CASH, []),
    ],
)
def test_what_is_queued_is_what_is_set(
    till: TillApp, print_sales: bool, drawer: bool, kind: TenderKind, queued: list[JobKind]
) -> None:
    with_printer(till, print_sales=print_sales, drawer=drawer)
    scan(till, WATER.code)
    till.checkout.start(till.selling.cart)
    till.checkout.add_tender(kind, 200)
    till.checkout.complete(CASHIER)
    assert jobs(till) == queued


def test_without_a_printer_nothing_is_queued(till: TillApp) -> None:
    sell(till, WATER.code)
    assert jobs(till) == []


def test_the_pay_screen_gets_its_figures(till: TillApp) -> None:
    scan(till, CRISPS.code, 3000)
    payment = till.checkout.start(till.selling.cart)
    assert (payment.cash_due_minor, payment.quick_minor) == (2370, (2370, 2500, 5000, 10_000))
    payment = till.checkout.add_tender(CARD, 1005, reference="881203")
    assert (payment.cash_due_minor, payment.settlement.remaining_minor) == (1360, 1365)
    assert payment.quick_minor == (1360, 1500, 5000, 10_000)
    payment = till.checkout.add_tender(CASH, 1000)
    assert payment.cash_due_minor == 360
    done = till.checkout.add_tender(CASH, 500)
    assert (done.settlement.change_minor, done.settlement.rounding_minor) == (140, 5)
    sale = till.checkout.complete(CASHIER).sale
    assert (sale.paid_minor, sale.change_minor, sale.payable_minor) == (2505, 140, 2365)
    assert sale.tenders[0].reference == "881203"


def test_a_second_enter_gives_the_first_sale(till: TillApp) -> None:
    first = sell(till, WATER.code)
    assert [till.checkout.complete(CASHIER) for _ in range(4)] == [first] * 4
    assert till.checkout.payment is None
    assert len(journaled_sales(till.database.path)) == 1
    second = sell(till, WATER.code)
    assert (second.receipt_no, second.sale_id != first.sale_id) == ("0102-2A-000002", True)


def test_nothing_completes_that_is_empty_unpaid_or_not_begun(till: TillApp) -> None:
    with raises_code("checkout.not_started"):
        till.checkout.complete(CASHIER)
    with raises_code("sale.empty"):
        till.checkout.start(till.selling.cart)
    scan(till, CRISPS.code)
    till.checkout.start(till.selling.cart)
    with raises_code("sale.not_paid"):
        till.checkout.complete(CASHIER)
    with raises_code("tender.exceeds_due"):
        till.checkout.add_tender(CARD, 791)
    assert till.checkout.payment and till.checkout.payment.tenders == ()
    with raises_code("checkout.no_such_tender"):
        till.checkout.remove_tender(0)
    assert journaled_sales(till.database.path) == []


def test_a_payment_can_be_taken_back(till: TillApp) -> None:
    scan(till, CRISPS.code)
    till.checkout.start(till.selling.cart)
    till.checkout.add_tender(CASH, 500)
    assert till.checkout.remove_tender(0).tenders == ()
    till.checkout.back()
    assert till.checkout.payment is None
    with raises_code("checkout.not_started"):
        till.checkout.add_tender(CASH, 500)


def test_a_charged_card_survives_a_restart(directory: Path, till: TillApp, outside: Outside) -> None:
    """U14: the pay state is there again."""
    scan(till, CRISPS.code)
    till.checkout.start(till.selling.cart)
    till.checkout.add_tender(CARD, 300, reference="881203")
    till.close()
    again = open_till(directory, outside=outside)
    try:
        payment = again.checkout.start(again.selling.cart)
        assert [(t.kind, t.amount_minor, t.reference) for t in payment.tenders] == [(CARD, 300, "881203")]
        again.checkout.add_tender(CASH, 490)
        assert again.checkout.complete(CASHIER).sale.paid_minor == 790
    finally:
        again.close()


def test_goods_added_and_removed_after_a_card_was_charged(till: TillApp) -> None:
    scan(till, WATER.code)
    gone = scan(till, CRISPS.code).changed_line_ids[0]
    till.checkout.start(till.selling.cart)
    till.checkout.add_tender(CARD, 990)
    till.checkout.back()
    till.selling.void_line(gone, authority(CASHIER))
    payment = till.checkout.start(till.selling.cart)
    assert (payment.settlement.remaining_minor, payment.cash_due_minor) == (-790, 0)
    with raises_code("checkout.card_exceeds_due"):
        till.checkout.complete(CASHIER)
    scan(till, CRISPS.code)
    till.checkout.start(till.selling.cart)
    assert till.checkout.complete(CASHIER).sale.due_minor == 990


def test_a_cart_that_changed_behind_the_payment_is_not_sold(till: TillApp) -> None:
    scan(till, WATER.code)
    till.checkout.start(till.selling.cart)
    till.checkout.add_tender(CASH, 200)
    scan(till, WATER.code)
    with raises_code("checkout.cart_changed"):
        till.checkout.complete(CASHIER)
    assert len(till.selling.cart.lines) == 1


def test_while_a_sale_is_being_saved_its_cart_stands_still(till: TillApp) -> None:
    scan(till, WATER.code)
    cart = till.selling.cart
    with till.selling.completing(cart):
        with raises_code("selling.completing"):
            scan(till, CRISPS.code)
        with raises_code("checkout.cart_changed"), till.selling.completing(cart):
            raise AssertionError
    assert till.selling.cart.cart.is_empty
    assert scan(till, CRISPS.code).priced.due_minor == 790


def test_a_full_disk_says_so_loses_nothing_and_goes_on_when_there_is_room(till: TillApp) -> None:
    done: list[Sale] = []
    with_page_limit(till, 1)
    with pytest.raises(StorageError, match=r"till[.]disk_full"):
        sell_on(till, done)
    before = till.selling.cart
    assert len(before.lines) == 1, "the cart is still on the screen"
    assert journaled_sales(till.database.path) == done
    with_page_limit(till, 2**30)
    payment = till.checkout.start(before)
    if not payment.tenders:
        till.checkout.add_tender(CASH, payment.cash_due_minor)
    done.append(till.checkout.complete(CASHIER).sale)
    sell_on(till, done, times=3)
    assert journaled_sales(till.database.path) == done
    assert_sound(till.database.path)


def sell_on(till: TillApp, done: list[Sale], *, times: int = 10_000) -> None:
    """Sell until something happens; ``done`` holds what was confirmed."""
    for _ in range(times):
        done.append(sell(till, CRISPS.code).sale)


def with_page_limit(till: TillApp, pages: int) -> None:
    """Let the file grow no further, as a full disk does; the one connection of the test is the pool's."""
    with till.database.read() as uow:
        uow.raw.execute(f"PRAGMA max_page_count = {pages}")


def test_what_the_disk_called_failed_and_kept_is_one_sale(till: TillApp) -> None:
    """The commit went through although the driver reported a fault: trying again finds the sale."""
    scan(till, WATER.code)
    payment = till.checkout.start(till.selling.cart)
    till.checkout.add_tender(CASH, 200)
    cart = till.selling.cart
    first = till.checkout.complete(CASHIER)
    till.selling._priced = cart
    till.checkout._completed = None
    till.checkout._payment = replace(till.checkout._payment or payment)
    assert till.checkout.complete(CASHIER) == first
    assert len(journaled_sales(till.database.path)) == 1


def test_an_unknown_time_zone_is_no_reason_to_stop(till: TillApp) -> None:
    assert zone_of("Mars/Olympus").key == "Asia/Shanghai"
    assert zone_of("Asia/Hong_Kong").key == "Asia/Hong_Kong"


def test_a_clock_that_jumps_is_told_and_changes_no_order(till: TillApp, clock: TestClock) -> None:
    """R6: order is by number; what the clock did is on record."""
    sell(till, WATER.code)
    clock.wall_ms -= 3_600_000
    sell(till, WATER.code)
    clock.wall_ms = 4_102_444_800_000
    clock.mono_ms += 1000
    sell(till, WATER.code)
    clock.pass_ms(60_000)
    sell(till, WATER.code)
    sales = journaled_sales(till.database.path)
    assert [one.receipt_no[-1] for one in sales] == ["1", "2", "3", "4"]
    assert sales[1].occurred_at_ms < sales[0].occurred_at_ms
    with till.database.read() as uow:
        found = uow.raw.execute("SELECT body FROM journal WHERE kind = 'clock_jump' ORDER BY seq").fetchall()
    assert len(found) == 2
    assert b'"from_ms"' in found[0][0]
    assert_sound(till.database.path)


def test_a_jump_is_told_across_a_restart(directory: Path, till: TillApp, clock: TestClock, outside: Outside) -> None:
    sell(till, WATER.code)
    till.close()
    clock.wall_ms = 1_000
    again = open_till(directory, outside=replace(outside, boot="boot-2"))
    try:
        sell(again, WATER.code)
        with again.database.read() as uow:
            assert uow.raw.execute("SELECT count(*) FROM journal WHERE kind = 'clock_jump'").fetchall() == [(1,)]
    finally:
        again.close()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 3), st.integers(0, 5000)), min_size=1, max_size=4))
def test_many_sales_are_each_there_once_and_numbered_without_gaps(
    till: TillApp, baskets: list[tuple[int, int, int]]
) -> None:
    before = journaled_sales(till.database.path)
    made = []
    for water, crisps, more in baskets:
        scan(till, WATER.code, water * 1000)
        if crisps:
            scan(till, CRISPS.code, crisps * 1000)
        made.append(pay(till, water * 200 + crisps * 790 + more).sale)
    assert journaled_sales(till.database.path) == before + made
    assert_sound(till.database.path)


def test_a_replica_that_changes_hands_does_not_touch_the_payment(till: TillApp, replica: Replica) -> None:
    scan(till, WATER.code)
    till.checkout.start(till.selling.cart)
    replica.set_price(1, 999)
    till.checkout.add_tender(CASH, 200)
    assert till.checkout.complete(CASHIER).sale.due_minor == 200
