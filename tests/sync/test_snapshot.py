"""Snapshots: when a new replica file is due, of what it is made, and which files are right."""

import pytest

from sync.feed import Cursor
from sync.messages import BucketHead
from sync.snapshot import Download, Rebuild, cursor_of, is_right_file, plan_rebuild
from tests.sync.builders import CAT, EPOCH, PRICE, STORE, head, snap_ref

SNAP = snap_ref(7, size_bytes=300, digest="aa", sha256="ff")
HERE = Cursor(EPOCH, 7, "aa", 1)
HEADS = [head(7, bucket=CAT, snap=SNAP), head(7, snap=SNAP), head(7, bucket=STORE)]
CURSORS = {CAT: HERE, PRICE: HERE, STORE: HERE}


def plan(cursors: dict[str, Cursor], heads: list[BucketHead], **more: list[str]) -> Rebuild | None:
    return plan_rebuild(cursors, heads, **more)


def test_a_first_start_fetches_what_there_is_and_begins_the_rest_empty() -> None:
    made = plan({}, HEADS)
    assert made == Rebuild((Download(CAT, EPOCH, SNAP), Download(PRICE, EPOCH, SNAP)), (), ((STORE, EPOCH),))
    assert made is not None
    assert made.total_bytes == 600


def test_nothing_is_rebuilt_while_the_pages_reach() -> None:
    assert plan(CURSORS, HEADS) is None
    assert plan(CURSORS, [head(9, bucket=CAT), head(9), head(9, bucket=STORE)]) is None


def test_another_price_zone_is_one_new_file() -> None:
    moved = [HEADS[0], head(7, bucket="price:hk", snap=SNAP), HEADS[2]]
    assert plan(CURSORS, moved) == Rebuild((Download("price:hk", EPOCH, SNAP),), (CAT, STORE), ())


def test_a_bucket_that_is_not_subscribed_any_more_goes() -> None:
    assert plan(CURSORS, HEADS[:2]) == Rebuild((), (CAT, PRICE), ())
    assert plan(CURSORS, []) == Rebuild((), (), ())
    assert plan({}, []) is None


def test_a_new_epoch_is_read_anew_from_its_snapshot_or_from_its_first_page() -> None:
    with_snapshot = [HEADS[0], head(7, epoch="2f00", snap=SNAP), HEADS[2]]
    assert plan(CURSORS, with_snapshot) == Rebuild((Download(PRICE, "2f00", SNAP),), (CAT, STORE), ())
    without = [HEADS[0], head(7, epoch="2f00"), HEADS[2]]
    assert plan(CURSORS, without) == Rebuild((), (CAT, STORE), ((PRICE, "2f00"),))


def test_what_must_come_from_a_snapshot_that_is_not_there_yet_stays_as_it_is() -> None:
    assert plan(CURSORS, [HEADS[0], head(99, low=50), HEADS[2]]) is None
    assert plan({}, [head(99, low=50)]) is None


def test_a_damaged_bucket_and_a_cheaper_snapshot_are_fetched() -> None:
    fetched = Rebuild((Download(PRICE, EPOCH, SNAP),), (CAT, STORE), ())
    assert plan(CURSORS, HEADS, damaged=[PRICE]) == fetched
    assert plan(CURSORS, HEADS, prefer=[PRICE]) == fetched


@pytest.mark.parametrize(("size_bytes", "sha256", "right"), [(300, "ff", True), (299, "ff", False), (300, "fe", False)])
def test_only_the_announced_bytes_are_right(size_bytes: int, sha256: str, right: bool) -> None:
    assert is_right_file(Download(PRICE, EPOCH, SNAP), size_bytes=size_bytes, sha256=sha256) is right


def test_the_cursor_inside_must_be_the_announced_one() -> None:
    assert cursor_of(Download(PRICE, EPOCH, SNAP)) == HERE
