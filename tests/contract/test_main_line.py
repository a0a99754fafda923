"""The main line: enrol, first download, sell, upload, effect at HQ, and HQ's word back on the till."""

from __future__ import annotations

import time
from pathlib import Path

from cloud_api.db.engine import writing
from sync.verify import SOUND
from sync.verify import main as verify_main
from tests.contract.conftest import NewCounter
from tests.contract.counter import Counter, books_agree
from tests.contract.office import COLA, NOODLES, WATER, Office, Shop, wait_until


def test_a_till_enrols_sells_and_follows_hq(office: Office, shop: Shop, counter: Counter) -> None:
    assert counter.price() == 350
    numbers = counter.sell(COLA, WATER) + counter.sell(NOODLES)
    counter.sent()
    assert books_agree(office, counter)
    assert {row["receipt_no"] for row in office.rows("SELECT receipt_no FROM sale")} == set(numbers)
    assert office.number("SELECT sum(payable_minor) FROM sale") == 350 + 300 + 450
    assert office.number("SELECT count(*) FROM case_file") == 0
    start_s = time.monotonic()
    shop.set_price(COLA, 399)
    wait_until(lambda: counter.price() == 399, "the new price does not come")
    assert time.monotonic() - start_s < 1


def test_what_else_a_till_does_reaches_hq(office: Office, counter: Counter) -> None:
    operator = counter.cashier
    counter.app.operators.lock("key")
    counter.app.operators.sign_on(operator.operator_id, counter.pins[operator.operator_id])
    counter.sell()
    counter.sent()
    assert books_agree(office, counter)
    kinds = [row["kind"] for row in office.rows("SELECT kind FROM activity ORDER BY event_id")]
    assert kinds == ["till_enrolled", "sign_on", "lock", "sign_on"]


def test_hq_sees_the_till(office: Office, shop: Shop, counter: Counter) -> None:
    counter.sell(times=3)
    counter.sent()
    office.background.presence.flush()
    (till,) = shop.hq.call("GET", "/tills")["tills"]
    assert (till["state"], till["unsent"], till["tip_seq"]) == ("active", 0, counter.tip.seq)
    assert till["last_seen_ms"] and till["app_ver"]


def test_days_of_absence_come_back_by_pages(office: Office, shop: Shop, new_counter: NewCounter) -> None:
    counter = new_counter()
    counter.sell()
    counter.sent()
    counter.disconnect()
    numbers = counter.sell(times=20)
    shop.set_prices(WATER, range(301, 371))  # more than one sealed page
    counter.connect()
    wait_until(lambda: counter.price(WATER) == 370, "the prices do not come")
    counter.sent()
    assert books_agree(office, counter)
    assert office.number("SELECT count(*) FROM feed_page WHERE bucket = 'price:cn'") >= 1
    assert len(numbers) == 20


def test_a_first_download_by_snapshot_is_the_same_replica(office: Office, shop: Shop, new_counter: NewCounter) -> None:
    by_pages = new_counter()
    assert office.background.snapshots.build("cat:main")
    assert office.background.snapshots.build("price:cn")
    shop.set_price(NOODLES, 460)
    office.background.feed_turn()
    by_snapshot = new_counter()
    wait_until(lambda: by_pages.price(NOODLES) == by_snapshot.price(NOODLES) == 460, "the price behind the snapshot")
    assert "download" in by_snapshot.heard.steps()
    assert "download" not in by_pages.heard.steps()
    buckets = ("cat:main", "price:cn")
    figures = [[one.agent.replica.audit(bucket) for bucket in buckets] for one in (by_pages, by_snapshot)]
    cursors = [[(cursor.epoch, cursor.seq, cursor.hash) for cursor, _ in own if cursor] for own in figures]
    assert cursors[0] == cursors[1]
    assert [tables for _, tables in figures[0]] == [tables for _, tables in figures[1]]
    assert [one.name_en for one in by_snapshot.app.catalog.departments()] == ["Food"]
    by_snapshot.wait_until(lambda: by_snapshot.app.catalog.search("kkkl"), "search by pinyin")


def test_the_audit_agrees_and_finds_a_changed_row(office: Office, shop: Shop, counter: Counter) -> None:
    everything = dict.fromkeys(("cat:main", "price:cn", "promo:cn", "store:0101"), "equal")
    assert counter.agent.housekeeping.audit() == everything
    sound = counter.agent.replica.audit("price:cn")
    with counter.agent.replica._transaction() as conn:
        conn.execute("UPDATE price SET ver = ver + 1 WHERE item_id = ?", (shop.items[COLA],))
    assert counter.agent.housekeeping.audit() == everything | {"price:cn": "differs"}
    wait_until(lambda: counter.agent.replica.audit("price:cn") == sound, "the bucket is not installed anew")
    assert counter.agent.housekeeping.audit() == everything
    counter.take_events()
    assert counter.price() == 350


def test_pages_gone_lead_to_the_snapshot(office: Office, shop: Shop, new_counter: NewCounter) -> None:
    counter = new_counter()
    counter.disconnect()
    shop.set_prices(WATER, range(301, 371))
    office.background.feed_turn()
    assert office.background.snapshots.build("price:cn")
    with writing(office.cloud.engine) as connection:
        connection.exec_driver_sql("UPDATE feed_page SET sealed_at_ms = 0 WHERE bucket = 'price:cn'")
    office.background.snapshots.clean()
    assert office.number("SELECT low_seq FROM sync_bucket WHERE bucket = 'price:cn'") > 1
    office.stop()
    office.start()  # what the cloud still had in memory is gone too
    counter.connect()
    counter.wait_until(lambda: counter.price(WATER) == 370, "the prices do not come")
    assert "download" in counter.heard.steps()


def test_the_journal_export_is_verified_against_the_clouds_word(
    office: Office, counter: Counter, tmp_path: Path
) -> None:
    counter.sell(times=3)
    counter.sent()
    export = tmp_path / "journal.jsonl"
    assert counter.app.health.export_journal(export) == counter.tip.seq
    (stream,) = office.rows("SELECT inc, last_seq, last_hash FROM terminal_stream")
    place = f"{stream['inc']}:{stream['last_seq']}:{stream['last_hash']}"
    assert verify_main([str(export), counter.app.identity.public_key, "--confirmed", place]) == SOUND
    changed = tmp_path / "changed.jsonl"
    changed.write_bytes(export.read_bytes().replace(b'"due_minor\\":350', b'"due_minor\\":351', 1))
    assert verify_main([str(changed), counter.app.identity.public_key]) != SOUND
