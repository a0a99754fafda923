"""R15: from the moment HQ revokes a till nothing it sends takes effect; it locks, and its backlog is kept."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from cloud_api.services.intake import ingest
from domain.errors import DomainError
from tests import selling
from tests.contract.conftest import NewCounter
from tests.contract.counter import Counter
from tests.contract.office import COLA, Office, Shop, wait_until
from tests.proof.network.conftest import sqlite_only
from tests.proof.network.lines import passes

LOCKS_WITHIN_S = 60


def revoke(office: Office, shop: Shop, counter: Counter) -> set[str]:
    """HQ's word; the entries that were in the cloud when it was answered."""
    shop.set_state(counter.app.identity.terminal, "revoked")
    return {row["event_id"] for row in office.rows("SELECT event_id FROM event_raw")}


def assert_without_effect(office: Office, counter: Counter, stored: set[str]) -> None:
    """Only what was stored before took effect; the rest is there, byte for byte, and waits for HQ."""
    counter.wait_until(lambda: not counter.unsent, "the backlog is not taken")
    wait_until(lambda: not office.number("SELECT count(*) FROM event WHERE state = 'new'"), "not all is applied")
    effects = {
        row["event_id"] for table in ("sale", "activity") for row in office.rows(f"SELECT event_id FROM {table}")
    }
    assert effects <= stored, f"{len(effects - stored)} entries took effect after the revocation"
    held = office.rows("SELECT event_id, reason FROM event WHERE state = 'held'")
    assert {row["event_id"] for row in held} == all_ids(office) - stored
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
