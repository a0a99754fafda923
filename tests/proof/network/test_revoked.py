"""R15: from the moment HQ revokes a till nothing it sends takes effect; it locks, and its backlog is kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cloud_api.services.intake import ingest
from domain.errors import DomainError
from domain.ids import ItemId, OperatorId
from domain.tender import TenderKind
from pos_app.services.catalog import Catalog
from pos_app.services.checkout import CompletedSale
from resources.texts import LANGUAGES, error_text
from sync.pipe import Command
from tests import selling
from tests.contract.conftest import NewCounter
from tests.contract.counter import Counter
from tests.contract.office import CASHIER, COLA, NOODLES, STORE, Office, Shop, wait_until
from tests.proof.network.conftest import sqlite_only
from tests.proof.network.lines import passes
from tests.selling import assert_sound

LOCKS_WITHIN_S = 60


def revoke(office: Office, shop: Shop, counter: Counter) -> set[str]:
    """HQ's word; the entries that were in the cloud when it was answered."""
    shop.set_state(counter.app.identity.terminal, "revoked")
    return {row["event_id"] for row in office.rows("SELECT event_id FROM event_raw")}


def assert_without_effect(office: Office, counter: Counter, stored: set[str]) -> None:
    """Only what was stored before took effect; the rest is there, byte for byte, and waits for HQ.

    What came between HQ's answer and the look at what is stored may be among ``stored``, and waits all the same.
    """
    counter.wait_until(lambda: not counter.unsent, "the backlog is not taken")
    wait_until(lambda: not office.number("SELECT count(*) FROM event WHERE state = 'new'"), "not all is applied")
    effects = {
        row["event_id"] for table in ("sale", "activity") for row in office.rows(f"SELECT event_id FROM {table}")
    }
    assert effects <= stored, f"{len(effects - stored)} entries took effect after the revocation"
    held = office.rows("SELECT event_id, reason FROM event WHERE state = 'held'")
    waiting = {row["event_id"] for row in held}
    assert all_ids(office) - stored <= waiting
    assert not effects & waiting
    assert {row["reason"] for row in held} <= {"terminal.revoked"}
    assert len(all_ids(office)) == counter.tip.seq


def all_ids(office: Office) -> set[str]:
    return {row["event_id"] for row in office.rows("SELECT event_id FROM event_raw")}


def lock_time_s(counter: Counter) -> float:
    """How long until no goods can be scanned any more."""
    begun_s = time.monotonic()
    counter.wait_until(lambda: not counter.app.catalog.is_ready, "the till does not lock")
    took_s = time.monotonic() - begun_s
    with pytest.raises(DomainError):
        selling.scan(counter.app, COLA)
    return took_s


def while_idle(office: Office, shop: Shop, counter: Counter) -> set[str]:
    counter.sell(times=2)
    counter.sent()
    return revoke(office, shop, counter)


def while_offline(office: Office, shop: Shop, counter: Counter) -> set[str]:
    counter.disconnect()
    counter.sell(times=5)
    stored = revoke(office, shop, counter)
    counter.connect()
    return stored


def while_uploading(office: Office, shop: Shop, counter: Counter) -> set[str]:
    """It sells as fast as it can before, during and after HQ's word."""
    stored: list[set[str]] = []
    chief = threading.Timer(0.2, lambda: stored.append(revoke(office, shop, counter)))
    chief.start()
    end_s = time.monotonic() + 0.9
    try:
        while time.monotonic() < end_s:
            counter.sell()
    except DomainError:
        pass  # locked
    chief.join()
    return stored[0]


def while_downloading(office: Office, shop: Shop, counter: Counter) -> set[str]:
    counter.sell()
    counter.disconnect()
    shop.set_prices(COLA, range(301, 371))
    counter.connect()
    return revoke(office, shop, counter)


PHASES = (while_idle, while_offline, while_uploading, while_downloading)


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.__name__)
def test_revoked(office: Office, shop: Shop, new_counter: NewCounter, *, phase: Any) -> None:
    counter = new_counter()
    stored = phase(office, shop, counter)
    assert lock_time_s(counter) <= LOCKS_WITHIN_S
    assert_without_effect(office, counter, stored)
    assert office.number("SELECT count(*) FROM case_file WHERE kind = 'terminal_not_active'") <= 1


# What had begun ------------------------------------------------------------------------------------------------


def pay_cash(counter: Counter) -> CompletedSale:
    """Take what is left in cash, and complete."""
    checkout = counter.app.checkout
    payment = checkout.start(counter.app.selling.cart)
    if payment.cash_due_minor:
        checkout.add_tender(TenderKind.CASH, payment.cash_due_minor)
    done = checkout.complete(counter.cashier)
    counter.confirmed.append((done.receipt_no, done.sale.payable_minor))
    counter.agent.take(Command.WAKE)
    return done


def open_cart(counter: Counter) -> None:
    for code in (COLA, NOODLES):
        selling.scan(counter.app, code)


def card_taken(counter: Counter) -> None:
    """Part of it is charged to a card already: it must not be lost, nor charged again."""
    open_cart(counter)
    counter.app.checkout.start(counter.app.selling.cart)
    counter.app.checkout.add_tender(TenderKind.CARD_EXTERNAL, 500, reference="slip 7")


def all_taken(counter: Counter) -> None:
    """The cash lies in the drawer, and the last key is not pressed yet."""
    open_cart(counter)
    payment = counter.app.checkout.start(counter.app.selling.cart)
    counter.app.checkout.add_tender(TenderKind.CASH, payment.cash_due_minor)


def set_aside(counter: Counter) -> None:
    open_cart(counter)
    counter.app.selling.suspend(counter.cashier.operator_id)


MOMENTS = (open_cart, card_taken, all_taken, set_aside)


def prove_begun(office: Office, shop: Shop, counter: Counter, moment: Callable[[Counter], None]) -> None:
    """A cart that was begun can be paid to its end, at its figures; its sale waits for HQ; no other begins."""
    counter.sell()
    counter.sent()
    moment(counter)
    stored = revoke(office, shop, counter)
    lock_time_s(counter)
    counter.app.selling.reprice()  # as the app does whenever another replica is in force
    if moment is set_aside:
        (aside,) = counter.app.selling.suspended()
        counter.app.selling.recall(aside.cart_id)
    done = pay_cash(counter)
    assert (done.sale.payable_minor, done.sale.currency, done.sale.store_id) == (800, "CNY", STORE)
    assert done.sale.business_date == counter.app.checkout.business_date()
    assert_without_effect(office, counter, stored)
    assert office.rows("SELECT state, reason FROM event WHERE event_id = :one", one=event_of(counter, done)) == [
        {"state": "held", "reason": "terminal.revoked"}
    ]
    assert_sound(counter.directory / "till.db")
    assert_begins_nothing(counter)


def event_of(counter: Counter, done: CompletedSale) -> str:
    with counter.app.database.read() as uow:
        row = uow.raw.execute("SELECT event_id FROM sale WHERE sale_id = ?", (done.sale_id,)).fetchone()
    return str(row[0])


def assert_begins_nothing(counter: Counter) -> None:
    """Neither goods nor people are known any more, and why is told in both languages."""
    acts: tuple[Callable[[], object], ...] = (
        lambda: selling.scan(counter.app, COLA),
        lambda: counter.app.selling.add_item(ItemId(1)),
        lambda: counter.app.operators.sign_on(OperatorId(CASHIER), counter.pins[CASHIER]),
    )
    for act in acts:
        with pytest.raises(DomainError) as refusal:
            act()
        assert refusal.value.code == "terminal.revoked"
    assert counter.app.selling.cart.cart.is_empty
    assert all(str(error_text("terminal.revoked", language)) for language in LANGUAGES)


@sqlite_only
@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.__name__)
def test_what_had_begun_is_paid_to_its_end(office: Office, shop: Shop, counter: Counter, *, moment: Any) -> None:
    prove_begun(office, shop, counter, moment)


@sqlite_only
def test_a_begun_cart_outlives_a_restart_of_a_locked_till(office: Office, shop: Shop, counter: Counter) -> None:
    """Nobody can sign on to it any more; what was taken stays on record."""
    card_taken(counter)
    revoke(office, shop, counter)
    lock_time_s(counter)
    counter.close()
    assert [line.line.item.sku for line in counter.app.selling.cart.lines] == ["COLA", "NOODLES"]
    (tender,) = counter.app.checkout.start(counter.app.selling.cart).tenders
    assert (tender.amount_minor, tender.reference) == (500, "slip 7")
    with pytest.raises(DomainError, match=r"terminal[.]revoked"):
        counter.app.operators.sign_on(OperatorId(CASHIER), counter.pins[CASHIER])


@sqlite_only
def test_a_till_that_forgets_its_store_with_its_goods_is_found(
    office: Office, shop: Shop, counter: Counter, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof can go red: the cash would be in the drawer and the sale could not be completed."""
    monkeypatch.setattr(Catalog, "store", Catalog._read_store)
    with pytest.raises(DomainError, match=r"till[.]no_catalogue"):
        prove_begun(office, shop, counter, all_taken)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_revoked_amid_uploads_again_and_again(office: Office, shop: Shop, new_counter: NewCounter) -> None:
    for _ in range(20):
        counter = new_counter()
        stored = while_uploading(office, shop, counter)
        assert lock_time_s(counter) <= LOCKS_WITHIN_S
        counter.sent()
        wait_until(lambda: not office.number("SELECT count(*) FROM event WHERE state = 'new'"), "not all is applied")
        mine = counter.app.identity.terminal
        effects = office.rows("SELECT event_id FROM sale WHERE terminal_id = :mine", mine=mine)
        assert {row["event_id"] for row in effects} <= stored
        counter.close()


@sqlite_only
def test_a_cloud_that_goes_by_its_memory_is_found(
    office: Office, shop: Shop, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof can go red: what the process remembers of a till may be older than HQ's word."""
    known = replace(office.background.directory.all()[0], state="active")
    monkeypatch.setattr(ingest, "_known_now", lambda *_: known)
    stored = while_uploading(office, shop, counter)
    assert not passes(lambda: assert_without_effect(office, counter, stored))
