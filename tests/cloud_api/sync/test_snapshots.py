"""A snapshot is the fold of the groups up to its seq, whatever way the shadow till took to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import zstandard

from cloud_api.db import master_rows
from cloud_api.db.engine import reading, writing
from cloud_api.db.master_tables import TAX
from cloud_api.db.sync_tables import FEED_PAGE, FEED_SNAP
from cloud_api.services.background import Background
from cloud_api.services.feeds.restore import new_epochs
from cloud_api.services.snapshots import files
from sync.messages import SnapshotRef
from sync.replica.audit import audit_bucket
from sync.replica.install import connect
from sync.replica.store import read_cursor
from tests.cloud_api.sync.shop import CAT, PRICES, STORE_BUCKET, Shop, change_taxes


@contextmanager
def unpacked(background: Background, ref: SnapshotRef, tmp_path: Path) -> Iterator[Any]:
    """The snapshot as a till would open it."""
    bucket, epoch, schema, name = ref.url.removeprefix("/v1/snap/").split("/")
    found = background.snapshots.file(bucket, epoch=epoch, schema=int(schema), seq=int(name.split(".")[0]))
    assert found is not None
    path, sha256 = found
    data = path.read_bytes()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (ref.bytes, ref.sha256)
    assert sha256 == ref.sha256
    target = tmp_path / f"{sha256[:8]}.db"
    target.write_bytes(zstandard.ZstdDecompressor().decompress(data))
    with closing(connect(target)) as conn:
        yield conn


def newest(background: Background, bucket: str) -> SnapshotRef:
    background.feed_turn()
    view = background.mirror.view(bucket)
    assert view is not None
    ref = view.head().snap
    assert ref is not None
    return ref


def rows_in(conn: Any, table: str) -> dict[Any, tuple[Any, ...]]:
    return {row[0]: row for row in conn.execute(f"SELECT * FROM {table}")}


def test_a_snapshot_is_what_hq_has(shop: Shop, background: Background, tmp_path: Path) -> None:
    background.feed_turn()
    for bucket in (CAT, PRICES, STORE_BUCKET):
        assert background.snapshots.build(bucket)
        ref = newest(background, bucket)
        with unpacked(background, ref, tmp_path) as conn:
            cursor = read_cursor(conn, bucket)
            view = background.mirror.view(bucket)
            assert cursor is not None
            assert view is not None
            assert (cursor.epoch, cursor.seq, cursor.hash) == (view.row.epoch, ref.seq, ref.hash)
            assert (ref.seq, ref.hash) == (view.row.head_seq, view.row.head_hash)
            with reading(shop.cloud.engine) as connection:
                wanted = list(master_rows.rows_of_bucket(connection, bucket))
            tables = {change.table for change in wanted}
            held = sum(len(list(conn.execute(f"SELECT 1 FROM {table}"))) for table in tables)
            assert held == len(wanted) > 0
            for put in wanted:
                where = " AND ".join(f"{name} = ?" for name in master_key(put.table))
                names = ", ".join(put.row or {})
                query = f"SELECT ver, {names} FROM {put.table} WHERE {where}"
                (row,) = list(conn.execute(query, put.pk))
                assert row == (put.ver, *(put.row or {}).values())


def master_key(table: str) -> tuple[str, ...]:
    return next(master.spec.key_names for master in master_rows.MASTERS if master.spec.name == table)


def test_one_jump_or_many_steps_lead_to_the_same_file(shop: Shop, background: Background, tmp_path: Path) -> None:
    """Snapshot at b = snapshot at a folded with a+1..b = a fold from the start."""
    cloud = shop.cloud
    change_taxes(cloud, 0, 70)
    background.feed_turn()
    assert background.snapshots.build(CAT)
    change_taxes(cloud, 30, 50, name="新")
    with cloud.unit_of_work() as uow:
        row = dict(
            master_rows.find_rows(uow.connection, master_rows.ITEM, [{"division": "main", "sku": "A-1"}]).popitem()[1]
        )
        uow.publish(master_rows.ITEM.delete(row | {"ver": row["ver"] + 1}))
        uow.commit()
    background.feed_turn()
    assert background.snapshots.build(CAT)
    stepwise = newest(background, CAT)

    fresh = Background(cloud)
    fresh.snapshots = files.Snapshots(cloud.engine, tmp_path / "elsewhere", now_ms=cloud.clock.now_ms)
    with writing(cloud.engine) as connection:
        connection.execute(sa.delete(FEED_SNAP))
    assert fresh.snapshots.build(CAT)
    at_once = newest(fresh, CAT)

    assert (stepwise.seq, stepwise.hash) == (at_once.seq, at_once.hash)
    with unpacked(fresh, at_once, tmp_path) as theirs:
        audit = audit_bucket(theirs, CAT)
        taxes, items = rows_in(theirs, "tax"), rows_in(theirs, "item")
    assert audit["tax"].n == 80
    assert len(items) == 2
    assert taxes["t30"][2] == "新" * 200
    stored = background.snapshots.audit(CAT, epoch=at_once.url.split("/")[4], seq=stepwise.seq)
    assert stored is not None
    assert stored.tables == audit


def test_nothing_new_makes_no_new_file(shop: Shop, background: Background) -> None:
    background.feed_turn()
    assert background.snapshots.build(CAT)
    assert not background.snapshots.build(CAT)
    assert not background.snapshots.build("cat:nowhere")


def test_a_feed_that_grew_enough_is_due(shop: Shop, background: Background, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "FIRST_AT_BYTES", 20_000)
    monkeypatch.setattr(files, "GROWN_BYTES_MIN", 30_000)
    monkeypatch.setattr(files, "DAILY_GROWN_BYTES", 1_000)
    background.feed_turn()
    assert background.snapshots.build_due() == []
    change_taxes(shop.cloud, 0, 40)
    background.feed_turn()
    assert background.snapshots.build_due() == [CAT]
    change_taxes(shop.cloud, 0, 10, name="新")
    background.feed_turn()
    assert background.snapshots.build_due() == []
    shop.clock.forward(seconds=86_400)
    assert background.snapshots.build_due() == [CAT]
    change_taxes(shop.cloud, 0, 60, name="再")
    background.feed_turn()
    assert background.snapshots.build_due() == [CAT]


def test_only_the_last_three_and_a_week_of_pages_are_kept(shop: Shop, background: Background, tmp_path: Path) -> None:
    refs = []
    for step in range(5):
        change_taxes(shop.cloud, step * 100, 70)
        background.feed_turn()
        assert background.snapshots.build(CAT)
        refs.append(newest(background, CAT))
    background.snapshots.clean()
    kept = [row["seq"] for row in shop.rows(FEED_SNAP)]
    assert kept == [ref.seq for ref in refs[2:]]
    assert len(list((shop.cloud.settings.data_dir / "feeds").glob("snap/*/*/*"))) == 3
    assert len(shop.rows(FEED_PAGE)) == 5

    shop.clock.forward(seconds=8 * 86_400)
    change_taxes(shop.cloud, 1000, 70)
    background.feed_turn()
    background.snapshots.clean()
    background.feed_turn()
    view = background.mirror.view(CAT)
    assert view is not None
    assert view.row.low_seq == shop.rows(FEED_PAGE)[0]["from_seq"] > 1
    assert view.row.low_seq <= kept[-1] + 1
    assert [ref.seq for _, ref in view.snaps] == kept

    # A shadow that was lost begins with the newest snapshot, as its pages are gone.
    for path in (shop.cloud.settings.data_dir / "feeds" / "shadow").iterdir():
        path.unlink()
    assert background.snapshots.build(CAT)
    ref = newest(background, CAT)
    with unpacked(background, ref, tmp_path) as conn:
        assert len(rows_in(conn, "tax")) == len(shop.rows(TAX)) == 420


def test_lost_files_are_made_again(shop: Shop, background: Background) -> None:
    background.feed_turn()
    assert background.snapshots.build(CAT)
    for path in (shop.cloud.settings.data_dir / "feeds").rglob("*"):
        if path.is_file():
            path.unlink()
    background.snapshots.clean()
    assert shop.rows(FEED_SNAP) == []
    assert background.snapshots.build(CAT)


def test_a_feed_whose_beginning_is_lost_starts_anew(shop: Shop, background: Background, tmp_path: Path) -> None:
    """Neither pages nor snapshot reach back to 1: the master rows are the truth."""
    change_taxes(shop.cloud, 0, 70)
    background.feed_turn()
    assert background.snapshots.build(CAT)
    before = newest(background, CAT)
    shop.clock.forward(seconds=8 * 86_400)
    background.snapshots.clean()
    for path in (shop.cloud.settings.data_dir / "feeds").rglob("*"):
        if path.is_file():
            path.unlink()
    background.snapshots.clean()
    assert not background.snapshots.build(CAT)
    background.feed_turn()
    assert background.snapshots.build(CAT)
    ref = newest(background, CAT)
    assert ref.url.split("/")[4] != before.url.split("/")[4]
    with unpacked(background, ref, tmp_path) as conn:
        assert len(rows_in(conn, "tax")) == 70


def test_figures_are_told_for_any_moment_ahead_of_the_shadow(shop: Shop, background: Background) -> None:
    change_taxes(shop.cloud, 0, 10)
    background.feed_turn()
    view = background.mirror.view(CAT)
    assert view is not None
    epoch, head = view.row.epoch, view.row.head_seq
    counts = []
    for seq in range(1, head + 1):
        audit = background.snapshots.audit(CAT, epoch=epoch, seq=seq)
        assert audit is not None
        counts.append(audit.tables["tax"].n)
    assert counts == sorted(counts)
    assert counts[-1] == 10
    assert background.snapshots.audit(CAT, epoch=epoch, seq=2) is not None  # remembered
    late = Background(shop.cloud)
    assert late.snapshots.audit(CAT, epoch=epoch, seq=2) is None  # the shadow is beyond it
    assert late.snapshots.audit(CAT, epoch="another", seq=head) is None
    assert late.snapshots.audit(CAT, epoch=epoch, seq=head + 1) is None


def test_after_a_restore_every_feed_begins_anew_with_what_hq_has(
    shop: Shop, background: Background, tmp_path: Path
) -> None:
    change_taxes(shop.cloud, 0, 5)
    background.feed_turn()
    background.snapshots.build(CAT)
    before = {view.row.bucket: view.row.epoch for view in background.mirror.views()}
    up_before = background.epoch_up()
    change_taxes(shop.cloud, 5, 5)  # still pending
    assert new_epochs(shop.cloud.engine, shop.clock.now_ms()) == 3
    background.feed_turn()
    after = {view.row.bucket: view.row for view in background.mirror.views()}
    assert set(after) == set(before) == {CAT, PRICES, STORE_BUCKET}
    assert all(after[bucket].epoch != epoch and after[bucket].epoch_no == 2 for bucket, epoch in before.items())
    assert background.epoch_up() != up_before
    assert after[CAT].head_seq == 1
    assert background.snapshots.build(CAT)
    with unpacked(background, newest(background, CAT), tmp_path) as conn:
        assert (len(rows_in(conn, "tax")), len(rows_in(conn, "item"))) == (10, 3)
