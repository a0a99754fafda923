"""Reading the feed: chains fit or nothing is taken, holes are refused, old news are skipped, plans follow the gap."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import feed
from sync.feed import BadPage, Cursor, Next
from sync.messages import Manifest, Page, PageRef
from tests.sync.builders import EPOCH, PRICE, Change, head, page_after, page_of, put_price, raw_group, snap_ref

START = feed.start(PRICE, EPOCH)
groups = st.lists(
    st.lists(st.builds(put_price, st.integers(1, 9), st.integers(0, 999), st.integers(1, 99)), max_size=4), max_size=6
)


def refused(page: Page, cursor: Cursor) -> str:
    with pytest.raises(BadPage) as caught:
        feed.read_page(page, cursor, bucket=PRICE)
    return caught.value.code


def replaced(page: Page, **fields: Any) -> Page:
    return msgspec.structs.replace(page, **fields)


@given(groups)
def test_a_page_behind_the_cursor_is_news_and_moves_the_cursor_to_its_end(content: list[list[Change]]) -> None:
    page = page_after(START, content)
    news = feed.read_page(page, START, bucket=PRICE)
    assert [group.s for group in news.groups] == list(range(1, len(content) + 1))
    assert news.cursor == Cursor(EPOCH, len(content), page.hash, START.page_from)


@given(groups, st.data())
def test_what_is_known_is_skipped_wherever_the_cursor_stands_in_the_page(
    content: list[list[Change]], data: st.DataObject
) -> None:
    page = page_after(START, content, sealed=True)
    known = data.draw(st.integers(0, len(content)))
    before = feed.read_page(page_after(START, content[:known]), START, bucket=PRICE).cursor
    news = feed.read_page(page, before, bucket=PRICE)
    assert [group.s for group in news.groups] == list(range(known + 1, len(content) + 1))
    assert news.cursor == Cursor(EPOCH, len(content), page.hash, len(content) + 1)


@given(groups.filter(bool), st.data())
def test_any_changed_byte_of_a_page_is_refused(content: list[list[Change]], data: st.DataObject) -> None:
    page = page_after(START, content)
    index = data.draw(st.integers(0, len(content) - 1))
    raw = bytearray(page.groups[index])
    position = data.draw(st.integers(0, len(raw) - 1))
    raw[position] ^= data.draw(st.integers(1, 255))
    page.groups[index] = msgspec.Raw(bytes(raw))
    assert refused(page, START) == "feed.chain"


def test_a_hole_is_refused() -> None:
    later = page_after(Cursor(EPOCH, 1, "ab" * 32, 1), [[put_price(1, 2, 3)]])
    assert refused(later, START) == "feed.hole"


def test_a_page_of_another_bucket_or_epoch_is_refused() -> None:
    page = page_after(START, [[]])
    assert refused(replaced(page, b="price:hk"), START) == "feed.other_bucket"
    assert refused(replaced(page, epoch="2f00"), START) == "feed.other_bucket"


def test_a_page_that_does_not_continue_my_hash_is_refused() -> None:
    stranger = Cursor(EPOCH, 0, "ab" * 32, 1)
    assert refused(page_after(stranger, [[]]), START) == "feed.chain"


def test_a_page_whose_known_part_is_another_history_is_refused() -> None:
    mine = feed.read_page(page_after(START, [[put_price(1, 1, 1)]]), START, bucket=PRICE).cursor
    assert refused(page_after(START, [[put_price(1, 2, 1)], []]), mine) == "feed.chain"


def test_a_page_with_a_false_end_is_refused() -> None:
    assert refused(replaced(page_after(START, [[]]), hash="cd" * 32), START) == "feed.chain"


def test_a_previous_hash_that_is_no_hash_is_refused() -> None:
    assert refused(replaced(page_after(START, [[]]), prev="no hash"), START) == "feed.chain"


def test_counts_must_fit_the_numbers() -> None:
    assert refused(replaced(page_after(START, [[]]), last=2), START) == "feed.numbering"


def test_a_group_with_another_number_is_refused() -> None:
    assert refused(page_of(START, [raw_group(2, [])]), START) == "feed.numbering"


@pytest.mark.parametrize("raw", [b'{"s":1}', b'{"s":1,"at":1,"c":[["put","price",[1]]]}', b"{", b'"\xff"'])
def test_a_group_that_cannot_be_read_is_refused(raw: bytes) -> None:
    assert refused(page_of(START, [raw]), START) == "feed.unreadable"


def test_a_page_that_ends_before_the_cursor_is_old() -> None:
    two = page_after(START, [[], []])
    here = feed.read_page(two, START, bucket=PRICE).cursor
    assert feed.read_page(page_after(START, [[]]), here, bucket=PRICE) == feed.News((), here)


def test_an_empty_tail_is_no_news() -> None:
    assert feed.read_page(page_after(START, []), START, bucket=PRICE) == feed.News((), START)


def test_the_same_bytes_make_the_same_chain_and_another_bucket_another() -> None:
    assert feed.chain(START.hash, b"{}") == feed.chain(START.hash, b"{}") != feed.chain(START.hash, b"{ }")
    assert feed.chain_start(PRICE, EPOCH) != feed.chain_start("price:hk", EPOCH) != feed.chain_start("price:hk", "2f")


SNAP = snap_ref(100)


@pytest.mark.parametrize(
    ("cursor", "place", "expected"),
    [
        (None, head(5), Next.PAGES),
        (None, head(5, low=3), Next.SNAPSHOT),
        (None, head(105, snap=SNAP), Next.SNAPSHOT),
        (START, head(5, epoch="2f00"), Next.PAGES),
        (START, head(5, epoch="2f00", snap=SNAP), Next.SNAPSHOT),
        (START, head(0), Next.NOTHING),
        (Cursor(EPOCH, 9, "", 1), head(5), Next.NOTHING),
        (START, head(5), Next.PAGES),
        (START, head(5, low=2), Next.SNAPSHOT),
        (Cursor(EPOCH, 1, "", 1), head(5, low=2), Next.PAGES),
        (START, head(65, snap=SNAP), Next.WEIGH),
        (START, head(65), Next.PAGES),
        (START, head(64, snap=SNAP), Next.PAGES),
        (Cursor(EPOCH, 100, "", 1), head(900, snap=SNAP), Next.PAGES),
    ],
)
def test_the_plan_follows_epoch_gap_and_what_is_on_offer(cursor: Cursor | None, place: Any, expected: Next) -> None:
    assert feed.plan(cursor, place) is expected


def manifest(*, page_bytes: int, snaps: list[Any], low: int = 1, epoch: str = EPOCH) -> Manifest:
    pages = [
        PageRef(first=1, last=64, hash="", bytes=page_bytes),
        PageRef(first=65, last=128, hash="", bytes=page_bytes),
    ]
    return Manifest(b=PRICE, epoch=epoch, head=128, low=low, tail_from=129, snaps=snaps, pages=pages)


@pytest.mark.parametrize(
    ("seq", "offer", "expected"),
    [
        (0, manifest(page_bytes=1000, snaps=[snap_ref(100, size_bytes=1001)]), Next.PAGES),
        (0, manifest(page_bytes=1000, snaps=[snap_ref(100, size_bytes=999)]), Next.SNAPSHOT),
        (64, manifest(page_bytes=1000, snaps=[snap_ref(100, size_bytes=999)]), Next.PAGES),
        (64, manifest(page_bytes=1000, snaps=[snap_ref(100, size_bytes=499)]), Next.SNAPSHOT),
        (0, manifest(page_bytes=1000, snaps=[]), Next.PAGES),
        (64, manifest(page_bytes=10**6, snaps=[snap_ref(64, size_bytes=1)]), Next.PAGES),
        (64, manifest(page_bytes=1, snaps=[], low=66), Next.SNAPSHOT),
        (64, manifest(page_bytes=1, snaps=[], epoch="2f00"), Next.SNAPSHOT),
    ],
)
def test_bytes_decide_between_pages_and_the_newest_snapshot(seq: int, offer: Manifest, expected: Next) -> None:
    assert feed.weigh(Cursor(EPOCH, seq, "", 1), offer) is expected
