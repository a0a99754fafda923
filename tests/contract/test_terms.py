"""On what terms a till is with its cloud: revoked, drained, moved to other prices, or wrong about the time."""

from __future__ import annotations

from pathlib import Path

import pytest

from resources.texts import LANGUAGES, error_text
from sync.system_clock import SystemClock
from tests.contract.counter import Counter, books_agree
from tests.contract.office import COLA, STORE, WATER, Office, Shop, make_settings, open_shop, wait_until

HOUR_MS = 3_600_000


class ShiftedClock:
    """The true time, as somebody else sees it."""

    def __init__(self, by_ms: int) -> None:
        self._by_ms, self._clock = by_ms, SystemClock()

    def now_ms(self) -> int:
        return self._clock.now_ms() + self._by_ms

    def monotonic_ms(self) -> int:
        return self._clock.monotonic_ms()


@pytest.mark.parametrize("state", ["revoked", "lost"])
def test_a_revoked_till_forgets_and_what_it_holds_is_kept_for_review(
    office: Office, shop: Shop, counter: Counter, state: str
) -> None:
    counter.sell(times=2)
    counter.sent()
    terminal = counter.app.identity.terminal
    counter.disconnect()
    counter.sell(times=3)
    shop.set_state(terminal, state)
    counter.connect()
    counter.sent()
    wait_until(lambda: counter.heard.status.get("state") == "revoked", "the till is not told")
    assert counter.heard.status["error"] == "terminal.revoked"
    counter.wait_until(lambda: not counter.app.catalog.is_ready, "the goods are not forgotten")
    assert office.number("SELECT count(*) FROM sale") == 2, "nothing takes effect after the revocation"
    held = office.rows("SELECT e.reason FROM event e JOIN event_raw r USING (event_id) WHERE r.kind = 'sale'")
    assert [row["reason"] for row in held].count("terminal.revoked") == 3
    assert office.number("SELECT count(*) FROM case_file WHERE kind = 'terminal_not_active'") == 1
    for language in LANGUAGES:
        assert all(str(part) for part in (error_text("terminal.revoked", language),))


def test_a_revoked_till_that_is_online_is_told_at_once(shop: Shop, counter: Counter) -> None:
    shop.set_state(counter.app.identity.terminal, "revoked")
    wait_until(lambda: counter.heard.status.get("state") == "revoked", "the till is not told", 5)
    assert counter.heard.status["error"] == "terminal.revoked"


def test_a_drained_till_sends_to_the_end_and_comes_back(office: Office, shop: Shop, counter: Counter) -> None:
    terminal = counter.app.identity.terminal
    shop.set_state(terminal, "drain")
    wait_until(lambda: counter.heard.status.get("error") == "sync.draining", "the till is not told")
    counter.sell(times=2)
    counter.sent()
    assert books_agree(office, counter)
    assert counter.price() == 350, "it keeps the goods it has"
    shop.set_price(COLA, 360)
    shop.set_state(terminal, "active")
    counter.disconnect()  # it looks again within a minute; a restart of the agent does at once
    counter.connect()
    wait_until(lambda: counter.price() == 360, "news do not flow again")
    assert all(str(error_text("sync.draining", language)) for language in LANGUAGES)


def test_a_store_moves_to_other_prices(office: Office, shop: Shop, counter: Counter) -> None:
    shop.hq.call("POST", "/stores", {**STORE_2, "price_zone": "north"})
    shop.set_price(COLA, 410, zone="north")
    shop.hq.call("PATCH", f"/stores/{STORE}", {"price_zone": "north"})
    counter.wait_until(lambda: counter.price() == 410, "the other zone's price does not come")
    assert counter.price(WATER) is None, "the old zone's prices are gone"
    assert set(counter.agent.replica.cursors()) == {"cat:main", "price:north", "promo:north", f"store:{STORE}"}
    counter.sell()
    counter.sent()
    assert books_agree(office, counter)
    assert office.number("SELECT count(*) FROM case_file") == 0


STORE_2 = {
    "store_id": "0102",
    "name_zh": "北站店",
    "name_en": "North Station",
    "currency": "CNY",
    "timezone": "Asia/Shanghai",
}


@pytest.mark.parametrize("off_ms", [HOUR_MS, -HOUR_MS], ids=["behind", "ahead"])
def test_a_wrong_clock_is_told_and_corrected_but_refuses_nothing(
    tmp_path: Path, cloud_database_url: str, off_ms: int
) -> None:
    office = Office(make_settings(tmp_path / "cloud", cloud_database_url), clock=ShiftedClock(off_ms))
    office.start()
    shop = open_shop(office)
    counter = Counter(tmp_path / "till", shop.pins)
    try:
        counter.enrol(office.url, shop.new_till()[1])
        counter.connect()
        counter.ready()
        wait_until(lambda: abs(counter.app.clock.wrong_by_ms() + off_ms) < 5_000, "the till does not learn the time")
        assert "till.clock_off" in counter.app.health.warnings()
        wait_until(lambda: abs((counter.heard.status.get("clock_offset_ms") or 0) - off_ms) < 5_000, "it is not shown")
        counter.sell()
        counter.sent()
        assert books_agree(office, counter)
        (sale,) = office.rows("SELECT occurred_at_ms, estimated_at_ms, received_at_ms FROM sale")
        assert abs(sale["estimated_at_ms"] - sale["received_at_ms"]) < 5_000
        assert abs(sale["received_at_ms"] - sale["occurred_at_ms"] - off_ms) < 5_000
        assert office.number("SELECT count(*) FROM case_file WHERE kind = 'clock_wrong'") == 1
        counter.disconnect()
        counter.heard.events.clear()
        counter.connect()
        wait_until(
            lambda: counter.heard.status.get("clock_offset_ms"), "a restarted agent forgets that the clock is off"
        )
    finally:
        counter.close()
        office.stop()
