"""The price of a moment: lists, specials, channels and their ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.catalog import TILL_CHANNEL, CurrentPrice, ItemStatus, Price, PriceKind, price_at
from domain.ids import ItemId
from tests.builders import item


def row(price_minor: int, *, kind: str = "list", channel: str = "", since: int = 0, until: int = 0) -> Price:
    return Price(ItemId(1), PriceKind(kind), channel, since, until, price_minor)


def test_no_list_price_is_no_price() -> None:
    assert price_at([], TILL_CHANNEL, 10) is None
    assert price_at([row(100, kind="special")], TILL_CHANNEL, 10) is None
    assert price_at([row(100, since=11)], TILL_CHANNEL, 10) is None
    assert price_at([row(100, until=10)], TILL_CHANNEL, 10) is None
    assert price_at([row(100, channel="web")], TILL_CHANNEL, 10) is None


def test_the_latest_list_price_counts_from_its_moment_on() -> None:
    rows = [row(200), row(250, since=100)]
    assert price_at(rows, TILL_CHANNEL, 99) == CurrentPrice(200, 200, 0)
    assert price_at(rows, TILL_CHANNEL, 100) == CurrentPrice(250, 250, 100)


def test_the_channels_own_price_goes_before_the_general_one() -> None:
    rows = [row(250, since=50), row(240, channel=TILL_CHANNEL)]
    assert price_at(rows, TILL_CHANNEL, 60) == CurrentPrice(240, 240, 0)


def test_a_special_lowers_and_never_raises() -> None:
    rows = [row(200), row(150, kind="special", since=10, until=20), row(170, kind="special"), row(900, kind="special")]
    assert price_at(rows, TILL_CHANNEL, 15) == CurrentPrice(200, 150, 10)
    assert price_at(rows, TILL_CHANNEL, 20) == CurrentPrice(200, 170, 0)
    assert price_at([row(200), row(900, kind="special")], TILL_CHANNEL, 5) == CurrentPrice(200, 200, 0)


@given(
    st.lists(
        st.builds(
            row,
            st.integers(0, 500),
            kind=st.sampled_from(["list", "special"]),
            channel=st.sampled_from(["", "till", "web"]),
            since=st.integers(0, 20),
            until=st.sampled_from([0, 5, 15, 30]),
        ),
        max_size=8,
    ),
    st.randoms(),
)
def test_the_order_of_rows_does_not_matter(rows: list[Price], random: st.DataObject) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = price_at(rows, TILL_CHANNEL, 10), price_at(shuffled, TILL_CHANNEL, 10)
    assert (one is None) == (other is None)
    if one and other:
        assert (one.list_price_minor, one.price_minor) == (other.list_price_minor, other.price_minor)
        assert one.price_minor <= one.list_price_minor


def test_a_name_falls_back_to_the_other_language_and_the_sku() -> None:
    assert item().name("en") == "Nongfu Spring 550ml"
    assert item(name_en="").name("en") == "农夫山泉 550ml"
    assert item(name_zh="", name_en="").name("zh") == "S000001"
    assert item(status=ItemStatus.BLOCKED).status == "blocked"
