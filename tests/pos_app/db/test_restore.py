"""A damaged till.db is found at start and brought back: backup, saved entries, the old file kept (R5)."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from pos_app import wiring
from pos_app.db.check import OK, check_all, check_chain
from pos_app.db.engine import connect, connect_to_read
from pos_app.wiring import Outside, TillApp, open_till
from sync.journal_store import iterate
from tests.builders import CRISPS, WATER, Replica
from tests.selling import assert_sound, journaled_sales, scan, sell


def close_and_damage(till: TillApp, damage: Callable[[Path], None]) -> Path:
    path = till.database.path
    till.close()
    damage(path)
    return path


def garbage_in_the_middle(path: Path) -> None:
    data = bytearray(path.read_bytes())
    at = len(data) // 2 // 4096 * 4096
    data[at : at + 4096] = random.Random(1).randbytes(4096)
    path.write_bytes(data)


def no_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\0" * 512)


def cut_in_half(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def gone(path: Path) -> None:
    path.unlink()


def test_what_was_sold_since_the_backup_is_saved_from_the_damaged_file(
    directory: Path, till: TillApp, outside: Outside
) -> None:
    done = [sell(till, WATER.code).sale for _ in range(5)]
    till.housekeeping.backup()
    done += [sell(till, CRISPS.code).sale for _ in range(5)]
    scan(till, WATER.code)
    cart = till.selling.cart

    def damage(path: Path) -> None:
        connection = connect(path)
        connection.execute(
            "UPDATE journal SET body = CAST(replace(body, '\"due_minor\":200', '\"due_minor\":100') AS BLOB)"
        )
        connection.execute("UPDATE sale SET payable_minor = 1, due_minor = 1")
        connection.close()

    path = close_and_damage(till, damage)
    again = open_till(directory, outside=outside)
    try:
        assert again.was_restored
        assert journaled_sales(path) == done
        assert [again.receipts.get(one.sale_id) for one in done] == done
        assert again.selling.cart == cart
        assert [one.payable_minor for one in again.receipts.today()] == [790] * 5 + [200] * 5
        assert sell(again, CRISPS.code).receipt_no == "0102-2A-000011"
        assert again.health.facts().last_restore_ms is not None
        assert len(list((directory / "damaged").glob("till-*.db"))) == 1
    finally:
        again.close()
    assert_sound(path)
    third = open_till(directory, outside=outside)
    assert not third.was_restored
    third.close()


@pytest.mark.parametrize("damage", [garbage_in_the_middle, no_header, cut_in_half, emptied, gone])
def test_whatever_happened_to_the_file_the_till_opens_and_sells(
    directory: Path, till: TillApp, outside: Outside, replica: Replica, damage: Callable[[Path], None]
) -> None:
    done = [sell(till, WATER.code).sale for _ in range(30)]
    till.housekeeping.backup()
    later = [sell(till, CRISPS.code).sale for _ in range(30)]
    replica.acknowledge(1, 61)
    path = close_and_damage(till, damage)
    again = open_till(directory, outside=outside)
    try:
        assert again.was_restored
        found = [one.sale_id for one in journaled_sales(path)]
        assert found[:30] == [one.sale_id for one in done], "the backup's"
        assert set(found[30:]) <= {one.sale_id for one in later}
        number = int(sell(again, WATER.code).receipt_no.rpartition("-")[2])
        assert number > 60, "a number that was given is not given again"
        connection = connect_to_read(path)
        assert check_all(connection) == (OK, OK)
        connection.close()
    finally:
        again.close()


def test_without_a_backup_everything_readable_is_saved(directory: Path, till: TillApp, outside: Outside) -> None:
    done = [sell(till, WATER.code).sale for _ in range(4)]

    def damage(path: Path) -> None:
        connection = connect(path)
        connection.execute("UPDATE journal SET hash = substr(hash, 2) || substr(hash, 1, 1) WHERE seq = 3")
        connection.execute("UPDATE journal SET at_ms = 'yesterday' WHERE seq = 4")
        connection.close()

    path = close_and_damage(till, damage)
    again = open_till(directory, outside=outside)
    try:
        assert journaled_sales(path) == [done[0], done[3]], "a fact behind a gap is a fact"
        connection = connect_to_read(path)
        kinds = [entry.fact.kind for entry in iterate(connection, 1)]
        connection.close()
        assert kinds == ["till_enrolled", "sale", "sale"]
        assert sell(again, WATER.code).receipt_no == "0102-2A-000005"
    finally:
        again.close()


def test_a_damaged_backup_is_passed_over(directory: Path, till: TillApp, outside: Outside) -> None:
    sell(till, WATER.code)
    good = till.housekeeping.backup()
    newer = good.with_name("till-999999999999999.db")
    newer.write_bytes(good.read_bytes()[:5000])
    path = close_and_damage(till, no_header)
    again = open_till(directory, outside=outside)
    again.close()
    assert len(journaled_sales(path)) == 1


def test_a_kill_while_restoring_is_made_good_at_the_next_start(
    directory: Path, till: TillApp, outside: Outside
) -> None:
    """The file was moved away and nothing put in its place: what was moved is where the restore goes on."""
    done = [sell(till, WATER.code).sale for _ in range(3)]
    path = till.database.path
    till.close()
    (directory / "damaged").mkdir()
    path.rename(directory / "damaged" / "till-001.db")
    again = open_till(directory, outside=outside)
    assert again.was_restored
    again.close()
    assert journaled_sales(path) == done


def test_a_pruned_journal_is_restored_behind_its_base(
    directory: Path, till: TillApp, outside: Outside, replica: Replica
) -> None:
    for _ in range(4):
        sell(till, WATER.code)
    outside.clock.pass_ms(100 * 86_400_000)  # type: ignore[attr-defined]
    young = sell(till, WATER.code).sale
    replica.acknowledge(1, 5)
    assert till.housekeeping.prune() == 5

    def damage(path: Path) -> None:
        connection = connect(path)
        connection.execute("UPDATE sale SET due_minor = 7")
        connection.close()

    path = close_and_damage(till, damage)
    again = open_till(directory, outside=outside)
    assert sell(again, WATER.code).receipt_no == "0102-2A-000006"
    again.close()
    assert journaled_sales(path)[0] == young


def test_no_changed_byte_of_a_sale_stays_unseen(till: TillApp) -> None:
    """R5: wherever a byte of a journaled sale changes, the check says so; elsewhere no total changes silently."""
    made = [sell(till, WATER.code, CRISPS.code) for _ in range(40)]
    path = till.database.path
    till.close()
    good = path.read_bytes()
    seed = random.Random(7)
    parts = [f'"sale_id":"{one.sale_id}"' for one in made] + [f'"receipt_no":"{one.receipt_no}"' for one in made]
    # A second copy would be one that was left behind in unused space: changing that harms nobody.
    places = [good.index(part.encode()) for part in parts if good.count(part.encode()) == 1]
    assert len(places) > 40
    for at in seed.sample(places, 30):
        path.write_bytes(with_a_changed_bit(good, at + seed.randrange(16), seed))
        assert not seen_sound(path), at
    for _ in range(40):
        path.write_bytes(with_a_changed_bit(good, seed.randrange(len(good)), seed))
        if seen_sound(path):
            assert [one.due_minor for one in journaled_sales(path)] == [990] * 40
    path.write_bytes(good)
    assert seen_sound(path)


def with_a_changed_bit(good: bytes, at: int, seed: random.Random) -> bytes:
    bad = bytearray(good)
    bad[at] ^= 1 << seed.randrange(8)
    return bytes(bad)


def seen_sound(path: Path) -> bool:
    connection = connect(path)
    try:
        return set(check_all(connection)) == {OK}
    except UnicodeDecodeError:
        return False
    finally:
        connection.close()


def test_the_end_of_a_chain_is_checked_alone(till: TillApp) -> None:
    for _ in range(20):
        sell(till, WATER.code)
    with till.database.write() as uow:
        uow.raw.execute("UPDATE journal SET kind = 'x' WHERE seq = 3")
        assert check_chain(uow.raw, 10) == OK
        assert check_chain(uow.raw, 100) == "1/3: hash differs"
        uow.raw.execute("UPDATE journal SET prev = hash WHERE seq = 18")
        assert check_chain(uow.raw, 10) == "1/18: does not link"
        uow.raw.execute("DELETE FROM journal WHERE seq = 17")
        assert check_chain(uow.raw, 10) == "1/18: gap after 16"


def test_damage_in_a_large_file_is_restored_after_the_daily_check_found_it(
    directory: Path, till: TillApp, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large file is checked whole in the background; what that finds the next start does not pass over."""
    monkeypatch.setattr(wiring, "CHECKED_AT_START_BYTES", 0)
    monkeypatch.setattr(wiring, "CHECKED_AT_START_ENTRIES", 2)
    done = [sell(till, WATER.code).sale for _ in range(5)]
    with till.database.write() as uow:
        uow.raw.execute("UPDATE sale SET due_minor = 1, payable_minor = 1 WHERE number = 1")
        uow.commit()
    till.close()
    again = open_till(directory, outside=outside)
    assert not again.was_restored, "its end is sound"
    assert not again.housekeeping.check().is_ok
    again.close()
    third = open_till(directory, outside=outside)
    assert third.was_restored
    assert [third.receipts.get(one.sale_id) for one in done] == done
    assert third.housekeeping.check().is_ok
    third.close()
    fourth = open_till(directory, outside=outside)
    assert not fourth.was_restored
    fourth.close()
