"""Replica files: built from snapshots and kept buckets, flipped at once, true after a kill, searchable in Chinese."""

import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pysqlite3.dbapi2 as sqlite3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from sync import feed
from sync.feed import BadPage, Cursor, News
from sync.folder_lock import FolderLock
from sync.messages import Group
from sync.replica import search
from sync.replica.apply import apply_groups
from sync.replica.files import ReplicaFiles, current_replica
from sync.replica.install import BadSnapshot, assemble, check_snapshot, connect, write_snapshot
from sync.replica.store import INDICES, create_schema, read_ack, read_cursor, write_cursor
from sync.replica.writer import INDEX_ROWS, Replica
from sync.upload import Confirmed
from tests.sync.builders import (
    CAT,
    EPOCH,
    PRICE,
    STORE,
    Change,
    delete,
    page_after,
    put_item,
    put_price,
    raw_group,
    replica_file,
    rows,
)

ACK = Confirmed(1, 9, "ab" * 32, 7, "u1")


def snapshot(folder: Path, bucket: str, changes: Sequence[Change], *, epoch: str = EPOCH) -> tuple[Path, Cursor]:
    """A snapshot file as a shadow till makes it: one group, then a copy."""
    conn = replica_file(folder / f"shadow-{bucket[:3]}-{epoch}.db")
    raw = raw_group(1, changes)
    cursor = Cursor(epoch, 1, feed.chain(feed.chain_start(bucket, epoch), raw), 1)
    conn.execute("BEGIN")
    apply_groups(conn, bucket, groups=[msgspec.json.decode(raw, type=Group)])
    write_cursor(conn, bucket, cursor=cursor)
    conn.execute("COMMIT")
    path = folder / f"snapshot-{bucket[:3]}-{epoch}.sqlite"
    assert write_snapshot(conn, bucket, path=path) == cursor
    conn.close()
    return path, cursor


def installed(folder: Path, *, items: int = 3) -> Replica:
    """A till's live replica with a catalogue and prices."""
    made = Replica.open(folder)
    cat, _ = snapshot(folder, CAT, [put_item(number) for number in range(1, items + 1)])
    price, _ = snapshot(folder, PRICE, [put_price(number, 100, 1) for number in range(1, items + 1)])
    target = made.begin_install()
    assemble(target, {CAT: cat, PRICE: price}, empty=[(STORE, EPOCH)])
    made.go_live(target)
    return made


def news(replica: Replica, changes: Sequence[Change], *, bucket: str = PRICE) -> News:
    cursor = replica.cursors()[bucket]
    return feed.read_page(page_after(cursor, [changes], bucket=bucket), cursor, bucket=bucket)


def read(replica: Replica, sql: str) -> list[tuple[object, ...]]:
    conn = connect(replica.path)
    try:
        found: list[tuple[object, ...]] = conn.execute(sql).fetchall()
        return found
    finally:
        conn.close()


def test_a_first_install_is_one_file_with_every_bucket(tmp_path: Path) -> None:
    made = installed(tmp_path)
    assert made.is_live and current_replica(tmp_path) == made.path
    assert [row[0] for row in read(made, "SELECT item_id FROM item ORDER BY 1")] == [1, 2, 3]
    assert read(made, "SELECT count(*), sum(price_minor) FROM price") == [(3, 300)]
    assert {bucket: cursor.seq for bucket, cursor in made.cursors().items()} == {CAT: 1, PRICE: 1, STORE: 0}
    assert read(made, "PRAGMA journal_mode") == [("wal",)]
    made.close()


def test_a_till_sells_before_its_indices_are_made_one_at_a_time(tmp_path: Path) -> None:
    made = installed(tmp_path)
    query = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    assert read(made, query) == []
    for count in range(1, len(INDICES) + 1):
        assert made.index_some() == 1
        assert len(read(made, query)) == count
    assert {row[0] for row in read(made, query)} == set(INDICES)
    made.close()


def test_before_the_first_install_nothing_is_live_but_acks_are_kept(tmp_path: Path) -> None:
    made = Replica.open(tmp_path)
    assert current_replica(tmp_path) is None
    made.save_ack(ACK)
    made.save_state({"cloud_state": "active"})
    target = made.begin_install()
    assemble(target, {})
    made.go_live(target)
    assert made.ack(1) == ACK and made.state("cloud_state") == "active" and made.is_live
    made.close()


def test_rows_cursor_and_index_change_in_one_transaction(tmp_path: Path) -> None:
    made = installed(tmp_path)
    while made.index_some():
        pass
    applied = made.apply(CAT, news(made, [put_item(2, "雪碧", ver=2), put_item(9, "芬达")], bucket=CAT))
    assert applied.tables == {"item": [2, 9]} and made.cursors()[CAT].seq == 2
    assert found(made, "雪碧") == [2] and found(made, "可乐") == [1, 3] and found(made, "芬达") == [9]
    made.apply(CAT, news(made, [delete("item", [1], 2)], bucket=CAT))
    assert found(made, "可乐") == [3]
    made.close()


def test_a_bad_page_leaves_nothing_behind(tmp_path: Path) -> None:
    made = installed(tmp_path)
    before = read(made, "SELECT * FROM price")
    bad = news(made, [put_price(1, 999, 2), ("put", "price", [1], 3, {"price_minor": 1, "valid_until_ms": 0})])
    with pytest.raises(BadPage):
        made.apply(PRICE, bad)
    assert read(made, "SELECT * FROM price") == before and made.cursors()[PRICE].seq == 1
    made.apply(PRICE, news(made, [put_price(1, 998, 2)]))
    assert made.cursors()[PRICE].seq == 2
    made.close()


def test_a_kill_in_the_middle_of_an_install_changes_nothing(tmp_path: Path) -> None:
    made = installed(tmp_path)
    live = made.path
    half = made.begin_install()
    half.write_bytes(live.read_bytes()[:5000])
    made.close()
    again = Replica.open(tmp_path)
    assert again.path == live and again.begin_install() != half
    again.close()


def test_a_changed_subscription_takes_over_what_stays(tmp_path: Path) -> None:
    made = installed(tmp_path)
    made.save_ack(ACK)
    made.apply(PRICE, news(made, [put_price(1, 111, 2)]))
    fresh, cursor = snapshot(tmp_path, CAT, [put_item(77)], epoch="2f00")
    target = made.begin_install()
    assemble(target, {CAT: fresh}, old=made.path, keep=[PRICE])
    made.go_live(target)
    assert made.cursors() == {CAT: cursor, PRICE: made.cursors()[PRICE]} and made.cursors()[PRICE].seq == 2
    assert read(made, "SELECT item_id FROM item") == [(77,)]
    assert read(made, "SELECT price_minor FROM price WHERE item_id = 1") == [(111,)]
    assert made.ack(1) == ACK
    made.close()


@pytest.mark.parametrize("damage", ["header", "page", "empty", "cut"])
def test_a_damaged_live_file_stays_until_another_is_installed(tmp_path: Path, damage: str) -> None:
    made = installed(tmp_path, items=200)
    made.close()
    live = current_replica(tmp_path)
    assert live is not None
    content = bytearray(live.read_bytes())
    if damage == "header":
        content[:16] = b"not a database!!"
    elif damage == "page":
        content[4096:] = bytes(len(content) - 4096)
    elif damage == "empty":
        content.clear()
    else:
        del content[len(content) // 2 :]
    live.write_bytes(bytes(content))
    again = Replica.open(tmp_path)
    assert again.path != live and not again.is_live and again.cursors() == {}
    assert current_replica(tmp_path) == live
    again.close()


def test_a_snapshot_of_a_newer_cloud_is_copied_by_column_names(tmp_path: Path) -> None:
    path, _ = snapshot(tmp_path, PRICE, [put_price(1, 100, 1)])
    conn = connect(path)
    conn.execute("ALTER TABLE price ADD COLUMN \"odd 'name\" TEXT DEFAULT 'x'")
    conn.execute("ALTER TABLE price DROP COLUMN valid_until_ms")
    conn.execute("DROP TABLE tax")
    conn.close()
    target = tmp_path / "new.db"
    assemble(target, {PRICE: path, CAT: snapshot(tmp_path, CAT, [put_item(1)])[0]})
    conn = connect(target)
    assert conn.execute("SELECT price_minor, valid_until_ms, extra FROM price").fetchall() == [
        (100, 0, '{"odd \'name":"x"}')
    ]
    assert rows(conn, "item")[0][0] == 1
    conn.close()


def test_a_snapshot_without_a_table_of_its_bucket_still_installs(tmp_path: Path) -> None:
    path, cursor = snapshot(tmp_path, CAT, [put_item(1)])
    conn = connect(path)
    conn.execute("DROP TABLE tax")
    conn.execute("PRAGMA user_version = 99")
    conn.close()
    target = tmp_path / "new.db"
    assemble(target, {CAT: path})
    conn = connect(target)
    assert len(rows(conn, "item")) == 1 and rows(conn, "tax") == [] and read_cursor(conn, CAT) == cursor
    conn.close()


def test_only_a_sound_snapshot_at_its_announced_place_is_taken(tmp_path: Path) -> None:
    path, cursor = snapshot(tmp_path, PRICE, [put_price(number, 100, 1) for number in range(500)])
    check_snapshot(path, PRICE, stands_at=cursor)
    for wrong in (Cursor("2f00", 1, cursor.hash, 1), Cursor(EPOCH, 2, cursor.hash, 1), Cursor(EPOCH, 1, "ab" * 32, 1)):
        with pytest.raises(BadSnapshot):
            check_snapshot(path, PRICE, stands_at=wrong)
    with pytest.raises(BadSnapshot):
        check_snapshot(path, CAT, stands_at=cursor)
    sound = path.read_bytes()
    for damaged in (b"", b"<html>", sound[:9000], sound + bytes(4096)):
        path.write_bytes(damaged)
        with pytest.raises(BadSnapshot):
            check_snapshot(path, PRICE, stands_at=cursor)


def test_a_shadow_whose_pages_are_damaged_makes_no_snapshot(tmp_path: Path) -> None:
    path, _ = snapshot(tmp_path, PRICE, [put_price(number, 100, 1) for number in range(500)])
    sound = path.read_bytes()
    path.write_bytes(sound[:8192] + bytes(4096) + sound[12288:])
    conn = connect(path)
    with pytest.raises((BadSnapshot, sqlite3.DatabaseError)):
        write_snapshot(conn, PRICE, path=tmp_path / "copy.db")
    conn.close()


def test_old_files_go_when_they_are_settled_and_the_live_one_never(tmp_path: Path) -> None:
    made = installed(tmp_path)
    folder = made.path.parent
    first = folder / "replica-1.db"
    assert made.clean_up(time.time()) == [] and first.exists()
    removed = made.clean_up(time.time() + 7200)
    assert first in removed and made.path.exists() and made.path not in removed
    (folder / "replica-x.db").mkdir()
    assert made.clean_up(time.time() + 7200) == []
    made.close()


def test_the_pointer_never_leads_out_of_its_folder(tmp_path: Path) -> None:
    files = ReplicaFiles(tmp_path)
    (tmp_path / "secret.db").write_text("no")
    (files.folder / "current").write_text("../secret.db")
    assert files.current() is None


def test_two_threads_write_without_losing_each_other(tmp_path: Path) -> None:
    made = installed(tmp_path)

    def acks() -> None:
        for seq in range(1, 101):
            made.save_ack(Confirmed(1, seq, "ab" * 32, 0, "u1"))

    thread = threading.Thread(target=acks)
    thread.start()
    for ver in range(2, 52):
        made.apply(PRICE, news(made, [put_price(1, ver, ver)]))
    thread.join()
    assert made.cursors()[PRICE].seq == 51
    ack = made.ack(1)
    assert ack is not None and ack.seq == 100
    made.close()


def test_the_audit_names_the_cursor_it_is_true_for(tmp_path: Path) -> None:
    made = installed(tmp_path)
    cursor, figures = made.audit(PRICE)
    assert cursor == made.cursors()[PRICE] and figures["price"].n == 3
    assert made.audit("price:hk")[0] is None
    made.close()


# --- Search -------------------------------------------------------------------------------------------


def found(replica: Replica, text: str) -> list[object]:
    expression = search.match_expression(text)
    assert expression is not None
    return [row[0] for row in read(replica, f"SELECT rowid FROM search_fts WHERE search_fts MATCH '{expression}'")]


def test_the_index_is_built_in_pieces_and_changes_meanwhile_are_right(tmp_path: Path) -> None:
    made = installed(tmp_path, items=INDEX_ROWS + 5)
    assert [made.index_some() for _ in INDICES] == [1] * len(INDICES)
    assert made.index_some() == INDEX_ROWS
    last = INDEX_ROWS + 5
    made.apply(CAT, news(made, [put_item(1, "雪碧", ver=2), put_item(last, "芬达", ver=2)], bucket=CAT))
    assert found(made, "雪碧") == [1] and found(made, "芬达") == []
    assert made.index_some() == 5 and made.index_some() == 0 and made.index_some() == 0
    assert found(made, "芬达") == [last] and len(found(made, "可口可乐")) == INDEX_ROWS + 3
    conn = connect(made.path)
    assert search.is_complete(conn)
    conn.close()
    made.close()


@pytest.mark.parametrize("text", ["乐", "口可", "可乐", "可口可乐", "coca", "COLA", "s1", "ＣＯＣＡ", "可乐 cola"])
def test_what_a_cashier_types_is_found(tmp_path: Path, text: str) -> None:
    made = installed(tmp_path, items=1)
    while made.index_some():
        pass
    assert found(made, text) == [1]
    assert found(made, "雪碧") == [] and found(made, "pepsi") == []
    made.close()


def test_terms_are_pairs_and_words() -> None:
    assert search.bigrams("可口可乐 500ml，Coca-Cola") == ["可口", "口可", "可乐", "乐", "500ml", "coca", "cola"]
    assert search.match_expression("可乐") == '"可乐"'
    assert search.match_expression("可口可乐") == '"可口" AND "口可" AND "可乐"'
    assert search.match_expression("乐 co") == '"乐"* AND "co"*'
    assert search.match_expression("乐 co", lambda word: [word, "cola"]) == '"乐"* AND ("co" OR "cola")'
    assert search.match_expression(" -*\"' ") is None


@given(st.text(max_size=30))
def test_whatever_is_typed_makes_a_query_that_sqlite_accepts(text: str) -> None:
    conn = sqlite3.connect(":memory:")
    search.create_search(conn)
    expression = search.match_expression(text)
    if expression is not None:
        assert conn.execute("SELECT rowid FROM search_fts WHERE search_fts MATCH ?", (expression,)).fetchall() == []
    conn.close()


@given(st.text(st.sampled_from("可口乐百事雪碧 aB1"), min_size=1, max_size=8), st.data())
def test_every_part_of_a_name_finds_it(name: str, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(name) - 1))
    part = name[begin : data.draw(st.integers(begin + 1, len(name)))]
    starts_inside_a_word = begin > 0 and name[begin - 1 : begin + 1].isascii() and name[begin - 1] != " " != name[begin]
    expression = search.match_expression(part)
    if expression is None or starts_inside_a_word:
        return
    conn = replica_file()
    search.create_search(conn)
    apply_groups(conn, CAT, groups=[msgspec.json.decode(raw_group(1, [put_item(5, name)]), type=Group)])
    search.index_some(conn, 10)
    hits = conn.execute("SELECT rowid FROM search_fts WHERE search_fts MATCH ?", (expression,)).fetchall()
    assert hits == [(5,)]
    conn.close()


# --- Small parts --------------------------------------------------------------------------------------


def test_a_second_holder_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    held = FolderLock.take(tmp_path / "x" / "lock", refusal="sync.agent_running")
    with pytest.raises(DomainError) as caught:
        FolderLock.take(tmp_path / "x" / "lock", refusal="sync.agent_running")
    assert caught.value.code == "sync.agent_running"
    held.release()
    FolderLock.take(tmp_path / "x" / "lock", refusal="sync.agent_running").release()


def test_acks_may_fall(tmp_path: Path) -> None:
    made = Replica.open(tmp_path)
    made.save_ack(ACK)
    made.save_ack(Confirmed(1, 3, "cd" * 32, 3, "u2"))
    assert made.ack(1) == Confirmed(1, 3, "cd" * 32, 3, "u2") and made.ack(2) is None
    conn = connect(made.path)
    create_schema(conn)
    assert read_ack(conn, 1) == made.ack(1)
    conn.close()
    made.close()


def test_an_assembled_file_is_whole_without_its_wal(tmp_path: Path) -> None:
    path, _ = snapshot(tmp_path, PRICE, [put_price(number, 100, 1) for number in range(500)])
    target = tmp_path / "new.db"
    assemble(target, {PRICE: path})
    copy = tmp_path / "copy.db"
    copy.write_bytes(target.read_bytes())
    assert not os.path.exists(f"{target}-wal")
    conn = connect(copy)
    assert conn.execute("SELECT count(*) FROM price").fetchone() == (500,)
    conn.close()
