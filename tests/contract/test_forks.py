"""Two histories under one name: cloned disks, restored backups on either side; no sale is lost, none counts twice."""

from __future__ import annotations

import shutil
from pathlib import Path

import sqlalchemy as sa

from cloud_api.db.engine import writing
from cloud_api.services import backup
from cloud_api.services.feeds.restore import new_epochs
from cloud_api.services.intake import durable
from cloud_api.wiring import make_cloud
from tests.contract.conftest import NewCounter
from tests.contract.counter import Counter, books_agree
from tests.contract.office import COLA, WATER, Office, Shop, make_settings, open_shop, wait_until


def test_a_cloned_disk_is_found_and_both_keep_their_sales(office: Office, new_counter: NewCounter) -> None:
    first = new_counter()
    first.sell(times=3)
    first.sent()
    first.close()
    second = new_counter(like=first, online=False)
    for counter in (first, second):  # the same numbers, on both
        counter.sell(COLA, WATER, times=4)
        counter.connect()
        counter.sent()
    first.sell()
    first.sent()
    assert [counter.tip.incarnation for counter in (first, second)] == [1, 2]
    numbers = [number for counter in (first, second) for number, _ in counter.confirmed]
    assert len(set(numbers)) == len(numbers) - 4, "four receipts were printed under the same number before anyone knew"
    (case,) = office.rows("SELECT terminal_id FROM case_file WHERE kind = 'fork'")
    assert case["terminal_id"] == first.app.identity.terminal
    wait_until(lambda: not office.number("SELECT count(*) FROM event WHERE state = 'new'"), "not all is applied")
    sales = office.number("SELECT count(*) FROM sale")
    assert sales == 3 + 4 + 4 + 1
    assert office.number("SELECT sum(payable_minor) FROM sale") == 3 * 350 + 8 * 650 + 350
    assert office.number("SELECT count(*) FROM event WHERE state <> 'applied'") == 0
    after = second.sell() + first.sell()
    for counter in (first, second):
        counter.sent()
    assert len(set(after)) == 2 and {number[:7] for number in after} == {"0101-1A", "0101-1B"}


def test_a_clone_that_only_has_the_old_history_forks_before_it_sells(office: Office, new_counter: NewCounter) -> None:
    first = new_counter()
    first.sell()
    first.sent()
    first.close()
    clone = new_counter(like=first, online=False)
    first.connect()
    first.sell(times=2)
    first.sent()
    clone.connect()
    clone.wait_until(lambda: clone.tip.incarnation == 2, "the clone is not told")
    clone.sell(times=2)
    clone.sent()
    assert books_agree(office, first, clone)


def test_a_till_restored_from_its_backup_gets_a_new_incarnation(office: Office, counter: Counter) -> None:
    counter.sell(times=2)
    counter.sent()
    backup = counter.app.housekeeping.backup()
    counter.sell(COLA, WATER, times=3)
    counter.sent()
    before = list(counter.confirmed)
    counter.close()
    for name in ("till.db", "till.db-wal", "till.db-shm"):
        (counter.directory / name).unlink(missing_ok=True)
    shutil.copyfile(backup, counter.directory / "till.db")
    counter.connect()
    counter.wait_until(lambda: counter.tip.incarnation == 2, "the till is not told that it is behind")
    counter.sell(times=2)
    counter.sent()
    wait_until(lambda: not office.number("SELECT count(*) FROM event WHERE state = 'new'"), "not all is applied")
    numbers = [row["receipt_no"] for row in office.rows("SELECT receipt_no FROM sale")]
    assert sorted(numbers) == sorted(number for number, _ in counter.confirmed)
    assert len(set(numbers)) == len(before) + 2
    assert office.number("SELECT count(*) FROM case_file WHERE kind = 'fork'") == 1


def test_a_cloud_restored_from_its_backup_gets_everything_again(office: Office, shop: Shop, counter: Counter) -> None:
    counter.sell(times=3)
    counter.sent()
    counter.disconnect()
    held = durable.tips(office.cloud.engine)
    durable.mark_durable(office.cloud.engine, held, now_ms=office.cloud.clock.now_ms())
    with writing(office.cloud.engine) as connection:
        kept = connection.exec_driver_sql("SELECT last_seq, last_hash FROM terminal_stream").one()
    counter.connect()
    counter.sell(COLA, WATER, times=4)
    counter.sent()
    shop.set_price(COLA, 777)
    wait_until(lambda: counter.price() == 777, "the price does not come")
    # What a restored backup is: everything behind the moment of the backup never happened.
    office.stop()
    restored = make_cloud(office.settings)
    forget_behind(restored.engine, kept[0], last_hash=kept[1])
    assert new_epochs(restored.engine, restored.clock.now_ms()) == 4
    restored.engine.dispose()
    office.start()
    counter.sell()
    counter.sent()
    assert books_agree(office, counter)
    assert counter.tip.incarnation == 1, "a healthy till keeps its incarnation"
    shop.set_price(COLA, 360)
    counter.wait_until(lambda: counter.price() == 360, "the new epoch does not come")
    cursors = counter.agent.replica.cursors()
    epochs = {row["bucket"]: row["epoch"] for row in office.rows("SELECT bucket, epoch FROM sync_bucket")}
    assert {bucket: cursor.epoch for bucket, cursor in cursors.items()} == epochs


def forget_behind(engine: sa.Engine, last_seq: int, *, last_hash: str) -> None:
    """Take back what the cloud took in behind a place, and the last price."""
    with writing(engine) as connection:
        for table in ("sale_line", "sale_tender", "sale", "activity"):
            behind = f"SELECT event_id FROM event_raw WHERE seq > {last_seq}"
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE event_id IN ({behind})")
        for table in ("event", "event_raw"):
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE seq > {last_seq}")
        connection.exec_driver_sql(f"DELETE FROM event_batch WHERE last_seq > {last_seq}")
        connection.exec_driver_sql(
            f"UPDATE terminal_stream SET last_seq = {last_seq}, last_hash = '{last_hash}', applied_seq = {last_seq}"
        )
        connection.exec_driver_sql("UPDATE price SET price_minor = 350 WHERE price_minor = 777")


def test_the_clouds_own_backup_brought_back(tmp_path: Path) -> None:
    """As an administrator does it: backup, disk lost, file put back, ``restored``, serve."""
    office = Office(make_settings(tmp_path / "cloud", f"sqlite:///{tmp_path / 'cloud.db'}"))
    office.start()
    shop = open_shop(office)
    counter = Counter(tmp_path / "till", shop.pins)
    try:
        counter.enrol(office.url, shop.new_till()[1])
        counter.connect()
        counter.ready()
        counter.sell(times=3)
        counter.sent()
        backup.back_up(office.cloud, tmp_path / "backup.db")
        counter.sell(COLA, WATER, times=4)
        counter.sent()
        confirmed = counter.agent.replica.ack(1)
        assert confirmed is not None and confirmed.durable == 5, "what the backup holds, the till may forget"
        shop.set_price(COLA, 777)
        counter.wait_until(lambda: counter.price() == 777, "the price does not come")
        office.stop()
        for name in ("cloud.db", "cloud.db-wal", "cloud.db-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        shutil.copyfile(tmp_path / "backup.db", tmp_path / "cloud.db")
        restored = make_cloud(office.settings)
        assert backup.after_restore(restored) == 4
        restored.engine.dispose()
        counter.sell()
        office.start()
        counter.sent()
        counter.wait_until(lambda: counter.price() == 350, "the till does not follow the restored cloud")
        assert books_agree(office, counter)
        assert counter.tip.incarnation == 1
        assert office.number("SELECT count(*) FROM sale") == 8
    finally:
        counter.close()
        office.stop()
