"""One sale by the till's own checkout, to be journaled again and again under names of its own."""

from __future__ import annotations

from typing import Any

import uuid_utils

from domain.ids import OperatorId
from domain.scan import parse_scan
from domain.tender import TenderKind
from pos_app.wiring import TillApp
from sync import journal_store
from sync.journal import Entry, Fact, Stamp, canonical
from tests.bench.chain import CASHIER, Chain
from tests.bench.million import code_of


def sell(chain: Chain, till: TillApp, *, lines: int) -> Entry:
    """Sell so many items and give the sale's entry."""
    cashier = till.operators.sign_on(OperatorId(CASHIER), chain.pin)
    for number in range(1, lines + 1):
        till.selling.scan(parse_scan(code_of(number), formats=till.catalog.store().scale_formats))
    payment = till.checkout.start(till.selling.cart)
    till.checkout.add_tender(TenderKind.CASH, payment.cash_due_minor)
    till.checkout.complete(cashier)
    with till.database.read() as uow:
        *_, last = journal_store.iterate(uow.raw, journal_store.incarnation(uow.raw))
    assert last.fact.kind == "sale"
    return last


def repeated(fact: Fact, number: int, *, body: dict[str, Any]) -> Fact:
    """The same sale with ``body``, ``number`` milliseconds later, under an id of its own."""
    was = fact.stamp
    ages = (was.offset_age_ms + number, was.boot_id, was.mono_ms + number)
    stamp = Stamp(was.at_ms + number, was.estimate_ms + number, *ages)
    return Fact(str(uuid_utils.uuid7()), fact.kind, fact.version, stamp, canonical(body))
