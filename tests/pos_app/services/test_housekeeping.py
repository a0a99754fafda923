"""Backups, retention, disk space, settings, health: what keeps the till well and tells how it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import DomainError, NotPermitted
from pos_app.db.check import OK
from pos_app.db.engine import connect
from pos_app.services.housekeeping import BACKUPS_KEPT, CheckResult, DiskLimits, backups
from pos_app.settings import DeviceSettings, PrinterKind, PrinterSettings, ScreenSettings
from pos_app.wiring import Outside, TillApp, open_till
from sync.journal_store import iterate
from tests.builders import CASHIER, MANAGER, WATER, Replica, TestClock, authority
from tests.selling import assert_sound, journaled_sales, sell

DAY_MS = 86_400_000


def test_a_backup_is_a_sound_copy_and_seven_are_kept(till: TillApp, clock: TestClock) -> None:
    sell(till, WATER.code)
    for _ in range(BACKUPS_KEPT + 2):
        clock.pass_ms(DAY_MS)
        newest = till.housekeeping.backup()
    found = backups(newest.parent)
    assert (len(found), found[0]) == (BACKUPS_KEPT, newest)
    assert_sound(newest)
    assert len(journaled_sales(newest)) == 1
    assert till.health.facts().last_backup_ms == clock.wall_ms
    assert not list(newest.parent.glob("*.making*"))


def test_what_the_cloud_has_for_good_goes_when_it_is_old(till: TillApp, replica: Replica, clock: TestClock) -> None:
    """I7: an entry leaves the till only if it is durable in the cloud."""
    for _ in range(4):
        sell(till, WATER.code)
    clock.pass_ms(till.housekeeping.retention.journal_days * DAY_MS + 1)
    young = sell(till, WATER.code)
    assert till.housekeeping.prune() == 0, "nothing is confirmed"
    replica.acknowledge(1, 5, durable=3)
    assert till.housekeeping.prune() == 3
    replica.acknowledge(1, 7, durable=7)
    # The clock jump is no entry here: both clocks went on together.
    assert till.housekeeping.prune() == 2
    assert till.housekeeping.prune() == 0
    assert [one.sale_id for one in journaled_sales(till.database.path)] == [young.sale_id]
    assert sell(till, WATER.code).receipt_no == "0102-2A-000006", "numbers go on"
    assert till.housekeeping.check().is_ok


def test_the_daily_round_checks_backs_up_and_prunes(till: TillApp) -> None:
    assert till.housekeeping.last_check == CheckResult()
    till.housekeeping.daily()
    assert till.housekeeping.last_check == CheckResult(OK, OK)
    assert len(backups(till.directory / "backup")) == 1


def test_what_is_found_damaged_is_not_backed_up(till: TillApp) -> None:
    sell(till, WATER.code)
    with till.database.write() as uow:
        uow.raw.execute("UPDATE sale SET payable_minor = 1")
        uow.commit()
    till.housekeeping.daily()
    assert "differs from its entry" in till.housekeeping.last_check.chain
    assert backups(till.directory / "backup") == []
    assert "till.database_damaged" in till.health.warnings()
    with pytest.raises(DomainError, match=r"till[.]backup_failed"):
        till.housekeeping.backup()


@pytest.mark.parametrize(
    ("limits", "level", "warning"),
    [
        (DiskLimits(0, 0), "ok", None),
        (DiskLimits(2**62, 0), "low", "till.disk_low"),
        (DiskLimits(2**62, 2**62), "full", "till.disk_full"),
    ],
)
def test_the_disk_is_watched(
    directory: Path, replica: Replica, outside: Outside, limits: DiskLimits, level: str, warning: str | None
) -> None:
    till = open_till(directory, outside=replace(outside, disk_limits=limits))
    try:
        assert till.housekeeping.disk().level == level
        assert till.housekeeping.disk().free_bytes > 0
        assert [code for code in till.health.warnings() if "disk" in code] == ([warning] if warning else [])
    finally:
        till.close()


def test_health_tells_how_it_is(till: TillApp, replica: Replica, clock: TestClock) -> None:
    done = sell(till, WATER.code)
    replica.acknowledge(1, 1)
    replica.state(last_contact_ms=clock.wall_ms - 5000)
    facts = till.health.check()
    assert (facts.terminal_id, facts.incarnation, facts.journal_seq, facts.journal_hash) == (
        "0102-2",
        1,
        2,
        done.entry_hash,
    )
    assert (facts.unsent, facts.acked_seq, facts.price_age_ms, facts.integrity, facts.chain) == (1, 1, 5000, OK, OK)
    assert facts.till_db_bytes > 0
    assert facts.replica_bytes > 0
    assert facts.warnings == ()
    replica.state(last_contact_ms=clock.wall_ms - 25 * 3_600_000)
    assert till.health.warnings() == ("till.prices_old",)


def test_settings_are_kept_and_journaled(directory: Path, till: TillApp, outside: Outside) -> None:
    changed = DeviceSettings(
        screen=ScreenSettings(language="en"),
        printer=PrinterSettings(PrinterKind.NETWORK, "10.0.0.9:9100"),
        wizard_done=True,
    )
    assert till.settings.save(changed) == changed
    with till.database.read() as uow:
        facts = [entry.fact.body for entry in iterate(uow.raw, 1) if entry.fact.kind == "settings_changed"]
    assert [b"printer.address" in body for body in facts].count(True) == 1
    assert b'"after":"10.0.0.9:9100","before":"","name":"printer.address","operator_id":""' in b"".join(facts)
    assert len(facts) == 4
    till.close()
    again = open_till(directory, outside=outside)
    try:
        assert again.settings.current == changed
    finally:
        again.close()


def test_after_the_wizard_only_the_screen_is_anybodys(till: TillApp) -> None:
    done = till.settings.save(DeviceSettings(wizard_done=True))
    dark = replace(done, screen=ScreenSettings(theme="dark"))
    assert till.settings.save(dark).screen.theme == "dark"
    other = replace(dark, printer=PrinterSettings(columns=32))
    with pytest.raises(DomainError, match=r"operator[.]not_signed_on"):
        till.settings.save(other)
    with pytest.raises(NotPermitted):
        till.settings.save(other, authority(CASHIER))
    assert till.settings.current == dark
    assert till.settings.save(other, authority(MANAGER)).printer.columns == 32


def test_settings_that_cannot_be_read_are_the_defaults(directory: Path, till: TillApp, outside: Outside) -> None:
    till.settings.save(DeviceSettings(wizard_done=True))
    till.close()
    connection = connect(directory / "till.db")
    connection.execute("UPDATE device SET json = '{'")
    connection.close()
    again = open_till(directory, outside=outside)
    try:
        assert again.settings.current == DeviceSettings()
    finally:
        again.close()
