"""Reads of the replica: by key, over a flip to another file, and of what the agent left there."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import DomainError, NotFound
from domain.ids import ItemId
from pos_app.clock import TillClock, UuidIds
from pos_app.db.faults import StorageError
from pos_app.db.replica import CatalogReads
from pos_app.wiring import TillApp
from sync.timekeeping import Offset, Reading, facts_of
from tests.builders import APPLES, BAG, BLOCKED, CRISPS, SETTINGS, STORE, WATER, Replica, TestClock
from tests.selling import scan


def test_a_code_is_found_with_price_and_tax(till: TillApp) -> None:
    found = till.catalog.find("0" + WATER.code)
    assert found
    assert (found.item, found.price and found.price.price_minor, found.tax_rate_bp) == (WATER.item, 200, 1300)
    assert till.catalog.find("nothing") is None
    blocked = till.catalog.get(BLOCKED.item.item_id)
    assert not blocked.is_sold
    with pytest.raises(NotFound):
        till.catalog.get(ItemId(999))


def test_departments_tiles_and_the_store_as_hq_has_them(till: TillApp, replica: Replica) -> None:
    assert [one.name_zh for one in till.catalog.departments()] == ["饮料", "零食"]
    assert [key.sellable.item for key in till.catalog.quick_keys()] == [BAG.item, APPLES.item], "6 is blocked"
    assert [one.item for one in till.catalog.items_of("snacks")] == [CRISPS.item]
    assert len(till.catalog.items_of("drinks", 2)) == 2
    assert [one.item.item_id for one in till.catalog.items_of("drinks", 2, offset=2)] == [4, 5]
    store = till.catalog.store()
    assert (store.store_id, store.name("en"), store.currency, len(store.scale_formats)) == (
        STORE,
        "Renmin Road",
        "CNY",
        2,
    )
    replica.put("department", department_id="fresh", name_zh="生鲜", name_en="Fresh", position=0)
    assert [one.name_zh for one in till.catalog.departments()] == ["生鲜", "饮料", "零食"]


@pytest.mark.parametrize(
    "settings",
    ["", "[]", "{", '{"currency": 7, "scale_formats": [{"pattern": 3}], "new": 1}', '{"scale_formats": "x"}'],
)
def test_settings_of_the_store_that_make_no_sense_are_the_defaults(
    till: TillApp, replica: Replica, settings: str
) -> None:
    replica.connection.execute("UPDATE store SET settings = ?, name_en = ''", (settings,))
    store = till.catalog.store()
    assert (store.currency, store.scale_formats, store.name("en")) == ("CNY", (), "人民路店")


def test_a_special_price_begins_at_its_moment(till: TillApp, replica: Replica, clock: TestClock) -> None:
    replica.set_price(1, 150, kind="special", valid_from_ms=clock.wall_ms + 1000)
    assert scan(till, WATER.code).priced.due_minor == 200
    clock.pass_ms(1000)
    assert scan(till, WATER.code).priced.due_minor == 350


def test_the_till_reads_on_from_the_file_that_is_named_now(till: TillApp, directory: Path) -> None:
    newer = Replica(directory / "replica", 2)
    newer.add_shop(settings={**SETTINGS, "auto_lock_s": 60})
    newer.set_price(1, 250)
    newer.publish()
    assert till.catalog.store().auto_lock_s == 180
    till.catalog.reopen()
    assert till.catalog.store().auto_lock_s == 60
    assert scan(till, WATER.code).priced.due_minor == 250
    newer.close()


@pytest.mark.parametrize("name", ["", "../till.db", "missing.db", "till.db"])
def test_a_name_that_leads_nowhere_is_no_catalogue(replica: Replica, name: str) -> None:
    (replica.folder / "current").write_text(name, encoding="utf-8")
    reads = CatalogReads(replica.folder)
    assert not reads.is_open
    assert (reads.state("x"), reads.acked(1), reads.offset()) == (None, (0, 0), None)
    with pytest.raises(NotFound, match=r"till[.]no_catalogue"):
        reads.rows("SELECT 1")
    reads.close()


def test_a_file_that_cannot_be_read_leaves_the_good_one_in_use(replica: Replica) -> None:
    reads = CatalogReads(replica.folder)
    assert reads.path
    good = reads.path
    bad = replica.folder / "replica-9.db"
    bad.write_bytes(b"x" * 5000)
    assert reads.reopen(bad) is False
    assert reads.reopen(good) is True
    assert reads.first("SELECT count(*) FROM item") == (6,)
    reads.close()


def test_a_replica_that_breaks_while_in_use_is_told_and_closed(replica: Replica) -> None:
    replica.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    reads = CatalogReads(replica.folder)
    with replica.path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096 * 30)
    everything = " UNION ALL ".join(
        f"SELECT count(*) FROM {table}" for table in ("item", "barcode", "price", "operator")
    )
    with pytest.raises(StorageError, match=r"till[.]catalogue_damaged"):
        reads.rows(everything)
    with pytest.raises(DomainError):
        reads.rows("SELECT * FROM item")
    reads.close()


def test_our_own_bad_statement_is_no_damage(replica: Replica) -> None:
    reads = CatalogReads(replica.folder)
    with pytest.raises(Exception, match="no such table"):
        reads.rows("SELECT * FROM nowhere")
    assert reads.is_open
    reads.close()


def test_true_time_is_what_the_cloud_said_carried_on(replica: Replica, clock: TestClock) -> None:
    reads = CatalogReads(replica.folder)
    till_clock = TillClock(clock, offset=reads.offset, boot="boot-1")
    assert (till_clock.estimate_ms(), till_clock.wrong_by_ms(), till_clock.stamp().offset_age_ms) == (
        clock.wall_ms,
        0,
        -1,
    )
    measured = Offset(clock.wall_ms - 7_200_000, 5, Reading(clock.wall_ms, clock.mono_ms, "boot-1"))
    replica.state(**facts_of(measured))
    assert till_clock.wrong_by_ms() == 0, "asked again within a second"
    clock.pass_ms(1500)
    assert till_clock.wrong_by_ms() == 7_200_000
    clock.wall_ms += 86_400_000
    assert till_clock.estimate_ms() == measured.server_ms + 1500
    stamp = till_clock.stamp()
    assert (stamp.at_ms, stamp.offset_age_ms) == (clock.wall_ms, 1500)
    reads.close()


def test_ids_rise(replica: Replica) -> None:
    ids = UuidIds()
    made = [ids.new_id() for _ in range(100)]
    assert made == sorted(set(made))
