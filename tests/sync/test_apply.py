"""Applying groups: what a replica holds is the fold of its feed, whatever the pages, repeats and interruptions."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import feed
from sync.feed import BadPage, Cursor
from sync.messages import Group
from sync.replica.apply import Applied, apply_groups
from sync.replica.audit import audit_bucket
from sync.replica.store import Connection, read_cursor, write_cursor
from tests.sync.builders import (
    CAT,
    EPOCH,
    PRICE,
    Change,
    delete,
    page_after,
    put_item,
    put_price,
    raw_group,
    replica_file,
    rows,
)

START = feed.start(PRICE, EPOCH)


@st.composite
def histories(draw: st.DrawFn) -> list[list[Change]]:
    """Groups of puts and deletes whose versions rise key by key, as the cloud's row locks make them."""
    versions: dict[int, int] = {}
    history = []
    for _ in range(draw(st.integers(0, 8))):
        group: list[Change] = []
        for _ in range(draw(st.integers(0, 5))):
            item_id = draw(st.integers(1, 5))
            ver = versions[item_id] = versions.get(item_id, 0) + draw(st.integers(1, 3))
            price_minor = draw(st.none() | st.integers(0, 999))
            pk = [item_id, "", "list", 0]
            group.append(delete("price", pk, ver) if price_minor is None else put_price(item_id, price_minor, ver))
        history.append(group)
    return history


def folded(history: Sequence[Sequence[Change]]) -> dict[int, tuple[int, int]]:
    state: dict[int, tuple[int, int]] = {}
    for change in (change for group in history for change in group):
        op, _, pk, ver, row = change
        if op == "del":
            state.pop(pk[0], None)
        else:
            assert row is not None
            state[pk[0]] = (row["price_minor"], ver)
    return state


def held(conn: Connection) -> dict[int, tuple[int, int]]:
    return {row[0]: row[1:] for row in conn.execute("SELECT item_id, price_minor, ver FROM price")}


def take(conn: Connection, cursor: Cursor, history: Sequence[Sequence[Change]]) -> Cursor:
    """Reads and applies a page as till and shadow till do: rows and cursor in one transaction."""
    news = feed.read_page(page_after(cursor, history), cursor, bucket=PRICE)
    conn.execute("BEGIN")
    applied = apply_groups(conn, PRICE, groups=news.groups)
    write_cursor(conn, PRICE, cursor=news.cursor)
    conn.execute("COMMIT")
    assert not applied.stale
    return news.cursor


def parsed(*groups: Sequence[Change]) -> list[Group]:
    return [msgspec.json.decode(raw_group(seq, group), type=Group) for seq, group in enumerate(groups, 1)]


def applied(conn: Connection, *groups: Sequence[Change], bucket: str = PRICE) -> Applied:
    return apply_groups(conn, bucket, groups=parsed(*groups))


@given(histories(), st.data())
def test_any_cut_into_pages_gives_the_fold_of_the_groups(history: list[list[Change]], data: st.DataObject) -> None:
    conn, cursor, done = replica_file(), START, 0
    while done < len(history):
        size = data.draw(st.integers(1, len(history) - done))
        cursor = take(conn, cursor, history[done : done + size])
        done += size
        assert held(conn) == folded(history[:done])
    assert read_cursor(conn, PRICE) == (cursor if history else None)
    conn.close()


@given(histories())
def test_a_page_applied_twice_is_a_page_applied_once(history: list[list[Change]]) -> None:
    conn = replica_file()
    page = page_after(START, history)
    cursor = take(conn, START, history)
    again = feed.read_page(page, cursor, bucket=PRICE)
    once = rows(conn, "price")
    apply_groups(conn, PRICE, groups=again.groups)
    assert rows(conn, "price") == once and again.cursor.seq == cursor.seq
    conn.close()


@given(histories())
def test_even_without_the_cursor_old_groups_cannot_bring_back_an_older_price(history: list[list[Change]]) -> None:
    conn = replica_file()
    puts = [[change for change in group if change[0] == "put"] for group in history]
    applied(conn, *puts)
    once = rows(conn, "price")
    applied(conn, *puts)
    assert rows(conn, "price") == once
    conn.close()


def test_it_tells_which_rows_were_touched() -> None:
    result = applied(replica_file(), [put_price(7, 1, 1), put_price(9, 1, 1)], [put_price(7, 2, 2)])
    assert result.tables == {"price": [7, 9]} and result.changes == 3


def test_a_version_that_does_not_rise_is_left_out_and_counted() -> None:
    conn = replica_file()
    applied(conn, [put_price(7, 100, 5)])
    assert applied(conn, [put_price(7, 200, 5)]).stale == 1
    assert applied(conn, [put_price(7, 300, 6), put_price(7, 400, 6)]).stale == 1
    assert held(conn) == {7: (300, 6)}


def test_a_late_delete_does_not_remove_a_newer_row() -> None:
    conn = replica_file()
    applied(conn, [put_price(7, 100, 5)])
    applied(conn, [delete("price", [7, "", "list", 0], 5)])
    assert held(conn) == {7: (100, 5)}


def test_delete_and_put_again_within_one_transaction() -> None:
    conn = replica_file()
    applied(conn, [put_price(7, 100, 1)], [delete("price", [7, "", "list", 0], 2)], [put_price(7, 300, 3)])
    assert held(conn) == {7: (300, 3)}


def test_columns_of_a_newer_cloud_are_kept_in_extra() -> None:
    conn = replica_file()
    op, table, pk, ver, row = put_price(7, 100, 1)
    assert row is not None
    applied(conn, [(op, table, pk, ver, {**row, "currency": "CNY", "item_id": 7})])
    assert conn.execute("SELECT price_minor, extra FROM price").fetchall() == [(100, '{"currency":"CNY"}')]


def test_key_columns_may_stand_in_the_row() -> None:
    conn = replica_file()
    op, table, pk, ver, row = put_price(7, 100, 1)
    assert row is not None
    keys = dict(zip(["item_id", "channel", "kind", "valid_from_ms"], pk, strict=True))
    applied(conn, [(op, table, pk, ver, keys | row)])
    assert conn.execute("SELECT price_minor, extra FROM price").fetchall() == [(100, None)]


def test_columns_that_an_older_cloud_lacks_get_defaults() -> None:
    conn = replica_file()
    applied(conn, [("put", "price", [7, "", "list", 0], 1, {"price_minor": 100})])
    applied(conn, [("put", "department", ["d1"], 1, {"position": 3})], bucket=CAT)
    assert conn.execute("SELECT price_minor, valid_until_ms FROM price").fetchall() == [(100, 0)]
    assert conn.execute("SELECT name_zh, position FROM department").fetchall() == [("", 3)]


def test_unknown_tables_ops_and_tables_of_another_bucket_are_skipped_and_counted() -> None:
    conn = replica_file()
    strange: list[Change] = [
        ("put", "promotion", [1], 1, {"x": 1}),
        ("merge", "price", [1, "", "list", 0], 1, {}),
        ("put", "price", [1, "", "list", 0], 1, None),
        put_item(1),
    ]
    result = applied(conn, [*strange, put_price(2, 5, 1)])
    assert result.unknown == {"promotion.put": 1, "price.merge": 1, "price.put": 1, "item.put": 1}
    assert held(conn) == {2: (5, 1)} and rows(conn, "item") == []


@pytest.mark.parametrize(
    "change",
    [
        ("put", "price", [1], 1, {"price_minor": 1, "valid_until_ms": 0}),
        ("put", "price", [1, "", "list", None], 1, {"price_minor": 1, "valid_until_ms": 0}),
        ("put", "price", [1, "", "list", [0]], 1, {"price_minor": 1, "valid_until_ms": 0}),
        ("put", "price", [1, "", "list", 0], 1, {"price_minor": {"CNY": 1}, "valid_until_ms": 0}),
        ("put", "price", [1, "", "list", 0], 1, {"price_minor": None, "valid_until_ms": 0}),
        ("put", "price", [1, "", "list", 0], 1, {"price_minor": 2**70, "valid_until_ms": 0}),
        ("del", "price", [2**70, "", "list", 0], 1, None),
    ],
)
def test_a_change_that_cannot_be_stored_stops_the_page(change: Any) -> None:
    conn = replica_file()
    with pytest.raises(BadPage) as caught:
        applied(conn, [put_price(3, 5, 1), change])
    assert caught.value.code == "feed.bad_change"


def test_a_thousand_prices_in_one_group_are_all_there() -> None:
    conn = replica_file()
    for ver in range(1, 6):
        apply_groups(conn, PRICE, groups=parsed([put_price(item_id, ver, ver) for item_id in range(1000)]))
    assert conn.execute("SELECT count(*), min(ver), max(ver) FROM price").fetchone() == (1000, 5, 5)


@given(histories())
def test_equal_folds_have_equal_audits_and_other_versions_do_not(history: list[list[Change]]) -> None:
    one, other = replica_file(), replica_file()
    take(one, START, history)
    cursor = START
    for group in history:
        cursor = take(other, cursor, [group])
    assert audit_bucket(one, PRICE) == audit_bucket(other, PRICE)
    figures = audit_bucket(one, PRICE)["price"]
    assert (figures.n, figures.sum_ver) == (len(held(one)), sum(ver for _, ver in held(one).values()))
    if figures.n:
        one.execute("UPDATE price SET ver = ver + 1 WHERE item_id = (SELECT min(item_id) FROM price)")
        assert audit_bucket(one, PRICE) != audit_bucket(other, PRICE)
    one.close()
    other.close()


def test_swapped_versions_of_two_rows_show_in_the_mix_alone() -> None:
    one, other = replica_file(), replica_file()
    applied(one, [put_price(1, 5, 1), put_price(2, 5, 2)])
    applied(other, [put_price(1, 5, 2), put_price(2, 5, 1)])
    first, second = audit_bucket(one, PRICE)["price"], audit_bucket(other, PRICE)["price"]
    assert (first.n, first.sum_ver) == (second.n, second.sum_ver) and first.mix != second.mix
